"""Which way of adapting is worth its money, by the records.

question      what is asked: volume, months, margin, constraints
offers        what a configuration costs to build, to keep and to ask, by harness.costs
decide        the cheapest that is shown to be as good as the best
objective     where somebody says what wrong answers cost: what is lost, with its bounds
total         then: the lowest total cost, and how much dearer it may be than the cheapest
flips         what would change that advice, by the same functions
matches       what a stricter or milder match of answers would change
cascade       cheap ones first, which pass on what they aren't sure of, by total cost
stages        what each stage of that costs, loses and is sure of
missing_rows  the rows and runs that would decide, and what they cost
advise        all of it, in order
sentences     the advice in a sentence, and what would change it, in English and Korean
"""
