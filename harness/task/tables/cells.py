"""Cells: each value is one text, however a file writes it; what holds no value says so."""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

__all__ = ["NoValue", "cell_of", "number_text"]

FILL = "Fill it in, or leave the row out."
DEEPEST = 50  # lists and objects in one another
LONGEST = 30  # digits of a number that is written out


@dataclass(frozen=True, slots=True)
class NoValue:
    """A cell that holds no value; it stops only whoever needs the cell."""

    why: str  # follows the column's name: "is NaN, no value"
    hint: str = FILL


_HALF = re.compile("[\ud800-\udfff]")
DEEP = NoValue("is nested too deeply", "Write it flatter.")
HALF = NoValue("holds half a character (a lone surrogate)", "Write the character whole.")


def cell_of(value: object) -> object:
    """Returns a value as a text in NFC, a list, a dict, or a `NoValue`; nothing is ""."""
    if isinstance(value, (list, tuple, dict)):
        return _nested(value) if not _is_deep(value) else DEEP
    return _single(value)


def _nested(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return list(map(_nested, value))
    if isinstance(value, dict):
        return {str(_single(key)): _nested(each) for key, each in value.items()}
    return _single(value)


def _is_deep(value: object) -> bool:
    """Whether lists and objects stand in one another more than `DEEPEST` times."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            item
            for each in level
            if isinstance(each, (list, tuple, dict))
            for item in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True


def _single(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str):
        if value.isascii():
            return value
        return unicodedata.normalize("NFC", value) if not _HALF.search(value) else HALF
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return number_text(value) if _is_finite(value) else NoValue(f"is {_kind(value)}, no value")
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time() and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat(" ")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return NoValue(f"holds {len(value)} bytes, not a text", "Write it as text.")
    return str(value) if not isinstance(value, NoValue) else value


def _is_finite(value: float | Decimal) -> bool:
    return value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)


def _kind(value: float | Decimal) -> str:
    return "NaN" if math.isnan(value) else "infinite"


def number_text(value: float | Decimal) -> str:
    """Writes a finite number in one way: 1 and 1.0 are ``1``, 0.10 is ``0.1``."""
    if isinstance(value, int):
        return str(value)
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not number:
        return "0"
    if not -LONGEST < number.adjusted() < LONGEST:
        return str(number)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
