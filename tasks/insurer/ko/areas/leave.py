"""휴직 및 복직: leave of absence and return."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...draw import Draw
from ...world import Fact
from ..pools import codes, dates, pairs, percentages, periods, yes_or_no
from .base import ABSENT, NEAR_MISS, Area, Bank


class Leave(NamedTuple):
    """A kind of leave: its name, what it is for ("... 휴직하면"), documents that only it needs."""

    key: str
    name: str
    why: str
    papers: str = ""


LEAVES = (
    Leave("childcare", "육아휴직", "어린 자녀를 키우려고", "가족관계증명서|출생증명서"),
    Leave("sick", "병가휴직", "병을 치료하려고", "진단서|치료 소견서"),
    Leave("family", "가족돌봄휴직", "아픈 가족을 돌보려고", "가족 진단서|돌봄 계획서"),
    Leave("study", "유학휴직", "해외 대학에서 공부하려고", "입학허가서|학업계획서"),
    Leave("fertility", "난임치료휴직", "난임 치료를 받으려고", "난임 진단서|시술 확인서"),
    Leave("growth", "자기계발휴직", "자기계발을 하려고", "자기계발 계획서|수강 확인서"),
    Leave(
        "spouse",
        "배우자동반휴직",
        "해외로 발령 난 배우자를 따라가려고",
        "배우자 발령장|혼인관계증명서",
    ),
    Leave("adoption", "입양휴직", "입양한 아이와 함께 지내려고", "입양사실확인서|입양관계증명서"),
    Leave("volunteer", "봉사휴직", "장기 봉사활동을 하려고", "봉사단체 확인서|봉사활동 계획서"),
    Leave("startup", "창업휴직", "창업을 준비하려고", "사업계획서|사업자등록 예정서"),
)
COMMON_PAPERS = "휴직신청서|업무인수인계서|부서장 의견서|비밀유지서약서|복직서약서|연락처 확인서"

PERIOD = Bank(
    polite=(
        "{s}[은/는] 최대 얼마 동안 쓸 수 있는지 알려 주실 수 있나요?",
        "{s}[을/를] 최대 얼마나 쓸 수 있는지 안내 부탁드립니다.",
    ),
    curt=("{s} 최대 기간은?", "{s}, 길게는 얼마까지?"),
    keywords=("{s} 기간 알려줘!", "{s} 사용 가능 기간 알려줘"),
    indirect=(
        "{why} 휴직하면 최대 얼마나 쉴 수 있죠?",
        "{why} 회사를 쉬면 얼마나 오래 쉴 수 있을까요?",
    ),
    slip=("{s} 쓰면 얼마나 쉴 수 있는지 궁금해요", "{s} 기간이 얼마나 되나요?"),
    states=("{s} 기간은 최대 {x}[으로/로] 한다.",),
)
NOTICE = Bank(
    polite=("{s}[을/를] 쓰려면 시작 며칠 전까지 신청해야 하는지 알려 주실 수 있나요?",),
    curt=("{s} 신청은 시작 며칠 전까지?", "{s}, 며칠 전에 신청?"),
    keywords=("{s} 신청 기한 알려줘!", "{s} 사전 신청 기한"),
    indirect=("{why} 휴직하려는데 시작일보다 며칠 먼저 신청해야 늦지 않을까요?",),
    slip=("{s} 신청은 시작하기 며칠 전까지 해야 되나요?",),
    states=("{s}[을/를] 쓰려는 직원은 시작일 {x} 전까지 신청하여야 한다.",),
)
RETURN = Bank(
    polite=(
        "{s}에서 복직하려면 예정일 몇 영업일 전까지 복직원을 내야 하는지 알려 주실 수 있나요?",
    ),
    curt=("{s} 복직원은 예정일 몇 영업일 전까지?",),
    keywords=("{s} 복직원 제출 기한 알려줘!", "{s} 후 복직원 제출 기한"),
    indirect=("{why} 쉬다가 이제 돌아오려는데, 복직원은 복직 예정일 몇 영업일 전까지 내면 되죠?",),
    slip=("{s} 끝나고 복직원 제출은 예정일 몇 영업일 전까지 하면 되나요?",),
    states=("{s}에서 복직하려는 직원은 복직 예정일 {x} 전까지 복직원을 내야 한다.",),
)
PAY = Bank(
    polite=("{s} 중에는 급여가 기본급의 몇 퍼센트 나오는지 알려 주실 수 있나요?",),
    curt=("{s} 급여 비율은?", "{s} 중 월급은 기본급의 몇 %?"),
    keywords=("{s} 급여 지급률 알려줘!", "{s} 기간 급여 지급 비율"),
    indirect=("{why} 휴직하면 그동안 기본급의 몇 퍼센트를 받게 될까요?",),
    slip=("{s} 쓰면 기본급에서 몇 퍼센트를 받나요?",),
    states=("{s} 중에는 기본급의 {x}[을/를] 급여로 지급한다.",),
)
CREDIT = Bank(
    polite=("{s} 기간이 근속연수에 몇 퍼센트 반영되는지 알려 주실 수 있나요?",),
    curt=("{s} 근속 인정 비율은?",),
    keywords=("{s} 근속연수 반영 비율 알려줘!", "{s} 기간 근속 인정률"),
    indirect=("{why} 쉰 기간은 근속연수로 몇 퍼센트나 쳐 주나요?",),
    slip=("{s} 기간은 근속연수에 몇 퍼센트 들어가는지 궁금합니다",),
    states=("{s} 기간은 그 {x}[을/를] 근속연수에 반영한다.",),
)
PAPERS = Bank(
    polite=("{s}[을/를] 신청할 때 내야 하는 서류를 알려 주실 수 있나요?",),
    curt=("{s} 신청 서류는?", "{s}에 필요한 서류는?"),
    keywords=("{s} 제출 서류 알려줘!", "{s} 구비 서류"),
    indirect=("{why} 휴직하려는데 무슨 서류를 챙겨야 하죠?",),
    slip=("{s} 내려면 서류 뭐 뭐 제출해야 되나요?",),
    states=("{s}[을/를] 신청할 때에는 다음 서류를 내야 한다: {x}.",),
)
REVISED = Bank(
    polite=("{s} 규정이 가장 최근에 개정된 날짜를 알려 주실 수 있나요?",),
    curt=("{s} 규정 최근 개정일은?",),
    keywords=("{s} 규정 개정일 알려줘!", "{s} 규정 최종 개정 날짜"),
    indirect=("{s} 규정이 바뀌었다던데 마지막으로 고친 게 언제죠?",),
    slip=("{s} 규정 마지막으로 개정된 날짜가 언제예요?",),
    states=("{s}에 관한 규정은 {x}에 마지막으로 개정하였다.",),
)
SPLIT = Bank(
    polite=("{s}[을/를] 여러 번 나누어 쓸 수 있는지 알려 주실 수 있나요?",),
    curt=("{s} 분할 사용 가능?",),
    keywords=("{s} 분할 사용 가능 여부 알려줘!",),
    indirect=("{why} 휴직하려는데 한꺼번에 말고 나눠서 쉬어도 되나요?",),
    slip=("{s} 나눠 쓸 수 있나요?",),
    states=("{s}[은/는] 여러 번 나누어 쓸 수 있다.", "{s}[은/는] 나누어 쓸 수 없다."),
)
FORM = Bank(
    polite=("{s} 신청서의 서식 번호를 알려 주실 수 있나요?",),
    curt=("{s} 신청서 서식 번호는?", "{s} 서식은 몇 번?"),
    keywords=("{s} 서식 번호 알려줘!", "{s} 신청서 양식 번호"),
    indirect=("{why} 휴직하려는데 신청서는 몇 번 서식을 쓰면 되죠?",),
    slip=("{s} 신청서 서식 번호가 뭐예요?",),
    states=("{s} 신청서는 서식 {x}[을/를] 쓴다.",),
)

CREDITED = ("childcare", "family", "study", "spouse", "volunteer")
# Leaves that nobody has written rules for, and the attribute that is asked for.
NOT_THERE = (
    (Leave("writing", "창작휴직", "책을 쓰려고"), ("period", "최대 기간"), PERIOD),
    (Leave("farming", "귀농휴직", "귀농을 준비하려고"), ("notice", "신청 기한"), NOTICE),
    (Leave("election", "선거출마휴직", "공직 선거에 나가려고"), ("form", "서식 번호"), FORM),
    (Leave("pet", "반려동물돌봄휴직", "아픈 반려동물을 돌보려고"), ("pay", "급여 비율"), PAY),
    (Leave("worldtrip", "세계여행휴직", "세계 여행을 하려고"), ("papers", "신청 서류"), PAPERS),
    (
        Leave("contest", "대회출전휴직", "운동 대회에 나가려고"),
        ("return", "복직원 제출 기한"),
        RETURN,
    ),
    (Leave("moving", "이주휴직", "지방으로 이사하려고"), ("revised", "규정 개정일"), REVISED),
    (Leave("religion", "종교활동휴직", "성지 순례를 하려고"), ("split", "분할 사용"), SPLIT),
)


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("leave", "휴직 및 복직", draw)
    for leave in LEAVES:
        who, slots = (leave.key, leave.name), {"s": leave.name, "why": leave.why}
        yield area.fact(who, ("period", "최대 기간"), periods("개월", 3, 30), PERIOD, **slots)
        days = periods("일", 10, 70, 1, "before")
        yield area.fact(who, ("notice", "신청 기한"), days, NOTICE, **slots)
        days = periods("영업일", 15, 40, 1, "before")
        yield area.fact(who, ("return", "복직원 제출 기한"), days, RETURN, **slots)
        yield area.fact(who, ("pay", "급여 비율"), percentages(20, 85, "기본급"), PAY, **slots)
        yield area.fact(
            who, ("papers", "신청 서류"), pairs(COMMON_PAPERS, leave.papers), PAPERS, **slots
        )
        yield area.fact(who, ("revised", "규정 개정일"), dates(2019, 2024), REVISED, **slots)
        yield area.fact(who, ("split", "분할 사용"), yes_or_no(), SPLIT, **slots)
        yield area.fact(who, ("form", "서식 번호"), codes("HR", 101, 399), FORM, **slots)
        if leave.key in CREDITED:
            yield area.fact(who, ("credit", "근속 인정 비율"), percentages(30, 95), CREDIT, **slots)
        elif leave.key in ("growth", "startup"):
            yield area.fact(who, ("credit", "근속 인정 비율"), NEAR_MISS, CREDIT, **slots)
    for leave, attribute, bank in NOT_THERE:
        who, slots = (leave.key, leave.name), {"s": leave.name, "why": leave.why}
        yield area.fact(who, attribute, ABSENT, bank, **slots)
