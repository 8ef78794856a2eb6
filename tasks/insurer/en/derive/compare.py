"""Comparisons: which of two has more of something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ...comparison import Comparable, Pair, compare, first_is_right
from ...derived import Derived
from ...world import Fact, Recast, Value
from ..areas.base import ABSENT, NEAR_MISS, Bank
from ..english import sentence
from ..values import Day, Name, Period, Unknown
from .common import Base

COMPARE = Bank(
    polite=("Could you tell me {q}, {a} or {b}?", "Could you please let me know {q}: {a} or {b}?"),
    curt=("{q}: {a} or {b}?",),
    keywords=("{a} vs {b}, {k}", "{a} or {b} {k}"),
    indirect=(
        "We were arguing about {a} and {b} at lunch. {Q}?",
        "I keep mixing up {a} and {b}. {Q}?",
    ),
    slip=("{q}, {a} or {b}?", "please tell me {q}, {a} or {b}?"),
)


class Question(NamedTuple):
    """How to ask for the larger and for the smaller one: a clause, and a few keywords."""

    more: tuple[str, str]
    less: tuple[str, str]


HIGHER = Question(("which is higher", "higher"), ("which is lower", "lower"))
LARGER = Question(("which is the larger sum", "more"), ("which is the smaller sum", "less"))
LONGER = Question(("which is longer", "longer"), ("which is shorter", "shorter"))
LATER = Question(
    ("which comes later in the year", "later date"),
    ("which comes first in the year", "earlier date"),
)
# Subjects that have a name of their own, by area and attribute.
NAMED = {
    ("leave", "period"): Question(
        ("which may last longer", "longer"), ("which has the shorter maximum", "shorter maximum")
    ),
    ("leave", "pay"): Question(
        ("which is paid better", "better paid"), ("which is paid worse", "lower pay")
    ),
    ("leave", "start"): Question(
        ("which was introduced later", "newer"), ("which was introduced first", "older")
    ),
    ("product", "discount"): Question(
        ("which comes with the larger discount", "larger discount"),
        ("which comes with the smaller discount", "smaller discount"),
    ),
    ("product", "launched"): Question(
        ("which went on sale later", "newer"), ("which went on sale first", "older")
    ),
    ("underwriting", "surcharge"): Question(
        ("which carries the higher surcharge", "higher surcharge"),
        ("which carries the lower surcharge", "lower surcharge"),
    ),
    ("underwriting", "ceiling"): Question(
        ("which allows the larger policy", "larger policy"),
        ("which allows only the smaller policy", "smaller policy"),
    ),
    ("underwriting", "validity"): Question(
        ("which rating stays valid longer", "valid longer"),
        ("which rating runs out sooner", "runs out sooner"),
    ),
}
# Topics, which are noun phrases, by area and attribute.
TOPICS = {
    ("welfare", "amount"): LARGER,
    ("welfare", "period"): LONGER,
    ("welfare", "share"): HIGHER,
    ("welfare", "date"): LATER,
    ("claims", "amount"): LARGER,
    ("claims", "period"): LONGER,
    ("claims", "share"): HIGHER,
    ("underwriting", "amount"): LARGER,
    ("underwriting", "period"): LONGER,
    ("complaint", "amount"): LARGER,
    ("complaint", "period"): LONGER,
    ("complaint", "share"): HIGHER,
    ("guide", "amount"): LARGER,
    ("guide", "period"): LONGER,
    ("guide", "date"): LATER,
}
# Coverages: what one has more or less of.
COVERS = {
    "limit": ("the higher limit", "the lower limit"),
    "deductible": ("the higher deductible", "the lower deductible"),
    "waiting": ("the longer waiting period", "the shorter waiting period"),
}
# Drawn so that the rank tells the value and the name tells neither.
BLIND = (("underwriting", "surcharge"), ("underwriting", "ceiling"))


def comparisons(base: Base, slices: Mapping[str, str]) -> Iterator[Derived]:
    """Yields comparisons for both slices, and such that have no answer."""
    rng = base.draw.stream("comparisons")
    yield from compare(list(_comparable(base)), slices, rng, lambda pair: _worded(base, pair))
    yield from _without_answer(base)


def _comparable(base: Base) -> Iterator[Comparable]:
    covers = [("product", attribute) for attribute in COVERS]
    for area, attribute in (*NAMED, *TOPICS, *covers):
        for fact in base.told(area, attribute):
            if fact.asked:
                pool = () if (area, attribute) in BLIND else base.draw.pools[fact.id]
                yield Comparable(fact, f"{area}.{attribute}.{_unit(fact.value)}", pool)


def _unit(value: Value) -> str:
    """What two values of one attribute must share: a business day is no day."""
    if isinstance(value, Period):
        return value.measure[0]
    if isinstance(value, Day):
        return "dated" if value.year else "yearly" if value.month else "monthly"
    return value.kind


def _worded(base: Base, pair: Pair) -> Derived:
    """Words a pair; its name is the same in either order."""
    facts = (pair.first, pair.second)
    question, names = _asked(facts)
    clause, keywords = question.more if pair.larger else question.less
    subject = "+".join(sorted(fact.subject_key for fact in facts))

    def answer(found: Mapping[str, Fact]) -> Value:
        now = Pair(found[facts[0].id], found[facts[1].id], pair.sort, pair.larger)
        right = names[0 if first_is_right(now) else 1]
        return Recast("comparison", _named(right))

    return base.derived(
        (subject, f"compare_{pair.first.attribute_key}"), COMPARE, facts, answer,
        subject=" / ".join(name.removeprefix("the ") for name in names),
        a=names[0], b=names[1], q=clause, Q=sentence(clause), k=keywords,
    )  # fmt: skip


def _named(name: str) -> Name:
    """A subject as an answer: with its article, a class without the word, a coverage's halves."""
    plain = name.removeprefix("the ")
    also = [f"the {plain}"]
    if plain.endswith(" class"):
        also.append(plain.removesuffix(" class"))
    cover, under, product = plain.partition(" under ")
    if under:
        also += [cover, product, f"{product}, {cover}", f"{cover} coverage under {product}"]
    else:
        also.append(f"{plain} coverage")
    return Name(plain, tuple(also))


def _asked(facts: tuple[Fact, Fact]) -> tuple[Question, tuple[str, str]]:
    """How to ask for a pair, and what to call both."""
    area, attribute = facts[0].area, facts[0].attribute_key
    names = (facts[0].subject, facts[1].subject)
    if (area, attribute) in TOPICS:
        return TOPICS[area, attribute], (f"the {names[0]}", f"the {names[1]}")
    if attribute not in COVERS or area != "product":
        return NAMED[area, attribute], names
    (product, _, cover), (other, _, same) = (name.partition(", ") for name in names)
    more, less = COVERS[attribute]
    if product == other:
        clause, names = f"which coverage of {product} has", (cover, same)
    elif cover == same:
        clause, names = f"which one has, for {cover},", (product, other)
    else:
        clause, names = "which has", (f"{cover} under {product}", f"{same} under {other}")
    short = [text.removeprefix("the ") for text in (more, less)]
    return Question((f"{clause} {more}", short[0]), (f"{clause} {less}", short[1])), names


# Key, area and its name, what there is, what there isn't, clause, keywords, why it has no answer.
NO_ANSWER: tuple[tuple[str, str, str, str, str, Question, Unknown], ...] = (
    ("pet", "leave", "Leave of absence", "study leave", "pet care leave", NAMED["leave", "period"], ABSENT),
    ("writing", "leave", "Leave of absence", "medical leave", "writing leave", NAMED["leave", "pay"], ABSENT),
    ("seniority", "leave", "Leave of absence", "founder leave", "medical leave",
     Question(("which counts more toward length of service", "service credit"), ("", "")), NEAR_MISS),
    ("ski", "product", "Products", "golf insurance", "ski insurance", NAMED["product", "discount"], ABSENT),
    ("bicycle", "product", "Products", "motorcycle insurance", "bicycle insurance", NAMED["product", "launched"], ABSENT),
    ("wait", "product", "Products", "collision", "medical payments",
     Question(("which coverage of car insurance has the longer waiting period", "longer waiting period"), ("", "")), NEAR_MISS),
    ("moving", "welfare", "Employee benefits", "the home office allowance", "the moving allowance", LARGER, ABSENT),
    ("cousin", "welfare", "Employee benefits", "the wedding leave", "the leave for a cousin's wedding", LONGER, NEAR_MISS),
    ("guitar", "claims", "Claims", "the yearly depreciation of cameras", "the yearly depreciation of musical instruments", HIGHER, NEAR_MISS),
    ("lawsuit", "complaint", "Complaints", "the deadline for answering a complaint by mail", "the deadline for preparing a complaint file for court", LONGER, NEAR_MISS),
    ("gym", "guide", "Office guide", "the longest booking of a meeting room", "the time limit in the company gym", LONGER, NEAR_MISS),
    ("locker", "guide", "Office guide", "the monthly parking fee at headquarters", "the monthly locker fee", LARGER, ABSENT),
)  # fmt: skip


def _without_answer(base: Base) -> Iterator[Derived]:
    for key, area, category, one, missing, question, why in NO_ANSWER:
        clause, keywords = question.more
        yield base.unanswered(
            (area, category),
            (key, "most_of_two"),
            why,
            COMPARE,
            missing.removeprefix("the "),
            a=one,
            b=missing,
            q=clause,
            Q=sentence(clause),
            k=keywords,
        )
