"""Amounts, days and terms as Korean writers put them."""

from __future__ import annotations

from datetime import date
from random import Random

from .. import identifiers as ids
from ..model import Cover, Decision, Line, Person, Policy

SURNAMES = "김이박최정강조윤장임한오서신권황안송류홍"
SYLLABLES = ("가도민서지하은수현우", "연온율람솔해찬빈결담")
BANKS = ("온담은행", "새결은행", "도람저축은행")
ROMAN = ("hana", "minsol", "jiwoo", "doyul", "sungam", "areum", "byeol")
ANSWERS = {"pay": "지급", "deny": "부지급", "documents": "서류 요청"}


def person(line: Line, rng: Random) -> Person:
    """Makes up a customer: of health a woman, as some of its events are births."""
    name = rng.choice(SURNAMES) + rng.choice(SYLLABLES[0]) + rng.choice(SYLLABLES[1])
    sex = "2" if line.key == "health" else rng.choice("12")
    return Person(
        name,
        ids.resident_number(rng.randint(*line.born), sex, rng),
        ids.korean_phone(rng),
        f"{rng.choice(BANKS)} {ids.korean_account(rng)}",
        ids.card(rng),
        ids.email(rng.choice(ROMAN), rng),
    )


def answer(decision: Decision) -> str:
    """The canonical answer: 지급 1,250,000원, 부지급, 서류 요청."""
    label = ANSWERS[decision.label]
    return f"{label} {decision.amount:,}원" if decision.label == "pay" else label


def plain(won: int) -> str:
    """An amount as terms write it: 300만원, 1,250,000원."""
    return f"{won // 10_000:,}만원" if won and won % 10_000 == 0 else f"{won:,}원"


def money(won: int, rng: Random) -> str:
    """Writes an amount in one of the ways that people use."""
    man, rest = divmod(won, 10_000)
    if not rest:
        return rng.choice((f"{won:,}원", f"{man:,}만 원", f"{man}만원", f"{won:,}원"))
    forms = [f"{won:,}원", f"{won:,}원", f"{won}원"]
    if man:
        forms += [f"{man}만 {rest:,}원", f"{man}만{rest}원"]
        if rest % 1_000 == 0:
            forms += [f"{man}만 {rest // 1_000}천 원", f"{man}만{rest // 1_000}천원"]
    return rng.choice(forms)


def day(value: date, received: date, rng: Random) -> str:
    """Writes a day; without its year only where that is the year of the report."""
    y, m, d = value.year, value.month, value.day
    forms = [f"{y}년 {m}월 {d}일", f"{y}. {m}. {d}.", f"{y}-{m:02d}-{d:02d}",
             f"{y % 100}년 {m}월 {d}일", f"{y}/{m}/{d}", f"{y}.{m:02d}.{d:02d}"]  # fmt: skip
    if y == received.year:
        forms += [f"{m}월 {d}일", f"지난 {m}월 {d}일", f"올해 {m}월 {d}일"]
    return rng.choice(forms)


def terms(policy: Policy) -> str:
    """Writes the excerpt of a policy that stands before the report."""
    lines = [f"[약관] {policy.line.name}, 보험기간 {policy.start} ~ {policy.end}"]
    lines += [f"보장{at}. {_cover(cover)}" for at, cover in enumerate(policy.covers, 1)]
    refused = "; ".join(exclusion.text for exclusion in policy.exclusions)
    return "\n".join([*lines, f"지급하지 않는 경우: {refused}"])


def _cover(cover: Cover) -> str:
    peril = cover.peril
    parts = [f"{peril.name}: {_benefit(cover)}"]
    if cover.wait:
        parts.append(f"면책기간 {cover.wait}일")
    if cover.minimum and peril.basis == "loss":
        parts.append(f"{cover.minimum}시간 이상 지연된 경우")
    if cover.depreciation:
        parts.append(f"감가 사용 1년마다 구입가의 {cover.depreciation}%(최대 50%)")
    return f"{', '.join(parts)}. 필요 서류: {', '.join(cover.documents)}"


def _benefit(cover: Cover) -> str:
    if cover.peril.basis == "fixed":
        return f"진단 확정 시 {plain(cover.limit)}"
    if cover.peril.basis == "days":
        longest = cover.limit // cover.daily
        return f"처음 {cover.minimum}일을 뺀 입원 1일당 {plain(cover.daily)}, 최대 {longest}일분"
    bears = f"자기부담금 {plain(cover.deductible)}" if cover.deductible else "자기부담금 없음"
    return f"1사고당 한도 {plain(cover.limit)}, {bears}, 지급률 {cover.rate}%"
