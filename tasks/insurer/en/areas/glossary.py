"""The company's own words, asked for by what they mean.

A term is a root drawn from the seed and a noun that fits the meaning, so nothing but the company's
own text says which root it is.
"""

# Topics are rows of a table, and read best with one on a line.
from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...draw import Draw
from ...world import Fact
from ..english import listed
from ..pools import dates
from ..values import Term
from .base import NEAR_MISS, Area, Bank

ROOTS = listed(
    "Kestrel Lantern Harbor Marigold Compass Anchor Orchard Falcon Meadow Cedar Beacon Thimble "
    "Walnut Magpie Trellis Pilot Comet Puffin Rudder Bellows Tulip Gable Hemlock Ferry Cinder "
    "Mallard Pivot Quarry Robin Signal Spindle Starling Summit Teapot Thunder Tundra Umbrella "
    "Velvet Violet Wagon Walrus Weaver Whistle Windmill Zephyr Almanac Bison Bobbin Canyon Chimney "
    "Dahlia Delta Dolphin Driftwood Eagle Fiddle Flint Gondola Hickory Iris Jasper Kettle Lobster "
    "Lotus Mango Mirror Nutmeg Oasis Oriole Paddle Pepper Plover Poppy Prairie Pumpkin Raven Rocket "
    "Sailor Scarlet Tractor",
    None,
)


class Concept(NamedTuple):
    """What a term means, in two wordings, and the noun that the term ends in."""

    key: str
    noun: str
    meaning: str
    other: str


CONCEPTS = (
    Concept("same_day", "intake", "assigning a claim to a handler on the day it is reported", "giving a new claim to somebody the very same day"),
    Concept("two_eyes", "review", "the check of a large claim by two examiners working separately", "two people looking at a big claim without talking to each other"),
    Concept("night_team", "shift", "the rotating night duty on the claims line", "taking turns to answer accident calls at night"),
    Concept("score", "index", "the score that combines customer satisfaction with renewals", "one number for how happy customers are and how many stay"),
    Concept("fraud", "flag", "the system warning on a claim that may be fraudulent", "the pop-up that says a claim smells fishy"),
    Concept("fraud_list", "list", "the register of businesses once involved in insurance fraud", "the names of firms that were mixed up in cheating"),
    Concept("newcomer", "course", "the field training in which new hires follow claims adjusters", "the program that sends new people out with adjusters"),
    Concept("mentor", "buddy", "the senior colleague who supports a new hire for a year", "the old hand who looks after a newcomer for a year"),
    Concept("quarter", "meeting", "the quarterly meeting of executives on the loss ratio", "the bosses getting together every three months over the loss ratio"),
    Concept("idea", "scheme", "the program that rewards employees' ideas for better work", "getting a prize for suggesting how to do things better"),
    Concept("renewal_call", "call", "the phone call about renewal two months before a policy ends", "ringing a customer two months before the policy runs out"),
    Concept("dormant", "policy", "a policy still in force whose premium is three months overdue", "a policy that is alive although nothing was paid for three months"),
    Concept("no_claim", "customer", "a customer without any claim for five years", "somebody who hasn't claimed a thing in five years"),
    Concept("vip", "status", "the status of a customer holding more than three of our policies", "what you are when you have four or more policies from us"),
    Concept("mobile_team", "squad", "the claims unit that travels to disaster areas", "the people we send out after a big storm"),
    Concept("temp_pay", "payment", "the partial payment to disaster victims before any review", "giving disaster victims some money before anyone checks the file"),
    Concept("partner_garage", "garage", "a repair shop that has agreed labor rates with us", "a body shop that charges us prices fixed in advance"),
    Concept("partner_clinic", "panel", "the group of doctors who give us medical opinions", "the physicians we turn to for an expert view"),
    Concept("quick_repair", "visit", "the mobile service that fixes small dents at the customer's home", "a van that comes by and takes care of little scratches"),
    Concept("plain_words", "leaflet", "the summary of policy terms in everyday language", "the handout that explains the small print simply"),
    Concept("sample_check", "audit", "the later check of randomly chosen closed claims", "pulling finished claims out of the drawer and looking at them again"),
    Concept("reserve", "fund", "the money set aside for a catastrophe", "what we save up in case of a really huge disaster"),
    Concept("loss_map", "map", "the colored chart of accident frequency by district", "the picture that shows where most crashes happen"),
    Concept("weather", "alert", "the text message warning customers of severe weather", "the text that customers get before a hailstorm"),
    Concept("short_hours", "Friday", "the working arrangement with early closing on Fridays", "going home early on Friday"),
    Concept("quiet", "time", "the hours reserved for work without meetings or calls", "the part of the day when nobody may phone or meet"),
    Concept("paperless", "desk", "a branch counter that works without paper", "a counter where nothing is printed"),
    Concept("senior_desk", "line", "the phone service for elderly customers with slow explanations", "the number where older people get things explained slowly"),
    Concept("youth", "board", "the panel of college students who comment on our products", "the students who tell us what they think of our products"),
    Concept("charity", "jar", "the donation collected from the odd cents of salaries", "giving away the cents at the end of your paycheck"),
    Concept("branch_award", "cup", "the prize for the branch with the fewest complaints", "what the branch wins that makes the fewest people angry"),
    Concept("adjuster_award", "medal", "the yearly prize for the best claims adjuster", "what the top adjuster of the year wins"),
    Concept("swap", "exchange", "the program in which claims and sales staff trade jobs", "claims people and salespeople sitting at each other's desks"),
    Concept("back_job", "bridge", "the program that prepares employees on leave for their return", "the help you get just before you come back from leave"),
    Concept("grade_up", "upgrade", "the exception that lifts a risk by one class", "moving an applicant up one risk class as a favor"),
    Concept("hold", "hold", "the pause of a review because papers are missing", "a file that is stuck as something hasn't been sent in"),
    Concept("late_fee", "supplement", "the interest added to a claim that is paid late", "what we add when the customer got the money too late"),
    Concept("twin", "rider", "the free add-on for customers who buy two products together", "what you get on top when you take out two policies at once"),
    Concept("first_year", "discount", "the premium reduction for first-time customers", "what comes off the price if you've never been with us"),
    Concept("green", "seal", "the fire safety certificate for environmentally friendly buildings", "the sign on a green building that it is safe from fire"),
    Concept("dash", "screen", "the daily display of sales figures by branch", "the monitor that shows how each branch sold today"),
    Concept("handover", "sheet", "the standard form for passing a case to another handler", "what you fill in when somebody takes over your case"),
    Concept("veto", "right", "the power of an examiner to refuse an improper approval", "being able to say no when the boss wants something wrong signed"),
    Concept("whistle", "mailbox", "the channel for anonymous reports of improper sales", "where you can tell on a dishonest salesperson without giving your name"),
    Concept("drill", "drill", "the exercise that simulates a computer outage", "pretending that the computers are down"),
    Concept("library", "archive", "the collection of past court rulings on disputes", "the room with all the old judgments"),
    Concept("price_table", "table", "the standard price list of parts and labor", "where you look up what a fender and an hour's work cost"),
    Concept("appeal_board", "council", "the body that rules on customers' requests for a second review", "the people who decide when a customer asks us to look again"),
    Concept("farewell", "program", "the support for retiring employees who seek new work", "help with finding a job after you leave us for good"),
    Concept("legal_aid", "clinic", "the free legal advice for employees", "asking a lawyer about your own troubles at the company's expense"),
    Concept("pool", "pool", "the reserve staff lent to busy departments", "spare people who step in where there's too much work"),
    Concept("call_back", "check", "the call three days after a sale to ask if all was explained", "ringing a new customer after three days to see if they got it"),
    Concept("seal", "stamp", "the electronic mark placed on high-value contracts", "the digital sign on contracts about a lot of money"),
    Concept("floor", "floor", "the lowest premium payable after all discounts", "what you have to pay however many discounts you get"),
    Concept("spotter", "eye", "the program that finds car damage in photos", "software that looks at pictures and sees the dents"),
)  # fmt: skip
NO_TERM = (
    Concept("none_lunch", "", "the talk that employees attend over lunch", "listening to a speaker while you eat your sandwich"),
    Concept("none_reject", "", "an application shredded without approval", "an application that went into the shredder too soon"),
    Concept("none_hack", "", "the two-day contest in building apps", "employees coding apps for two days to win"),
    Concept("none_double", "", "a customer who claimed for the same loss twice", "somebody who asked for money twice for one accident"),
    Concept("none_letter", "", "the letter that the president sends every Monday", "what the president writes to us on Mondays"),
    Concept("none_desk", "", "the office area without assigned seats", "where you sit down wherever there's room"),
    Concept("none_road", "", "the radio broadcast about dangerous roads", "hearing on the radio where many crashes happen"),
)  # fmt: skip
DATED = ("idea", "short_hours", "temp_pay", "swap", "charity", "farewell", "whistle", "vip")

TERM = Bank(
    polite=(
        "Could you tell me our in-house name for {d}?",
        "Could you please let me know which company term stands for {d}?",
    ),
    curt=("In-house word for {a}?", "Our term for {a}?"),
    keywords=("company term for {d}", "in-house name {d}"),
    indirect=(
        "There's a word here for {a}. What was it again?",
        "You know, {a}. What do we call that around here?",
    ),
    slip=("what is {d} called in our company?", "what do we call {a}?"),
    states="{d} is called the “{x}”",
)
START = Bank(
    polite=("Could you tell me on which date the “{s}” was introduced?",),
    curt=("“{s}”: since when?",),
    keywords=("{s} start date", "{s} introduced when"),
    indirect=("Somebody mentioned the “{s}” and I wonder how old it is. On what day did it begin?",),
    slip=("when was the {s} introduced?", "What date was the {s} started?"),
    states="the “{s}” was introduced on {x}",
)  # fmt: skip


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("glossary", "Glossary", draw)
    roots = draw.stream("glossary/roots").sample(ROOTS, len(ROOTS))
    for concept in CONCEPTS:
        term = f"{roots.pop()} {concept.noun}"
        who, attribute = (concept.key, term), ("term", "term")
        yield area.fact(who, attribute, (Term(term),), TERM, d=concept.meaning, a=concept.other)
        if concept.key in DATED:
            yield area.fact(who, ("start", "introduction"), dates(2016, 2024), START, s=term)
    for concept in NO_TERM:
        who, attribute = (concept.key, concept.meaning), ("term", "term")
        yield area.fact(who, attribute, NEAR_MISS, TERM, d=concept.meaning, a=concept.other)
    # Twins of programs that exist: the same noun after a root that nothing is called.
    for key, noun in (
        ("none_start_1", "scheme"),
        ("none_start_2", "status"),
        ("none_start_3", "program"),
    ):
        term = f"{roots.pop()} {noun}"
        yield area.fact((key, term), ("start", "introduction"), NEAR_MISS, START, s=term)
