"""Writes the value of a workbook's cell as the sheet shows it, by its number format."""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal

from harness.task.tables.cells import number_text

__all__ = ["shown"]

_PART = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<skipped>[_*].)|\[\$(?P<sign>[^\]-]*)[^\]]*\]'
    r"|(?P<general>General)|(?P<bracket>\[[^\]]*\])|(?P<digits>[#0?][#0?,]*(?:\.[#0?]*)?,*|\.[#0?]+)|(?P<other>.)"
)
_COLOUR = re.compile(r"\[(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d+)\]", re.I)
_SECTION = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
PRECISE = 15  # digits that a sheet keeps of a number


def shown(value: object, code: str) -> object:
    """Returns texts for numbers, dates and truth values; anything else as it is."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return _moment(value, code)
    if isinstance(value, (int, float)):
        number = Decimal(value if isinstance(value, int) else f"{value:.{PRECISE}g}")
        return _number(number, code) or number_text(number)
    return value


def _moment(value: datetime.datetime | datetime.date | datetime.time, code: str) -> str:
    """Writes a date as ISO does, and of a time (midnight is none) what the format asks for."""
    plain = re.sub(r'"[^"]*"|\\.|\[\$[^\]]*\]', "", code).lower()
    clock = "%H:%M:%S" if "s" in plain else "%H:%M"
    if isinstance(value, datetime.time):
        return value.strftime(clock)
    timed = (
        isinstance(value, datetime.datetime) and value.time() != datetime.time() and "h" in plain
    )
    return value.strftime(f"%Y-%m-%d {clock}" if timed else "%Y-%m-%d")


def _number(number: Decimal, code: str) -> str:
    """Returns the number in a format, or "" where the format is none that is known here."""
    sections = _SECTION.split(_COLOUR.sub("", code))
    sign = "-" if number < 0 else ""
    section = sections[0]
    if number < 0 and len(sections) > 1:
        section, sign = sections[1], ""
    elif number == 0 and len(sections) > 2:
        section, sign = sections[2], ""
    parts = list(_PART.finditer(section))
    masks = [match["digits"] for match in parts if match["digits"]]
    others = "".join(match["other"] or match["bracket"] or "" for match in parts)
    if re.search(r"[a-z@/\[]", others, re.I) or not section:
        return ""
    size = abs(number) * 100 ** others.count("%")
    texts = [_digits(size, masks[0])] if len(masks) == 1 else _spread(size, masks)
    if not re.search("[1-9]", "".join(texts)) and masks:
        sign = ""
    written = "".join(
        texts.pop(0)
        if match["digits"]
        else number_text(size)
        if match["general"]
        else match["quoted"] or match["escaped"] or match["sign"] or match["other"] or ""
        for match in parts
    )
    return f"{sign}{' '.join(written.split())}"


def _spread(number: Decimal, masks: list[str]) -> list[str]:
    """Spreads the digits of a number over several places: ``000-00-00000``."""
    digits = _digits(number, "".join(masks))
    texts = []
    for mask in reversed(masks[1:]):
        texts.append(digits[-len(mask) :])
        digits = digits[: -len(mask)]
    return [digits, *reversed(texts)] if masks else []


def _digits(number: Decimal, mask: str) -> str:
    scale = len(mask) - len(mask.rstrip(","))
    whole, _, decimals = mask.rstrip(",").partition(".")
    rounded = (number / 1000**scale).quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    left, _, right = f"{rounded:f}".partition(".")
    least = len(decimals.rstrip("#?"))
    right = right[:least] + right[least:].rstrip("0")
    left = left.lstrip("0").zfill(whole.count("0"))
    if "," in whole:
        left = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", left)
    return f"{left}.{right}" if right or mask.endswith(".") else left
