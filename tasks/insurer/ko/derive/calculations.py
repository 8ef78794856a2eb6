"""Calculations by the rules of the documents: the exact number."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from ...derived import Derived, choose
from ...draw import Draw
from ...world import Fact, Value
from ..areas.base import Bank
from ..areas.leave import CREDITED, LEAVES
from ..areas.product_tables import COVERS, PRODUCTS
from ..areas.underwriting import N_CLASSES
from ..korean import fill
from ..values import Amount, Percentage, Period
from . import make

KIND = "calculation"
CALCULATE = Bank(
    polite=(
        "{case}일 때 {n}[이/가] 얼마인지 계산해 주실 수 있나요?",
        "{case}[이라면/라면] {n}[이/가] 얼마가 되는지 안내 부탁드립니다.",
    ),
    curt=("{case}[이면/면] {n}[은/는]?", "{case}일 때 {n}, 얼마?"),
    keywords=("{case}일 때 {n} 계산해줘!", "{case}[이면/면] {n} 얼마인지 알려줘!"),
    indirect=("{why} {n}[은/는] 얼마로 계산하면 되죠?", "{why} {n}[이/가] 얼마가 맞죠?"),
    slip=("{case}[이면/면] {n}[이/가] 얼마예요?", "{case}일 때 {n}[이/가] 얼마나 되나요?"),
)
Numbers = Callable[[Mapping[str, Fact]], Value]


class Sum(NamedTuple):
    """A calculation: its area, name, case, the situation told, result's noun, support, and answer."""

    area: str
    key: str
    case: str
    why: str
    noun: str
    support: tuple[str, ...]
    answer: Numbers


def calculations(
    draw: Draw, facts: Mapping[str, Fact], slices: Mapping[str, str]
) -> Iterator[Derived]:
    """Yields the calculations of a world."""
    found: list[Derived] = []
    sorts: dict[str, str] = {}
    for propose in (_payments, _leaves, _prices, _claims, _welfare, _travels):
        for each in propose(draw, facts):
            if all(name in facts and facts[name].answerable for name in each.support):
                candidate = worded(draw, facts, each)
                if not make.tells(candidate):
                    found.append(candidate)
                    sorts[candidate.fact.id] = propose.__name__
    rng = draw.stream("calculations")
    yield from choose(found, slices, rng, spread=lambda each: sorts[each.fact.id])


def worded(draw: Draw, facts: Mapping[str, Fact], each: Sum) -> Derived:
    """Words a calculation."""
    category = next(fact.category for fact in facts.values() if fact.area == each.area)
    case = fill(each.case)
    name = make.Name(each.area, each.key, "calculate", category, case, each.noun)
    slots = {"case": case, "why": fill(each.why), "n": each.noun}
    answer = make.recast(KIND, each.answer)
    return make.derived(draw, name, CALCULATE, slots, each.support, answer, facts)


def _won(facts: Mapping[str, Fact], name: str) -> int:
    value = facts[name].value
    assert isinstance(value, Amount)
    return value.won


def _percent(facts: Mapping[str, Fact], name: str) -> int:
    value = facts[name].value
    assert isinstance(value, Percentage)
    return value.number


def _times(amount: int, name: str, sign: int = 0) -> Numbers:
    """An amount's share that a fact names; added to the amount or taken from it where signed."""

    def answer(facts: Mapping[str, Fact]) -> Value:
        part = amount * _percent(facts, name) // 100
        return Amount(amount + sign * part if sign else part)

    return answer


def _given(draw: Draw, key: str, low: int, high: int, step: int) -> Amount:
    """An amount that a question gives, in 만원."""
    return Amount(draw.stream(f"{key}/given").randrange(low, high + 1, step) * 10_000)


def _payments(draw: Draw, facts: Mapping[str, Fact]) -> Iterator[Sum]:
    """Loss less deductible, up to the limit: one loss under the limit and one above it."""
    for cover in COVERS:
        key = f"{cover.product}-{cover.key}"
        limit, deductible = f"product.{key}.limit", f"product.{key}.deductible"
        if deductible not in facts or not facts[deductible].answerable:
            continue
        subject = facts[limit].subject
        rng = draw.stream(f"product.{key}.payment/given")
        most = max(value.won for value in draw.pools[deductible] if isinstance(value, Amount))
        for sort, loss in (("under", _under(rng, most, _won(facts, limit))),
                           ("over", _over(rng, _won(facts, limit), most))):  # fmt: skip
            if loss is None:
                continue
            yield Sum(
                "product", f"{key}-{sort}", f"{subject} 담보에서 손해액이 {loss.text}",
                f"{cover.event} 손해액이 {loss.text}으로 나왔어요.", "지급보험금",
                ("claims.rule_payment.rule", deductible, limit), _payment(loss, deductible, limit),
            )  # fmt: skip


def _payment(loss: Amount, deductible: str, limit: str) -> Numbers:
    return lambda facts: Amount(max(0, min(loss.won - _won(facts, deductible), _won(facts, limit))))


def _under(rng: random.Random, deductible: int, limit: int) -> Amount | None:
    """A loss between every possible deductible and the limit, in round numbers."""
    step = 100_000 if limit >= 3_000_000 else 10_000
    low, high = deductible * 3 // 2 // step + 1, limit * 9 // 10 // step
    return Amount(rng.randint(low, high) * step) if low < high else None


def _over(rng: random.Random, limit: int, deductible: int) -> Amount:
    """A loss that the limit cuts."""
    step = 1_000_000 if limit >= 3_000_000 else 100_000
    low = (limit + deductible) * 11 // 10 // step + 1
    return Amount(rng.randint(low, 2 * low) * step)


def _leaves(draw: Draw, facts: Mapping[str, Fact]) -> Iterator[Sum]:
    for leave in LEAVES:
        if f"leave.{leave.key}.pay" not in facts:
            continue
        rng = draw.stream(f"leave.{leave.key}/given")
        salary, months = Amount(rng.randrange(220, 480, 10) * 10_000), rng.randint(2, 3)
        yield Sum(
            "leave", f"{leave.key}-pay",
            f"월 기본급이 {salary.text}이고 {leave.name}[을/를] 쓴 기간이 {months}개월",
            f"월 기본급이 {salary.text}인 직원이 {leave.name}[을/를] {months}개월 썼어요.",
            "휴직 급여 총액", ("leave.rule_pay.rule", f"leave.{leave.key}.pay"),
            _times(salary.won * months, f"leave.{leave.key}.pay"),
        )  # fmt: skip
        if leave.key in CREDITED:
            months = rng.randint(7, 30)
            yield _credit(leave.key, leave.name, months)


def _credit(key: str, name: str, months: int) -> Sum:
    share = f"leave.{key}.credit"
    return Sum(
        "leave", f"{key}-credit", f"{name}[을/를] 쓴 기간이 {months}개월",
        f"{name}[을/를] {months}개월 쓰고 돌아온 직원이 있어요.", "근속연수에 반영하는 기간",
        ("leave.rule_credit.rule", share),
        lambda facts: Period(months * _percent(facts, share) // 100, "개월"),
    )  # fmt: skip


def _prices(draw: Draw, facts: Mapping[str, Fact]) -> Iterator[Sum]:
    """Premiums with a discount, and with a class's surcharge."""
    for product in PRODUCTS:
        share = f"product.{product.key}.discount"
        given = _given(draw, share, 2, 30, 1)
        discount = product.discount.removesuffix("율")
        yield Sum(
            "product", f"{product.key}-discount",
            f"{discount}[을/를] 받는 {product.name}의 보험료가 {given.text}",
            f"{product.name} 보험료가 {given.text}인 고객에게 {discount}[을/를] 해 주려고 해요.",
            "할인 보험료", ("product.rule_discount.rule", share), _times(given.won, share, -1),
        )  # fmt: skip
    for rank in range(1, N_CLASSES + 1):
        share = f"underwriting.class_{rank}.surcharge"
        given = _given(draw, share, 2, 30, 1)
        name = facts[share].subject
        yield Sum(
            "underwriting", f"class_{rank}-premium",
            f"인수 등급이 {name}이고 기준 보험료가 {given.text}",
            f"기준 보험료가 {given.text}인 고객이 {name}[을/를] 받았어요.",
            "할증 보험료", ("underwriting.rule_premium.rule", share), _times(given.won, share, 1),
        )  # fmt: skip


# Key, name, the range of its price in 만원, and years, in which nothing wears off wholly.
WORN = (("wear_clothes", "의류", 20, 90, 2), ("wear_furniture", "가구", 100, 400, 4),
        ("wear_phone", "휴대전화", 80, 180, 2), ("wear_camera", "카메라", 90, 350, 2))  # fmt: skip


def _claims(draw: Draw, facts: Mapping[str, Fact]) -> Iterator[Sum]:
    for key, name, low, high, years in WORN:
        share, price = f"claims.{key}.share", _given(draw, key, low, high, 10)
        yield Sum(
            "claims", key, f"취득가액이 {price.text}인 {name}[을/를] 쓴 기간이 {years}년",
            f"고객이 {price.text}에 사서 {years}년 쓴 {name}[이/가] 망가졌어요.", "현재 가치",
            ("claims.rule_wear.rule", share), _times_years(price.won, years, share),
        )  # fmt: skip
    for grade in range(1, 6):
        share = f"claims.disability_{grade}.share"
        given = _given(draw, share, 3000, 20000, 500)
        yield Sum(
            "claims", f"disability_{grade}", f"가입금액이 {given.text}이고 후유장해가 {grade}급",
            f"가입금액이 {given.text}인 고객이 후유장해 {grade}급을 받았어요.", "후유장해보험금",
            ("claims.rule_disability.rule", share), _times(given.won, share),
        )  # fmt: skip
    yield _late(_given(draw, "claims.late", 300, 3000, 100))
    yield _disclosure(_given(draw, "claims.disclosure.share", 100, 2000, 50))
    yield _advance(_given(draw, "claims.advance", 400, 6000, 100))


def _late(given: Amount) -> Sum:
    """A fifth of a year, so that the interest is a whole number."""
    share = "claims.late.share"
    return Sum(
        "claims", "late", f"보험금이 {given.text}이고 늦은 일수가 73일",
        f"보험금 {given.text}을 73일 늦게 지급하게 됐어요.", "지연이자",
        ("claims.rule_late.rule", share),
        lambda facts: Amount(given.won * _percent(facts, share) * 73 // 36_500),
    )  # fmt: skip


def _disclosure(given: Amount) -> Sum:
    share = "claims.disclosure.share"
    return Sum(
        "claims", "disclosure", f"고지의무 위반이 경미하고 원래 보험금이 {given.text}",
        f"고객의 고지의무 위반이 경미하고 원래 보험금은 {given.text}이에요.", "감액한 보험금",
        ("claims.rule_disclosure.rule", share), _times(given.won, share, -1),
    )  # fmt: skip


def _times_years(price: int, years: int, name: str) -> Numbers:
    return lambda facts: Amount(price - price * _percent(facts, name) * years // 100)


def _advance(given: Amount) -> Sum:
    share, cap = "claims.advance_rate.share", "claims.advance_cap.amount"
    return Sum(
        "claims", "advance", f"추정 보험금이 {given.text}",
        f"추정 보험금이 {given.text}인 고객이 가지급금을 신청했어요.", "줄 수 있는 가지급금",
        ("claims.rule_advance.rule", share, cap),
        lambda facts: Amount(min(given.won * _percent(facts, share) // 100, _won(facts, cap))),
    )  # fmt: skip


WELFARE = (
    ("house_rate", "interest", "주택자금 대출 잔액이 {g}", "주택자금 대출이 {g} 남아 있어요.", "한 해 이자", (1000, 15000, 500), 0),
    ("living_rate", "interest", "생활안정자금 대출 잔액이 {g}", "생활안정자금 대출이 {g} 남아 있어요.", "한 해 이자", (300, 2500, 100), 0),
    ("language", "support", "어학 학원비로 낸 금액이 {g}", "어학 학원에 {g}을 냈어요.", "받을 지원금", (10, 90, 5), 0),
    ("graduate", "support", "대학원 학비로 낸 금액이 {g}", "대학원 학비로 {g}을 냈어요.", "받을 지원금", (300, 900, 50), 0),
    ("condo", "discount", "제휴 콘도의 할인 전 이용료가 {g}", "할인 전 이용료가 {g}인 제휴 콘도를 예약했어요.", "직원이 낼 금액", (10, 60, 1), -1),
    ("hospital", "discount", "제휴 병원의 할인 전 진료비가 {g}", "제휴 병원에 갔더니 할인 전 진료비가 {g}이에요.", "직원이 낼 금액", (5, 80, 1), -1),
)  # fmt: skip


def _welfare(draw: Draw, facts: Mapping[str, Fact]) -> Iterator[Sum]:
    for key, rule, case, why, noun, (low, high, step), sign in WELFARE:
        share, given = f"welfare.{key}.share", _given(draw, f"welfare.{key}", low, high, step)
        yield Sum(
            "welfare", key, case.format(g=given.text), why.format(g=given.text), noun,
            (f"welfare.rule_{rule}.rule", share), _times(given.won, share, sign),
        )  # fmt: skip


def _travels(draw: Draw, facts: Mapping[str, Fact]) -> Iterator[Sum]:
    for key, city in (("hotel_seoul", "서울"), ("hotel_busan", "부산")):
        hotel, diem = f"guide.{key}.amount", "guide.per_diem.amount"
        nights = draw.stream(f"{key}/nights").randint(1, 3)
        yield Sum(
            "guide", key, f"{city} 출장이 {nights}박 {nights + 1}일",
            f"{city}[으로/로] {nights}박 {nights + 1}일 출장을 다녀왔어요.", "출장 경비의 한도",
            ("guide.rule_travel.rule", hotel, diem), _travel(hotel, diem, nights),
        )  # fmt: skip


def _travel(hotel: str, diem: str, nights: int) -> Numbers:
    return lambda facts: Amount(nights * _won(facts, hotel) + (nights + 1) * _won(facts, diem))
