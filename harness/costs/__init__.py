"""What quantities cost, what they would cost elsewhere, and over months.

    rows, book      the price book: machines, GPUs, tokens, labels, ...; a user's file goes over it
    checkup, money  what to know before relying on it; another currency, tax
    tokens, rates   what an API's tokens cost; the prices that hold for one run
    choices         what a reader may choose: machine, basis, volume
    serving         whole machines that are always on, or as used
    pricing         a run's quantities and the book give its `Cost`
    flops, memory   operations and bytes, by formula
    known           sizes of models that needn't be here
    projection      what recorded work would take on a GPU that didn't run it
    workload        what a run that nobody has made would take on one
    calibration     one's own records, predicted by one another
    published       others' trainings, predicted
    vendors         a run's prompts at vendors' prices
    deployment      what a way of answering costs; `deployed` makes one of a record
    ownership       total cost over months, and where two of them cross; `sensitivity` moves it

The record of a run holds quantities and no money, so all of this can be applied to an old one.
"""
