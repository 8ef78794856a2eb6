"""Dates: 2023.3.1, 2023-03-01, 2023년 3월 1일, March 1, 2023, 3월 1일, 2023년 3월."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator

from harness.metrics.values.value import Found, Value
from harness.text import words

__all__ = ["find_dates"]

_MONTH_NAMES = """
    january/jan february/feb march/mar april/apr may june/jun july/jul august/aug
    september/sept/sep october/oct november/nov december/dec
"""
_MONTHS = {
    name: number
    for number, names in enumerate(words(_MONTH_NAMES), start=1)
    for name in names.split("/")
}
_NAME = rf"(?P<name>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:1[6-9]|20|21)\d\d)"
_END = r"(?!\d|[.-]\d)"
_WEEKDAY = r"(?:\s?\((?:[월화수목금토일](?:요일)?|(?:mon|tue|wed|thu|fri|sat|sun)\w*)\))?"
_PATTERNS = tuple(
    re.compile(rf"(?<![A-Za-z\d.])(?:{pattern})", re.I)
    for pattern in (
        rf"{_YEAR}\s?년\s?(?P<month>\d{{1,2}})\s?월\s?(?P<day>\d{{1,2}})\s?일{_WEEKDAY}",
        rf"{_YEAR}\s?년[가-힣\s]{{1,24}}?(?P<month>\d{{1,2}})\s?월\s?(?P<day>\d{{1,2}})\s?일",
        rf"(?:{_YEAR}\s?년\s?)?(?:매년\s)?(?P<month>\d{{1,2}})\s?월\s?(?P<last>말일|마지막\s?날)",
        rf"(?P<last>(?:the\s)?(?:end|last\sday|close)\sof\s){_NAME}(?:,?\s{_YEAR})?(?!\d)",
        r"'?(?P<year>\d\d)\s?년\s?(?P<month>\d{1,2})\s?월\s?(?P<day>\d{1,2})\s?일" + _WEEKDAY,
        rf"{_YEAR}(?P<mark>[./-])\s?(?P<month>\d{{1,2}})(?P=mark)\s?(?P<day>\d{{1,2}})\.?{_END}"
        + _WEEKDAY,
        rf"{_NAME}\s{_DAY}(?:,\s?|\s){_YEAR}(?!\d)",
        rf"(?:the\s)?{_DAY}\s(?:of\s)?{_NAME},?\s{_YEAR}(?!\d)",
        r"(?P<first>\d{1,2})(?P<mark>[/.-])(?P<second>\d{1,2})(?P=mark)" + _YEAR + _END,
        rf"{_YEAR}\s?년\s?(?P<month>\d{{1,2}})\s?월(?!\s?\d)",
        rf"{_YEAR}[.-](?P<month>0[1-9]|1[0-2])(?![\d-]|\.\d|\s?(?:%|원|달러))",
        rf"{_YEAR}(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?![\d.,]|\s?[가-힣%])",
        rf"(?:(?<=in\s)|(?<=since\s)|(?<=during\s)|(?<=fiscal\s)|(?<=by\s)|(?<=end\sof\s)){_YEAR}(?![\d,.%]\d?\w)",
        rf"{_NAME},?\s{_YEAR}(?!\d)",
        rf"(?:매년\s)?(?P<month>\d{{1,2}})\s?월\s?(?P<day>\d{{1,2}})\s?일{_WEEKDAY}",
        rf"{_NAME}\s{_DAY}(?![\d%]|,\d)",
        rf"(?:the\s)?{_DAY}\s(?:of\s)?{_NAME}(?!\w)",
        rf"{_YEAR}\s?년(?:도)?(?!\s?(?:간|동안|\d))",
        r"(?P<month>\d{1,2})월(?!\s?\d)",
        r"(?:매월|매달)\s?(?P<day>\d{1,2})\s?일",
        rf"(?:the\s)?{_DAY}\s(?:day\s)?of\s(?:each|every|the)\smonth",
    )
)
_HINT = re.compile(r"\d\s?[년월./-]|월\s?\d|매달|month|(?:1[6-9]|20|21)\d\d|" + _NAME, re.I)


def find_dates(text: str) -> Iterator[Found]:
    """Yields the dates of a prepared text, which may lie inside one another: fuller ones first.

    A date that can be read in two ways (01/02/2023) is equal to its own text alone.
    """
    if not _HINT.search(text):
        return
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if (value := _value(match)) is not None:
                yield Found(match.start(), match.end(), value, match.span())


def _value(match: re.Match[str]) -> Value | None:
    parts = match.groupdict()
    year, day = parts.get("year"), parts.get("day")
    if "first" in parts:
        return _of_figures(match[0], int(match["first"]), int(match["second"]), int(match["year"]))
    name = parts.get("name")
    month = _MONTHS[name.lower()] if name else parts.get("month")
    if parts.get("last") and month and 1 <= int(month) <= 12:
        day = str(calendar.monthrange(int(year or 2023), int(month))[1])
    date = tuple(int(part) if part else None for part in (year, month, day))
    if not _is_possible(date):
        return None
    return Value("date", (year, *date[1:]) if year and len(year) == 2 else date)


def _of_figures(text: str, first: int, second: int, year: int) -> Value | None:
    if first != second and first <= 12 and second <= 12:
        return Value("date", (text,))
    month, day = (second, first) if first > 12 else (first, second)
    return Value("date", (year, month, day)) if _is_possible((year, month, day)) else None


def _is_possible(date: tuple[int | None, ...]) -> bool:
    _, month, day = date
    return (month is None or 1 <= month <= 12) and (day is None or 1 <= day <= 31)
