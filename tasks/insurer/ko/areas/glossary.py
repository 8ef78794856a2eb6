"""용어: words that only this company uses, asked for by what they mean.

A term is a root drawn from the seed and a suffix that fits the meaning, so nothing but the
company's own text says which root it is.
"""

# Topics are rows of a table, and read best with one on a line.
from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...draw import Draw
from ...world import Fact
from ..korean import listed
from ..pools import dates
from ..values import Term
from .base import NEAR_MISS, Area, Bank

ROOTS = listed(
    "가람 나린 다솜 마루 바림 사름 아라 자올 차오름 너울 해밀 미쁨 윤슬 달무리 별하 도담 꽃샘 여우비 "
    "솔빛 새라 나래 두레 보늬 여울 이슬 산마루 새벽별 한들 미리내 온누리 푸르미 가온 아토 라온 다온 하늬 "
    "마파람 높새 샛별 길잡이 징검다리 울타리 실타래 돌담 물레 나침 등대 돋보기 소나기 무지개 반딧불 모래톱 "
    "봄동 까치 두루미 수달 고라니 다람 솔개 종달 은어 버들 느티 모란 동백 찔레 억새 메밀 도라지 쑥부쟁이",
    None,
)


class Concept(NamedTuple):
    """What a term means, in two wordings that both end in a noun, and the term's suffix."""

    key: str
    suffix: str
    meaning: str
    other: str


CONCEPTS = (
    Concept("same_day", "접수", "접수한 사고를 당일에 담당자에게 배정하는 절차", "사고가 들어오면 그날 바로 담당자를 정하는 절차"),
    Concept("two_eyes", "심사", "고액 보험금을 심사자 두 명이 따로 검토하는 심사", "큰 보험금을 두 사람이 각자 살펴보는 심사"),
    Concept("night_team", "당번", "야간에 사고 접수를 맡는 순환 근무", "밤에 사고 전화를 돌아가며 받는 근무"),
    Concept("score", "지수", "고객 만족도와 재가입률을 합친 평가 점수", "고객이 만족하고 다시 가입하는 정도를 합친 점수"),
    Concept("fraud", "경보", "보험사기가 의심되는 청구를 알리는 전산 알림", "사기 같은 청구가 들어오면 전산에 뜨는 알림"),
    Concept("fraud_list", "명부", "보험사기 전력이 있는 업체를 모은 목록", "사기에 엮인 적 있는 업체를 적어 둔 목록"),
    Concept("newcomer", "과정", "신입 사원이 보상 현장을 도는 교육", "새로 들어온 사원이 보상 현장을 돌며 배우는 교육"),
    Concept("mentor", "지기", "신입 사원을 한 해 동안 돕는 선배 직원", "새 사원 곁에서 일 년간 도와주는 선배"),
    Concept("quarter", "회의", "분기마다 손해율을 점검하는 임원 회의", "석 달에 한 번 임원들이 손해율을 따지는 회의"),
    Concept("idea", "제안", "직원이 업무 개선안을 내고 포상받는 제도", "일하는 방식을 고치자고 내면 상을 주는 제도"),
    Concept("renewal_call", "안내", "만기 두 달 전에 고객에게 거는 갱신 전화", "계약이 끝나기 두 달 전에 갱신하라고 거는 전화"),
    Concept("dormant", "계약", "보험료가 석 달 밀렸지만 아직 해지되지 않은 계약", "보험료를 석 달 안 냈는데 아직 살아 있는 계약"),
    Concept("no_claim", "고객", "5년 동안 보험금을 청구하지 않은 고객", "5년간 보험금을 한 번도 안 타 간 고객"),
    Concept("vip", "회원", "보험 상품을 네 개 이상 가입한 고객", "우리 보험을 네 개 넘게 든 고객"),
    Concept("mobile_team", "반", "재난 현장에 출동하는 보상 조직", "큰 재난이 나면 현장에 나가는 보상 조직"),
    Concept("temp_pay", "지급", "재난 피해자에게 심사 전에 보험금 일부를 주는 제도", "재난을 당한 고객에게 심사도 하기 전에 일부를 주는 제도"),
    Concept("partner_garage", "정비소", "우리 회사와 수리비 단가를 약정한 정비업체", "수리비를 미리 약속해 둔 정비업체"),
    Concept("partner_clinic", "의원", "우리 회사의 의료자문에 응하는 협력 병원", "의료자문을 맡기면 답해 주는 협력 병원"),
    Concept("quick_repair", "수리", "작은 흠집을 방문해 고쳐 주는 자동차 서비스", "찾아가서 차의 작은 흠집을 고쳐 주는 서비스"),
    Concept("plain_words", "약관", "쉬운 말로 풀어 쓴 고객용 약관 요약본", "약관을 쉬운 말로 간추려 고객에게 주는 책자"),
    Concept("sample_check", "점검", "끝난 보상 건을 골라 다시 살피는 사후 점검", "이미 끝난 보상 건을 뽑아서 다시 보는 점검"),
    Concept("reserve", "적립금", "대형 사고에 대비해 따로 쌓는 돈", "아주 큰 사고가 날까 봐 따로 모아 두는 돈"),
    Concept("loss_map", "지도", "지역별 사고 빈도를 색으로 표시한 그림", "어느 지역에 사고가 많은지 색칠해 보여 주는 그림"),
    Concept("weather", "예보", "폭우나 폭설이 예상될 때 고객에게 보내는 사전 문자", "비나 눈이 많이 오기 전에 고객에게 보내는 문자"),
    Concept("short_hours", "근무", "금요일 오후에 일찍 퇴근하는 근무 방식", "금요일에 일찍 집에 가는 근무 방식"),
    Concept("quiet", "시간", "회의와 전화를 하지 않기로 정한 집중 업무 시간", "회의도 전화도 안 하고 일에만 집중하기로 한 시간"),
    Concept("paperless", "창구", "종이 서류 없이 업무를 보는 지점 창구", "종이를 안 쓰고 일을 보는 지점 창구"),
    Concept("senior_desk", "상담", "고령 고객에게 천천히 설명하는 전용 상담", "어르신께 천천히 설명해 드리는 상담"),
    Concept("youth", "자문단", "대학생이 상품 의견을 내는 자문 모임", "대학생들이 우리 상품에 의견을 주는 모임"),
    Concept("charity", "기금", "직원 급여의 끝전을 모아 기부하는 돈", "월급의 자투리를 모아 기부하는 돈"),
    Concept("branch_award", "상", "민원이 가장 적은 지점에 주는 상", "불만이 제일 적은 지점이 받는 상"),
    Concept("adjuster_award", "훈장", "한 해 최우수 손해사정 직원에게 주는 상", "한 해 동안 손해사정을 제일 잘한 직원이 받는 상"),
    Concept("swap", "파견", "보상 직원과 영업 직원이 자리를 바꿔 일하는 제도", "보상 직원과 영업 직원이 서로 바꿔서 일해 보는 제도"),
    Concept("back_job", "복귀", "휴직자가 복직하기 전에 받는 적응 프로그램", "휴직하던 사람이 돌아오기 전에 받는 프로그램"),
    Concept("grade_up", "승급", "인수 등급을 한 단계 올려 주는 특례", "심사 등급을 한 칸 올려 주는 특례"),
    Concept("hold", "보류", "서류가 부족해 심사를 잠시 멈춘 상태", "서류가 모자라 심사를 멈춰 둔 상태"),
    Concept("late_fee", "이자", "보험금이 늦어졌을 때 더해 주는 이자", "보험금을 늦게 줘서 얹어 주는 이자"),
    Concept("twin", "특약", "두 상품을 함께 들면 자동으로 붙는 특약", "보험 두 개를 같이 들 때 저절로 딸려 오는 특약"),
    Concept("first_year", "할인", "첫 계약 고객에게 주는 보험료 할인", "처음 가입하는 고객의 보험료를 깎아 주는 할인"),
    Concept("green", "인증", "친환경 건물에 주는 화재 안전 인증", "환경에 좋은 건물에 내주는 화재 안전 인증"),
    Concept("dash", "현황판", "지점별 실적을 매일 보여 주는 전산 화면", "날마다 지점 실적을 띄워 주는 전산 화면"),
    Concept("handover", "인계", "담당자가 바뀔 때 남기는 표준 인수인계 양식", "담당자가 바뀌면 써서 넘기는 인수인계 양식"),
    Concept("veto", "거부권", "심사 담당자가 부당한 결재를 거절할 권리", "심사하는 사람이 잘못된 결재를 안 할 수 있는 권리"),
    Concept("whistle", "제보", "부당한 영업을 익명으로 알리는 창구", "잘못된 영업을 이름 없이 알릴 수 있는 창구"),
    Concept("drill", "훈련", "전산 장애를 가정한 연습", "전산이 멈췄다고 치고 해 보는 연습"),
    Concept("library", "서고", "과거 분쟁 판례를 모은 자료실", "예전 분쟁 판례를 모아 둔 자료실"),
    Concept("price_table", "단가표", "부품과 공임의 표준 가격표", "부품값과 공임의 기준을 적은 표"),
    Concept("appeal_board", "위원회", "고객의 재심사 요청을 판단하는 기구", "고객이 다시 심사해 달라고 하면 판단하는 기구"),
    Concept("farewell", "동행", "퇴직 예정자의 재취업을 돕는 제도", "곧 퇴직할 사람이 새 일을 찾게 돕는 제도"),
    Concept("parent_desk", "지원", "난임 치료 직원에게 치료비를 보태는 제도", "난임 치료를 받는 직원의 치료비를 보태 주는 제도"),
    Concept("pool", "풀", "바쁜 부서에 임시로 투입하는 예비 인력", "일이 몰린 부서에 잠깐 보내는 예비 직원들"),
    Concept("call_back", "해피콜", "가입 사흘 뒤에 설명이 충분했는지 묻는 전화", "가입한 지 사흘 됐을 때 설명을 잘 들었는지 묻는 전화"),
    Concept("seal", "인장", "고액 계약서에 찍는 전자 도장", "금액이 큰 계약서에 찍는 전자 도장"),
    Concept("floor", "하한", "할인을 다 받아도 내야 하는 최저 보험료", "아무리 할인받아도 이만큼은 내야 하는 보험료"),
    Concept("spotter", "탐지기", "사진에서 차량 파손 부위를 찾는 프로그램", "차 사진을 보고 망가진 데를 찾아내는 프로그램"),
)  # fmt: skip
NO_TERM = (
    Concept("none_lunch", "", "점심을 먹으며 배우는 사내 강연", "점심 먹으면서 듣는 사내 강연"),
    Concept("none_reject", "", "승인 없이 폐기된 청약서", "결재도 못 받고 버려진 청약서"),
    Concept(
        "none_hack",
        "",
        "직원이 이틀 동안 앱을 만드는 대회",
        "직원들이 이틀 만에 앱을 만들어 겨루는 대회",
    ),
    Concept("none_double", "", "같은 사고를 두 번 청구한 고객", "한 사고로 두 번 청구한 고객"),
    Concept(
        "none_report", "", "매주 월요일에 보내는 사장의 편지", "사장님이 월요일마다 보내는 편지"
    ),
    Concept(
        "none_desk",
        "",
        "자리를 정하지 않고 앉는 사무 공간",
        "정해진 자리 없이 아무 데나 앉는 사무 공간",
    ),
    Concept(
        "none_road", "", "사고가 잦은 도로를 알려 주는 방송", "사고 많은 도로를 알려 주는 방송"
    ),
)
DATED = ("idea", "short_hours", "temp_pay", "swap", "farewell", "whistle", "parent_desk", "grade_up",
         "senior_desk", "paperless")  # fmt: skip

TERM = Bank(
    polite=(
        "{d}[을/를] 우리 회사에서는 뭐라고 부르는지 알려 주실 수 있나요?",
        "{d}[을/를] 가리키는 사내 용어를 알려 주실 수 있나요?",
    ),
    curt=("{a}, 사내 용어로는?", "{a}[을/를] 뜻하는 사내 용어는?"),
    keywords=("{d} 사내 용어 알려줘!", "{d} 사내 명칭"),
    indirect=("{a} 있잖아요, 그걸 사내에서 뭐라고 하죠?", "{a}[을/를] 부르는 말이 우리 회사에 따로 있던데 뭐였죠?"),
    slip=("{d}[을/를] 사내에서 부르는 이름이 뭐예요?", "{a}[을/를] 사내 용어로 어떻게 부르나요?"),
    states=("{d}[을/를] '{x}'[이라/라] 한다.",),
)  # fmt: skip
START = Bank(
    polite=("'{s}'[이/가] 처음 시행된 날짜를 알려 주실 수 있나요?",),
    curt=("'{s}' 시행일은?",),
    keywords=("{s} 시행일 알려줘!", "{s} 시작 날짜 알려줘"),
    indirect=("'{s}'[이/가] 우리 회사에 생긴 게 언제였죠?",),
    slip=("{s} 처음 시행한 날짜가 언제예요?",),
    states=("'{s}'[은/는] {x}부터 시행한다.",),
)


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("glossary", "용어", draw)
    roots = draw.stream("glossary/roots").sample(ROOTS, len(ROOTS))
    for concept in CONCEPTS:
        term = roots.pop() + concept.suffix
        who, attribute = (concept.key, term), ("term", "용어")
        yield area.fact(who, attribute, (Term(term),), TERM, d=concept.meaning, a=concept.other)
        if concept.key in DATED:
            yield area.fact(who, ("start", "시행일"), dates(2016, 2024), START, s=term)
    for concept in NO_TERM:
        who, attribute = (concept.key, concept.meaning), ("term", "용어")
        yield area.fact(who, attribute, NEAR_MISS, TERM, d=concept.meaning, a=concept.other)
    # Twins of programmes that exist: the same suffix on a root that nothing is called.
    for key, suffix in (
        ("none_start_1", "제안"),
        ("none_start_2", "상담"),
        ("none_start_3", "동행"),
    ):
        term = roots.pop() + suffix
        yield area.fact((key, term), ("start", "시행일"), NEAR_MISS, START, s=term)
