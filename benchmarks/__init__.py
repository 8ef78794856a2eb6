"""The harness against its peers: the same work, on the same machine, in the same minutes.

    python -m benchmarks scoring       likelihoods, against lm-evaluation-harness
    python -m benchmarks lm_task       a whole task of lm-evaluation-harness, by our model and by its
    python -m benchmarks training      LoRA, against TRL
    python -m benchmarks generation    answers as text, against a plain loop
    python -m benchmarks overhead      what a run spends outside the model
    python -m benchmarks contention    few-shot answers beside busy neighbours

Workloads are fixed in code; their rows come from HARNESS_DATA through the task files. Each side
runs in a process of its own, and the sides take turns, so that both meet the same machine.
"""
