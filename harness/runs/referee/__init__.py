"""Logs of other packages, read for a record: each format is recognised by its content."""

from __future__ import annotations

from pathlib import Path

from harness.decoding import check_size, reading
from harness.decoding.files import MOST_BYTES
from harness.errors import DataError
from harness.runs.referee import answers, inspect_ai, lm_eval, promptfoo
from harness.runs.referee.log import Answer, Log

__all__ = ["Answer", "Log", "read_logs"]

FORMATS = (inspect_ai, lm_eval, promptfoo, answers)  # a table is what none of the others is
HEAD = 1 << 16  # bytes by which a format is recognised


def read_logs(path: Path) -> list[Log]:
    """Reads a log: one for each model, prompt and pass over the rows that it has.

    Raises:
        DataError: It is in no known format, is damaged, or has no answers.
    """
    check_size(path, MOST_BYTES)
    with reading(path), path.open("rb") as file:
        head = file.read(HEAD).decode("utf-8", "replace").lstrip("\ufeff \r\n\t")
    for format_ in FORMATS:
        if format_.recognise(path, head):
            logs: list[Log] = format_.read(path)
            return logs
    known = "; ".join(format_.KNOWN for format_ in FORMATS)
    raise DataError(f"{path.name} is no log that is known", f"Known: {known}.")
