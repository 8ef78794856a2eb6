"""Which row is the header of a table: the first one, a later one, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from harness.errors import DataError
from harness.task.proposing.profile import Profile, amount_like, date_like, profiles
from harness.task.tables import Layout, Line, Table

__all__ = ["with_its_header"]

ROWS = range(2, 7)  # of a header that isn't the first
LONG, SHORT = 4, 3  # a name has fewer words than this share of a text
Read = Callable[[Path, Layout], Table]


def with_its_header(
    read: Read, path: Path, layout: Layout, doubts: list[str]
) -> tuple[Table, Layout]:
    """Reads a table below the row that names its columns; where none does, they are numbered.

    Raises:
        DataError: It can't be read in any of these ways; the error is of the first one.
    """
    if layout.header_row is not None:
        return read(path, layout), layout
    bare = replace(layout, header_row=0)
    try:
        table = read(path, layout)
        if not is_headless(table.lines):
            return table, layout
        why = "its first row holds what the others hold"
    except DataError as error:
        if "column" not in error.message:
            raise
        for number in ROWS:
            try:
                table = read(path, own := replace(layout, header_row=number))
            except DataError:
                continue
            if not is_headless(table.lines):
                doubts.append(f"header: row {number} of {path.name} is taken, as {error.message}")
                return table, own
            break
        else:
            raise
        why = error.message
    names = "column1, column2 and so on"
    doubts.append(f"header: {path.name} has none, as {why}; its columns are named {names}")
    return read(path, bare), bare


def is_headless(lines: Sequence[Line]) -> bool:
    """Whether the names of columns are a row: one is a value of its column, and all could be."""
    said = [_is_value(column) for column in profiles(lines).values()] if len(lines) > 1 else []
    return any(said) and not any(each is False for each in said)


def _is_value(column: Profile) -> bool | None:
    """Whether a column's name is one of its values, or can't be; None where nothing says it."""
    name = column.name
    for share, fits in ((column.amounts, amount_like), (column.dates, date_like)):
        if share > 0.9 and not column.is_text:
            return fits(name)
    if column.is_text and column.words > LONG:
        return None if SHORT * len(name.split()) >= column.words else False
    return True if column.is_class_like and name in column.counts else None
