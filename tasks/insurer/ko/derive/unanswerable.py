"""Questions in the form of derived ones that no document answers.

Without them, a comparison, two steps or a calculation would say by its form that there is an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...derived import Derived
from ...draw import Draw
from ...world import DESCRIPTION, SHORT, Fact
from ..areas.base import ABSENT, NEAR_MISS, Bank
from ..areas.duties import NOT_THERE as NO_DUTIES
from ..areas.leave import NOT_THERE as NO_LEAVES
from ..areas.product_tables import NOT_THERE as NO_COVERS
from ..areas.product_tables import PRODUCTS_NOT_SOLD
from ..korean import fill
from ..pools import codes
from ..values import Unknown
from . import make
from .calculations import CALCULATE
from .comparisons import COMPARE
from .descriptions import DESCRIBE
from .multi_hop import HOP

# Area, key, first, second, attribute, how more of it is said.
COMPARED = (
    ("product", "golf+ski", "스키보험", "골프보험", "할인율", ("높은", "높"), ABSENT),
    ("product", "pet+camping", "반려동물보험", "캠핑보험", "판매 개시일", ("이른", "이르"), ABSENT),
    ("product", "own_body+own_car", "자동차보험 자기신체사고", "자동차보험 자기차량손해", "자기부담금", ("적은", "적"), NEAR_MISS),
    ("product", "clubs+third_party", "골프보험 골프 배상책임", "골프보험 골프용품 손해", "면책기간", ("긴", "길"), NEAR_MISS),
    ("leave", "childcare+writing", "육아휴직", "창작휴직", "최대 기간", ("긴", "길"), ABSENT),
    ("leave", "farming+startup", "귀농휴직", "창업휴직", "급여 지급률", ("높은", "높"), ABSENT),
)  # fmt: skip
# Key, letters, range, what leads to it, why it is asked, attribute; the number is one that nothing has.
CODES = (
    ("product", "code_none_1", "GF", (11, 99), "상품 코드가 {h}인 상품", "전산에 상품 코드 {h}만 보이는데 이 상품의", "할인율"),
    ("product", "code_none_2", "FI", (11, 99), "상품 코드가 {h}인 상품", "전산에 상품 코드 {h}만 보이는데 이 상품의", "판매 개시일"),
    ("leave", "form_none_1", "HR", (101, 399), "서식 {h}[을/를] 쓰는 휴직", "직원이 {h} 서식으로 휴직을 신청했는데 이 휴직의", "최대 기간"),
    ("leave", "form_none_2", "HR", (101, 399), "서식 {h}[을/를] 쓰는 휴직", "직원이 {h} 서식으로 휴직을 신청했는데 이 휴직의", "급여 지급률"),
)  # fmt: skip
# Area, key, what leads to it, why it is asked, attribute.
HOPS = (
    ("underwriting", "case_circus", "서커스 공연을 하는 고객", "청약한 고객이 서커스 공연을 한다는데 이 고객의", "보험료 할증률"),
    ("glossary", "none_lunch_start", "점심을 먹으며 배우는 사내 강연", "우리 회사에 점심 먹으면서 듣는 사내 강연이 있던데 그", "시행일"),
)  # fmt: skip
# Area, key, case, the situation told, the result's name.
SUMS = (
    ("claims", "wear_guitar", "취득가액이 120만원인 악기를 쓴 기간이 2년", "고객이 120만원에 사서 2년 쓴 악기가 망가졌어요.", "현재 가치", NEAR_MISS),
    ("claims", "wear_bag", "취득가액이 90만원인 가방을 쓴 기간이 3년", "고객이 90만원에 사서 3년 쓴 가방이 찢어졌어요.", "현재 가치", NEAR_MISS),
    ("claims", "disability_6", "가입금액이 5,000만원이고 후유장해가 6급", "가입금액이 5,000만원인 고객이 후유장해 6급을 받았어요.", "후유장해보험금", NEAR_MISS),
    ("product", "ship-discount", "무사고 할인을 받는 선박보험의 보험료가 14만원", "선박보험 보험료가 14만원인 고객에게 무사고 할인을 해 주려고 해요.", "할인 보험료", ABSENT),
    ("welfare", "cinema", "제휴 영화관의 할인 전 요금이 2만원", "할인 전 요금이 2만원인 제휴 영화관 표를 예매했어요.", "직원이 낼 금액", NEAR_MISS),
    ("guide", "hotel_jeju", "제주 출장이 2박 3일", "제주로 2박 3일 출장을 다녀왔어요.", "출장 경비의 한도", NEAR_MISS),
)  # fmt: skip
ABOUT = (
    ("welfare", "car_loan", "자동차 구입자금 대출", NEAR_MISS),
    ("welfare", "company_house", "사택 입주 제도", ABSENT),
    ("claims", "robot", "로봇 심사 제도", ABSENT),
    ("complaint", "jury", "고객 배심원 제도", ABSENT),
    ("guide", "shuttle_bus", "통근버스 운행", ABSENT),
)  # fmt: skip
N_ABSENT_LEAVES, N_ABSENT_COVERS = 3, 6


def unanswerable(draw: Draw, facts: Mapping[str, Fact]) -> Iterator[Derived]:
    """Yields what cannot be answered, in the wordings of what can."""
    for area, key, first, second, noun, (adnominal, stem), sort in COMPARED:
        slots = {"a": first, "b": second, "n": noun, "adn": adnominal, "stem": stem}
        what = (area, key, "compare", f"{first} / {second}")
        yield _asked(draw, facts, what, COMPARE, slots, sort)
    for area, key, described, why, noun in (*_codes(draw), *HOPS):
        slots = {"x": described, "why": why, "n": noun}
        yield _asked(draw, facts, (area, key, "by", described), HOP, slots, NEAR_MISS)
    for duty in NO_DUTIES:
        described = f"{duty.phrase} 담당 부서"
        slots = {"x": described, "why": f"{duty.why} 담당 부서의", "n": "내선번호"}
        yield _asked(draw, facts, ("guide", duty.key, "by", described), HOP, slots, ABSENT)
    for area, key, case, why, noun, sort in SUMS:
        slots = {"case": case, "why": why, "n": noun}
        yield _asked(draw, facts, (area, key, "calculate", case), CALCULATE, slots, sort)
    yield from _descriptions(draw, facts)


def _codes(draw: Draw) -> Iterator[tuple[str, str, str, str, str]]:
    """Draws numbers like those of products and forms; no version gives them to anything."""
    for area, key, letters, (low, high), described, why, noun in CODES:
        number = draw.pick(f"{area}.{key}", codes(letters, low, high))
        assert number is not None
        slots = {"h": number.text}
        yield area, key, fill(described, **slots), fill(why, **slots), noun


def _descriptions(draw: Draw, facts: Mapping[str, Fact]) -> Iterator[Derived]:
    named = [*ABOUT, *(("product", key, name, ABSENT) for key, name, *_ in PRODUCTS_NOT_SOLD)]
    named += [("leave", leave.key, leave.name, ABSENT) for leave, *_ in NO_LEAVES[:N_ABSENT_LEAVES]]
    named += [
        ("product", f"{product}-{cover}", f"{name} {cover_name}", NEAR_MISS)
        for product, cover, name, cover_name, *_ in NO_COVERS[:N_ABSENT_COVERS]
    ]
    for number in (1, 2):
        name = next(fact.subject for fact in facts.values() if fact.subject_key == f"none_{number}")
        named.append(("underwriting", f"none_{number}", name, NEAR_MISS))
    for area, key, name, sort in named:
        what = (area, key, "about", name)
        yield _asked(draw, facts, what, DESCRIBE, {"s": name}, sort, DESCRIPTION)


def _asked(
    draw: Draw,
    facts: Mapping[str, Fact],
    what: tuple[str, str, str, str],
    bank: Bank,
    slots: dict[str, str],
    sort: Unknown,
    form: str = SHORT,
) -> Derived:
    area, key, attribute, subject = what
    category = next(fact.category for fact in facts.values() if fact.area == area)
    name = make.Name(area, key, attribute, category, fill(subject, **slots), attribute)
    return make.derived(draw, name, bank, slots, (), lambda _: sort, facts, form=form)
