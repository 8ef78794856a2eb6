"""민원 처리: complaint handling."""

# Topics are rows of a table, and read best with one on a line.
from __future__ import annotations

from collections.abc import Iterator

from ...draw import Draw
from ...outline import groups
from ...world import Fact
from ..outlines.complaints import CHAPTERS
from ..pools import codes, lists, man_won, percentages, periods, won, yearly, yes_or_no
from .base import ABSENT, NEAR_MISS, Area, Bank, Topic

PERIOD = Bank(
    polite=("{s}[이/가] 얼마나 되는지 알려 주실 수 있을까요?",),
    curt=("{s}[은/는]?", "{s}[은/는] 얼마나 되지?"),
    keywords=("{s} 알려줘!",),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 얼마나 되나요?", "{s}[이/가] 어떻게 되나요?"),
)
AMOUNT = Bank(
    polite=("{s}[이/가] 얼마인지 알려 주실 수 있을까요?",),
    curt=("{s}[은/는] 얼마?",),
    keywords=("{s} 알려줘!",),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 얼마인가요?",),
)
SHARE = Bank(
    polite=("{s}[이/가] 몇 퍼센트인지 알려 주실 수 있을까요?",),
    curt=("{s}[은/는] 몇 %?", "{s}[은/는]?"),
    keywords=("{s} 알려줘!",),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 몇 퍼센트인가요?",),
)
CODE = Bank(
    polite=("{s} 민원의 분류 코드를 알려 주실 수 있을까요?",),
    curt=("{s} 민원 코드는?",),
    keywords=("{s} 민원 분류 코드 알려줘!", "{s} 민원 코드 번호"),
    indirect=("{indirect} 이런 민원은 무슨 코드로 분류하죠?",),
    slip=("{s} 민원 분류 코드가 뭐예요?", "{s} 민원 분류 코드가 어떻게 되나요?"),
    states=("{s} 민원의 분류 코드는 {x}[으로/로] 한다.",),
)
DATE = Bank(
    polite=("{s}[이/가] 언제인지 알려 주실 수 있을까요?",),
    curt=("{s}[은/는] 언제?",),
    keywords=("{s} 알려줘!",),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 언제인가요?",),
    states=("{s}[은/는] {x}[이다/다].",),
)
LIST = Bank(
    polite=("{s}[이/가] 무엇인지 알려 주실 수 있을까요?",),
    curt=("{s}[은/는]?",),
    keywords=("{s} 알려줘!",),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 뭐예요?",),
)
YES_NO = Bank(
    polite=("{v}는지 알려 주실 수 있을까요?",),
    curt=("{s} 가능?", "{s}, 되나?"),
    keywords=("{s} 가능 여부 알려줘!",),
    indirect=("{indirect}",),
    slip=("{v}나요?",),
    states=("{v}다.", "{no}다."),
)

PERIODS = (
    Topic("receipt", "민원 접수 사실 통보 기한", "민원이 들어오면 접수됐다는 연락을 몇 시간 안에 줘야 하죠?", periods("시간", 3, 23, 1, "within")),
    Topic("simple", "일반 민원 처리 기한", "여러 부서를 거칠 필요 없는 일반 민원은 며칠 안에 답을 줘야 하죠?", periods("영업일", 3, 10, 1, "within")),
    Topic("complex", "복합 민원 처리 기한", "여러 부서가 얽힌 민원은 며칠 안에 답을 줘야 하죠?", periods("영업일", 12, 30, 1, "within")),
    Topic("written", "서면 민원 답변 기한", "고객이 편지로 보낸 민원은 며칠 안에 답을 줘야 하죠?", periods("일", 7, 30, 1, "within")),
    Topic("archive", "민원 기록 보관 기간", "처리가 끝난 민원 기록은 얼마 동안 보관해야 하죠?", periods("년", 3, 12)),
    Topic("recording", "민원 통화 녹취 보관 기간", "민원 전화를 녹음한 파일은 얼마 동안 보관해야 하죠?", periods("개월", 6, 48)),
    Topic("extension", "민원 처리 연장 가능 기간", "기한 안에 민원을 못 끝내면 최대 며칠까지 늘릴 수 있죠?", periods("일", 5, 30)),
    Topic("rest", "악성 민원 응대 후 상담원 휴식 시간", "상담원이 폭언을 들었다면 얼마 동안 쉬게 해야 하죠?", periods("분", 10, 60, 5)),
    Topic("visit", "방문 민원 최대 대기 시간", "창구에 찾아온 민원 고객은 길어야 얼마나 기다리게 해야 하죠?", periods("분", 5, 60, 1, "within")),
    Topic("online", "온라인 민원 답변 기한", "고객이 누리집에 올린 민원은 며칠 안에 답을 줘야 하죠?", periods("일", 3, 25, 1, "within"), since=2),
    Topic("swap", "민원 담당자 교체 기한", "고객이 민원 담당자를 바꿔 달라면 며칠 안에 바꿔 줘야 하죠?", NEAR_MISS),
    Topic("lawsuit", "민원 소송 대응 자료 준비 기한", "민원이 소송으로 번지면 며칠 안에 대응 자료를 준비해야 하죠?", NEAR_MISS),
)  # fmt: skip
AMOUNTS = (
    Topic("agent", "상담원이 제시할 수 있는 민원 보상금 한도", "상담원이 윗선 결재 없이 민원 고객에게 보상할 수 있는 돈은 얼마까지죠?", won(15_000, 145_000, 5_000)),
    Topic("leader", "상담팀장이 제시할 수 있는 민원 보상금 한도", "상담팀장이 윗선 결재 없이 민원 고객에게 보상할 수 있는 돈은 얼마까지죠?", man_won(15, 95, 1)),
    Topic("committee", "민원조정위원회 상정 기준액", "다투는 금액이 얼마를 넘으면 민원조정위원회에 올려야 하죠?", man_won(300, 2_400, 50)),
    Topic("gift", "민원 고객 사은품 단가 한도", "민원 고객에게 주는 사은품은 하나에 얼마까지 되죠?", NEAR_MISS),
)  # fmt: skip
SHARES = (
    Topic("on_time", "민원 기한 내 처리율 목표", "민원을 몇 퍼센트나 기한 안에 처리하는 게 목표죠?", percentages(80, 99)),
    Topic("satisfied", "민원 처리 만족도 목표", "민원 고객의 몇 퍼센트가 만족하는 게 목표죠?", percentages(65, 95)),
    Topic("answer_rate", "민원 전화 응답률 목표", "민원 전화를 몇 퍼센트나 받는 게 목표죠?", percentages(75, 99)),
    Topic("again", "재민원율 관리 상한", "같은 민원이 또 들어오는 비율은 몇 퍼센트 아래로 관리하죠?", percentages(2, 24)),
    Topic("sample", "민원 통화 품질 점검 비율", "민원 전화 가운데 몇 퍼센트를 골라 품질을 점검하죠?", percentages(3, 45)),
    Topic("chatbot", "챗봇 민원 해결률 목표", "챗봇이 민원을 몇 퍼센트나 해결하는 게 목표죠?", ABSENT),
)  # fmt: skip
KINDS = (
    Topic("delay", "지급 지연", "보험금이 너무 늦게 나온다고 합니다.", codes("VC", 11, 99)),
    Topic("denial", "지급 거절", "보험금을 못 준다는 데 승복할 수 없다고 합니다.", codes("VC", 11, 99)),
    Topic("short", "과소 지급", "보험금이 생각보다 적게 나왔다고 합니다.", codes("VC", 11, 99)),
    Topic("mis_selling", "불완전판매", "가입할 때 설명을 제대로 못 들었다고 합니다.", codes("VC", 11, 99)),
    Topic("rude", "직원 불친절", "직원 말투가 무례했다고 합니다.", codes("VC", 11, 99)),
    Topic("privacy", "개인정보", "자기 정보가 새어 나갔다고 합니다.", codes("VC", 11, 99)),
    Topic("premium", "보험료 인상", "갱신하면서 보험료가 너무 올랐다고 합니다.", codes("VC", 11, 99)),
    Topic("cancel", "계약 해지", "해지를 빨리 안 해 준다고 합니다.", codes("VC", 11, 99)),
    Topic("app", "모바일 앱 오류", "휴대전화 앱이 자꾸 꺼진다고 합니다.", codes("VC", 11, 99), since=2),
    Topic("parking", "주차장", "지점 주차장이 좁아 불편하다고 합니다.", NEAR_MISS),
    Topic("advert", "광고 문자", "광고 문자가 너무 많이 온다고 합니다.", NEAR_MISS),
)  # fmt: skip
DATES = (
    Topic("report", "연간 민원 분석 보고서 제출일", "한 해 민원을 분석한 보고서는 몇 월 며칠에 내죠?", yearly(1, 2, 3)),
    Topic("consumer_day", "사내 소비자보호의 날", "회사가 정한 소비자보호의 날이 몇 월 며칠이죠?", yearly(4, 5, 6, 9, 10)),
    Topic("role_play", "민원 응대 경진대회 날짜", "민원 응대를 겨루는 대회는 몇 월 며칠에 열리죠?", ABSENT),
)  # fmt: skip
LISTS = (
    Topic("fields", "민원 접수 필수 기재 사항", "민원을 등록할 때 꼭 적어야 하는 항목이 뭐죠?",
          lists("고객 성명|연락처|증권번호|민원 요지|희망 조치|사고 일자", (3,))),
    Topic("committee_papers", "민원조정위원회 상정 서류", "민원을 조정위원회에 올릴 때 무슨 서류를 붙이죠?",
          lists("민원 경위서|상담 녹취록|심사 의견서|약관 사본|법률 검토서|고객 진술서")),
    Topic("proxy_papers", "대리인 민원 접수 서류", "고객 대신 민원을 내러 온 사람에게 무슨 서류를 받죠?",
          lists("위임장|대리인 신분증|고객 신분증 사본|가족관계증명서|인감증명서")),
    Topic("group_papers", "단체 민원 접수 서류", "여러 고객이 함께 낸 민원은 무슨 서류를 받죠?", NEAR_MISS),
)  # fmt: skip
RULES = (
    Topic("anonymous", "익명 민원 접수", "이름을 안 밝히는 고객의 민원도 받아도 되나요?", yes_or_no(), "익명 민원도 접수할 수 있"),
    Topic("night", "야간 민원 전화 접수", "밤에도 전화로 민원을 받아도 되나요?", yes_or_no(), "야간에도 전화로 민원을 접수할 수 있"),
    Topic("withdraw", "구두 민원 취하", "고객이 말로만 민원을 거두겠다는데 그렇게 처리해도 되나요?", yes_or_no(), "말로만 민원을 취하할 수 있"),
    Topic("sign_language", "수어 영상 민원 접수", "수어를 쓰는 고객의 영상 민원을 받아도 되나요?", ABSENT, "수어 영상으로 민원을 접수할 수 있"),
)  # fmt: skip


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("complaint", "민원 처리", draw, groups(CHAPTERS))
    yield from area.topics(("period", "기간"), PERIOD, PERIODS)
    yield from area.topics(("amount", "금액"), AMOUNT, AMOUNTS)
    yield from area.topics(("share", "비율"), SHARE, SHARES)
    yield from area.topics(("code", "분류 코드"), CODE, KINDS)
    yield from area.topics(("date", "날짜"), DATE, DATES)
    yield from area.topics(("list", "목록"), LIST, LISTS)
    yield from area.topics(("allowed", "가능 여부"), YES_NO, RULES)
