"""Units that stand after a number, each with the unit that it is counted in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

__all__ = ["COUNTED", "MARKS", "PERIODS", "TAIL", "UNIT", "Unit", "family", "unit_named"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: what it is counted in, and how many of that it is."""

    base: str
    factor: Decimal = Decimal(1)
    text: str = ""  # as it stands there


# A month is no number of days, and a business day is no day.
PERIODS = frozenset({"month", "second", "business day"})
MARKS = {
    name: name for name in ["KRW", "EUR", "GBP", "JPY", "USD", "AUD", "CAD", "HKD", "CHF", "CNY"]
}
MARKS |= {"₩": "KRW", "￦": "KRW", "€": "EUR", "£": "GBP", "¥": "JPY", "US$": "USD", "$": "USD"}
MARKS |= {"A$": "AUD", "C$": "CAD", "HK$": "HKD"}
_TABLE: list[tuple[str, str, Decimal | int | str]] = [
    (r"원|won\b|KRW\b", "KRW", 1),
    (r"(?:미국?\s?)?달러|불|(?:US\s)?dollars?\b|bucks\b|USD\b", "USD", 1),
    (r"유로|euros?\b|EUR\b", "EUR", 1),
    (r"엔|yen\b|JPY\b", "JPY", 1),
    (r"위안|yuan\b", "CNY", 1),
    (r"파운드|pounds?\b|GBP\b", "GBP", 1),
    (r"cents?\b", "USD", "0.01"),
    (r"%\s?p\b|%\s?포인트|퍼센트\s?포인트|percentage\spoints?\b|pp[ts]?\b|%\s?points?\b", "%p", 1),
    (r"bps?\b|베이시스\s?포인트|basis\spoints?\b", "bp", "0.01"),
    (r"%|퍼센트|프로|percent\b|per\scent\b|pct\b", "%", 1),
    (r"영업일|business\sdays?\b|working\sdays?\b", "business day", 1),
    (r"개년|년|years?\b|yrs?\b", "month", 12),
    (r"개월|달|months?\b", "month", 1),
    (
        r"주일|주(?=간|\s|일|동안|$|\W|이내|전|후|이상|미만|초과|이하|입|이|로|를|는|의|까|안|내)|weeks?\b",
        "second",
        604_800,
    ),
    (r"일|(?:calendar\s)?days?\b", "second", 86_400),
    (r"시간|hours?\b|hrs?\b", "second", 3_600),
    (r"분|minutes?\b|mins?\b", "second", 60),
    (r"초|seconds?\b|secs?\b", "second", 1),
    (r"명|인|사람|people\b|persons?\b", "person", 1),
    (r"회|번|차례|times\b", "time", 1),
    (r"세|살|years\sold\b|years\sof\sage\b", "age", 1),
    (r"배|fold\b|(?<=\d)x\b(?!\d)", "fold", 1),
]
COUNTED = frozenset({"person", "time", "age", "fold"})
_PARTICLES = (
    r"입니다|이에요|예요|이었습니다|이었다|이며|이고|이다|이어야|여야|이었[가-힣]*|였[가-힣]*|이지만|이므로|이나|이라고|이라는|이라면|이라|이면|라고|라는|란|인데|인지|일|인|임|이요|요|"
    r"은|는|이|가|을|를|의|에게|에서|에는|에|도|만|보다|으로|로|와|과|까지|부터|마다|씩|짜리|간|동안|당|쯤|"
    r"정도|가량|이상|이하|이내|초과|미만|이전|이후|안에|안|내에|내|전에|전|후에|후|째|대비|기준|상당|한도|"
    r"지급|지원|할인|보장|보상|부담"
)
TAIL = rf"(?=(?:{_PARTICLES}){{0,3}}(?![가-힣]))"
"""What may follow a Korean unit without a space: particles, a comparison, the copula."""

_NAMED = "|".join(
    rf"(?P<u{i}>{pattern})".replace(r"\b", "(?![A-Za-z])")
    for i, (pattern, _, _) in enumerate(_TABLE)
)
UNIT = re.compile(rf"\s?(?:(?:{_NAMED}){TAIL}(?![A-Za-z]))", re.I)
SPAN = re.compile(rf"간{TAIL}")
"""What may follow a period: 2년간."""
_UNITS = [Unit(base, Decimal(factor)) for _, base, factor in _TABLE]


def unit_named(match: re.Match[str]) -> Unit:
    """Returns the unit of a match of `UNIT`."""
    unit = _UNITS[int((match.lastgroup or "u0")[1:])]
    return Unit(unit.base, unit.factor, match[0].strip().lower())


def family(base: str) -> str:
    """Says what a value in a unit is a kind of: money, a share, a period, or a count."""
    if base in MARKS.values():
        return "money"
    if base == "bp" or base.startswith("%"):
        return "share"
    return "period" if base in PERIODS else "count"
