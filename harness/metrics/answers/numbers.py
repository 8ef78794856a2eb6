"""Whether an answer gives the right number: percent, scale, rounding and tolerance.

After the rules of FinQA (Chen et al., 2021, EMNLP 3697-3711) and TAT-QA (Zhu et al., 2021, ACL
3277-3287): 0.153 and 15.3 % are one number, and an answer is rounded as the right one is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from harness.metrics.values.equality import asked_units
from harness.metrics.values.numerals import SCALES, prepared
from harness.metrics.values.reading import find_values, whole
from harness.metrics.values.units import MARKS, PERIODS, Unit
from harness.metrics.values.value import Found, Value

__all__ = ["NEAR", "Number", "is_off_by_scale", "number_in", "read_number", "same_number"]

NEAR = Decimal("0.005")
"""Share of the right number within which one that differs by a power of ten is off by scale."""
_POWERS = tuple(sign * power for power in (2, 3, 4, 6, 8, 9, 12) for sign in (1, -1))
_SHARES = ("%", "%p", "bp")
_PERCENT = re.compile(r"%|percent|per\scent|\bpct\b|퍼센트|프로(?![가-힣])|백분율", re.I)
_EXPONENT = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?e[-+]?\d{1,2}(?![\w.])", re.I)
_LITERAL = re.compile(r"(?P<whole>\d[\d,]*)?(?:\.(?P<decimals>\d+))?")
_CUE = re.compile(r"(?:\banswer\b|정답|답)\s*(?:is|are|은|는|:|：|=)\s*", re.I)
_IN = re.compile(r"\bin\s(thousand|million|billion|trillion)s?\b", re.I)
_RESULT = re.compile(r"[=≈]")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it stands in a text."""

    text: str
    amount: Decimal  # in what its unit is counted in
    written: Decimal  # in the unit that stands there
    unit: str  # ``%``, ``USD``, ``month``, a word; empty without any
    step: Decimal  # a one in the last figure that stands there, as an amount
    comparison: str = ""  # ``>=``; an approximate number is a number

    @property
    def is_share(self) -> bool:
        """Whether it is a percentage."""
        return self.unit in _SHARES


@lru_cache(maxsize=8192)
def read_number(text: str) -> Number | None:
    """Reads a text that is a number, with its unit; None where it says anything else."""
    text = _plain(text)
    numbers = list(_numbers(text))
    return numbers[0] if len(numbers) == 1 and len(whole(text)) == 1 else None


@lru_cache(maxsize=8192)
def number_in(answer: str) -> Number | None:
    """Finds the number that an answer gives; None where it gives none, or several.

    The answer is the number alone, or says after a cue ("the answer is") or its last equals sign
    which one is meant, or its first line holds no other number.
    """
    answer = _plain(answer)
    lines = [line for line in answer.split("\n") if line.strip()]
    for line in lines:
        if number := read_number(line):
            return number
    cues = list(_CUE.finditer(answer))
    if cues:
        return next(_numbers(answer[cues[-1].end() :].split("\n", 1)[0]), None)
    line = next((line for line in lines if any(_numbers(line))), "")
    results = list(_RESULT.finditer(line))
    if results and (number := next(_numbers(line[results[-1].end() :]), None)):
        return number
    found = {(each.amount, each.unit): each for each in _numbers(line)}
    return next(iter(found.values())) if len(found) == 1 else None


def same_number(
    right: Number, given: Number, question: str = "", tolerance: float | None = None
) -> bool:
    """Says whether a number is the right one.

    It may be off by half a one in the last figure of the right one, or by a share of it
    (`tolerance`). A percentage is also a fraction of 1 (15.3 % and 0.153). A unit, a scale ("in
    millions") or a percent sign that one of the two lacks has to be in the question, a currency or
    a noun doesn't.
    """
    if right.comparison.strip("~") != given.comparison.strip("~"):
        return False
    most = max(right.step / 2, abs(right.amount) * Decimal(str(tolerance or 0)))
    return any(abs(each - right.amount) <= most for each in _meant(right, given, question))


def is_off_by_scale(right: Number, given: Number, question: str = "") -> bool:
    """Says whether a wrong number has the right figures: 15.3 for 0.153, 5 for 5 million."""
    most = NEAR * abs(right.amount)
    return bool(right.amount) and any(
        abs(each.scaleb(power) - right.amount) <= most
        for each in _meant(right, given, question)
        for power in _POWERS
    )


def _meant(right: Number, given: Number, question: str) -> Iterator[Decimal]:
    """Yields what a number can mean as an amount in the right one's unit."""
    percent = bool(_PERCENT.search(question))
    if right.is_share and given.is_share:
        yield given.amount
    elif right.is_share and not given.unit:
        yield given.amount * 100
        if percent:
            yield given.amount
    elif given.is_share and not right.unit:
        yield given.amount / 100
        if percent:
            yield given.amount
    elif right.unit == given.unit:
        yield given.amount
        yield from _scaled(right, given, question)
    elif right.unit and given.unit:
        if not ({right.unit, given.unit} & _FIXED):  # two nouns for what is counted
            yield given.amount
    else:
        yield given.written * _factor(right) if right.unit else given.written
        yield from _scaled(right, given, question)


_FIXED = frozenset({*MARKS.values(), *PERIODS, *_SHARES})


def _factor(number: Number) -> Decimal:
    return number.amount / number.written if number.written else Decimal(1)


def _scaled(right: Number, given: Number, question: str) -> Iterator[Decimal]:
    """Yields what it means where the question says in what it is asked for: in millions."""
    factors = {unit.factor for unit in asked_units(question) if _fits(unit, right, given)}
    factors |= {Decimal(SCALES[match[1].lower()]) for match in _IN.finditer(question)}
    for factor in sorted(factors - {1}):
        yield given.amount / factor
        yield given.amount * factor


def _fits(unit: Unit, right: Number, given: Number) -> bool:
    return unit.base in ("", right.unit, given.unit)


def _plain(text: str) -> str:
    """Writes exponents out, and what looks alike as one character."""
    text = _EXPONENT.sub(lambda match: f"{Decimal(match[0]):f}", text)
    return "\n".join(map(prepared, text.split("\n")))


def _numbers(text: str) -> Iterator[Number]:
    text = prepared(text)
    for found in find_values(text):
        value = found.value
        if value.kind == "number" and len(value.parts) == 1:
            yield _number(text, found, value)


def _number(text: str, found: Found, value: Value) -> Number:
    amount, written = Decimal(str(value.parts[0])), value.written[0]
    core = text[slice(*found.core)]
    step = _step(core, amount)
    said = text[found.start : found.end].strip()
    return Number(said, amount, written, value.unit, step, value.comparison)


def _step(core: str, amount: Decimal) -> Decimal:
    """Returns a one in the last figure of a number: 0.1 of 15.3, 100,000 of 5.2 million."""
    literal = next((match for match in _LITERAL.finditer(core) if match[0]), None)
    if literal is None:  # in words
        return Decimal(0)
    digits = (literal["whole"] or "").replace(",", "")
    decimals = literal["decimals"] or ""
    figure = Decimal(f"{digits or 0}.{decimals or 0}")
    one = Decimal(1).scaleb(-len(decimals))
    if not figure:
        return one
    factor = abs(amount) / figure
    # 2억 5천만 has two figures of its own: its first one says nothing of its last.
    single = factor == Decimal(1).scaleb(factor.adjusted()) or len(_figures(core)) == 1
    return one * factor if single else Decimal(0)


def _figures(core: str) -> list[str]:
    return re.findall(r"\d[\d,.]*", core)
