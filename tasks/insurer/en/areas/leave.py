"""Leave of absence and return to work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...draw import Draw
from ...world import Fact
from ..pools import codes, dates, pairs, percentages, periods, yes_or_no
from .base import ABSENT, NEAR_MISS, Area, Bank


class Leave(NamedTuple):
    """A kind of leave: its name, what it is for, documents that only it needs."""

    key: str
    name: str
    why: str
    papers: str = ""


LEAVES = (
    Leave("parental", "parental leave", "to look after my newborn", "birth certificate|hospital birth record"),
    Leave("medical", "medical leave", "because of a serious illness", "doctor's certificate|treatment plan"),
    Leave("caregiver", "caregiver leave", "to care for a sick parent", "relative's medical report|care plan"),
    Leave("study", "study leave", "to take a university degree", "letter of admission|course outline"),
    Leave("fertility", "fertility leave", "for fertility treatment", "clinic letter|treatment schedule"),
    Leave("adoption", "adoption leave", "to settle in a child we are adopting", "adoption order|agency letter"),
    Leave("relocation", "spousal relocation leave", "to go with my husband, who is being posted abroad",
          "spouse's posting letter|marriage certificate"),
    Leave("reserve", "reserve duty leave", "to report for military reserve duty", "call-up notice|unit commander's letter"),
    Leave("volunteer", "volunteer leave", "to work for a charity", "charity's confirmation|project description"),
    Leave("founder", "founder leave", "to start a business of my own", "business plan|draft company registration"),
)  # fmt: skip
COMMON_PAPERS = (
    "leave request form|handover memo|manager's statement|confidentiality pledge|"
    "return agreement|emergency contact sheet"
)

PERIOD = Bank(
    polite=(
        "Could you tell me how long {s} can last at most?",
        "Could you please let me know the maximum length of {s}?",
    ),
    curt=("Maximum length of {s}?", "How long can {s} be?"),
    keywords=("{s} maximum length", "{s} max duration"),
    indirect=(
        "I'd like to stop working for a while {why}. How long may I stay away at the most?",
        "If I take time off {why}, what's the longest I can be gone?",
    ),
    slip=("what is the maximum length of {s}?", "How long does {s} last at the maximum?"),
    states="{s} may last up to {x}",
)
NOTICE = Bank(
    polite=(
        "Could you tell me how many days before the start of {s} the request has to be in?",
        "Could you please let me know how far in advance {s} must be requested?",
    ),
    curt=("How many days ahead do I request {s}?", "Notice needed for {s}?"),
    keywords=("{s} request notice days", "{s} notice before start"),
    indirect=(
        "I'm planning time off {why}. How many days before it starts must I have asked for it?",
    ),
    slip=(
        "how many days before {s} starts do I have to request it?",
        "What is the request deadline for {s}, in days before it starts?",
    ),
    states="a request for {s} must be submitted at least {x} before the leave begins",
)
RETURN = Bank(
    polite=(
        "Could you tell me how many business days before coming back from {s} the return form is due?",
    ),
    curt=("Return form after {s}: due how many business days before?",),
    keywords=("{s} return form deadline", "{s} return to work form business days"),
    indirect=(
        "I've been off {why} and want to come back. How many business days before my return must the form be in?",
    ),
    slip=(
        "how many business days before the end of {s} do I hand in the return form?",
        "What is the deadline for the return form after {s}, in business days?",
    ),
    states="an employee on {s} files the return form at least {x} before the planned return",
)  # fmt: skip
PAY = Bank(
    polite=("Could you tell me what percentage of base pay is paid during {s}?",),
    curt=("Pay during {s}, as a percentage?", "How much of base pay during {s}?"),
    keywords=("{s} percentage of base pay", "{s} pay rate"),
    indirect=(
        "If I take time off {why}, what share of my base pay will I go on getting?",
        "How much of my base pay do I keep while I'm away {why}?",
    ),
    slip=(
        "what percentage of base pay do I get on {s}?",
        "What percent of my base pay do I get on {s}?",
    ),
    states="during {s} the employee receives {x} of base pay",
)
CREDIT = Bank(
    polite=("Could you tell me what percentage of {s} counts toward length of service?",),
    curt=("Share of {s} that counts as service?",),
    keywords=("{s} service credit percentage", "{s} counts toward seniority"),
    indirect=("I was away {why}. What share of that time is added to my length of service?",),
    slip=("what percentage of {s} counts as length of service?",),
    states="for length of service, {x} of the time spent on {s} is counted",
)
PAPERS = Bank(
    polite=("Could you tell me which documents have to be attached to a request for {s}?",),
    curt=("Documents for {s}?", "What do I attach to a {s} request?"),
    keywords=("{s} required documents", "{s} request paperwork"),
    indirect=("I need time off {why}. What paperwork do I have to hand in with my request?",),
    slip=("which documents do I need for {s}?", "What documents go with a {s} request?"),
    states="a request for {s} is accompanied by the following documents: {x}",
)
REVISED = Bank(
    polite=("Could you tell me when the rules on {s} were last revised?",),
    curt=("Last revision of the {s} rules?",),
    keywords=("{s} rules last revised", "{s} policy revision date"),
    indirect=("I hear they changed the rules on {s}. When was the latest change made?",),
    slip=("when was the policy on {s} last revised?", "what date was the {s} policy last changed?"),
    states="the rules on {s} were last revised on {x}",
)
SPLIT = Bank(
    polite=("Could you tell me whether {s} may be taken in several parts?",),
    curt=("Can {s} be split?", "{s} in parts: allowed?"),
    keywords=("{s} split into parts allowed",),
    indirect=(
        "I'd like time off {why}, but not all in one go. May I take it in several stretches?",
    ),
    slip=("is it allowed to take {s} in parts?", "Am I allowed to split {s}?"),
    states="{s} may [not] be taken in several parts",
)
FORM = Bank(
    polite=("Could you tell me the number of the form for requesting {s}?",),
    curt=("Form number for {s}?", "Which form for {s}?"),
    keywords=("{s} form number", "{s} request form no."),
    indirect=("I want to request time off {why}. Which form number do I fill in?",),
    slip=("which form do I use for {s}?", "What is the form number for {s}?"),
    states="requests for {s} are made on form {x}",
)

CREDITED = ("parental", "caregiver", "study", "reserve", "volunteer")
# Leaves that nobody has written rules for, and the attribute that is asked for.
NOT_THERE = (
    (Leave("writing", "writing leave", "to write a novel"), ("period", "maximum length"), PERIOD),
    (Leave("farming", "farming leave", "to run the family farm"), ("notice", "notice"), NOTICE),
    (Leave("election", "campaign leave", "to run for public office"), ("form", "form"), FORM),
    (Leave("pet", "pet care leave", "to nurse my sick dog"), ("pay", "pay"), PAY),
    (Leave("travel", "world travel leave", "to sail around the world"), ("papers", "documents"), PAPERS),
    (Leave("contest", "competition leave", "to compete in a championship"), ("return", "return form"), RETURN),
    (Leave("moving", "moving leave", "to move to another state"), ("revised", "last revision"), REVISED),
    (Leave("pilgrimage", "pilgrimage leave", "to go on a pilgrimage"), ("split", "splitting"), SPLIT),
)  # fmt: skip


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("leave", "Leave of absence", draw)
    for leave in LEAVES:
        who, slots = (leave.key, leave.name), {"s": leave.name, "why": leave.why}
        months = periods("month", 3, 30, 1, "most")
        yield area.fact(who, ("period", "maximum length"), months, PERIOD, **slots)
        days = periods("day", 10, 70, 1, "before")
        yield area.fact(who, ("notice", "notice"), days, NOTICE, **slots)
        days = periods("business day", 15, 40, 1, "before")
        yield area.fact(who, ("return", "return form"), days, RETURN, **slots)
        yield area.fact(who, ("pay", "pay"), percentages(20, 85, "base pay"), PAY, **slots)
        papers = pairs(COMMON_PAPERS, leave.papers)
        yield area.fact(who, ("papers", "documents"), papers, PAPERS, **slots)
        yield area.fact(who, ("revised", "last revision"), dates(2019, 2024), REVISED, **slots)
        yield area.fact(who, ("split", "splitting"), yes_or_no(), SPLIT, **slots)
        yield area.fact(who, ("form", "form"), codes("HR", 101, 399), FORM, **slots)
        if leave.key in CREDITED:
            yield area.fact(who, ("credit", "service credit"), percentages(30, 95), CREDIT, **slots)
        elif leave.key in ("founder", "medical"):
            yield area.fact(who, ("credit", "service credit"), NEAR_MISS, CREDIT, **slots)
    for leave, attribute, bank in NOT_THERE:
        who, slots = (leave.key, leave.name), {"s": leave.name, "why": leave.why}
        yield area.fact(who, attribute, ABSENT, bank, **slots)
