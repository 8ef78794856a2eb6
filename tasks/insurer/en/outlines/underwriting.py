"""Underwriting Guide: its articles, and passages that answer nothing."""

from __future__ import annotations

from ...outline import Chapter, Item, Passage, Section, steps

BEFORE = (
    Chapter("Principles", (
        Section("Order of work", passages=(
            steps("The underwriter",
                  "reads the application and what was declared;",
                  Item("forms a view of the risk:", ("the person;", "the trade;", "the building;")),
                  "gives it a class and tells the agent."),
        )),
        Section("One class for each risk", passages=(
            Passage("A risk that would fit two classes is put in the one with the higher surcharge."),
        )),
    )),
)  # fmt: skip
RISKS = Section("Where some risks belong", passages=(
    Passage("For a risk that isn't listed, the underwriter looks for the one that is most like it."),
))  # fmt: skip
CLASSES_TITLE = "Risk classes"
PREMIUM = Section("Working out the premium", "rule_surcharge rule_discount", passages=(
    Passage("In short: premium = basic premium + surcharge - discount."),
    Passage("Both are percentages of the basic premium."),
))  # fmt: skip
AFTER = (
    Chapter("Limits and deadlines", (
        Section("When to look more closely", "exam survey reinsurance"),
        Section("Turnaround", "review medical_review express", passages=(
            Passage("The time in which an applicant looks for papers doesn't count."),
        )),
        Section("Applying again", "retry history"),
        Section("How we got here", "class_start online_open"),
    )),
    Chapter("Special risks", (
        Section("What we write", "delivery log_cabin old_dog visitor", passages=(
            Passage("A policy whose risk has changed a great deal is looked at again on renewal."),
        )),
        Section("Turning a risk down", passages=(
            Passage("The applicant is told the reason in plain words."),
        )),
    )),
)  # fmt: skip
NOTES = (
    "Equal risks get equal treatment, whoever the underwriter is.",
    "The steps are set out in §Order of work§.",
    "How a class is chosen is laid down in §One class for each risk§.",
    "If the answer is no, see §Turning a risk down§.",
    "The premium is worked out under §Working out the premium§.",
    "Contradictions between the application and other papers are cleared up with the applicant.",
    "Sales staff don't try to sway the underwriter.",
    "Underwriters don't handle applications of people they know.",
    "Where there is no floor plan, a sketch with measurements will do.",
    "Genetic tests play no part.",
    "Nobody is turned down for where he comes from or what he believes.",
    "The opinion is written so that another underwriter can follow it.",
    "Whoever changes a class notes who did so and why.",
    "Score sheets are not given to applicants.",
    "A site is visited by appointment.",
    "Underwriters ask a colleague when they are unsure, and say so in the file.",
    "Old files on the same applicant are read first.",
    "Maps of storms and floods are looked at for every building.",
    "Press reports alone are no reason to turn a risk down.",
)
