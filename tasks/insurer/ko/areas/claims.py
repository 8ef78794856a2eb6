"""보험금 지급: how claims are calculated, checked and paid."""

# Topics are rows of a table, and read best with one on a line.
from __future__ import annotations

from collections.abc import Iterator

from ...draw import Draw
from ...outline import groups
from ...world import Fact
from ..outlines.claims import CHAPTERS
from ..pools import dates, lists, man_won, percentages, periods, yes_or_no
from .base import ABSENT, NEAR_MISS, Area, Bank, Topic

AMOUNT = Bank(
    polite=("{s}[이/가] 얼마인지 확인해 주실 수 있나요?",),
    curt=("{s}[은/는] 얼마?", "{s}[은/는]?"),
    keywords=("{s} 알려줘!", "{s} 얼마인지 알려줘"),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 얼마인가요?", "{s} 얼마예요?"),
)
PERIOD = Bank(
    polite=("{s}[이/가] 얼마나 되는지 확인해 주실 수 있나요?",),
    curt=("{s}[은/는]?", "{s}[은/는] 얼마나?"),
    keywords=("{s} 알려줘!", "{s} 얼마인지 알려줘"),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 얼마나 되나요?", "{s}[이/가] 어떻게 되나요?"),
)
SHARE = Bank(
    polite=("{s}[이/가] 몇 퍼센트인지 확인해 주실 수 있나요?",),
    curt=("{s}[은/는] 몇 %?", "{s}[은/는]?"),
    keywords=("{s} 알려줘!", "{s} 몇 퍼센트인지 알려줘"),
    indirect=("{indirect}",),
    slip=("{s}[은/는] 몇 퍼센트로 계산하면 되나요?", "{s}[은/는] 몇 퍼센트인가요?"),
)
DATE = Bank(
    polite=("{s}[이/가] 언제인지 확인해 주실 수 있나요?",),
    curt=("{s}[은/는] 언제?",),
    keywords=("{s} 알려줘!",),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 언제인가요?",),
    states=("{s}[은/는] {x}[이다/다].",),
)
LIST = Bank(
    polite=("{s}[이/가] 무엇인지 확인해 주실 수 있나요?",),
    curt=("{s}[은/는]?", "{s}, 뭐가 필요하지?"),
    keywords=("{s} 알려줘!",),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 뭐예요?", "{s}[이/가] 어떻게 되나요?"),
)
YES_NO = Bank(
    polite=("{v}는지 확인해 주실 수 있나요?",),
    curt=("{s} 가능?", "{s}, 되나?"),
    keywords=("{s} 가능 여부 알려줘!",),
    indirect=("{indirect}",),
    slip=("{v}나요?",),
    states=("{v}다.", "{no}다."),
)

AMOUNTS = (
    Topic("simple", "간편 청구가 가능한 보험금 상한", "소액이라 간편 청구로 돌리려는데 보험금이 얼마 이하여야 하죠?", man_won(20, 190, 5)),
    Topic("mobile", "모바일 청구가 가능한 보험금 상한", "고객이 휴대전화로 청구하려는데 보험금이 얼마 이하여야 하죠?", man_won(100, 490, 10)),
    Topic("photo", "서류 원본 제출이 필요한 보험금 기준액", "보험금이 얼마를 넘으면 사본 대신 원본 서류를 받아야 하죠?", man_won(200, 990, 10)),
    Topic("team_lead", "보상팀장 전결 한도", "보상팀장이 혼자 결재할 수 있는 보험금은 얼마까지죠?", man_won(1_000, 4_900, 100)),
    Topic("centre_head", "보상센터장 전결 한도", "보상센터장이 혼자 결재할 수 있는 보험금은 얼마까지죠?", man_won(5_000, 14_500, 500)),
    Topic("survey", "현장조사 착수 기준액", "청구 금액이 얼마를 넘으면 현장조사를 나가나요?", man_won(300, 1_900, 50)),
    Topic("outside", "외부 손해사정 위탁 기준액", "손해액이 얼마를 넘으면 외부 손해사정사에게 맡기나요?", man_won(2_000, 9_800, 100)),
    Topic("advance_cap", "가지급금 상한", "심사가 길어져 보험금을 미리 줄 때 최대 얼마까지 줄 수 있죠?", man_won(500, 3_900, 50)),
    Topic("robot", "자동 심사가 가능한 보험금 상한", "사람 없이 자동으로 심사를 끝내려면 보험금이 얼마 이하여야 하죠?", NEAR_MISS),
    Topic("cash", "현금 수령이 가능한 보험금 상한", "고객이 보험금을 창구에서 현금으로 받겠다는데 얼마까지 되죠?", ABSENT),
)  # fmt: skip
PERIODS = (
    Topic("pay", "서류 접수 후 보험금 지급 기한", "서류는 다 받았는데 며칠 안에 보험금을 줘야 하죠?", periods("영업일", 2, 7, 1, "within")),
    Topic("pay_survey", "현장조사 건의 보험금 지급 기한", "현장조사를 나간 건은 며칠 안에 보험금을 줘야 하죠?", periods("영업일", 10, 30, 1, "within")),
    Topic("supplement", "보완 서류 제출 기한", "서류가 빠졌다고 알리면 고객은 며칠 안에 보완해야 하죠?", periods("일", 7, 30, 1, "within")),
    Topic("advance", "가지급금 지급 기한", "가지급금을 신청받으면 며칠 안에 줘야 하죠?", periods("영업일", 2, 10, 1, "within")),
    Topic("appeal", "재심사 신청 기한", "심사 결과에 불만인 고객은 며칠 안에 재심사를 신청해야 하죠?", periods("일", 30, 95, 5, "within")),
    Topic("notice", "지급 거절 통지 기한", "보험금을 못 주기로 했으면 며칠 안에 고객에게 알려야 하죠?", periods("영업일", 2, 10, 1, "within")),
    Topic("advice", "의료자문 회신 기한", "의료자문을 맡기면 병원은 며칠 안에 답을 줘야 하죠?", periods("일", 7, 30, 1, "within")),
    Topic("archive", "청구 서류 보관 기간", "처리가 끝난 청구 서류는 얼마 동안 보관해야 하죠?", periods("년", 3, 15)),
    Topic("first_call", "사고 접수 후 첫 고객 연락 기한", "사고가 접수되면 몇 시간 안에 고객에게 연락해야 하죠?", periods("시간", 2, 23, 1, "within")),
    Topic("subrogation", "구상권 행사 검토 기한", "보험금을 준 뒤 구상할지 여부는 얼마 안에 검토해야 하죠?", periods("개월", 2, 18, 1, "within")),
    Topic("explain", "현장조사 결과 설명 기한", "현장조사가 끝나면 며칠 안에 고객에게 결과를 설명해야 하죠?", periods("일", 3, 28, 1, "within"), since=2),
    Topic("e_archive", "전자 청구 자료 보관 기간", "고객이 휴대전화로 보낸 청구 자료는 얼마 동안 보관해야 하죠?", periods("년", 3, 25), since=2),
    Topic("drone_survey", "드론 촬영 조사 기한", "드론으로 사고 현장을 찍는 조사는 며칠 안에 마쳐야 하죠?", ABSENT),
    Topic("lost_papers", "분실 서류 재발급 기한", "고객이 낸 서류를 우리가 잃어버리면 며칠 안에 다시 떼어 줘야 하죠?", NEAR_MISS),
)  # fmt: skip
SHARES = (
    Topic("advance_rate", "가지급금 지급 비율", "가지급금은 추정 보험금의 몇 퍼센트까지 줄 수 있죠?", percentages(25, 85)),
    Topic("disability_1", "후유장해 1급 지급률", "장해 1급을 받은 고객에게는 가입금액의 몇 퍼센트를 주죠?", percentages(82, 99)),
    Topic("disability_2", "후유장해 2급 지급률", "장해 2급을 받은 고객에게는 가입금액의 몇 퍼센트를 주죠?", percentages(64, 81)),
    Topic("disability_3", "후유장해 3급 지급률", "장해 3급을 받은 고객에게는 가입금액의 몇 퍼센트를 주죠?", percentages(46, 63)),
    Topic("disability_4", "후유장해 4급 지급률", "장해 4급을 받은 고객에게는 가입금액의 몇 퍼센트를 주죠?", percentages(28, 45)),
    Topic("disability_5", "후유장해 5급 지급률", "장해 5급을 받은 고객에게는 가입금액의 몇 퍼센트를 주죠?", percentages(10, 27)),
    Topic("wear_clothes", "의류 연간 감가상각률", "불에 탄 옷값을 계산하려는데 해마다 몇 퍼센트씩 깎죠?", percentages(15, 40)),
    Topic("wear_furniture", "가구 연간 감가상각률", "불에 탄 가구값을 계산하려는데 해마다 몇 퍼센트씩 깎죠?", percentages(5, 20)),
    Topic("wear_phone", "휴대전화 연간 감가상각률", "도난당한 휴대전화 값을 계산하려는데 해마다 몇 퍼센트씩 깎죠?", percentages(20, 45)),
    Topic("wear_camera", "카메라 연간 감가상각률", "깨진 카메라 값을 계산하려는데 해마다 몇 퍼센트씩 깎죠?", percentages(10, 35)),
    Topic("late", "보험금 지급 지연이자율", "보험금을 늦게 주면 이자를 몇 퍼센트 붙여야 하죠?", percentages(3, 19)),
    Topic("disclosure", "경미한 고지의무 위반 시 감액률", "고객이 가벼운 사항을 안 알렸을 때 보험금을 몇 퍼센트 깎죠?", percentages(8, 40)),
    Topic("wear_guitar", "악기 연간 감가상각률", "부서진 악기값을 계산하려는데 해마다 몇 퍼센트씩 깎죠?", NEAR_MISS),
)  # fmt: skip
DATES = (
    Topic("mobile_open", "모바일 청구 서비스 개시일", "고객이 휴대전화로 청구할 수 있게 된 게 언제부터죠?", dates(2015, 2021)),
    Topic("hub_open", "사고 접수 센터 개소일", "사고 접수를 한데 모아 받는 센터가 언제 문을 열었죠?", dates(2012, 2023)),
    Topic("video_open", "영상통화 손해사정 개시일", "영상통화로 손해를 사정하기 시작한 게 언제부터죠?", NEAR_MISS),
)  # fmt: skip
LISTS = (
    Topic("death", "사망보험금 청구 서류", "고객이 돌아가셨다는데 유족에게 무슨 서류를 받아야 하죠?",
          lists("사망진단서|상속인 확인서|기본증명서|피보험자 제적등본|수익자 신분증")),
    Topic("admission", "입원보험금 청구 서류", "고객이 입원했다는데 무슨 서류를 받아야 하죠?",
          lists("입퇴원 확인서|진단서|진료비 세부내역서|입원 소견서|간호기록지")),
    Topic("outpatient", "통원보험금 청구 서류", "고객이 통원 치료를 받았다는데 무슨 서류를 받아야 하죠?",
          lists("통원 확인서|처방전|진료비 영수증|약제비 영수증|진료 차트")),
    Topic("disability", "후유장해보험금 청구 서류", "고객에게 장해가 남았다는데 무슨 서류를 받아야 하죠?",
          lists("장해진단서|의무기록 사본|영상 검사지|장해 평가표|재활 기록")),
    Topic("proxy", "대리 청구 시 추가 서류", "다른 사람이 대신 청구하러 왔는데 무슨 서류를 더 받아야 하죠?",
          lists("위임장|인감증명서|대리인 신분증|가족관계 확인서|위임인 신분증 사본")),
    Topic("minor", "미성년자 청구 시 추가 서류", "미성년 고객이 청구하는데 무슨 서류를 더 받아야 하죠?",
          lists("친권자 동의서|법정대리인 신분증|가족관계증명서|친권자 통장 사본|기본증명서")),
    Topic("abroad", "해외 사고 청구 시 추가 서류", "외국에서 사고를 당한 고객에게 무슨 서류를 더 받아야 하죠?",
          lists("출입국 사실증명|번역 공증본|현지 사고 보고서|여권 사본|재외공관 확인서")),
    Topic("liability", "배상책임보험금 청구 서류", "남에게 배상하게 된 고객에게 무슨 서류를 받아야 하죠?",
          lists("합의서|손해배상 청구서|피해 사진|사고 경위서|피해자 신분증 사본")),
    Topic("ev", "전기차 배터리 사고 청구 시 추가 서류", "고객의 전기차 배터리에 불이 났는데 무슨 서류를 더 받아야 하죠?",
          lists("배터리 점검표|충전 이력|제조사 소견서|소방 출동 확인서|차량 사진"), since=2),
    Topic("scooter", "전동킥보드 사고 청구 시 추가 서류", "전동킥보드를 타다 다친 고객에게 무슨 서류를 더 받아야 하죠?", NEAR_MISS),
)  # fmt: skip
RULES = (
    Topic("fax", "팩스로 보험금 청구", "고객이 청구서를 팩스로 보내겠다는데 받아도 되나요?", yes_or_no(), "보험금 청구서를 팩스로 받을 수 있"),
    Topic("weekend", "주말 보험금 지급", "고객이 토요일에 보험금을 넣어 달라는데 그래도 되나요?", yes_or_no(), "주말에도 보험금을 지급할 수 있"),
    Topic("other_account", "가족 계좌로 보험금 지급", "고객이 아내 통장으로 보험금을 달라는데 그래도 되나요?", yes_or_no(),
          "보험금을 가족 계좌로 지급할 수 있"),
    Topic("instalment", "보험금 분할 수령", "고객이 보험금을 여러 번에 나눠 받겠다는데 그래도 되나요?", yes_or_no(),
          "보험금을 나누어 받을 수 있"),
    Topic("coin", "가상자산으로 보험금 지급", "고객이 보험금을 코인으로 달라는데 그래도 되나요?", ABSENT, "보험금을 가상자산으로 지급할 수 있"),
)  # fmt: skip

CALCULATIONS = (
    ("payment", "지급보험금은 손해액에서 자기부담금을 뺀 금액으로 하되 보상 한도를 넘지 못한다."),
    ("wear", "중고 물건의 현재 가치는 취득가액에서 취득가액에 연간 감가상각률과 사용 연수를 곱한 금액을 뺀 금액으로 한다."),
    ("disability", "후유장해보험금은 가입금액에 장해 등급의 지급률을 곱한 금액으로 한다."),
    ("late", "지연이자는 보험금에 지연이자율과 늦은 일수를 곱하고 365로 나눈 금액으로 한다."),
    ("disclosure", "고지의무 위반으로 감액한 보험금은 보험금에서 보험금에 감액률을 곱한 금액을 뺀 금액으로 한다."),
    ("advance", "가지급금은 추정 보험금에 지급 비율을 곱한 금액으로 하되 가지급금 상한을 넘지 못한다."),
)  # fmt: skip


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("claims", "보험금 지급", draw, groups(CHAPTERS))
    yield from area.topics(("amount", "금액"), AMOUNT, AMOUNTS)
    yield from area.topics(("period", "기간"), PERIOD, PERIODS)
    yield from area.topics(("share", "비율"), SHARE, SHARES)
    yield from area.topics(("date", "날짜"), DATE, DATES)
    yield from area.topics(("papers", "서류"), LIST, LISTS)
    yield from area.topics(("allowed", "가능 여부"), YES_NO, RULES)
    for key, statement in CALCULATIONS:
        yield area.rule(key, statement)
