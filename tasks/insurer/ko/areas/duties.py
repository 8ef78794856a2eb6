"""Which team is in charge of what: the step between a matter and a telephone number.

Common sense guesses the team, so that is only stated; the number behind it is what is asked for.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ...world import Fact
from ..values import Name
from .base import Area, Bank


class Duty(NamedTuple):
    """A matter, why somebody asks, and the teams that might be in charge of it."""

    key: str
    phrase: str
    why: str
    teams: str


DUTIES = (
    Duty("duty_certificate", "재직증명서 발급", "은행에 낼 재직증명서가 필요한데", "hr general training"),
    Duty("duty_supplies", "비품 신청", "책상 서랍이 고장 나서 새 비품이 필요한데", "general finance it"),
    Duty("duty_budget", "부서 예산 변경", "부서 예산을 옮겨 쓰려는데", "finance general hr"),
    Duty("duty_contract", "계약서 검토", "거래처와 맺을 계약서를 보여 주려는데", "legal compliance finance"),
    Duty("duty_gift", "거래처 선물 신고", "거래처에서 명절 선물을 받았는데", "compliance legal hr"),
    Duty("duty_usb", "이동식 저장장치 사용 승인", "USB로 파일을 옮겨야 하는데", "security it compliance"),
    Duty("duty_program", "업무용 프로그램 설치", "업무에 쓸 프로그램을 깔아야 하는데", "it security general"),
    Duty("duty_leaflet", "상품 안내장 심의", "고객에게 줄 안내장을 새로 만들었는데", "product consumer compliance"),
    Duty("duty_exception", "인수 예외 승인", "기준에 없는 계약을 받으려는데", "underwriting product legal"),
    Duty("duty_expert", "의료자문 병원 지정", "의료자문을 맡길 병원을 정하려는데", "claims consumer underwriting"),
    Duty("duty_survey", "고객 만족도 조사", "고객에게 만족도를 물어보려는데", "consumer claims product"),
    Duty("duty_lecturer", "사내 강사 등록", "동료들에게 강의를 해 보려는데", "training hr consumer"),
)  # fmt: skip
NOT_THERE = (
    Duty("duty_drone", "드론 촬영 허가", "행사를 드론으로 찍으려는데", ""),
    Duty("duty_exhibit", "로비 전시 신청", "동호회 작품을 로비에 걸려는데", ""),
    Duty("duty_song", "사내 방송 신청곡 접수", "점심 방송에 노래를 신청하려는데", ""),
)
DUTY = Bank((), (), (), (), (), states=("{s} 업무는 {x}에서 맡는다.",))


def duties(area: Area, teams: Mapping[str, str]) -> Iterator[Fact]:
    """Yields who is in charge of what.

    Args:
        area: The area of working life.
        teams: Names of the teams by key.
    """
    matched = _match(area.draw.stream("guide/duties"), DUTIES, [])
    for duty, team in zip(DUTIES, matched, strict=True):
        yield replace(
            area.rule(duty.key, DUTY.statement(Name(teams[team]), {"s": duty.phrase})),
            subject=duty.phrase,
            attribute=team,
        )


def _match(rng: random.Random, left: Sequence[Duty], taken: list[str]) -> list[str]:
    """Gives each matter a team of its own; [] where that is impossible."""
    if not left:
        return taken
    choices = left[0].teams.split()
    for team in rng.sample(choices, len(choices)):
        if team not in taken and (found := _match(rng, left[1:], [*taken, team])):
            return found
    return []
