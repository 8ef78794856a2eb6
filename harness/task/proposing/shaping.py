"""What readers of nested rows share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.task.tables import Line
from harness.task.tables.turns import written_list

__all__ = ["ANSWERABLE", "FILE_SPLIT", "Shaped", "first_list", "items_of", "left_out"]

ANSWERABLE = "answerable"  # column of questions that their text may not answer
FILE_SPLIT = "split_of_file"  # column of rows of several files: the split of each


@dataclass(frozen=True)
class Shaped:
    """Rows that were made of others, and the sentence that says how."""

    lines: list[Line]
    note: str
    columns: Mapping[str, str]  # what is known of them then


def first_list(lines: Sequence[Line], name: str) -> list[object]:
    """Returns the first list of a column that isn't empty; [] where there is none."""
    return next((cell for line in lines if (cell := written_list(line.get(name, "")))), [])


def items_of(lines: Sequence[Line], name: str) -> list[dict[str, object]]:
    """Returns objects that the first lists of a column hold; [] where they hold anything else."""
    cells = [written_list(line.get(name, "")) or [] for line in lines[:50]]
    items = [item for cell in cells for item in cell]
    objects = [item for item in items if isinstance(item, dict)]
    return objects if len(objects) == len(items) else []


def left_out(before: Sequence[object], after: Sequence[object], why: str) -> str:
    """Says how many rows are left out; "" where none are."""
    gone = len(before) - len(after)
    return f"; {gone:,} of {len(before):,} rows {why} are left out" if gone else ""
