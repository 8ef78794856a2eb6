"""Claims Manual: its articles, and passages that answer nothing."""

from __future__ import annotations

from ...outline import Chapter, Item, Passage, Section, steps

CHAPTERS = (
    Chapter("Taking a claim", (
        Section("First steps", "first_call fax", passages=(
            steps("When a loss is reported, the handler",
                  "notes who is calling and from where;",
                  Item("asks what happened:", ("what was damaged;", "whether anybody was hurt;", "who saw it;")),
                  "explains what comes next and sends the claim form."),
        )),
        Section("Claims in the mobile app", "mobile mobile_open", "mobile", "claims in the mobile app"),
        Section("Fast track and originals", "simple originals no_estimate"),
        Section("Night claims line", "line_open"),
        Section("Missing documents", "supplement", passages=(
            Passage("The handler asks for everything that is missing at once, not piece by piece."),
        )),
    )),
    Chapter("Documents", (
        Section("Death and hospital", "death hospital outpatient disability"),
        Section("Liability and storms", "liability storm"),
        Section("Claiming for somebody else", "proxy minor"),
        Section("Losses abroad", "abroad", passages=(
            Passage("The handler converts foreign money at the rate of the day of the loss."),
        )),
    )),
    Chapter("Examination", (
        Section("Settlement authority", "supervisor manager", "authority", "who may settle a claim"),
        Section("Visits and experts", "inspection outside advice", passages=(
            Passage("Adjusters introduce themselves and show their badge."),
        )),
        Section("Misstatements", "disclosure"),
        Section("Signs of fraud", passages=(
            steps("The handler tells the supervisor, and nobody else, when",
                  "documents look as if they had been changed;",
                  "two people tell the same story word for word;",
                  "the customer is in a strange hurry."),
        )),
    )),
    Chapter("Working out the payment", (
        Section("Losses", "rule_payout", passages=(
            Passage("In short: payment = loss - deductible, up to the limit."),
            Passage("The loss is what it costs to put things right, without improvements."),
        )),
        Section("Disability", "disability_1 disability_2 disability_3 disability_4 disability_5 rule_disability",
                "disability", "the disability grades"),
        Section("Depreciation", "wear_clothes wear_furniture wear_phone wear_camera rule_wear", passages=(
            Passage("Things that have been looked after well are not valued higher for that."),
        )),
    )),
    Chapter("Payment", (
        Section("Deadlines", "pay pay_inspected late"),
        Section("Advance payments", "advance_rate advance_cap advance rule_advance", "advance", "advance payments"),
        Section("How payment is made", "weekend other_account instalments"),
        Section("Telling the customer", passages=(
            Passage("The letter says what was paid, for what, and how it was worked out."),
        )),
    )),
    Chapter("Afterward", (
        Section("Denials and second reviews", "denial appeal", "denial", "denials and second reviews", (
            Passage("Whoever decided first takes no part in the second review."),
        )),
        Section("Recovery", "recovery"),
        Section("Files", "archive"),
    )),
)  # fmt: skip
NOTES = (
    "Handlers do not promise an outcome before the decision has been made.",
    "Phone calls are noted in the file.",
    "The first contact follows §First steps§.",
    "Suspicions are handled under §Signs of fraud§.",
    "What the letter has to say is laid down in §Telling the customer§.",
    "The amount is worked out under §Losses§.",
    "Handlers speak of customers with respect, in the file as well.",
    "The same loss is not paid twice, even if two policies cover it.",
    "Handlers read the policy wording before they read their notes.",
    "Pictures are saved with the place and the hour where they were taken.",
    "A customer who doesn't speak English may bring somebody who does.",
    "A handler who is stuck asks the supervisor for advice.",
    "Repair shops get no copy of the file.",
    "Doctors are asked only about what matters for the claim.",
    "Bad news is given by phone first and in writing after that.",
    "Handlers don't accept gifts from claimants.",
    "What a witness says is written down in the witness's own words.",
    "If a document is lost in the mail, the handler asks for a copy.",
    "A customer who has moved is asked for the new address.",
    "Estimates from two repair shops are compared line by line.",
    "Reporters are referred to the press office.",
    "When in doubt, the reading that is kinder to the customer prevails.",
)
