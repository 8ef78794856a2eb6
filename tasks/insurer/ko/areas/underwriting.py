"""인수 심사: underwriting classes with the company's own names, and rules around them."""

# Topics are rows of a table, and read best with one on a line.
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...draw import Draw
from ...outline import groups
from ...world import Fact
from ..korean import listed
from ..outlines.underwriting import AFTER
from ..pools import dates, lists, man_won, percentages, periods, yes_or_no
from ..values import Name, Unknown
from .base import ABSENT, NEAR_MISS, Area, Bank, Topic

# The company's class names, from the best risk to the worst; worlds choose and order them anew.
CLASS_NAMES = listed("청송|백로|은하|단비|마루|해달|노을|새벽|물결|바람|들꽃|산들")
N_CLASSES = 6
CLASS_PAPERS = "건강검진 결과서|직업 확인서|소득 증빙|재무 설문지|위험 시설 점검표|가족력 질문서|운전 경력 증명서"

SURCHARGE = Bank(
    polite=("인수 등급이 {s}인 계약의 보험료 할증률을 알려 주실 수 있나요?",),
    curt=("{s} 할증률은?", "{s}, 보험료 할증은 몇 %?"),
    keywords=("{s} 보험료 할증률 알려줘!", "{s} 할증률 몇 퍼센트"),
    indirect=("심사 결과가 {s}[으로/로] 나왔는데 보험료를 몇 퍼센트 더 받아야 하죠?",),
    slip=("{s}[은/는] 보험료를 몇 퍼센트 할증하나요?",),
    states=("인수 등급이 {s}인 계약의 보험료 할증률은 {x}[으로/로] 한다.",),
)
CEILING = Bank(
    polite=("인수 등급이 {s}인 고객의 최대 가입금액을 알려 주실 수 있나요?",),
    curt=("{s} 최대 가입금액은?",),
    keywords=("{s} 가입금액 한도 알려줘!", "{s} 인수 한도"),
    indirect=("{s}[으로/로] 분류된 고객은 가입금액을 얼마까지 받아 줘도 되죠?",),
    slip=("{s} 고객의 최대 가입금액은 얼마인가요?",),
    states=("인수 등급이 {s}인 고객의 최대 가입금액은 {x}[으로/로] 한다.",),
)
VALIDITY = Bank(
    polite=("{s} 판정의 유효기간이 얼마나 되는지 알려 주실 수 있나요?",),
    curt=("{s} 유효기간은?", "{s}, 판정 후 얼마나 유효?"),
    keywords=("{s} 유효기간 알려줘!",),
    indirect=("예전에 {s}[을/를] 받은 고객인데, 그 판정은 얼마나 지나면 무효가 되죠?",),
    slip=("{s} 판정은 얼마나 유효한가요?",),
    states=("{s} 판정의 유효기간은 {x}[으로/로] 한다.",),
)
PAPERS = Bank(
    polite=("인수 등급이 {s}인 고객에게 추가로 받아야 하는 서류를 알려 주실 수 있나요?",),
    curt=("{s} 추가 서류는?",),
    keywords=("{s} 추가 심사 서류 알려줘!",),
    indirect=("심사 결과가 {s}[으로/로] 나왔는데 고객에게 무슨 서류를 더 받아야 하죠?",),
    slip=("{s}[이면/면] 추가로 받을 서류가 뭐예요?",),
    states=("인수 등급이 {s}인 고객에게는 다음 서류를 추가로 받는다: {x}.",),
)
AMOUNT = Bank(
    polite=("{s}[이/가] 얼마인지 알려 주실 수 있나요?",),
    curt=("{s}[은/는]?", "{s}[은/는] 얼마?"),
    keywords=("{s} 알려줘!",),
    indirect=("{indirect}",),
    slip=("{s}[은/는] 얼마인가요?", "{s} 얼마예요?"),
)
PERIOD = Bank(
    polite=("{s}[이/가] 얼마나 되는지 알려 주실 수 있나요?",),
    curt=("{s}[은/는]?",),
    keywords=("{s} 알려줘!",),
    indirect=("{indirect}",),
    slip=("{s}[은/는] 얼마나 되나요?", "{s}[은/는] 어떻게 되나요?"),
)
DATE = Bank(
    polite=("{s}[이/가] 언제인지 알려 주실 수 있나요?",),
    curt=("{s}[은/는] 언제?",),
    keywords=("{s} 알려줘!",),
    indirect=("{indirect}",),
    slip=("{s}[은/는] 언제인가요?",),
    states=("{s}[은/는] {x}[이다/다].",),
)
YES_NO = Bank(
    polite=("{v}는지 알려 주실 수 있나요?",),
    curt=("{s} 가능?",),
    keywords=("{s} 가능 여부 알려줘!",),
    indirect=("{indirect}",),
    slip=("{v}나요?",),
    states=("{v}다.", "{no}다."),
)

CASE = Bank(
    polite=("{s}의 인수 등급이 무엇인지 알려 주실 수 있나요?",),
    curt=("{s}, 인수 등급은?",),
    keywords=("{s} 인수 등급 알려줘!",),
    indirect=("{indirect} 무슨 등급을 매기면 되죠?",),
    slip=("{s}[은/는] 인수 등급이 어떻게 되나요?",),
    states=("{s}의 인수 등급은 {x}[으로/로] 한다.",),
)

# Worlds choose among these, and give each chosen one a class of its own.
CASES = (
    Topic("case_pressure", "혈압약을 먹는 고객", "청약한 고객이 혈압약을 먹고 있다는데", ()),
    Topic("case_sugar", "당뇨 진단을 받은 고객", "청약한 고객이 당뇨 진단을 받았다는데", ()),
    Topic("case_thyroid", "갑상선 수술을 받은 고객", "청약한 고객이 갑상선 수술을 받았다는데", ()),
    Topic("case_motorbike", "오토바이로 출퇴근하는 고객", "청약한 고객이 오토바이로 출퇴근한다는데", ()),
    Topic("case_site", "공사 현장에서 일하는 고객", "청약한 고객이 공사 현장에서 일한다는데", ()),
    Topic("case_truck", "밤에 화물차를 모는 고객", "청약한 고객이 밤에 화물차를 몬다는데", ()),
    Topic("case_diving", "취미로 스쿠버다이빙을 하는 고객", "청약한 고객의 취미가 스쿠버다이빙이라는데", ()),
    Topic("case_climbing", "취미로 암벽등반을 하는 고객", "청약한 고객의 취미가 암벽등반이라는데", ()),
    Topic("case_spine", "허리디스크 치료를 받는 고객", "청약한 고객이 허리디스크 치료를 받는다는데", ()),
    Topic("case_smoking", "담배를 피우는 고객", "청약한 고객이 담배를 피운다는데", ()),
    Topic("case_accident", "지난해 교통사고를 두 번 낸 고객", "청약한 고객이 지난해 교통사고를 두 번 냈다는데", ()),
    Topic("case_fishing", "원양어선을 타는 고객", "청약한 고객이 원양어선을 탄다는데", ()),
)  # fmt: skip
N_ABSENT_CASES = 2

AMOUNTS = (
    Topic("exam", "건강진단이 필요한 가입금액 기준", "가입금액이 얼마를 넘으면 고객에게 건강진단을 받게 해야 하죠?", man_won(5_000, 29_500, 500)),
    Topic("inspection", "현장 실사가 필요한 건물 가액 기준", "건물값이 얼마를 넘으면 현장 실사를 나가야 하죠?", man_won(50_000, 290_000, 5_000)),
    Topic("reinsurance", "재보험 출재 검토 기준 가입금액", "가입금액이 얼마를 넘으면 재보험을 검토해야 하죠?", man_won(100_000, 490_000, 5_000)),
    Topic("drone_price", "드론 인수가 가능한 기체 가액 상한", "드론을 보험에 들겠다는데 기체값이 얼마 이하여야 받아 주죠?", ABSENT),
)  # fmt: skip
PERIODS = (
    Topic("review", "일반 청약 인수 심사 기한", "청약서를 받으면 며칠 안에 인수 심사를 끝내야 하죠?", periods("영업일", 2, 8, 1, "within")),
    Topic("medical_review", "건강진단 대상 청약의 심사 기한", "건강진단을 받은 청약은 며칠 안에 심사를 끝내야 하죠?", periods("영업일", 8, 20, 1, "within")),
    Topic("retry", "인수 거절 후 재청약 제한 기간", "인수를 거절당한 고객은 얼마나 지나야 다시 청약할 수 있죠?", periods("개월", 2, 23)),
    Topic("accident_record", "인수 심사 때 보는 사고 이력 조회 기간", "인수 심사할 때 사고 이력을 과거 얼마 동안 조회하죠?", periods("년", 2, 10)),
    Topic("express", "간편 청약 심사 기한", "고지 사항이 적은 간편 청약은 몇 시간 안에 심사를 끝내야 하죠?", periods("시간", 2, 23, 1, "within"), since=2),
    Topic("robot_review", "AI 자동 심사 대기 시간", "AI가 혼자 심사하면 결과를 얼마나 기다려야 하죠?", ABSENT),
)  # fmt: skip
DATES = (
    Topic("e_review", "전자 청약 심사 개시일", "청약서를 종이 대신 전산으로 심사하기 시작한 게 언제죠?", dates(2015, 2024)),
    Topic("class_start", "현행 인수 등급 체계 시행일", "지금 쓰는 인수 등급 체계는 언제부터 썼죠?", dates(2014, 2020)),
    Topic("job_table", "직업별 위험표 폐지일", "직업별 위험표를 없앤 게 언제죠?", NEAR_MISS),
)  # fmt: skip
RULES = (
    Topic("delivery", "배달 기사의 운전자보험 가입", "배달 일을 하는 분이 운전자보험에 들겠다는데 받아도 되나요?", yes_or_no(),
          "배달 기사도 운전자보험에 가입할 수 있"),
    Topic("old_house", "목조 주택의 화재보험 가입", "나무로 지은 집인데 화재보험을 받아 줘도 되나요?", yes_or_no(),
          "목조 주택도 화재보험에 가입할 수 있"),
    Topic("old_dog", "열 살 넘은 개의 반려동물보험 가입", "열두 살 된 개를 키우는 고객인데 반려동물보험을 받아 줘도 되나요?", yes_or_no(),
          "열 살이 넘은 개도 반려동물보험에 가입할 수 있"),
    Topic("foreigner", "단기 체류 외국인의 암보험 가입", "잠깐 한국에 머무는 외국인이 암보험에 들겠다는데 받아도 되나요?", yes_or_no(),
          "단기 체류 외국인도 암보험에 가입할 수 있"),
    Topic("parrot", "앵무새의 반려동물보험 가입", "앵무새를 키우는 고객인데 반려동물보험을 받아 줘도 되나요?", NEAR_MISS,
          "앵무새도 반려동물보험에 가입할 수 있"),
)  # fmt: skip


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    rng = draw.stream("underwriting/classes")
    names = rng.sample(CLASS_NAMES, N_CLASSES + 3)
    cases = rng.sample(CASES, N_CLASSES + N_ABSENT_CASES)
    together = {case.key: f"class_{at + 1}" for at, case in enumerate(cases[:N_CLASSES])}
    area = Area("underwriting", "인수 심사", draw, groups(AFTER) | together, labels=LABELS)
    for rank in range(N_CLASSES):
        yield from _class(area, rank, names[rank] + "등급")
    absent = [name + "등급" for name in names[N_CLASSES:]]
    yield area.ask(("none_1", absent[0]), "surcharge", NEAR_MISS)
    yield area.ask(("none_2", absent[1]), "ceiling", NEAR_MISS)
    yield area.ask(("none_3", absent[2]), "papers", NEAR_MISS)
    known = [(Name(f"{name}등급", (name,)),) for name in names[:N_CLASSES]]
    values: list[tuple[Name, ...] | Unknown] = [*known, *[NEAR_MISS] * N_ABSENT_CASES]
    listed_cases = [replace(case, values=value) for case, value in zip(cases, values, strict=True)]
    yield from area.topics(("class", "인수 등급"), CASE, listed_cases)
    yield area.rule(
        "premium",
        "할증 보험료는 기준 보험료에 기준 보험료와 할증률을 곱한 금액을 더한 금액으로 한다.",
    )
    yield from area.topics(("amount", "금액"), AMOUNT, AMOUNTS)
    yield from area.topics(("period", "기간"), PERIOD, PERIODS)
    yield from area.topics(("date", "날짜"), DATE, DATES)
    yield from area.topics(("allowed", "인수 가능 여부"), YES_NO, RULES)


LABELS = {
    "surcharge": ("보험료 할증률", SURCHARGE),
    "ceiling": ("최대 가입금액", CEILING),
    "validity": ("유효기간", VALIDITY),
    "papers": ("추가 서류", PAPERS),
}


def _class(area: Area, rank: int, name: str) -> Iterator[Fact]:
    """Yields one class: the worse the risk, the higher the surcharge and the lower the ceiling."""
    who = (f"class_{rank + 1}", name)
    surcharge = percentages(10 + 25 * rank, 34 + 25 * rank)
    ceiling = man_won(60_000 - 10_000 * rank, 69_000 - 10_000 * rank, 500)
    yield area.ask(who, "surcharge", surcharge)
    yield area.ask(who, "ceiling", ceiling)
    yield area.ask(who, "validity", periods("개월", 3, 36))
    yield area.ask(who, "papers", lists(CLASS_PAPERS))
