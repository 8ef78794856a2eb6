"""Everything that CUDA touches, in one command: ``python -m benchmarks gpu``.

shapes     models of a shape, their weights drawn at random on the device
work       what they are asked and taught: made-up sentences
measure    what a part took, read from the ledger that the harness keeps of it
training   QLoRA by the reference recipe, LoRA, full fine-tuning
answering  scoring and generation
halving    memory that runs out, for real
agreement  the CPU and the GPU on tiny models
parts      all of them by name
child      the process of one part
run        one part after the other, within a budget of time, into one file
"""
