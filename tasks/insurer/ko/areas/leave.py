"""휴직 및 복직: leave of absence and return."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...draw import Draw
from ...world import Fact
from ..pools import codes, dates, pairs, percentages, periods, spans, yes_or_no
from .base import ABSENT, NEAR_MISS, Area, Topic
from .leave_banks import (
    CREDIT,
    FORM,
    GENERAL,
    NOTICE,
    PAPERS,
    PAY,
    PERIOD,
    SPLIT,
    START,
)


class Leave(NamedTuple):
    """A kind of leave: its name, what it is for ("... 휴직하면"), documents that only it needs."""

    key: str
    name: str
    why: str
    papers: str = ""
    since: int = 1

    @property
    def spaced(self) -> str:
        """The name as it is typed in a hurry: "육아 휴직"."""
        return self.name.removesuffix("휴직") + " 휴직"


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
    Leave("disaster", "재난복구휴직", "수해를 입은 집을 고치려고", "피해사실확인서|복구 계획서", 2),
)
COMMON_PAPERS = "휴직신청서|업무인수인계서|부서장 의견서|비밀유지서약서|복직서약서|연락처 확인서"
CREDITED = ("childcare", "family", "study", "spouse", "volunteer")

PERIODS = spans("개월 3 4 5 6 7 8 9 10 11 12 14 15 16 18 20 21 22 24 27 30 33 36")
NOTICES = spans(
    "일 7 10 14 15 20 21 25 28 30 35 40 45 50 60 90|영업일 15 20 25 30|개월 1 2 3", "before"
)
# What is added later finds the usual periods taken.
LATER_PERIODS, LATER_NOTICES = periods("주", 9, 40), periods("영업일", 1, 30, 1, "before")
TOTAL = (
    Topic("total", "휴직 기간의 총한도", "여러 휴직을 이어서 쓰면 모두 합쳐 얼마까지 쉴 수 있죠?", spans("년 3 4 5 6 7")),
    Topic("minimum", "휴직 1회의 최소 기간", "휴직을 짧게 쓰고 싶은데 한 번에 적어도 얼마는 써야 하죠?", spans("주 2 3 4 5 6 7|개월 1 2")),
    Topic("return", "복직원 제출 기한", "휴직이 끝나 가는데 복직원은 복직 예정일 얼마 전까지 내야 하죠?",
          spans("일 5 7 10 14 20|영업일 12 15", "before")),
)  # fmt: skip
# Leaves that nobody has written rules for, and the attribute that is asked for.
NOT_THERE = (
    (Leave("writing", "창작휴직", "책을 쓰려고"), ("period", "최대 기간"), PERIOD),
    (Leave("farming", "귀농휴직", "귀농을 준비하려고"), ("notice", "신청 기한"), NOTICE),
    (Leave("election", "선거출마휴직", "공직 선거에 나가려고"), ("form", "서식 번호"), FORM),
    (Leave("pet", "반려동물돌봄휴직", "아픈 반려동물을 돌보려고"), ("pay", "급여 비율"), PAY),
    (Leave("worldtrip", "세계여행휴직", "세계 여행을 하려고"), ("papers", "신청 서류"), PAPERS),
    (Leave("contest", "대회출전휴직", "운동 대회에 나가려고"), ("notice", "신청 기한"), NOTICE),
    (Leave("moving", "이주휴직", "지방으로 이사하려고"), ("start", "시행일"), START),
    (Leave("religion", "종교활동휴직", "성지 순례를 하려고"), ("split", "분할 사용"), SPLIT),
)

CALCULATIONS = (
    ("pay", "휴직 급여는 월 기본급에 급여 지급률을 곱한 금액을 휴직한 달마다 지급한다."),
    (
        "credit",
        "근속연수에 반영하는 기간은 휴직 기간에 반영 비율을 곱하여 구하고 1개월 미만은 버린다.",
    ),
)


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("leave", "휴직 및 복직", draw)
    for leave in LEAVES:
        if leave.since <= draw.version:
            yield from _leave(area, leave)
    for topic in TOTAL:
        slots = {"s": topic.phrase, "indirect": topic.indirect}
        who = ("general", "휴직")
        yield area.fact(who, (topic.key, topic.phrase), topic.values, GENERAL[topic.key], **slots)
    for key, statement in CALCULATIONS:
        yield area.rule(key, statement)
    for leave, attribute, bank in NOT_THERE:
        who = (leave.key, leave.name)
        yield area.fact(who, attribute, ABSENT, bank, **_slots(leave))


def _slots(leave: Leave) -> dict[str, str]:
    return {"s": leave.name, "why": leave.why, "spaced": leave.spaced}


def _leave(area: Area, leave: Leave) -> Iterator[Fact]:
    """Yields one leave; those that say nothing of seniority are asked about it, as near misses."""
    who, slots = (leave.key, leave.name), _slots(leave)
    papers = pairs(COMMON_PAPERS, leave.papers)
    lengths, notices = (PERIODS, NOTICES) if leave.since == 1 else (LATER_PERIODS, LATER_NOTICES)
    yield area.fact(who, ("period", "최대 기간"), lengths, PERIOD, **slots)
    yield area.fact(who, ("notice", "신청 기한"), notices, NOTICE, **slots)
    yield area.fact(who, ("pay", "급여 비율"), percentages(20, 85, "기본급"), PAY, **slots)
    yield area.fact(who, ("papers", "신청 서류"), papers, PAPERS, **slots)
    yield area.fact(who, ("start", "시행일"), dates(2008, 2022), START, **slots)
    yield area.fact(who, ("split", "분할 사용"), yes_or_no(), SPLIT, **slots)
    yield area.fact(who, ("form", "서식 번호"), codes("HR", 101, 399), FORM, **slots)
    if leave.key in CREDITED:
        yield area.fact(who, ("credit", "근속 인정 비율"), percentages(30, 95), CREDIT, **slots)
    elif leave.key in ("growth", "startup"):
        yield area.fact(who, ("credit", "근속 인정 비율"), NEAR_MISS, CREDIT, **slots)
