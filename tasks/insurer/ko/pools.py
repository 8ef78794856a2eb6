"""The values that a fact may take: plausible for its attribute, many enough to be told apart."""

from __future__ import annotations

from functools import cache

from .values import Amount, Day, Items, Name, Percentage, Period, YesNo

dates, yearly, monthly = cache(Day.dates), cache(Day.yearly), cache(Day.monthly)
lists, pairs, yes_or_no = Items.lists, Items.pairs, YesNo.both

_ROUND_DAYS = (10, 12, 14, 15, 18, 20, 21, 25, 28, 30, 35, 40, 45, 50, 55, 60, 70, 75, 80, 90, 100,
               110, 120, 135, 150, 165, 180)  # fmt: skip


@cache
def man_won(low: int, high: int, step: int = 1) -> tuple[Amount, ...]:
    """Amounts from `low` to `high` in steps, all in units of 10,000 won (만원)."""
    return tuple(Amount(man * 10_000) for man in range(low, high + 1, step))


@cache
def won(low: int, high: int, step: int) -> tuple[Amount, ...]:
    """Amounts from `low` to `high` in steps, in won."""
    return tuple(Amount(amount) for amount in range(low, high + 1, step))


@cache
def periods(
    unit: str, low: int, high: int, step: int = 1, role: str = "span"
) -> tuple[Period, ...]:
    """Periods of one unit; whole years are written as years when months go past eleven."""
    return tuple(_tidy(number, unit, role) for number in range(low, high + 1, step))


def round_days(low: int, high: int, role: str = "span") -> tuple[Period, ...]:
    """The numbers of days between both that rules like to name."""
    return tuple(Period(days, "일", role) for days in _ROUND_DAYS if low <= days <= high)


@cache
def spans(text: str, role: str = "span") -> tuple[Period, ...]:
    """Periods of several units, as rules really name them: "일 7 10 14|영업일 15 20|개월 1 2"."""
    found = []
    for part in text.split("|"):
        unit, *numbers = part.split()
        found += [_tidy(int(number), unit, role) for number in numbers]
    return tuple(found)


def _tidy(number: int, unit: str, role: str) -> Period:
    if unit == "개월" and number % 12 == 0:
        return Period(number // 12, "년", role)
    return Period(number, unit, role)


@cache
def percentages(low: int, high: int, base: str = "") -> tuple[Percentage, ...]:
    """Whole percentages from `low` to `high`."""
    return tuple(Percentage(number, base) for number in range(low, high + 1))


def shares(numbers: str, base: str = "") -> tuple[Percentage, ...]:
    """The whole percentages that are written with blanks between."""
    return tuple(Percentage(int(number), base) for number in numbers.split())


@cache
def codes(prefix: str, low: int, high: int) -> tuple[Name, ...]:
    """Codes such as HR-214."""
    return tuple(Name(f"{prefix}-{n}", (f"{prefix}{n}",)) for n in range(low, high + 1))


@cache
def extensions() -> tuple[Name, ...]:
    """Four-digit extension numbers."""
    return tuple(Name(f"{n}", (f"{n}번", f"내선 {n}", f"내선 {n}번")) for n in range(2101, 8999))


def coined(heads: str, tails: str) -> tuple[Name, ...]:
    """Names made of a head and a tail, both lists written with blanks."""
    return tuple(Name(head + tail) for head in heads.split() for tail in tails.split())
