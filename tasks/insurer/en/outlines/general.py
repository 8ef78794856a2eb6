"""What every manual says around its rules. It answers no question."""

from __future__ import annotations

from ...outline import Passage, Section, steps

# {kind} what the document calls itself, {company}, {purpose} what it is for, {team} who keeps it.
OPENING = (
    Section("Purpose", passages=(
        Passage("{company} has drawn up this {kind} so that {purpose}."),
    )),
    Section("Scope", passages=(
        Passage("This {kind} applies to every department and branch of the company."),
        Passage("Where a statute or a collective agreement says more, that comes first."),
    )),
    Section("Interpretation", passages=(
        Passage("{team} settles any doubt about the meaning of this {kind}."),
        steps("In doing so, it considers in this order:",
              "what the words ordinarily mean;", "what the rule was made for;",
              "how similar cases have been decided."),
    )),
    Section("Responsibilities", passages=(
        Passage("Managers see to it that their people know this {kind} and keep to it."),
        Passage("Whoever handles a matter leaves a trail in writing, as laid down in §Records§."),
    )),
)  # fmt: skip
CLOSING = (
    Section("Records", passages=(
        Passage("Records stay in the system and are not altered or deleted afterward."),
        Passage("An employee who needs to see somebody else's record says why and asks {team} for consent."),
    )),
    Section("Confidentiality", passages=(
        Passage("What employees learn about customers and colleagues at work stays at work."),
        Passage("The duty goes on after they have left the company or changed departments."),
    )),
    Section("Exceptions", passages=(
        steps("An exception goes through the following steps:",
              "the employee explains the case to the immediate manager;",
              "the manager adds a recommendation;",
              "{team} decides, and tells everyone concerned."),
        Passage("An exception sets no precedent."),
    )),
    Section("Detailed instructions", passages=(
        Passage("The head of {team} may issue instructions that carry out this {kind}."),
    )),
)  # fmt: skip
NOTES = (
    "Approval can be withdrawn if the information given turns out to be untrue.",
    "If something unforeseen gets in the way, please talk to {team} beforehand.",
    "What this article leaves open is settled under §Scope§.",
    "If the wording is unclear, ask {team}, which proceeds as described in §Interpretation§.",
    "Departures from the rule are handled under §Exceptions§.",
    "A stand-in has the same authority as the colleague who is away.",
    "Whatever is submitted is treated as laid down in §Confidentiality§.",
    "Once a matter is closed, it is filed as laid down in §Records§.",
    "Forms are those that the head of {team} has issued under §Detailed instructions§.",
    "Anyone who notices a mistake reports it to the manager and puts it right.",
    "If the system is down, paper will do until it is up again.",
    "Nobody decides on a matter that concerns a relative or a close friend.",
)
HISTORY = (
    "Plainer language throughout",
    "Articles put in a better order",
    "Forms and tables tidied up",
    "Name of the department in charge updated",
    "Spelling mistakes corrected",
    "Sentences that repeated another manual deleted",
    "Steps set out one by one",
    "Cross-references checked",
)
