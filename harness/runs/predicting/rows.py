"""Reads a table of new rows: what is asked of each, and which rows can't be asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from harness.errors import DataError, UsageError
from harness.task.rows import choices_in, input_of, with_context
from harness.task.spec import TaskSpec
from harness.task.tables import (
    Layout,
    Line,
    Stream,
    asked_text,
    empty_words,
    require_columns,
    stream_table,
)
from harness.types import Query

__all__ = ["Asked", "Naming", "NewRows", "Some", "read_new_rows"]

SEARCHED = 10  # lines in which absent columns are looked for
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
    """A table of new rows, which is read anew at each pass; a query is made when it is asked."""

    spec: TaskSpec
    naming: Naming  # columns that are there
    table: Stream
    count: int  # rows that are asked
    notes: tuple[str, ...] = ()  # how the table was read, and what to know of its rows

    @property
    def columns(self) -> tuple[str, ...]:
        """The table's columns."""
        return self.table.columns

    def lines(self) -> Iterator[Line]:
        """Yields the rows as they stand in the table."""
        return islice(self.table.each(), self.count)

    def asked(self) -> Iterator[Asked]:
        """Yields each row. Its query is named by its number: ids may repeat."""
        return (self._asked(number, line) for number, line in enumerate(self.lines()))

    def _asked(self, number: int, line: Line) -> Asked:
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
    table = stream_table(path, layout)
    count = min(table.count, limit or table.count)
    columns, there = spec.columns, table.columns
    chosen = naming.input or columns.input
    named = naming.id or (columns.id if columns.id in there else None)
    try:
        first = list(islice(table.each(), min(SEARCHED, count)))
        require_columns((chosen, naming.id, columns.context, *columns.choices), first, path.name)
    except DataError as error:
        missing = not naming.input and chosen not in there
        other = " --input COLUMN names the one with the input." if missing else ""
        raise DataError(error.message, f"{error.hint}{other}") from error
    if chosen == columns.target:
        raise UsageError(f"{chosen!r} holds the answers, not what is asked", "Name another column.")
    rows = NewRows(spec, Naming(chosen, named), table, count)
    words = empty_words(rows.lines(), [chosen], path.name)
    return replace(rows, notes=(*table.notes, *words, *_said(rows)))


def _said(rows: NewRows) -> Iterator[str]:
    """Says which rows can't be asked, and which ids stand more than once."""
    unasked, repeated = Some("not asked"), Some("each is answered")
    first: dict[str, str] = {}
    for asked in rows.asked():
        line = asked.line
        if asked.problem:
            unasked.add(f"{line.origin}: {asked.problem}")
        if rows.naming.id is None or not (name := str(line[rows.naming.id]).strip()):
            continue
        if name in first:
            repeated.add(f"{line.origin}: the id {name!r} stood in {first[name]}")
        else:
            first[name] = line.origin.rpartition(", ")[2]
    yield from unasked.said()
    yield from repeated.said()


class Some:
    """What is said of rows: the first of them, what becomes of them, and how many more there are."""

    def __init__(self, outcome: str) -> None:
        self._outcome = outcome
        self._first: list[str] = []
        self._count = 0

    def add(self, text: str) -> None:
        """Takes what is said of one more row."""
        self._count += 1
        if len(self._first) < NAMED:
            self._first.append(text)

    def said(self) -> Iterator[str]:
        """Yields it."""
        yield from (f"{text}; {self._outcome}" for text in self._first)
        if more := self._count - len(self._first):
            yield f"and {more:,} more such rows; {self._outcome}"
