"""Passages that answer no question: what every manual says around its rules.

They hold no number, date, name or list that a question asks for.
"""

from __future__ import annotations

PURPOSE = "This {kind} explains how {company} handles {matter}, so that everyone is treated alike."
GENERAL = (
    ("Scope", ("This {kind} applies to every department and branch of the company.",
               "Where another policy contains a special rule, the special rule comes first.")),
    ("Interpretation", ("Doubts about the meaning of this {kind} are settled by the department in charge.",
                        "The department in charge records its reading and shares it with the others.")),
    ("Responsibilities", ("Managers make sure that their people know this {kind} and follow it.",
                          "Whoever handles a matter does so with care and leaves a written trail.")),
    ("How to read this {kind}", ("Rules are numbered by article and paragraph; please quote both.",
                                 "Words such as “must” and “may” are meant as they are written:",
                                 "(a) “must” leaves no choice;",
                                 "(b) “may” leaves the choice to whoever is entitled;",
                                 "(c) “at most” and “at least” include the figure named.")),
)  # fmt: skip
CLOSING = (
    ("Records", ("The department in charge keeps its records in the system and does not alter them afterward.",
                 "Anyone who needs to see a record states why and obtains the department's consent.")),
    ("Confidentiality", ("What employees learn about customers and colleagues at work stays at work.",)),
    ("Exceptions", ("An exception is made in writing, with the reason, and sets no precedent.",
                    "An exception request goes through the following steps:",
                    "(a) the employee explains the case to the immediate manager;",
                    "(b) the manager adds a recommendation;",
                    "(c) the department in charge decides and tells everyone concerned.")),
    ("Detailed instructions", ("The head of the department in charge may issue instructions that carry out this {kind}.",)),
)  # fmt: skip
NOTES = (
    "Approval can be withdrawn if the information given turns out to be untrue.",
    "The person in charge explains the steps in plain words.",
    "If something unforeseen gets in the way, please talk to the department in charge beforehand.",
    "If the same matter is submitted twice, the earlier submission counts.",
    "Changes are announced on the intranet.",
    "Whatever this article leaves open is settled under Article 2.",
    "Incomplete submissions are returned with a note saying what is missing.",
    "The outcome is confirmed to the person concerned in writing.",
    "A manager signs off on every departure from the rule.",
    "A stand-in has the same authority as the colleague who is away.",
    "Please do not promise an outcome before the decision has been made.",
    "Copies are as good as originals unless somebody has reason to doubt them.",
    "Electronic signatures are treated like handwritten ones.",
    "Older rules on the same subject no longer apply.",
    "When in doubt, the reading that is kinder to the person concerned prevails.",
    "Translations are made by the person who needs them and checked by a colleague.",
    "Please keep the correspondence together in one file.",
    "Nobody decides on a matter that concerns a relative or a close friend.",
    "Telephone calls about a pending matter are noted in the file.",
    "The department in charge reviews this article from time to time.",
)
HISTORY = (
    ("First issue", "Written from scratch"),
    ("First amendment", "Plainer language throughout"),
    ("Second amendment", "Articles put in a better order"),
    ("Third amendment", "Forms and tables tidied up"),
)
