"""Facts that are found through another one: a code, a form, a case, a meaning, a matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ...derived import Derived, choose
from ...draw import Draw
from ...world import Fact
from ..areas.base import Bank
from ..areas.duties import DUTIES
from ..areas.glossary import CONCEPTS
from ..areas.underwriting import CASES
from ..korean import fill
from . import make

KIND = "multi_hop"
HOP = Bank(
    polite=(
        "{x}의 {n}[을/를] 알려 주실 수 있나요?",
        "{x}의 {n}[이/가] 어떻게 되는지 안내 부탁드립니다.",
    ),
    curt=("{x}, {n}[은/는]?", "{x}의 {n}[은/는]?"),
    keywords=("{x} {n} 알려줘!", "{x}의 {n} 알려줘!"),
    indirect=("{why} {n}[이/가] 어떻게 되죠?", "{why} {n}[을/를] 알 수 있을까요?"),
    slip=("{x}의 {n}[이/가] 어떻게 되나요?", "{x}의 {n}[이/가] 궁금해요"),
)


class Hop(NamedTuple):
    """A way from one fact to another: how the first is described, and the fact that is asked for."""

    sort: str
    through: Fact
    target: Fact
    noun: str
    described: str
    why: str
    handles: tuple[str, ...] = ()


LEAVE = {"period": "최대 기간", "notice": "신청 기한", "pay": "급여 지급률", "start": "제도 시행일",
         "papers": "신청 서류"}  # fmt: skip
PRODUCT = {"launched": "판매 개시일", "amended": "약관 최근 개정일", "discount": "할인율"}
CLASS = {"surcharge": "보험료 할증률", "ceiling": "최대 가입금액", "validity": "판정 유효기간",
         "papers": "추가 서류"}  # fmt: skip


def multi_hops(
    draw: Draw, facts: Mapping[str, Fact], slices: Mapping[str, str]
) -> Iterator[Derived]:
    """Yields the questions of a world that take two steps."""
    hops = {
        _name(hop).subject_key + _name(hop).attribute_key: hop
        for some in (_by_form, _by_code, _by_ceiling, _by_case, _by_meaning, _by_duty)
        for hop in some(facts)
        if hop.target.answerable and hop.through.statement
    }
    found = {key: worded(draw, facts, hop) for key, hop in hops.items()}
    found = {key: each for key, each in found.items() if not make.tells(each)}
    sorts = {each.fact.id: hops[key].sort for key, each in found.items()}
    rng = draw.stream("multi-hops")
    yield from choose(list(found.values()), slices, rng, spread=lambda each: sorts[each.fact.id])


def worded(draw: Draw, facts: Mapping[str, Fact], hop: Hop) -> Derived:
    """Words a question of two steps."""
    slots = {"x": hop.described, "why": hop.why, "n": hop.noun}
    support = (hop.through.id, hop.target.id)
    target = hop.target.id
    answer = make.recast(KIND, lambda found: found[target].value)
    return make.derived(draw, _name(hop), HOP, slots, support, answer, facts, hop.handles)


def _name(hop: Hop) -> make.Name:
    target, through = hop.target, hop.through
    return make.Name(
        target.area, through.subject_key, f"by-{hop.sort}-{target.attribute_key}",
        target.category, hop.described, hop.noun,
    )  # fmt: skip


def _by_form(facts: Mapping[str, Fact]) -> Iterator[Hop]:
    for form in facts.values():
        if form.area == "leave" and form.attribute_key == "form" and form.answerable:
            number = form.value.text
            described = fill("서식 {h}[을/를] 쓰는 휴직", h=number)
            why = f"직원이 {number} 서식으로 휴직을 신청했는데 이 휴직의"
            for attribute, noun in LEAVE.items():
                target = facts[f"leave.{form.subject_key}.{attribute}"]
                yield Hop("form", form, target, noun, described, why, (form.id,))


def _by_code(facts: Mapping[str, Fact]) -> Iterator[Hop]:
    for code in facts.values():
        if code.area == "product" and code.attribute_key == "code" and code.answerable:
            described = f"상품 코드가 {code.value.text}인 상품"
            why = f"전산에 상품 코드 {code.value.text}만 보이는데 이 상품의"
            for attribute, noun in PRODUCT.items():
                target = facts[f"product.{code.subject_key}.{attribute}"]
                yield Hop("code", code, target, noun, described, why, (code.id,))


def _by_ceiling(facts: Mapping[str, Fact]) -> Iterator[Hop]:
    for ceiling in facts.values():
        if ceiling.attribute_key == "ceiling" and ceiling.answerable:
            described = f"최대 가입금액이 {ceiling.value.text}인 인수 등급"
            why = f"가입금액을 {ceiling.value.text}까지 받아 주는 등급이 있던데 그 등급의"
            for attribute in ("surcharge", "validity"):
                target = facts[f"underwriting.{ceiling.subject_key}.{attribute}"]
                noun = CLASS[attribute]
                yield Hop("ceiling", ceiling, target, noun, described, why, (ceiling.id,))


def _by_case(facts: Mapping[str, Fact]) -> Iterator[Hop]:
    for topic in CASES:
        case = facts.get(f"underwriting.{topic.key}.class")
        if case is not None and case.answerable:
            for attribute, noun in CLASS.items():
                target = facts[f"underwriting.{case.group}.{attribute}"]
                yield Hop("case", case, target, noun, topic.phrase, topic.indirect + " 이 고객의")


def _by_meaning(facts: Mapping[str, Fact]) -> Iterator[Hop]:
    for concept in CONCEPTS:
        target = facts.get(f"glossary.{concept.key}.start")
        if target is not None:
            term = facts[f"glossary.{concept.key}.term"]
            why = f"우리 회사에 {concept.other}[이/가] 있던데 그"
            yield Hop("meaning", term, target, "시행일", concept.meaning, fill(why), (term.id,))


def _by_duty(facts: Mapping[str, Fact]) -> Iterator[Hop]:
    for duty in DUTIES:
        through = facts[f"guide.rule_{duty.key}.rule"]
        target = facts[f"guide.{through.attribute}.extension"]
        described, why = f"{duty.phrase} 담당 부서", f"{duty.why} 담당 부서의"
        yield Hop("duty", through, target, "내선번호", described, why)
