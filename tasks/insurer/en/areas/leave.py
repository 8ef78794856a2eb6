"""Leave of absence and return to work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...draw import Draw
from ...outline import groups
from ...world import Fact
from ..outlines.leave import BEFORE
from ..pools import codes, dates, pairs, shares, spans, yes_or_no
from .base import ABSENT, NEAR_MISS, Area, Bank, Topic


class Leave(NamedTuple):
    """A kind of leave: its name, what it is for, documents that only it needs."""

    key: str
    name: str
    why: str
    papers: str = ""
    since: int = 1


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
    Leave("disaster", "disaster recovery leave", "to repair my house after a tornado", "damage report|repair schedule", 2),
)  # fmt: skip
COMMON_PAPERS = (
    "leave request form|handover memo|manager's statement|confidentiality pledge|"
    "return agreement|emergency contact sheet"
)

PERIODS = spans("month 3 4 5 6 7 8 9 10 12 14 15 16 18 20 21 22 24 27 30 36 42 48", "most")
ADDED_PERIODS = spans("week 5 6 7 8 9 10 11 13 14 15 16 17 18 19 20 22 25 26", "most")
NOTICES = spans(
    "day 10 15 20 25 30 40 45 50 60 75 90 100|week 3 4 5 6 8 9 10 12|business day 10 15 20 25 30|month 1 2 3 4",
    "before",
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
        "Could you tell me how long before the start of {s} the request has to be in?",
        "Could you please let me know how far in advance {s} must be requested?",
    ),
    curt=("How far ahead do I request {s}?", "Notice needed for {s}?"),
    keywords=("{s} request notice", "{s} notice before start"),
    indirect=("I'm planning time off {why}. How long before it starts must I have asked for it?",),
    slip=(
        "how long before {s} starts do I have to request it?",
        "What is the request deadline for {s}, counted back from its start?",
    ),
    states="a request for {s} must be submitted at least {x} before the leave begins",
)
CREDIT = Bank(
    polite=("Could you tell me what percentage of {s} counts toward length of service?",),
    curt=("Share of {s} that counts as service?",),
    keywords=("{s} service credit percentage", "{s} counts toward seniority"),
    indirect=("I was away {why}. What share of that time is added to my length of service?",),
    slip=("what percentage of {s} counts as length of service?",),
)
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
PAPERS = Bank(
    polite=("Could you tell me which documents have to be attached to a request for {s}?",),
    curt=("Documents for {s}?", "What do I attach to [a] {s} request?"),
    keywords=("{s} required documents", "{s} request paperwork"),
    indirect=("I need time off {why}. What paperwork do I have to hand in with my request?",),
    slip=("which documents do I need for {s}?", "What documents go with [a] {s} request?"),
    states="a request for {s} is accompanied by the following documents: {x}",
)
START = Bank(
    polite=("Could you tell me on which date {s} was introduced?",),
    curt=("{s}: since when?", "Since what day do we have {s}?"),
    keywords=("{s} introduction date", "{s} introduced when"),
    indirect=("There was no {s} when I joined. On what day did the company bring it in?",),
    slip=("when was {s} introduced?", "on what date did the company introduce {s}?"),
    states="{s} was introduced on {x}",
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

GENERAL = Bank(
    polite=("Could you tell me what the {s} is?",),
    curt=("What's the {s}?",),
    keywords=("{s} info", "need the {s}"),
    indirect=("{indirect}",),
    slip=("what is the {s}?",),
)
TOPICS = (
    Topic("return", "deadline for the return form", "I'm coming back from leave. How long before my first day must the return form be in?",
          spans("day 5 7 10 12 14|business day 11 12", "before"), "the return form is filed at least {x} before the planned return"),
    Topic("total", "overall cap on leave of absence", "If I take one leave after another, how long may I be away in all?",
          spans("year 5 6 7 8 9", "most"), "an employee's leaves of absence may add up to {x} at most"),
    Topic("minimum", "shortest period of leave", "I'd like just a little time off. What's the least I have to take?",
          spans("week 1 2 3|month 1", "least"), "a leave of absence lasts at least {x}"),
)  # fmt: skip

# Leaves that nobody has written rules for, and the attribute that is asked for.
NOT_THERE = (
    (Leave("writing", "writing leave", "to write a novel"), ("period", "maximum length"), PERIOD),
    (Leave("farming", "farming leave", "to run the family farm"), ("notice", "notice"), NOTICE),
    (Leave("election", "campaign leave", "to run for public office"), ("form", "form"), FORM),
    (Leave("pet", "pet care leave", "to nurse my sick dog"), ("pay", "pay"), PAY),
    (Leave("travel", "world travel leave", "to sail around the world"), ("papers", "documents"), PAPERS),
    (Leave("contest", "competition leave", "to compete in a championship"), ("notice", "notice"), NOTICE),
    (Leave("moving", "moving leave", "to move to another state"), ("start", "introduction"), START),
    (Leave("pilgrimage", "pilgrimage leave", "to go on a pilgrimage"), ("split", "splitting"), SPLIT),
)  # fmt: skip


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("leave", "Leave of absence", draw, groups(BEFORE))
    for leave in LEAVES:
        if leave.since <= draw.version:
            yield from _leave(area, leave)
    yield from area.topics(("period", "period"), GENERAL, TOPICS)
    for leave, attribute, bank in NOT_THERE:
        yield area.fact((leave.key, leave.name), attribute, ABSENT, bank, **_slots(leave))


def _slots(leave: Leave) -> dict[str, str]:
    return {"s": leave.name, "why": leave.why}


def _leave(area: Area, leave: Leave) -> Iterator[Fact]:
    """Yields one leave; seniority, of which the rules say nothing, is asked about as a near miss."""
    who, slots = (leave.key, leave.name), _slots(leave)
    papers = pairs(COMMON_PAPERS, leave.papers)
    months = PERIODS if leave.since == 1 else ADDED_PERIODS
    yield area.fact(who, ("period", "maximum length"), months, PERIOD, **slots)
    yield area.fact(who, ("notice", "notice"), NOTICES, NOTICE, **slots)
    yield area.fact(who, ("pay", "pay"), shares(20, 95, "base pay"), PAY, **slots)
    yield area.fact(who, ("papers", "documents"), papers, PAPERS, **slots)
    yield area.fact(who, ("start", "introduction"), dates(2004, 2022), START, **slots)
    yield area.fact(who, ("split", "splitting"), yes_or_no(), SPLIT, **slots)
    yield area.fact(who, ("form", "form"), codes("HR", 101, 399, "form"), FORM, **slots)
    if leave.key in ("founder", "medical", "study"):
        yield area.fact(who, ("credit", "service credit"), NEAR_MISS, CREDIT, **slots)
