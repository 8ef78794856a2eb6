"""Descriptions: all that there is to know of a subject, in one to three sentences."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ...derived import Derived, choose
from ...draw import Draw
from ...outline import Chapter
from ...world import DESCRIPTION, Account, Fact, Value, accepted
from ..areas.base import Bank, written
from ..korean import fill
from ..outlines import claims, complaints, guide, welfare
from ..values import Items, YesNo
from . import make

DESCRIBE = Bank(
    polite=(
        "{s}에 대해 설명해 주실 수 있나요?",
        "{s}[이/가] 어떤 것인지 안내 부탁드립니다.",
    ),
    curt=("{s}[은/는] 어떤 내용이죠?", "{s}, 어떻게 되어 있죠?"),
    keywords=("{s} 알려줘!", "{s}에 대하여 알려줘"),
    indirect=(
        "{s}[을/를] 처음 접하는데 꼭 알아야 할 게 뭐죠?",
        "누가 {s}[을/를] 물어보면 뭐라고 설명하면 되죠?",
    ),
    slip=("{s} 내용이 어떻게 되나요?", "{s} 내용이 궁금해요"),
)
MOST_FACTS = 4


Sentence = str | tuple[str, ...]


class Subject(NamedTuple):
    """What can be described: its name, the facts that make it up, and its sentences.

    Each sentence is a template with slots for attribute keys, and left out where a fact is missing; or
    it is a tuple of a head and clauses, of which those are joined that have their facts.
    """

    area: str
    key: str
    name: str
    facts: tuple[Fact, ...]
    sentences: tuple[Sentence, ...] = ()


PRODUCT = (
    ("{s}의 ", "판매 개시일은 {launched}", "상품 코드는 {code}", "할인율은 {discount}", "약관 최근 개정일은 {amended}"),
)  # fmt: skip
COVER = (
    ("{s} 담보의 ", "보상 한도는 {limit}", "자기부담금은 {deductible}", "면책기간은 {waiting}"),
    "보상하지 않는 손해는 {exclusions}[이다/다].",
    "청구할 때에는 {papers}[을/를] 낸다.",
)
LEAVE = (
    ("{s}의 ", "최대 기간은 {period}", "신청 기한은 시작일 {notice} 전", "급여는 기본급의 {pay}"),
    "신청할 때에는 {papers}[을/를] 낸다.",
)
GENERAL = (
    ("휴직의 ", "총한도는 {total}", "1회 최소 기간은 {minimum}", "복직원 제출 기한은 복직 예정일 {return} 전"),
)  # fmt: skip
CLASS = (
    ("{s}의 ", "보험료 할증률은 {surcharge}", "최대 가입금액은 {ceiling}", "판정 유효기간은 {validity}"),
    "추가로 {papers}[을/를] 받는다.",
)  # fmt: skip


def descriptions(
    draw: Draw, facts: Mapping[str, Fact], slices: Mapping[str, str]
) -> Iterator[Derived]:
    """Yields the descriptions of a world."""
    subjects = [*_structured(facts), *_themes(facts)]
    found = [described(draw, facts, subject) for subject in subjects if len(subject.facts) > 1]
    areas = {each.fact.id: each.fact.area for each in found}
    rng = draw.stream("descriptions")
    yield from choose(found, slices, rng, spread=lambda each: areas[each.fact.id])


def described(draw: Draw, facts: Mapping[str, Fact], subject: Subject) -> Derived:
    """Words a description."""
    category = subject.facts[0].category
    name = make.Name(subject.area, subject.key, "about", category, subject.name, "설명")
    support = tuple(fact.id for fact in subject.facts)
    answer = _account(subject, support)
    slots = {"s": subject.name}
    found = make.derived(draw, name, DESCRIBE, slots, support, answer, facts, form=DESCRIPTION)
    return replace(found, partial=True)


def _account(subject: Subject, support: Sequence[str]) -> Callable[[Mapping[str, Fact]], Value]:
    def answer(facts: Mapping[str, Fact]) -> Value:
        some = [facts[name] for name in support if facts[name].statement]
        text = _told(subject, some) if subject.sentences else _listed(some)
        return Account(text, tuple(_key_facts(some)))

    return answer


def _told(subject: Subject, some: Sequence[Fact]) -> str:
    slots = {fact.attribute_key: written(fact.value) for fact in some} | {"s": subject.name}
    return " ".join(fill(each, **slots) for each in _fitting(subject.sentences, slots))


def _fitting(sentences: Sequence[Sentence], there: Container[str]) -> list[str]:
    """The sentences that can be said where so many attributes are there."""
    fitting = []
    for each in sentences:
        if isinstance(each, tuple):
            head, *clauses = each
            told = [clause for clause in clauses if all(slot in there for slot in _slots(clause))]
            fitting += [head + ", ".join(told) + "[이다/다]."] if told else []
        elif all(slot in there for slot in _slots(each)):
            fitting.append(each)
    return fitting


def _slots(sentence: str) -> list[str]:
    return [part.partition("}")[0] for part in sentence.split("{")[1:]]


def _listed(some: Sequence[Fact]) -> str:
    """One sentence that says a value after the other."""
    *first, last = (fill("{s}[은/는] {x}", s=fact.subject, x=written(fact.value)) for fact in some)
    return ", ".join((*first, fill("{last}[이다/다].", last=last)))


def _key_facts(some: Sequence[Fact]) -> Iterator[tuple[str, ...]]:
    """Each value with the texts that say it; each item of a list by itself."""
    for fact in some:
        if isinstance(fact.value, Items):
            yield from ((item,) for item in fact.value.items)
        else:
            yield tuple(accepted(fact.value))


def _structured(facts: Mapping[str, Fact]) -> Iterator[Subject]:
    """Products, covers, leaves and classes: what has the same attributes as its neighbours."""
    units: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts.values():
        if fact.asked and fact.answerable and not fact.group:
            units.setdefault((fact.area, fact.subject_key), []).append(fact)
    for (area, key), some in units.items():
        if sentences := _sentences(area, key):
            there = {fact.attribute_key for fact in some} | {"s"}
            said = {slot for each in _fitting(sentences, there) for slot in _slots(each)}
            chosen = tuple(fact for fact in some if fact.attribute_key in said)
            name = "휴직의 공통 원칙" if key == "general" else some[0].subject
            yield Subject(area, key, name, chosen, sentences)


def _sentences(area: str, key: str) -> tuple[Sentence, ...]:
    if area == "product":
        return COVER if "-" in key else PRODUCT
    if area == "leave":
        return GENERAL if key == "general" else LEAVE
    return CLASS if key.startswith("class_") else ()


def _themes(facts: Mapping[str, Fact]) -> Iterator[Subject]:
    """Groups of single topics that one can ask for as a whole."""
    outlines: tuple[tuple[str, tuple[Chapter, ...]], ...] = (
        ("welfare", welfare.CHAPTERS), ("claims", claims.CHAPTERS),
        ("complaint", complaints.CHAPTERS), ("guide", guide.CHAPTERS),
    )  # fmt: skip
    for area, chapters in outlines:
        for section in (section for chapter in chapters for section in chapter.sections):
            if section.about:
                some = [
                    fact for fact in facts.values()
                    if fact.area == area and fact.subject_key in section.keys and fact.asked
                    and fact.answerable and not isinstance(fact.value, YesNo)
                ]  # fmt: skip
                yield Subject(area, section.group, section.about, tuple(some[:MOST_FACTS]))
