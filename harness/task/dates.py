"""Reads dates as people write them, and refuses what may be two dates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from harness.errors import DataError, UsageError

__all__ = ["check_form", "read_dates"]

ORDERS = {"DMY": ("d", "m", "y"), "MDY": ("m", "d", "y"), "YMD": ("y", "m", "d")}
EXCEL_EPOCH = datetime.combine(date(1899, 12, 30), time())
HINT = "Write it as 2024-09-01, leave the row out, or name its pattern: --date-format '%d.%m.%y'."

_Y, _M, _D = r"(?P<y>(?:1[89]|2[01])\d\d)", r"(?P<m>\d{1,2})", r"(?P<d>\d{1,2})"
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = rf"(?P<name>{'|'.join(_NAMES)})[a-z]*\.?"
_STYLES = [  # how a note calls it, and what it looks like
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in [
        ("2024-09-01", rf"{_Y}-{_M}-{_D}"),
        ("2024.9.1", rf"{_Y}\.\s*{_M}\.\s*{_D}\.?"),
        ("2024/9/1", rf"{_Y}/{_M}/{_D}"),
        ("2024년 9월 1일", rf"{_Y}년\s*{_M}월\s*{_D}일"),
        ("20240901", rf"{_Y}(?P<m>\d\d)(?P<d>\d\d)"),
        ("1 Sep 2024", rf"{_D}(?:st|nd|rd|th)?[-\s]*{_NAME}[-,\s]*{_Y}"),
        ("Sep 1, 2024", rf"{_NAME}\s*{_D}(?:st|nd|rd|th)?,?\s+{_Y}"),
        ("a month", rf"{_Y}[-/]{_M}"),
        ("a month", rf"{_Y}년\s*{_M}월"),
        ("a month", rf"{_Y}\.(?P<m>\d\d)\.?"),  # 2024.1 may be October, written as a number
        ("a month", rf"{_Y}\.\s+{_M}\.?"),
        ("a month", rf"{_NAME}[-,\s]*{_Y}"),
        ("a quarter", rf"{_Y}[-/\s]*Q(?P<q>[1-4])"),
        ("a quarter", rf"{_Y}[-/.\s]*(?P<q>[1-4])Q"),
        ("a quarter", rf"{_Y}년?\s*(?P<q>[1-4])\s*분기"),
        ("a quarter", rf"Q(?P<q>[1-4])[-/\s]*{_Y}"),
        ("a quarter", rf"(?P<q>[1-4])Q[-/\s]*{_Y}"),
        ("half a year", rf"{_Y}[-/\s]*H(?P<h>[12])"),
        ("half a year", rf"H(?P<h>[12])[-/\s]*{_Y}"),
        ("half a year", rf"{_Y}년?\s*(?P<half>[상하])반기"),
        ("a week", rf"{_Y}-?W(?P<w>\d\d)(?:-?(?P<weekday>[1-7]))?"),
        ("a year", rf"{_Y}년?"),
    ]
]
_NUMBERS = ("days, as Excel counts", "seconds since 1970")
_BASIC = re.compile(r"^(\d{8})T(\d\d)(\d\d)(\d\d)")  # ISO 8601 without separators
_NUMERIC = re.compile(r"(\d{1,2})([-./])\s*(\d{1,2})\2\s*(\d{4}|\d\d)\.?")
_WEEKDAY = re.compile(
    r"\s*\((?:[월화수목금토일]|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)\.?(?:요일)?\)"
    r"|^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+|\s[월화수목금토일]요일",
    re.IGNORECASE,
)
_ZONE = r"(?P<zone>Z|UTC|GMT|KST|[+-]\d\d(?::?\d\d)?)"
_TIME = re.compile(
    r"(?:(?<=\d)T|\s+)(?:(?P<before>오전|오후|AM|PM)\s*)?(?P<hour>\d{1,2})"
    r"(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r"|시(?:\s*(?P<minute2>\d{1,2})분)?(?:\s*(?P<second2>\d{1,2})초)?)"
    rf"\s*(?P<after>AM|PM)?\s*{_ZONE}?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Cell:
    place: str
    text: str


def check_form(form: str | None) -> None:
    """Raises `UsageError` where a form is neither one of `ORDERS` nor a pattern."""
    if form is not None and form not in ORDERS and "%" not in form:
        raise UsageError(
            f"{form!r} is no format of dates",
            f"{', '.join(ORDERS)} are, or a pattern such as %d.%m.%y.",
        )


def read_dates(
    cells: Sequence[tuple[str, str]],  # place in the file, and what stands there
    column: str,
    form: str | None = None,  # one of `ORDERS`, or a pattern of `datetime.strptime`
) -> tuple[list[datetime], list[str]]:
    """Returns the date of each cell, and notes on what was doubtful.

    All have no zone: they are as written where that is one zone, and otherwise in UTC.

    Raises:
        UsageError: The form is none.
        DataError: A cell is empty, is no date, or may be two dates; with its place.
    """
    check_form(form)
    written = [
        _Cell(place, _BASIC.sub(r"\1 \2:\3:\4", " ".join(text.split()))) for place, text in cells
    ]
    empty = [cell.place for cell in written if not cell.text]
    if empty:
        more = f" (and {len(empty) - 1} more)" if len(empty) > 1 else ""
        raise DataError(
            f"{empty[0]}: {column!r} is empty{more}", "Fill it in, or leave the row out."
        )
    if form is not None and "%" in form:
        return _one_zone([_by_pattern(cell, column, form) for cell in written], column)
    order, notes = _order(written, column, form)
    read = [_read(cell, column, order) for cell in written]
    moments, zones = _one_zone([moment for moment, _ in read], column)
    styles: dict[str, str] = {}
    for cell, (_, style) in zip(written, read, strict=True):
        styles.setdefault(style, cell.text)
    return moments, [*notes, *_ways(styles, column), *zones]


def _ways(styles: dict[str, str], column: str) -> list[str]:
    """Says where dates are numbers, or are written in several ways; each with an example."""
    notes = [
        f"{column!r} has numbers such as {styles[style]}, read as {style}"
        for style in _NUMBERS
        if style in styles
    ]
    if len(styles) > 1:
        parts = any(style.startswith(("a ", "half ")) for style in styles)
        first_day = "; a part of a year counts as its first day" * parts
        ways = "; ".join(styles.values())
        notes.append(f"{column!r} has dates in {len(styles)} ways, read alike: {ways}{first_day}")
    return notes


def _by_pattern(cell: _Cell, column: str, form: str) -> datetime:
    try:
        return datetime.strptime(cell.text, form)  # noqa: DTZ007 the pattern says the zone
    except ValueError as error:
        raise DataError(
            f"{cell.place}: {column!r} has {cell.text!r}, which isn't written as {form}",
            "Correct --date-format or the cell, or leave the row out.",
        ) from error


def _order(cells: Sequence[_Cell], column: str, form: str | None) -> tuple[str, list[str]]:
    """Returns in which order 01/02/2024 is read: as the form says, or as the rows show."""
    if form is not None:
        return form, []
    shown: dict[str, _Cell] = {}
    doubtful: _Cell | None = None
    for cell in cells:
        match = _NUMERIC.fullmatch(_date_part(cell.text))
        if match is None:
            continue
        first, second = int(match[1]), int(match[3])
        if len(match[4]) == 2:
            raise DataError(
                f"{cell.place}: {cell.text!r} may be several dates",
                f"Say how it is written: --date-format {', '.join(ORDERS)}.",
            )
        if (first > 12) != (second > 12):
            shown.setdefault("DMY" if first > 12 else "MDY", cell)
        elif first != second:
            doubtful = doubtful or cell
    if len(shown) > 1:
        day, month = shown["DMY"], shown["MDY"]
        raise DataError(
            f"{column!r} has the day first in {day.place} ({day.text}), and the month first in "
            f"{month.place} ({month.text})",
            "Write all in one way, such as 2024-09-01.",
        )
    if shown:
        ((order, cell),) = shown.items()
        name = "day/month/year" if order == "DMY" else "month/day/year"
        return order, [f"{column!r} is read as {name}, as {cell.place} shows ({cell.text})"]
    if doubtful is not None:
        raise DataError(
            f"{doubtful.place}: {doubtful.text!r} may be two dates, and no row shows which",
            "Say what stands first: --date-format DMY or MDY.",
        )
    return "DMY", []


def _date_part(text: str) -> str:
    """Returns what is left without weekday and time of day."""
    plain = _WEEKDAY.sub("", text)
    hour = _TIME.search(plain)
    return (plain[: hour.start()] if hour else plain).strip()


def _read(cell: _Cell, column: str, order: str) -> tuple[datetime, str]:
    """Returns a cell's date and how it is written."""
    plain = _WEEKDAY.sub("", cell.text)
    try:
        day, style = _day(_date_part(cell.text), order)
        return _with_time(day, _TIME.search(plain)), style
    except (ValueError, OverflowError) as error:
        raise DataError(f"{cell.place}: {column!r} has {cell.text!r}, no date", HINT) from error


def _day(text: str, order: str) -> tuple[datetime, str]:
    for style, pattern in _STYLES:
        if match := pattern.fullmatch(text):
            return _of_parts(match.groupdict()), style
    if match := _NUMERIC.fullmatch(text):
        parts = dict(zip(ORDERS[order], (match[1], match[3], match[4]), strict=True))
        if len(parts["y"]) == 2:
            year = int(parts["y"])
            parts["y"] = str(year + (2000 if year < 69 else 1900))  # as POSIX has it
        return _of_parts(parts), order
    if re.fullmatch(r"[2-7]\d{4}(\.\d+)?", text):
        return EXCEL_EPOCH + timedelta(days=float(text)), _NUMBERS[0]
    if re.fullmatch(r"\d{10}(\d{3})?(\.\d+)?", text):
        return datetime.fromtimestamp(int(text[:10]), UTC).replace(tzinfo=None), _NUMBERS[1]
    raise ValueError(text)


def _of_parts(parts: dict[str, str | None]) -> datetime:
    """Returns the day, or the first of the week, month, quarter, half or year."""
    year, month = int(parts["y"] or 0), int(parts.get("m") or 1)
    if week := parts.get("w"):
        weekday = int(parts.get("weekday") or 1)
        return datetime.combine(date.fromisocalendar(year, int(week), weekday), time())
    if name := parts.get("name"):
        month = 1 + _NAMES.index(name.casefold())
    elif quarter := parts.get("q"):
        month = 3 * int(quarter) - 2
    elif half := (parts.get("h") or parts.get("half")):
        month = 1 if half in ("1", "상") else 7
    day = date(year, month, int(parts.get("d") or 1))
    return datetime.combine(day, time())


def _with_time(day: datetime, match: re.Match[str] | None) -> datetime:
    if match is None:
        return day
    hour, half = int(match["hour"]), (match["before"] or match["after"] or "").casefold()
    if half and not 1 <= hour <= 12:
        raise ValueError("no hour of half a day")
    if half:
        hour = hour % 12 + 12 * (half in ("pm", "오후"))
    return day.replace(
        hour=hour,
        minute=int(match["minute"] or match["minute2"] or 0),
        second=int(match["second"] or match["second2"] or 0),
        microsecond=int((match["fraction"] or "0")[:6].ljust(6, "0")),
        tzinfo=_zone(match["zone"]),
    )


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    hours = {"Z": "+00", "UTC": "+00", "GMT": "+00", "KST": "+09"}.get(text.upper(), text)
    digits = hours[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if hours[0] == "-" else offset)


def _one_zone(moments: Sequence[datetime], column: str) -> tuple[list[datetime], list[str]]:
    """Takes the zone off: dates stay as written, or become those of UTC where zones differ."""
    offsets = Counter(moment.utcoffset() for moment in moments)
    if len(offsets) <= 1:
        return [moment.replace(tzinfo=None) for moment in moments], []
    in_utc = [
        (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        for moment in moments
    ]
    without = f", {offsets[None]:,} without a zone as of UTC" if offsets[None] else ""
    note = f"{column!r} has times of several zones: they are compared in UTC{without}"
    return [moment.replace(tzinfo=None) for moment in in_utc], [note]
