"""A table of answers: CSV, JSONL and what else a table may be; an answer a row."""

from __future__ import annotations

from pathlib import Path

from harness.errors import DataError
from harness.runs.referee.log import Answer, Log
from harness.task.tables import FORMATS, Line, read_table

__all__ = ["KNOWN", "read", "recognise"]

KNOWN = "a table with the columns id (or the question's) and answer"
ANSWERS = ("answer", "prediction", "output", "text")


def recognise(path: Path, head: str) -> bool:
    """Whether a file is a table, by its name."""
    return path.suffix.lower() in FORMATS


def read(path: Path) -> list[Log]:
    """Reads answers, with an id or the question's text.

    Raises:
        DataError: A column is missing, or an id stands twice.
    """
    lines = read_table(path).lines
    column = next((name for name in ANSWERS if name in lines[0]), None)
    if column is None or len(lines[0]) < 2:
        raise DataError(
            f"{path.name} needs the columns id and answer; it has {', '.join(lines[0])}",
            "The predictions.jsonl of any run of the task has the ids of its test rows; a column "
            "with the question's text does as well.",
        )
    answers: dict[str, Answer] = {}
    for line in lines:
        answer = _answer(line, column)
        key = answer.id or line.origin
        if key in answers:
            raise DataError(
                f"{line.origin}: the id {key!r} stood in an earlier row", "Each row has one answer."
            )
        answers[key] = answer
    return [Log("a table of answers", path.stem, tuple(answers.values()))]


def _answer(line: Line, column: str) -> Answer:
    """Returns a row's answer; its id says what it answers, or one of its other texts."""
    text = line.text(column)
    if "id" in line:
        return Answer(line.origin, text, line.text("id"))
    others = {name: cell for name, cell in line.items() if name != column}
    inputs = {name: cell.strip() for name, cell in others.items() if isinstance(cell, str)}
    return Answer(line.origin, text, inputs={name: cell for name, cell in inputs.items() if cell})
