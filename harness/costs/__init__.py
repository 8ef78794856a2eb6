"""What quantities cost: those of a record, of a plan, and of a service over months.

    rows, book        the price book: machines, GPUs, tokens, labels; a user's file changes it; what
                      to know before relying on it
    money             another currency, tax
    tokens, rates     what an API's tokens cost; the prices that hold for one run
    options           what the user may choose: machine, basis, volume
    serving           whole machines that are always on, or as used
    pricing           the `Cost` of a run, from its quantities and the book
    flops, memory     operations and bytes, by formula
    known             sizes of models that needn't be here
    gpu_runs          what the GPU benchmark measured
    projection        what recorded work would take on a GPU that didn't run it
    workload          what a run that hasn't started would take on a GPU
    vendors           a run's prompts at vendors' prices
    deployment        what a deployment costs, and the demand that it meets
    ownership         total cost over months, and where two of them cross
    sensitivity       what changes when one assumption is off
    budget            a limit on what tokens may cost

A record holds quantities and no money, so all of this can be applied to an old one.
"""
