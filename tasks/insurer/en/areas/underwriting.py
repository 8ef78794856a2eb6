"""Underwriting: risk classes with the company's own names, and rules around them."""

# Topics are rows of a table, and read best with one on a line.
from __future__ import annotations

from collections.abc import Iterator

from ...draw import Draw
from ...world import Fact
from ..english import listed
from ..pools import dates, dollars, lists, percentages, periods, yes_or_no
from .base import ABSENT, NEAR_MISS, Area, Bank, Topic

# The company's class names, from the best risk to the worst; worlds choose and order them anew.
CLASS_NAMES = listed(
    "Granite Ivory Cobalt Copper Sienna Indigo Amber Slate Coral Russet Saffron Onyx", None
)
N_CLASSES = 6
CLASS_PAPERS = (
    "medical exam|occupation statement|proof of income|financial questionnaire|"
    "site safety checklist|family history form|driving record"
)

SURCHARGE = Bank(
    polite=("Could you tell me the premium surcharge for a risk in {s}?",),
    curt=("{s}, surcharge?", "What surcharge for {s}?"),
    keywords=("{s} premium surcharge", "{s} surcharge percent"),
    indirect=("The file came back as {s}. How much do I add to the premium?",),
    slip=("what is the premium surcharge for {s}?", "what percentage is the surcharge in {s}?"),
    states="the premium surcharge for a risk in {s} is {x}",
)
CEILING = Bank(
    polite=("Could you tell me the highest sum insured for a risk in {s}?",),
    curt=("{s}, highest sum insured?", "Largest policy in {s}?"),
    keywords=("{s} maximum sum insured", "{s} capacity"),
    indirect=("The applicant has been put in {s}. How large a policy may I write?",),
    slip=("what is the maximum sum insured in {s}?", "how much can we insure at most in {s}?"),
    states="the highest sum insured for a risk in {s} is {x}",
)
VALIDITY = Bank(
    polite=("Could you tell me how long a rating of {s} stays valid?",),
    curt=("{s}, valid for how long?", "Validity of {s}?"),
    keywords=("{s} rating validity", "{s} valid how long"),
    indirect=("This applicant was put in {s} a while ago. When does that rating run out?",),
    slip=("what period does a rating of {s} stay valid?", "How long is {s} valid, please?"),
    states="a rating of {s} stays valid for {x}",
)
PAPERS = Bank(
    polite=("Could you tell me which extra documents a risk in {s} needs?",),
    curt=("{s}: which extra documents?",),
    keywords=("{s} extra documents", "{s} additional paperwork"),
    indirect=("The file came back as {s}. Which more papers do I need from the applicant?",),
    slip=("which extra documents are needed for {s}?",),
    states="for a risk in {s} the underwriter also obtains the following: {x}",
)
AMOUNT = Bank(
    polite=("Could you tell me how much the {s} is?",),
    curt=("What's the {s}?", "How high is the {s}?"),
    keywords=("{s} amount", "{s} in dollars"),
    indirect=("{indirect}",),
    slip=("how much is the {s}?", "what amount is the {s}?"),
)
PERIOD = Bank(
    polite=("Could you tell me what the {s} is?",),
    curt=("What's the {s}?", "The {s}, how long?"),
    keywords=("{s} info", "{s} length"),
    indirect=("{indirect}",),
    slip=("what is the {s}?", "How long is the {s}, please?"),
)
DATE = Bank(
    polite=("Could you tell me the date of the {s}?",),
    curt=("{s}: when?",),
    keywords=("{s} date",),
    indirect=("{indirect}",),
    slip=("when was the {s}?",),
)
YES_NO = Bank(
    polite=("Could you tell me whether {v}?",),
    curt=("{s}: do we write it?",),
    keywords=("{s} acceptable",),
    indirect=("{indirect}",),
    slip=("is {s} allowed?",),
)

AMOUNTS = (
    Topic("exam", "sum insured threshold for a medical exam", "When is a policy so large that I send the applicant to a doctor?",
          dollars(50_000, 290_000, 5_000), "applicants for a sum insured above {x} undergo a medical exam"),
    Topic("survey", "building value threshold for a site survey", "When is a building worth so much that somebody must go and look at it?",
          dollars(500_000, 2_900_000, 50_000), "a site survey is made of buildings worth more than {x}"),
    Topic("reinsurance", "sum insured threshold for reinsurance", "When is a policy so large that I talk to the reinsurers?",
          dollars(1_000_000, 4_900_000, 50_000), "reinsurance is considered for a sum insured above {x}"),
    Topic("drone_price", "highest drone value that we insure", "Somebody wants cover for a drone. How expensive may it be?", ABSENT),
)  # fmt: skip
PERIODS = (
    Topic("review", "turnaround of an ordinary application", "An application has come in. How soon must I decide?",
          periods("business day", 2, 9, 1, "within"), "an ordinary application is decided within {x}"),
    Topic("medical_review", "turnaround of an application with a medical exam", "This applicant had to see a doctor first. How soon must I decide?",
          periods("business day", 10, 25, 1, "within"), "an application with a medical exam is decided within {x}"),
    Topic("retry", "wait before a declined applicant may apply again", "We turned somebody down. When may he try again?",
          periods("month", 2, 23), "a declined applicant may apply again after {x}"),
    Topic("history", "look-back period for past accidents", "How far back do I check an applicant's accidents?",
          periods("year", 2, 11), "the underwriter looks back {x} for past accidents"),
    Topic("express", "turnaround of an express application", "The agent has marked this application as express. How soon must I decide?",
          periods("hour", 2, 23, 1, "within"), "an express application is decided within {x}", since=2),
    Topic("robot_review", "turnaround of an automated decision", "If the computer underwrites on its own, how long until I see the result?", ABSENT),
)  # fmt: skip
DATES = (
    Topic("online_open", "opening of online applications", "Since what day can people apply for a policy on the web?",
          dates(2009, 2018), "online applications have been accepted since {x}"),
    Topic("class_start", "introduction of the present risk classes", "Since what day have we been using the risk classes that we have now?",
          dates(2014, 2020), "the present risk classes were introduced on {x}"),
    Topic("job_table", "abolition of the occupation table", "On what day did we get rid of the occupation table?", NEAR_MISS),
)  # fmt: skip
RULES = (
    Topic("delivery", "car insurance for delivery drivers", "The applicant delivers pizza in her own car. May I write the policy?", yes_or_no(),
          "car insurance may [not] be sold to delivery drivers"),
    Topic("log_cabin", "homeowners insurance for log cabins", "It's a cabin made of logs. May I write the policy?", yes_or_no(),
          "homeowners insurance may [not] be sold for log cabins"),
    Topic("old_dog", "pet insurance for dogs over ten", "The applicant's beagle is twelve. May I write the policy?", yes_or_no(),
          "pet insurance may [not] be sold for dogs over ten years old"),
    Topic("visitor", "cancer insurance for short-term visitors", "The applicant is only in the country for a few weeks and asks for cancer insurance. May I write it?", yes_or_no(),
          "cancer insurance may [not] be sold to short-term visitors"),
    Topic("parrot", "pet insurance for parrots", "The applicant has a parrot. May I write the policy?", NEAR_MISS,
          "pet insurance may [not] be sold for parrots"),
)  # fmt: skip
# Risks, two of which belong in each class; documents say so, and nobody asks which.
RISKS = (
    ("bakeries", "A baker wants to insure her shop."),
    ("sawmills", "A sawmill has sent in an application."),
    ("gas stations", "The owner of a gas station would like a policy."),
    ("nightclubs", "Somebody is opening a nightclub and needs a policy."),
    ("nursing homes", "A nursing home has sent in an application."),
    ("print shops", "The owner of a print shop would like a policy."),
    ("hair salons", "A hairdresser wants to insure her salon."),
    ("bowling alleys", "A bowling alley has sent in an application."),
    ("dry cleaners", "The owner of a dry cleaner would like a policy."),
    ("boatyards", "Somebody who builds boats needs a policy."),
    ("dairy farms", "A dairy farmer wants to insure the farm."),
    ("toy stores", "Somebody is opening a toy store and needs a policy."),
)
# How premiums are worked out; nobody asks for these rules alone.
METHODS = (
    ("surcharge", "a surcharge is added to the basic premium"),
    ("discount", "a product's discount is taken off the basic premium"),
)


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("underwriting", "Underwriting", draw, labels=LABELS)
    names = draw.stream("underwriting/classes").sample(CLASS_NAMES, N_CLASSES + 3)
    for rank in range(N_CLASSES):
        yield from _class(area, rank, f"{names[rank]} class")
    for at, (risk, _) in enumerate(draw.stream("underwriting/risks").sample(RISKS, len(RISKS))):
        rank = at % N_CLASSES
        text = f"{risk} belong in {names[rank]} class"
        group = f"class_{rank + 1}"
        yield area.stated((risk.replace(" ", "_"), risk), ("class", "risk class"), text, group)
    absent = [f"{name} class" for name in names[N_CLASSES:]]
    yield area.ask(("none_1", absent[0]), "surcharge", NEAR_MISS)
    yield area.ask(("none_2", absent[1]), "ceiling", NEAR_MISS)
    yield area.ask(("none_3", absent[2]), "papers", NEAR_MISS)
    yield from area.topics(("amount", "amount"), AMOUNT, AMOUNTS)
    yield from area.topics(("period", "time"), PERIOD, PERIODS)
    yield from area.topics(("date", "date"), DATE, DATES)
    yield from area.topics(("allowed", "acceptance"), YES_NO, RULES)
    for key, statement in METHODS:
        yield area.rule(key, statement)


LABELS = {
    "surcharge": ("premium surcharge", SURCHARGE),
    "ceiling": ("highest sum insured", CEILING),
    "validity": ("validity", VALIDITY),
    "papers": ("extra documents", PAPERS),
}


def _class(area: Area, rank: int, name: str) -> Iterator[Fact]:
    """Yields one class: the worse the risk, the higher the surcharge and the lower the ceiling."""
    who = (f"class_{rank + 1}", name)
    surcharge = percentages(10 + 30 * rank, 38 + 30 * rank, 2)
    ceiling = dollars(1_300_000 - 200_000 * rank, 1_490_000 - 200_000 * rank, 5_000)
    yield area.ask(who, "surcharge", surcharge)
    yield area.ask(who, "ceiling", ceiling)
    yield area.ask(who, "validity", periods("month", 3, 35))
    yield area.ask(who, "papers", lists(CLASS_PAPERS))
