"""The values that a fact may take: plausible for its attribute, many enough to be told apart."""

from __future__ import annotations

import re
from functools import cache

from .values import Amount, Day, Items, Name, Percentage, Period, YesNo

dates, yearly, monthly = cache(Day.dates), cache(Day.yearly), cache(Day.monthly)
lists, pairs, yes_or_no = Items.lists, Items.pairs, YesNo.both

_SPAN = re.compile(r"([a-z ]+?) ([\d ]+)")


@cache
def dollars(low: int, high: int, step: int) -> tuple[Amount, ...]:
    """Amounts from `low` to `high` in steps, in dollars."""
    return tuple(Amount(amount) for amount in range(low, high + 1, step))


@cache
def periods(
    unit: str, low: int, high: int, step: int = 1, role: str = "span"
) -> tuple[Period, ...]:
    """Periods of one unit that a rule would name: up to ten, then round ones."""
    numbers = range(low, high + 1, step)
    return tuple(_tidy(number, unit, role) for number in numbers if _is_round(number, unit))


def _is_round(number: int, unit: str) -> bool:
    """Whether one says it: 45 days, 6 weeks in days, 18 months; hours and years as they come."""
    steps = {"day": (4, 5, 6, 7), "business day": (4, 5, 6), "month": (2, 3, 5), "minute": (5,)}
    return number <= 10 or any(number % step == 0 for step in steps.get(unit, (1,)))


@cache
def spans(text: str, role: str = "span") -> tuple[Period, ...]:
    """Periods of several units, written as "day 10 15|month 1 2"."""
    return tuple(
        _tidy(int(number), unit, role)
        for unit, numbers in _SPAN.findall(text)
        for number in numbers.split()
    )


def _tidy(number: int, unit: str, role: str) -> Period:
    """Writes whole years as years when months go past eleven."""
    if unit == "month" and number % 12 == 0:
        return Period(number // 12, "year", role)
    return Period(number, unit, role)


@cache
def percentages(low: int, high: int, step: int = 1, base: str = "") -> tuple[Percentage, ...]:
    """Whole percentages from `low` to `high` in steps."""
    return tuple(Percentage(number, base) for number in range(low, high + 1, step))


@cache
def shares(low: int, high: int, base: str = "") -> tuple[Percentage, ...]:
    """Percentages that a rule would name: those that 4 or 5 divides."""
    numbers = range(low, high + 1)
    return tuple(Percentage(number, base) for number in numbers if not number % 4 * (number % 5))


@cache
def codes(prefix: str, low: int, high: int, noun: str = "code") -> tuple[Name, ...]:
    """Codes such as HR-214, also with what they are before them ("form HR-214")."""
    return tuple(
        Name(f"{prefix}-{n}", (f"{prefix}{n}", f"{noun} {prefix}-{n}", f"{noun} {prefix}{n}"))
        for n in range(low, high + 1)
    )


@cache
def extensions() -> tuple[Name, ...]:
    """Four-digit extension numbers."""
    also = ("extension {}", "ext. {}", "x{}", "number {}")
    return tuple(Name(f"{n}", tuple(text.format(n) for text in also)) for n in range(2101, 8999))


def coined(heads: str, tails: str, space: str = "") -> tuple[Name, ...]:
    """Names made of a head and a tail, both lists written with blanks; `space` stands between."""
    spaced = [(head, tail) for head in heads.split() for tail in tails.split()]
    also = " " if not space else ""
    return tuple(Name(f"{head}{space}{tail}", (f"{head}{also}{tail}",)) for head, tail in spaced)
