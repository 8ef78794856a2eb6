"""Whether two values mean the same, given the question that both answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from harness.metrics.values.comparisons import named
from harness.metrics.values.numerals import SCALES, prepared
from harness.metrics.values.quantities import singular
from harness.metrics.values.units import MARKS, UNIT, Unit, unit_named
from harness.metrics.values.value import Value

__all__ = ["asked_units", "same_set", "same_value"]

_KOREAN = ("천", "만", "십만", "백만", "천만", "억", "십억", "백억", "천억", "조")
_SCALES_KO = {word: 10**power for power, word in enumerate(_KOREAN, start=3)}
_SCALED_KO = re.compile(
    rf"(?<![\d가-힣])(?:몇\s?)?(?P<scale>{'|'.join(sorted(_SCALES_KO, key=len, reverse=True))})?"
    r"\s?(?P<unit>원|달러|유로|엔|위안|명|건|주)"
)
_SCALED_AFTER = re.compile(
    r"(USD|EUR|GBP|JPY|KRW|CHF|US\$|\$|€|£|₩)\s?(thousand|million|billion|mn|bn|k|m)s?\b", re.I
)
_SCALED_EN = re.compile(r"\b(thousand|million|billion)s?\s(?:of\s)?(?:US\s)?(\w+)?", re.I)
_ASKED = re.compile(r"(?:몇|in)\s?(?=[%a-z가-힣])", re.I)
_MARKED = re.compile(r"\b(USD|EUR|GBP|JPY|KRW|CHF|AUD|CAD|HKD|CNY)\b")


def same_value(right: Value, value: Value, question: str = "") -> bool:
    """Says whether a value is the right one.

    A unit that one of the two lacks has to be in the question ("How many policies?", "몇 %").
    """
    if right.kind != value.kind:
        return _same_digits(right, value)
    if right.comparison != value.comparison and not _asked_for(right, value, question):
        return False
    right, value = right.bare, value.bare
    if right == value:
        return True
    if right.kind == "date":
        return _same_date(right, value)
    if (right.unit, value.unit) in (("%", "bp"), ("%p", "bp"), ("bp", "%p")):
        return right.parts == value.parts
    if right.kind != "number" or len(right.parts) != len(value.parts):
        return False
    if bool(right.unit) == bool(value.unit):
        return False
    lacking, having = (value, right) if right.unit else (right, value)
    return _same_in_unit(lacking, having, question)


def _same_digits(right: Value, value: Value) -> bool:
    """Whether a telephone number is written once without hyphens, or a year without 년."""
    kinds = {right.kind, value.kind}
    years = all(one.kind == "number" or one.parts[1:] == (None, None) for one in (right, value))
    if not (kinds == {"code", "number"} or (kinds == {"date", "number"} and years)):
        return False
    if right.unit or value.unit or len(right.parts) != len(value.parts) and "date" not in kinds:
        return False
    return len({_digits(one) for one in (right, value)}) == 1


def _digits(value: Value) -> str:
    part = value.parts[0]
    return f"{part:f}" if isinstance(part, Decimal) else str(part)


def same_set(right: Iterable[Value], values: Iterable[Value], question: str = "") -> bool:
    """Says whether two sets of values are the same, order aside."""
    right, values = list(right), list(values)
    return all(any(same_value(one, value, question) for value in values) for one in right) and all(
        any(same_value(one, value, question) for one in right) for value in values
    )


def _asked_for(right: Value, value: Value, question: str) -> bool:
    """Whether the question itself asks for the comparison that only one of the two has."""
    given = {right.comparison, value.comparison} - {""}
    return len(given) == 1 and named(question, given.pop())


def _same_date(right: Value, value: Value) -> bool:
    """Also equal are two of which one has its year in two figures (27년 6월 15일)."""
    if len(right.parts) != 3 or len(value.parts) != 3 or right.parts[1:] != value.parts[1:]:
        return False
    years = {right.parts[0], value.parts[0]}
    short = [year for year in years if isinstance(year, str)]
    long = [year for year in years if isinstance(year, int)]
    return len(short) == len(long) == 1 and long[0] % 100 == int(short[0])


def _same_in_unit(lacking: Value, having: Value, question: str) -> bool:
    numbers = lacking.parts
    fraction = any(number != int(Decimal(str(number))) for number in numbers)
    if having.unit == "%" and fraction and not _names(question, having):
        return tuple(Decimal(str(number)) * 100 for number in numbers) == having.parts
    if numbers == having.written and _names(question, having):
        return True
    return any(
        unit.base == having.unit
        and tuple(Decimal(str(number)) * unit.factor for number in numbers) == having.parts
        for unit in asked_units(question)
    )


def _names(question: str, value: Value) -> bool:
    """Whether a question has the unit of a value in it."""
    text = value.unit_text
    if not text:
        return value.unit in {unit.base for unit in asked_units(question)}
    if "가" <= text[0] <= "힣":
        return bool(
            re.search(rf"(?:몇\s?|[(\d천만억조]\s?|(?<![가-힣])){text}|{text}(?:호|수)", question)
        )
    words = {singular(word) for word in re.findall(r"[a-z]+|%", prepared(question).lower())}
    return singular(text) in words or value.unit in {unit.base for unit in asked_units(question)}


@lru_cache(maxsize=2048)
def asked_units(question: str) -> tuple[Unit, ...]:
    """Lists the units that a question asks for: 몇 백만원, (EUR), in thousands of dollars."""
    question = prepared(question)
    units = [Unit(match[1].upper()) for match in _MARKED.finditer(question)]
    units += [
        Unit(unit_named(unit).base, Decimal(_SCALES_KO.get(match["scale"], 1)))
        for match in _SCALED_KO.finditer(question)
        if (unit := UNIT.match(question, match.start("unit")))
    ]
    for match in _SCALED_EN.finditer(question):
        scaled_unit = UNIT.match(f" {match[2] or ''}")
        name = unit_named(scaled_unit).base if scaled_unit else ""
        units.append(Unit(name, Decimal(SCALES[match[1].lower()])))
    units += [
        Unit(MARKS[match[1].upper()], Decimal(SCALES[match[2].lower()]))
        for match in _SCALED_AFTER.finditer(question)
    ]
    asked = (UNIT.match(question, match.end()) for match in _ASKED.finditer(question))
    return (*units, *(unit_named(unit) for unit in asked if unit))
