"""Reads what raters filled in, and refuses what is doubtful, with file, row and column."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import DataError
from harness.runs.grading.sheet import COLUMNS, TEXTS, Key, marks, read_key
from harness.task.tables import Line, read_table, require_columns

__all__ = ["Grade", "read_grades"]

WORDS = {"right": 1.0, "wrong": 0.0, "정답": 1.0, "오답": 0.0}
HINT = "A grade is right (정답), wrong (오답), or points from 0 to 1."


@dataclass(frozen=True, slots=True)
class Grade:
    """What one rater said of an answer."""

    rater: str
    row: str  # its id
    runs: tuple[str, ...]  # that gave the answer
    value: float  # 0 wrong to 1 right
    minutes: float | None


def read_grades(
    files: Sequence[Path], results: Path, notify: Callable[[str], None]
) -> tuple[Key, list[Grade]]:
    """Reads the sheets of one export, a file for each rater.

    Raises:
        DataError: A sheet of another export, a rater or a row twice, an unknown row, a text that was
            changed, or a grade that can't be read.
    """
    tables = [read_table(path) for path in files]
    for table in tables:
        require_columns([name for name in COLUMNS if name != "passages"], table.lines, table.name)
    start = tables[0].lines[0]
    key = read_key(results, start.text("code").split("-")[0], start.origin)
    grades: list[Grade] = []
    raters: dict[str, str] = {}
    for table in tables:
        found, rater = _read(table.lines, key)
        if rater in raters:
            raise DataError(
                f"{table.name} is rater {rater}'s, as {raters[rater]} is",
                "Each rater fills in a file of their own: export --raters 2 writes two.",
            )
        raters[rater] = table.name
        _say_missing(table.name, table.lines, found, key, rater, notify)
        grades += [grade for _, grade in found]
    if not grades:
        raise DataError(f"{tables[0].name} has no grade", HINT)
    return key, grades


def _read(lines: Sequence[Line], key: Key) -> tuple[list[tuple[int, Grade]], str]:
    """Returns the grades with their places, and whose they are."""
    found, seen = [], set[str]()
    rater = lines[0].text("code").split("-")[1:2]
    for place, line in enumerate(lines):
        code = line.text("code")
        if code not in key.answers or code.split("-")[1:2] != rater:
            raise DataError(
                f"{line.origin}: the code {code!r} is none of this sheet",
                "Put the code back, or export the sheet again: it comes out the same.",
            )
        if code in seen:
            raise DataError(f"{line.origin}: the code {code!r} stands there a second time", "")
        seen.add(code)
        answer = key.answers[code]
        now = marks({name: line.text(name) for name in TEXTS})
        for name, before, after in zip(TEXTS, answer.marks, now, strict=True):
            if before != after:
                raise DataError(
                    f"{line.origin}: {name!r} isn't what was exported",
                    "Grades go with the text that was seen; remarks go into 'comment'.",
                )
        value, minutes = _grade(line), _minutes(line)
        if value is not None:
            found.append((place, Grade(rater[0], answer.row, answer.runs, value, minutes)))
    return found, rater[0]


def _grade(line: Line) -> float | None:
    """Returns a grade; None where the cell is empty."""
    text = line.text("grade").casefold()
    if not text:
        return None
    if text in WORDS:
        return WORDS[text]
    value = _number(text)
    if value is None or not 0 <= value <= 1:
        raise DataError(f"{line.origin}: 'grade' is {text!r}", HINT)
    return value


def _minutes(line: Line) -> float | None:
    text = line.text("minutes")
    value = _number(text)
    if text and (value is None or value < 0):
        raise DataError(f"{line.origin}: 'minutes' is {text!r}", "Write a number, or nothing.")
    return value


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _say_missing(
    name: str,
    lines: Sequence[Line],
    found: Sequence[tuple[int, Grade]],
    key: Key,
    rater: str,
    notify: Callable[[str], None],
) -> None:
    """Says what isn't filled in: rows that were left out may be those that are hard to grade."""
    asked = Counter(code.split("-")[1] for code in key.answers)[rater]
    places = {place for place, _ in found}
    if missing := asked - len(found):
        between = [n for n in range(max(places, default=0)) if n not in places]
        text = f"{name}: {missing} of {asked} answers have no grade"
        if between:
            text += (
                f", {len(between)} of them before others that have one (first: "
                f"{lines[between[0]].origin}): if these are the hard ones, the estimate is biased"
            )
        notify(text)
    if silent := sum(grade.minutes is None for _, grade in found):
        notify(f"{name}: no minutes beside {silent} grades: people's time is counted too low")
