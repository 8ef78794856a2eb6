"""Comparisons of two subjects of a sort: covers, products, leaves, classes, programmes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ...comparison import Comparable, Pair, compare, first_is_right
from ...derived import Derived
from ...draw import Draw
from ...world import Fact, Recast, Value
from ..areas.base import Bank
from ..values import Name
from . import make

COMPARE = Bank(
    polite=(
        "{a}[과/와] {b} 가운데 {n}[이/가] 더 {adn} 쪽을 알려 주실 수 있나요?",
        "{a}[과/와] {b} 중에서 {n}[이/가] 더 {adn} 것이 무엇인지 안내 부탁드립니다.",
    ),
    curt=("{a}[과/와] {b} 중 {n}[이/가] 더 {adn} 쪽은?", "{n}[이/가] 더 {adn} 건 {a}? {b}?"),
    keywords=(
        "{a}, {b} 중 {n} 더 {adn} 쪽 알려줘!",
        "{a}[과/와] {b} {n} 비교해서 더 {adn} 쪽 알려줘!",
    ),
    indirect=(
        "{a}[과/와] {b}[을/를] 견주어 보려는데 {n}[은/는] 어느 쪽이 더 {stem}죠?",
        "{a}하고 {b}[을/를] 나란히 놓고 보면 {n}[은/는] 어느 쪽이 더 {stem}죠?",
    ),
    slip=("{a}[이랑/랑] {b} 중에 {n}[이/가] 더 {adn} 게 뭐예요?",),
)


class Sort(NamedTuple):
    """What is compared: the attribute, its name, and how more and less of it are said."""

    area: str
    attribute: str
    noun: str
    more: tuple[str, str]
    less: tuple[str, str]
    unit: str = ""
    blind: bool = False  # subjects say nothing about values


BIG, LITTLE = ("큰", "크"), ("작은", "작")
MANY, FEW = ("많은", "많"), ("적은", "적")
LONG, SHORT = ("긴", "길"), ("짧은", "짧")
HIGH, LOW = ("높은", "높"), ("낮은", "낮")
LATE, EARLY = ("늦은", "늦"), ("이른", "이르")

SORTS = (
    Sort("product", "limit", "보상 한도", HIGH, LOW),
    Sort("product", "deductible", "자기부담금", MANY, FEW),
    Sort("product", "waiting", "면책기간", LONG, SHORT, "일"),
    Sort("product", "discount", "할인율", HIGH, LOW),
    Sort("product", "launched", "판매 개시일", LATE, EARLY),
    Sort("product", "amended", "약관 최근 개정일", LATE, EARLY),
    Sort("leave", "period", "최대 기간", LONG, SHORT),
    Sort("leave", "pay", "급여 지급률", HIGH, LOW),
    Sort("leave", "start", "제도 시행일", LATE, EARLY),
    Sort("underwriting", "surcharge", "보험료 할증률", HIGH, LOW, blind=True),
    Sort("underwriting", "ceiling", "최대 가입금액", BIG, LITTLE, blind=True),
    Sort("underwriting", "validity", "판정 유효기간", LONG, SHORT),
    Sort("glossary", "start", "시행일", LATE, EARLY),
)  # fmt: skip


def comparisons(
    draw: Draw, facts: Mapping[str, Fact], slices: Mapping[str, str]
) -> Iterator[Derived]:
    """Yields the comparisons of a world."""
    found = []
    for sort in SORTS:
        for fact in facts.values():
            if (
                fact.area == sort.area
                and fact.attribute_key == sort.attribute
                and _fits(fact, sort)
            ):
                pool = () if sort.blind else draw.pools[fact.id]
                found.append(Comparable(fact, f"{sort.area}.{sort.attribute}", pool))
    sorts = {f"{sort.area}.{sort.attribute}": sort for sort in SORTS}

    def worded(pair: Pair) -> Derived:
        return _worded(draw, facts, pair, sorts[pair.sort])

    yield from compare(found, slices, draw.stream("comparisons"), worded)


def _fits(fact: Fact, sort: Sort) -> bool:
    unit = getattr(fact.value, "unit", "")
    return fact.asked and fact.answerable and (not sort.unit or unit == sort.unit)


def _worded(draw: Draw, facts: Mapping[str, Fact], pair: Pair, sort: Sort) -> Derived:
    """Words a pair; its name is the same in either order."""
    adnominal, stem = sort.more if pair.larger else sort.less
    keys = sorted((pair.first.subject_key, pair.second.subject_key))
    names = " / ".join(fact.subject for fact in (pair.first, pair.second))
    first, second = pair.first.id, pair.second.id

    def answer(found: Mapping[str, Fact]) -> Value:
        now = Pair(found[first], found[second], pair.sort, pair.larger)
        right = now.first if first_is_right(now) else now.second
        return Recast("comparison", _named(right, now))

    name = make.Name(sort.area, "+".join(keys), f"compare-{sort.attribute}",
                     pair.first.category, names, sort.noun)  # fmt: skip
    slots = {"a": pair.first.subject, "b": pair.second.subject, "n": sort.noun,
             "adn": adnominal, "stem": stem}  # fmt: skip
    return make.derived(draw, name, COMPARE, slots, (first, second), answer, facts)


def _named(fact: Fact, pair: Pair) -> Name:
    """A subject as an answer: a cover may be named without its product where that tells it apart."""
    product, _, cover = fact.subject.partition(" ")
    if fact.area != "product" or not cover:
        short = fact.subject.removesuffix("등급") if fact.area == "underwriting" else fact.subject
        return Name(fact.subject, (short,))
    also = [f"{fact.subject} 담보", f"{product}의 {cover}", f"{product}의 {cover} 담보"]
    other = pair.second if fact is pair.first else pair.first
    if other.subject.partition(" ")[2] != cover:
        also += [cover, f"{cover} 담보"]
    return Name(fact.subject, tuple(also))
