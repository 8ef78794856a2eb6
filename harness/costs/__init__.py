"""What quantities cost: those of a record, of a plan, and of a service over months.

A record holds quantities and no money, so all of this can be applied to an old one.
"""
