"""A table of the questions of a log, which is a task where the log says what is right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.config import DataSource
from harness.errors import DataError
from harness.records.files import storage_errors, write_lines
from harness.records.keys import digest
from harness.runs.referee.log import Answer, Log
from harness.task.splits import normalised

__all__ = ["FOLDER", "table_of_log"]

FOLDER = "tables"
NEEDED = "Say what it answers: --task NAME, or --data FILE --input COLUMN --target COLUMN."


def table_of_log(logs: Sequence[Log], folder: Path) -> tuple[DataSource, tuple[str, ...]]:
    """Writes the questions of logs, each once, and returns the table with notes on it.

    All rows are test rows. Choices that are the same everywhere, and
    each right somewhere, are labels.

    Raises:
        DataError: The log doesn't say what is right.
    """
    rows: dict[str, dict[str, object]] = {}
    unsaid = 0
    for log in logs:
        for answer in log.answers:
            question = answer.inputs.get(log.question, "")
            if not (question.strip() and answer.right):
                unsaid += log is logs[0]
                continue
            row = _row(question, answer)
            rows.setdefault(digest([normalised(question), row]), row)
    if not rows:
        raise DataError("the log doesn't say what the right answers are", NEEDED)
    listed = list(rows.values())
    choices = [tuple(each.choices) for each in logs[0].answers]
    name = f"{logs[0].task}-{digest(listed)[:8]}"
    path = folder / FOLDER / f"{_plain(name)}.jsonl"
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_lines(path, listed)
    options: dict[str, object] = {"kind": "qa", "accepted": "accepted"}
    if any(choices):
        if not all(choices):
            raise DataError("some rows of the log have choices, and others have none", NEEDED)
        options = {"kind": "multiple_choice", "choices": ("choices",)}
        if len(set(choices)) == 1 and set(choices[0]) == {each["target"] for each in listed}:
            options = {"kind": "classification"}
    source = DataSource.model_validate(
        {"path": path, "input": "question", "target": "target", "split": "0/0/100"} | options
    )
    notes = [
        f"its questions are {FOLDER}/{path.name} beside the records, as {source.kind}: all "
        f"{len(listed)} rows are the test"
    ]
    if unsaid:
        notes.append(f"{unsaid} rows of the log have no right answer, or no question: left out")
    return source, tuple(notes)


def _row(question: str, answer: Answer) -> dict[str, object]:
    row: dict[str, object] = {"question": question.strip(), "target": answer.right[0].strip()}
    if answer.choices:
        return row | {"choices": list(answer.choices)}
    return row | {"accepted": list(answer.right[1:])}


def _plain(name: str) -> str:
    """Returns a name that a file may have."""
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in name)[-80:].strip("-")
