"""What quantities cost: the price book, pricing, FLOPs, memory, and projection to a GPU.

    book        machines with their prices, GPUs with their sizes; a user's file goes over it
    tokens      what an API's tokens cost
    pricing     a run's quantities and the book give its `Cost`
    flops       floating-point operations and decoding time, by formula
    memory      bytes for training and for serving, by formula
    projection  what the same work would take on a GPU that didn't run it

The record of a run holds quantities and no money, so all of this can be applied to an old one.
"""
