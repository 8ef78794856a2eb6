"""Finds the values in a text, and reads a text that is nothing but values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from harness.metrics.values.codes import find_codes
from harness.metrics.values.comparisons import after, before
from harness.metrics.values.dates import find_dates
from harness.metrics.values.numerals import prepared
from harness.metrics.values.quantities import Quantity, find_quantities
from harness.metrics.values.value import Found, Value

__all__ = ["find_values", "whole"]

_RANGE = re.compile(r"\s?[~-]\s?|에서\s?|부터\s?|\s?내지\s?|\s(?:to|through)\s", re.I)
_BOUND = re.compile(r"(?:부터|까지)(?=[\s,.]|[은는의만]|입니다|이다|예요|이에요|$)")
_BOUNDS = re.compile(r"\s?(?:~|에서|부터|이고|이며|,|and)?\s?(?:to\s)?", re.I)
_ENDING = r"(?:까지)?(?:입니다|이에요|예요|이다|이요|요|임|이며|이고)"
_FILLER = re.compile(
    rf"(?:연\s)?{_ENDING}?[\s.,;:!?·~/()\[\]\"'“”‘’*]*(?:(?:및|그리고|and|와|과)(?=\s|$)\s?)?", re.I
)


@lru_cache(maxsize=8192)
def find_values(text: str) -> tuple[Found, ...]:
    """Lists in order the values that a text names; places are those of the prepared text."""
    text = prepared(text)
    found: list[Found] = []
    for candidate in (*find_dates(text), *find_codes(text)):
        if all(candidate.end <= other.start or candidate.start >= other.end for other in found):
            found.append(candidate)
    rest = _masked(text, found)
    found += [_number(quantity) for quantity in _ranged(rest)]
    compared = [_compared(text, one) for one in sorted(found, key=lambda one: one.start)]
    return tuple(_bounded(text, compared))


@lru_cache(maxsize=8192)
def whole(text: str) -> frozenset[Value]:
    """Returns the values that a text consists of; none where it says anything beside them."""
    found, text = find_values(text), prepared(text)
    position = 0
    for one in found:
        if not _FILLER.fullmatch(text, position, one.start):
            return frozenset()
        position = one.end
    if not found or not _FILLER.fullmatch(text, position):
        return frozenset()
    return frozenset(one.value for one in found)


def _masked(text: str, found: list[Found]) -> str:
    for one in found:
        text = text[: one.start] + "\0" * (one.end - one.start) + text[one.end :]
    return text


def _ranged(text: str) -> Iterator[tuple[Quantity, ...]]:
    """Yields quantities, two that are the ends of a range together."""
    left: Quantity | None = None
    for quantity in find_quantities(text):
        if left and _is_range(text, left, quantity):
            yield left._replace(unit=left.unit if left.unit.base else quantity.unit), quantity
            left = None
            continue
        if left:
            yield (left,)
        left = quantity
    if left:
        yield (left,)


def _is_range(text: str, left: Quantity, right: Quantity) -> bool:
    if left.unit.base not in ("", right.unit.base):
        return False
    if _RANGE.fullmatch(text, left.end, right.start):
        return True
    lead = text[max(0, left.start - 8) : left.start].lower()
    return text[left.end : right.start].lower() == " and " and lead.endswith("between ")


def _number(ends: tuple[Quantity, ...]) -> Found:
    unit = ends[0].unit
    span = (ends[0].start, ends[-1].end)
    value = Value(
        "number",
        tuple(end.total.normalize() for end in ends),
        unit.base,
        written=tuple(end.number.normalize() for end in ends),
        unit_text=unit.text,
    )
    return Found(*span, value, span)


def _bounded(text: str, found: list[Found]) -> Iterator[Found]:
    """Yields values, a lower and an upper bound together as a range: 19세 이상 65세 이하."""
    left: Found | None = None
    for one in found:
        if left and _are_bounds(left, one) and _BOUNDS.fullmatch(text, left.end, one.start):
            both = replace(
                left.value,
                parts=(*left.value.parts, *one.value.parts),
                comparison="",
                written=(*left.value.written, *one.value.written),
            )
            yield Found(left.start, one.end, both, (left.core[0], one.core[1]))
            left = None
            continue
        if left:
            yield left
        left = one
    if left:
        yield left


def _are_bounds(left: Found, right: Found) -> bool:
    limits = (left.value.comparison, right.value.comparison)
    same = left.value.unit == right.value.unit and left.value.kind == right.value.kind == "number"
    return limits == (">=", "<=") and same and len(left.value.parts + right.value.parts) == 2


def _compared(text: str, found: Found) -> Found:
    """Adds the comparison that stands around a value."""
    if found.value.kind in ("code", "grade"):
        return found
    left, start = before(text, found.start)
    if found.value.kind == "number" and len(found.value.parts) == 1 and not left:
        bound = _BOUND.match(text, found.end)
        if bound:
            limited = replace(found.value, comparison=">=" if bound[0] == "부터" else "<=")
            return Found(start, bound.end(), limited, found.core)
    right, end = after(text, found.end)
    value = found.value
    return Found(start, end, replace(value, comparison=left or right), found.core)
