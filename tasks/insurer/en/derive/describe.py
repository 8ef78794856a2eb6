"""Descriptions: one to three sentences about a subject, whose attributes the question names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ...derived import Derived, choose
from ...world import DESCRIPTION, Account, Fact, Value, accepted
from ..areas.base import ABSENT, NEAR_MISS, Bank
from ..values import Unknown
from .common import Base

EXPLAIN = Bank(
    polite=("Could you please explain {s} to me, including {what}?",),
    curt=("{s} in short: {what}?",),
    keywords=("{s} summary, {what}", "overview of {s}, {what}"),
    indirect=("A new colleague asks about {s}. What should I say about {what}?",
              "I have to present {s} tomorrow. What can I tell them about {what}?"),
    slip=("please describe {s}, including {what}", "I need to know about {s}, including {what}, please"),
)  # fmt: skip


class Outline(NamedTuple):
    """What a description covers: subject, key, and each fact with the words that ask for it."""

    subject: str
    key: str
    parts: tuple[tuple[Fact, str], ...]


# Attributes by area, with the words that ask for each; every two or three that a subject has.
ASPECTS = {
    "leave": (
        {"period": "how long it may last", "notice": "when to request it", "pay": "what it pays"},
        {"papers": "the documents", "form": "the form number", "split": "whether it may be split"},
    ),
    "product": (
        {"launched": "when it went on sale", "code": "its code", "discount": "its discount"},
        {"limit": "the limit", "deductible": "the deductible", "waiting": "the waiting period"},
        {"limit": "the limit", "exclusions": "what is excluded", "papers": "the claim documents"},
    ),
    "underwriting": (
        {"surcharge": "the surcharge", "ceiling": "the highest sum insured"},
        {"validity": "how long the rating is valid", "papers": "the extra documents"},
    ),
    "glossary": ({"term": "what we call it", "start": "when it began"},),
}
LEAST_PARTS = 2


def descriptions(base: Base, slices: Mapping[str, str]) -> Iterator[Derived]:
    """Yields descriptions for both slices, and such that have no answer."""
    candidates = [_description(base, outline) for outline in _outlines(base)]
    rng = base.draw.stream("description")
    yield from choose(candidates, slices, rng, spread=lambda each: each.fact.area)
    yield from _without_answer(base)


def _outlines(base: Base) -> Iterator[Outline]:
    for area, sets in ASPECTS.items():
        subjects = dict.fromkeys(
            (fact.subject_key, fact.subject)
            for fact in base.facts.values()
            if fact.area == area and fact.statement and fact.asked
        )
        for at, aspects in enumerate(sets, start=1):
            for key, name in subjects:
                found = [(base.find(area, key, attribute), words)
                         for attribute, words in aspects.items()]  # fmt: skip
                parts = tuple((fact, words) for fact, words in found if fact)
                if len(parts) >= LEAST_PARTS and (area != "leave" or len(parts) == len(aspects)):
                    yield Outline(_called(area, name, parts), f"{key}.{at}", parts)
    yield from _programs(base)


def _called(area: str, name: str, parts: Sequence[tuple[Fact, str]]) -> str:
    if area == "product" and ", " in name:
        product, _, cover = name.partition(", ")
        return f"the {cover} coverage of {product}"
    if area == "glossary":
        meaning = parts[0][0].statement.partition(" is called ")[0]
        return meaning[0].lower() + meaning[1:]
    return name


# Topics that belong together, by area: what to call them, and the words for each fact.
PROGRAMS = (
    ("the home loan", "welfare", {"home_loan.amount": "the limit", "home_rate.share": "the interest", "home_repay.period": "the repayment term"}),
    ("the hardship loan", "welfare", {"hardship_loan.amount": "the limit", "hardship_rate.share": "the interest", "hardship_repay.period": "the repayment term"}),
    ("the wellness credit", "welfare", {"points.amount": "its size", "points_day.date": "when it is loaded", "points_life.period": "when new hires first get it"}),
    ("the use of wellness credit", "welfare", {"points_ban.list": "what it can't buy", "points_end.date": "the deadline for receipts"}),
    ("tuition aid", "welfare", {"college.amount": "the aid for college", "school.amount": "the aid for high school", "tuition_papers.list": "the documents"}),
    ("the deadlines for tuition aid", "welfare", {"tuition_spring.date": "the spring semester", "tuition_fall.date": "the fall semester"}),
    ("the health screening", "welfare", {"checkup.amount": "the allowance", "checkup_end.date": "the sign-up deadline", "spouse_check.allowed": "whether spouses may come"}),
    ("advance payments", "claims", {"advance_rate.share": "the rate", "advance_cap.amount": "the ceiling", "advance.period": "how fast they are made"}),
    ("claims in the mobile app", "claims", {"mobile.amount": "the ceiling", "mobile_open.date": "since when they have been possible"}),
    ("the complaints committee", "complaint", {"committee.amount": "which disputes go there", "committee_papers.list": "the documents"}),
    ("replacement badges", "guide", {"badge.amount": "the fee", "badge_time.period": "the waiting time", "badge_papers.list": "the documents"}),
    ("the company card", "guide", {"card.amount": "the limit per purchase", "card_settle.period": "the deadline for settling charges", "card_day.date": "when the bank collects"}),
    ("the general rules on leave", "leave", {"return.period": "the return form", "total.period": "the overall cap", "minimum.period": "the shortest period"}),
)  # fmt: skip


def _programs(base: Base) -> Iterator[Outline]:
    for subject, area, wanted in PROGRAMS:
        found = [(base.facts.get(f"{area}.{name}"), words) for name, words in wanted.items()]
        parts = tuple((fact, words) for fact, words in found if fact and fact.statement)
        if len(parts) == len(wanted):
            yield Outline(subject, f"{parts[0][0].subject_key}.program", parts)


def _listed(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}"


def _description(base: Base, outline: Outline) -> Derived:
    support = [fact for fact, _ in outline.parts]
    names = tuple(fact.id for fact in support)

    def answer(facts: Mapping[str, Fact]) -> Value:
        told = [facts[name] for name in names]
        return Account(" ".join(fact.statement for fact in told), tuple(map(_key_fact, told)))

    subject, _, number = outline.key.partition(".")
    what = _listed([words for _, words in outline.parts])
    return base.derived(
        (subject, f"description_{number}"), EXPLAIN, support, answer, form=DESCRIPTION,
        s=outline.subject, what=what,
    )  # fmt: skip


def _key_fact(fact: Fact) -> tuple[str, ...]:
    """The texts that say a fact within a sentence: of yes and no, its clause."""
    if fact.value.kind != "yes_no":
        return tuple(accepted(fact.value))
    verb = "may" if fact.value.key else "may not"
    clause = fact.statement.partition(f" {verb} ")[2].rstrip(".")
    plain = ("can", "may") if fact.value.key else ("can't", "cannot", "may not")
    return tuple(f"{word} {clause}" for word in plain)


# Key, area and its name, subject as it is called and as it is absent, aspects, why.
NO_ANSWER: tuple[tuple[str, str, str, str, str, str, Unknown], ...] = (
    ("pet", "leave", "Leave of absence", "pet care leave", "pet care leave", "how long it may last, when to request it and what it pays", ABSENT),
    ("campaign", "leave", "Leave of absence", "campaign leave", "campaign leave", "the documents, the form number and whether it may be split", ABSENT),
    ("ski", "product", "Products", "ski insurance", "ski insurance", "when it went on sale, its code and its discount", ABSENT),
    ("drone", "product", "Products", "the drone liability coverage of drone insurance", "drone insurance", "the limit, the deductible and the waiting period", ABSENT),
    ("tire", "product", "Products", "the flat tire coverage of car insurance", "car insurance, flat tire", "the limit, what is excluded and the claim documents", NEAR_MISS),
    ("hospice", "product", "Products", "the hospice care coverage of cancer insurance", "cancer insurance, hospice care", "the limit, the deductible and the waiting period", NEAR_MISS),
    ("car_loan", "welfare", "Employee benefits", "the car loan", "car loan", "the limit, the interest and the repayment term", ABSENT),
    ("scooter", "claims", "Claims", "scooter claims", "scooter claims", "the ceiling and since when they have been possible", ABSENT),
    ("jury", "complaint", "Complaints", "the customer jury", "customer jury", "which disputes go there and the documents", ABSENT),
    ("locker", "guide", "Office guide", "lockers", "lockers", "the fee, the waiting time and the documents", ABSENT),
    ("fuel_card", "guide", "Office guide", "the fuel card", "fuel card", "the limit per purchase, the deadline for settling charges and when the bank collects", ABSENT),
    ("lunch_talk", "glossary", "Glossary", "the talk that employees attend over lunch", "the talk that employees attend over lunch", "what we call it and when it began", ABSENT),
)  # fmt: skip


def _without_answer(base: Base) -> Iterator[Derived]:
    for key, area, category, called, subject, what, why in NO_ANSWER:
        yield base.unanswered(
            (area, category), (key, "description"), why, EXPLAIN, subject, DESCRIPTION,
            s=called, what=what,
        )  # fmt: skip
