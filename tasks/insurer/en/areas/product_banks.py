"""Question templates of the products.

Slots: {p} product, {c} coverage, {event} what happened, {d} name of the discount.
"""

from __future__ import annotations

from .base import Bank

LIMIT = Bank(
    polite=(
        "Could you tell me the limit of the {c} coverage under {p}?",
        "Could you please let me know how much {p} pays at most for {c}?",
    ),
    curt=("{p}, {c} limit?", "Limit for {c} under {p}?"),
    keywords=("{p} {c} coverage limit", "{p} {c} maximum payout"),
    indirect=("{event}. What's the most we can pay out?", "{event}. Up to what sum are we on the hook?"),
    slip=("what is the coverage limit for {c} under {p}?", "how much does {p} pay for {c} at most?"),
    states="the limit of the {c} coverage under {p} is {x}",
)  # fmt: skip
DEDUCTIBLE = Bank(
    polite=(
        "Could you tell me the deductible of the {c} coverage under {p}?",
        "Could you please let me know how much [a] {p} customer bears for {c}?",
    ),
    curt=("{p}: which deductible for {c}?", "Deductible for {c} under {p}?"),
    keywords=("{p} {c} deductible", "{p} {c} deductible amount"),
    indirect=("{event}. How much of the loss comes out of the customer's own pocket?",),
    slip=("what is the deductible for {c} under {p}?", "how much is the {p} deductible for {c}?"),
    states="the deductible of the {c} coverage under {p} is {x} per claim",
)
WAITING = Bank(
    polite=(
        "Could you tell me the waiting period of the {c} coverage under {p}?",
        "Could you please let me know how long the waiting period for {c} is under {p}?",
    ),
    curt=("{p}: waiting period for {c}?", "Waiting period for {c} under {p}?"),
    keywords=("{p} {c} waiting period", "{p} {c} wait before coverage"),
    indirect=("{event}, and I have to check the waiting period. How long is it?",),
    slip=("how long is the waiting period for {c} under {p}?",),
    states="the waiting period of the {c} coverage under {p} is {x}",
)
EXCLUSIONS = Bank(
    polite=("Could you tell me what the {c} coverage under {p} excludes?",),
    curt=("Exclusions of {c} under {p}?", "What's excluded from {c} under {p}?"),
    keywords=("{p} {c} exclusions", "{p} {c} not covered"),
    indirect=("{event}. In which cases do we have to turn the claim down?",),
    slip=("what is excluded from {c} coverage under {p}?", "Which losses does {p} not cover for {c}?"),
    states="the {c} coverage under {p} does not apply to {x}",
)  # fmt: skip
PAPERS = Bank(
    polite=("Could you tell me which documents [a] {c} claim under {p} requires?",),
    curt=("{p}, {c}: which documents?", "Documents for [a] {c} claim under {p}?"),
    keywords=("{p} {c} claim documents", "{p} {c} paperwork for claim"),
    indirect=("{event}. Which papers should I ask the customer for?",),
    slip=("which documents are needed for [a] {c} claim under {p}?",),
    states="a claim for {c} under {p} requires the following documents: {x}",
)
LAUNCHED = Bank(
    polite=("Could you tell me on which date we first sold {p}?",),
    curt=("Launch date of {p}?",),
    keywords=("{p} launch date", "{p} first sold on"),
    indirect=("A customer asks since when we've been offering {p}. What day was that?",),
    slip=("when was {p} first sold?", "What was the launch date of {p}?"),
    states="{p} has been on sale since {x}",
)
CODE = Bank(
    polite=("Could you tell me the product code of {p}?",),
    curt=("Product code for {p}?",),
    keywords=("{p} product code", "{p} code"),
    indirect=("I'm keying in a quote for {p} and the screen asks for a product code. What do I type?",),
    slip=("what is the product code of {p}?",),
    states="the product code of {p} is {x}",
)  # fmt: skip
DISCOUNT = Bank(
    polite=("Could you tell me the {d} on {p}, as a percentage?",),
    curt=("{p}, {d}: how much?", "{d} on {p}?"),
    keywords=("{p} {d} percentage", "{p} {d}"),
    indirect=("I'm quoting {p} for someone who qualifies for the {d}. What percentage do I take off?",),
    slip=("how much is the {d} on {p}?", "what percentage is the {d} on {p}?"),
    states="the {d} on {p} is {x} of the premium",
)  # fmt: skip
