"""Reads a table of new rows: what is asked of each, and which rows can't be asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.errors import DataError, UsageError
from harness.task.rows import choices_in, input_of, with_context
from harness.task.spec import TaskSpec
from harness.task.tables import (
    Layout,
    Line,
    asked_text,
    empty_words,
    read_table,
    require_columns,
)
from harness.types import Query

__all__ = ["Asked", "Naming", "NewRows", "read_new_rows", "some"]

NAMED = 3  # rows of one kind that are named on the screen


@dataclass(frozen=True, slots=True)
class Naming:
    """Which columns of a new table are meant, as the user says it."""

    input: str | None = None  # by default as the task's column is called
    id: str | None = None  # the same; names rows in messages, and repeated ones are said


@dataclass(frozen=True)
class Asked:
    """One new row."""

    line: Line
    query: Query | None  # None where it can't be asked
    problem: str = ""  # why


@dataclass(frozen=True)
class NewRows:
    """A table of new rows; a query is made when it is asked."""

    spec: TaskSpec
    naming: Naming  # columns that are there
    lines: list[Line]
    notes: tuple[str, ...]  # how the table was read, and what to know of its rows

    @property
    def columns(self) -> tuple[str, ...]:
        """The table's columns."""
        return tuple(self.lines[0])

    def asked(self, number: int) -> Asked:
        """Returns a row, counted from 0. Its query is named by that number: ids may repeat."""
        line = self.lines[number]
        try:
            columns, told = self.spec.columns, self.spec.prompt.instructions
            columns = columns.model_copy(update={"input": self.naming.input})
            if columns.tags:
                asked = input_of(line, columns)
            else:
                asked = asked_text(line, columns.input, columns.target, told)
            text = with_context(line, columns, asked, self.spec.prompt.input_cue)
            options = choices_in(line, columns.choices) if columns.choices else ()
        except DataError as error:
            return Asked(line, None, error.message.removeprefix(f"{line.origin}: "))
        if not asked:
            return Asked(line, None, f"{self.naming.input!r} is empty")
        if len(text) > self.spec.max_input_chars:
            most = f"{self.spec.max_input_chars:,}"
            return Asked(line, None, f"it has {len(text):,} characters, {most} are allowed")
        return Asked(line, Query(f"row {number + 1}", text, options))


def read_new_rows(
    path: Path,
    spec: TaskSpec,  # of the task that the run is prepared for
    naming: Naming,
    layout: Layout,
    limit: int | None = None,  # first rows; None for all
) -> NewRows:
    """Reads a table that has an input, and needs no target.

    Raises:
        DataError: It can't be read, or lacks a column.
    """
    table = read_table(path, layout)
    lines = table.lines[:limit]
    columns = spec.columns
    chosen = naming.input or columns.input
    named = naming.id or (columns.id if columns.id in lines[0] else None)
    try:
        require_columns((chosen, naming.id, columns.context, *columns.choices), lines, path.name)
    except DataError as error:
        missing = not naming.input and chosen not in lines[0]
        other = " --input COLUMN names the one with the input." if missing else ""
        raise DataError(error.message, f"{error.hint}{other}") from error
    if chosen == columns.target:
        raise UsageError(f"{chosen!r} holds the answers, not what is asked", "Name another column.")
    rows = NewRows(spec, Naming(chosen, named), lines, ())
    notes = (*table.notes, *empty_words(lines, [chosen], path.name), *_said(rows))
    return NewRows(spec, rows.naming, lines, notes)


def _said(rows: NewRows) -> Iterator[str]:
    """Says which rows can't be asked, and which ids stand more than once."""
    unasked, repeated = list[str](), list[str]()
    first: dict[str, str] = {}
    for number, line in enumerate(rows.lines):
        if problem := rows.asked(number).problem:
            unasked.append(f"{line.origin}: {problem}")
        if rows.naming.id is None or not (name := str(line[rows.naming.id]).strip()):
            continue
        if name in first:
            repeated.append(f"{line.origin}: the id {name!r} stood in {first[name]}")
        else:
            first[name] = line.origin.rpartition(", ")[2]
    yield from some(unasked, "not asked")
    yield from some(repeated, "each is answered")


def some(said: list[str], outcome: str) -> Iterator[str]:
    """Yields the first of what is said of rows, with what becomes of them, and how many more."""
    yield from (f"{text}; {outcome}" for text in said[:NAMED])
    if len(said) > NAMED:
        yield f"and {len(said) - NAMED:,} more such rows; {outcome}"
