"""Comparisons: which of two has more of something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from ...derived import Derived, choose
from ...draw import Draw
from ...world import Fact, Recast, Value
from ..areas.base import ABSENT, NEAR_MISS, Bank
from ..english import sentence
from ..values import Amount, Name, Period, Unknown
from .common import Answer, Base

PAIRS_PER_FACT = 4
MOST_APART = 4  # times as large: who would ask whether a house costs more than a lunch?

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
LATER = Question(("which comes later in the year", "later date"), ("which comes first in the year", "earlier date"))  # fmt: skip
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
COVERS = {
    "limit": ("higher limit", "lower limit"),
    "deductible": ("higher deductible", "lower deductible"),
    "waiting": ("longer waiting period", "shorter waiting period"),
}


def comparisons(base: Base, slices: Mapping[str, str]) -> Iterator[Derived]:
    """Yields comparisons for both slices, and such that have no answer."""
    candidates = [*_named(base), *_topics(base), *_within_products(base), *_across_products(base)]
    rng = base.draw.stream("comparison")
    yield from choose(
        candidates,
        slices,
        rng,
        spread=lambda each: (each.fact.area, each.fact.attribute_key.rpartition("_")[2]),
    )
    yield from _without_answer(base)


def _size(value: Value) -> tuple[object, object]:
    """What two values must share to be compared, and how large this one is."""
    key = value.key
    if isinstance(value, Period):
        assert isinstance(key, tuple)
        return key[0], key[1]
    return value.kind, key


def _comparable(one: Fact, other: Fact) -> bool:
    (kind, size), (other_kind, other_size) = _size(one.value), _size(other.value)
    if kind != other_kind:
        return False
    if isinstance(one.value, Amount) and isinstance(other.value, Amount):
        low, high = sorted((one.value.dollars, other.value.dollars))
        return high <= MOST_APART * low
    if one.value.kind == "date":
        assert isinstance(size, tuple) and isinstance(other_size, tuple)
        return bool(size[0]) == bool(other_size[0]) and bool(size[1]) == bool(other_size[1])
    return size != other_size


def _pairs(draw: Draw, facts: Sequence[Fact]) -> list[tuple[Fact, Fact]]:
    """Some comparable pairs; which comes first in a question is drawn."""
    if not facts:
        return []
    rng = draw.stream(f"comparison/{facts[0].area}/{facts[0].attribute_key}/{facts[0].group}")
    pairs = [pair for pair in combinations(facts, 2) if _comparable(*pair)]
    chosen = rng.sample(pairs, min(len(pairs), PAIRS_PER_FACT * len(facts)))
    return [pair if rng.random() < 0.5 else pair[::-1] for pair in chosen]


def _winner(facts: tuple[Fact, Fact], names: tuple[str, str], *, more: bool) -> Answer:
    """Finds the name of the larger or the smaller one."""
    first, second = (fact.id for fact in facts)

    def answer(by_id: Mapping[str, Fact]) -> Value:
        larger = _size(by_id[first].value)[1] > _size(by_id[second].value)[1]  # type: ignore[operator]
        name = names[0 if larger == more else 1].removeprefix("the ")
        return Recast("comparison", Name(name, (f"the {name}",)))

    return answer


def _compare(
    base: Base, pair: tuple[Fact, Fact], names: tuple[str, str], question: Question, key: str
) -> Derived:
    subject = f"{pair[0].subject_key}_or_{pair[1].subject_key}"
    more = base.draw.stream(f"comparison/{pair[0].area}/{subject}/{key}").random() < 0.5
    clause, keywords = question.more if more else question.less
    return base.derived(
        (subject, f"{'most' if more else 'least'}_{key}"),
        COMPARE,
        pair,
        _winner(pair, names, more=more),
        a=names[0],
        b=names[1],
        q=clause,
        Q=sentence(clause),
        k=keywords,
    )


def _named(base: Base) -> Iterator[Derived]:
    for (area, attribute), question in NAMED.items():
        facts = [fact for fact in base.told(area, attribute) if fact.asked]
        for pair in _pairs(base.draw, facts):
            names = (pair[0].subject, pair[1].subject)
            yield _compare(base, pair, names, question, attribute)


def _topics(base: Base) -> Iterator[Derived]:
    for (area, attribute), question in TOPICS.items():
        facts = [fact for fact in base.told(area, attribute) if fact.asked]
        for pair in _pairs(base.draw, facts):
            names = (f"the {pair[0].subject}", f"the {pair[1].subject}")
            yield _compare(base, pair, names, question, attribute)


def _within_products(base: Base) -> Iterator[Derived]:
    """Two coverages of one product."""
    for attribute, (more, less) in COVERS.items():
        facts = base.told("product", attribute)
        for group in dict.fromkeys(fact.group for fact in facts):
            some = [fact for fact in facts if fact.group == group and fact.asked]
            clause = f"which coverage of {group} has the "
            question = Question((clause + more, more), (clause + less, less))
            for pair in _pairs(base.draw, some):
                covers = [fact.subject.partition(", ")[2] for fact in pair]
                yield _compare(base, pair, (covers[0], covers[1]), question, attribute)


def _across_products(base: Base) -> Iterator[Derived]:
    """Coverages of the same name under two products."""
    for attribute, (more, less) in COVERS.items():
        facts = [fact for fact in base.told("product", attribute) if fact.asked]
        for pair in combinations(facts, 2):
            (product, _, cover), (other, _, same) = (fact.subject.partition(", ") for fact in pair)
            if cover == same and _comparable(*pair):
                asked = [f"which has the {text} for {cover}" for text in (more, less)]
                keywords = [f"{cover} {text}" for text in (more, less)]
                question = Question((asked[0], keywords[0]), (asked[1], keywords[1]))
                yield _compare(base, pair, (product, other), question, attribute)


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
