"""What every reader gives: lines that know their place in the file, and notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.errors import DataError, nearest
from harness.task.tables.cells import NoValue, cell_of

__all__ = [
    "Layout",
    "Line",
    "Table",
    "check_extent",
    "empty_words",
    "require_columns",
    "table_of",
]

EMPTY = frozenset(
    [
        "#DIV/0!",
        "#N/A",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#REF!",
        "#VALUE!",
        "<na>",
        "nan",
        "-nan",
        "nat",
        "n/a",
        "na",
        "null",
        "none",
    ]
)
SEARCHED = 10  # lines below the header in which absent columns are looked for
SHOWN = 12  # names of columns in an error
MOST_COLUMNS = 16_384  # as many as a sheet has
MOST_CELLS = 50_000_000  # empty ones, too: each takes memory


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the rows stand in a file, as the user says it; by default it is recognised."""

    header_row: int | None = None  # as the file, or the sheet, counts: from 1
    sheet: str | int | None = None  # its name, or its number from 1


class Line(dict[str, object]):
    """A row's cells by column, every text in NFC, and its place in the file.

    Cells are texts, lists or dicts; what holds no value is a `NoValue`.
    """

    def __init__(self, cells: Mapping[str, object], origin: str) -> None:
        super().__init__({str(cell_of(name)): cell_of(cell) for name, cell in cells.items()})
        self.origin = origin  # ``rows.csv, line 24``

    def __missing__(self, column: str) -> object:
        hint = "Files of one task have the same columns. " + nearest(column, self)
        raise DataError(f"{self.origin}: there is no column {column!r}", hint)

    def text(self, column: str) -> str:
        """Returns a cell as text, without blanks around it.

        Raises:
            DataError: There is no such cell, it is a list or an object, or holds no value.
        """
        cell = self[column]
        if isinstance(cell, NoValue):
            raise DataError(f"{self.origin}: {column!r} {cell.why}", cell.hint)
        if isinstance(cell, (list, dict)):
            kind = "a list" if isinstance(cell, list) else "an object"
            raise DataError(
                f"{self.origin}: {column!r} is {kind}, not a text",
                "Write what is meant into a column of its own.",
            )
        return str(cell).strip()


@dataclass(frozen=True)
class Table:
    """The lines of a file, with the same columns in each."""

    name: str
    lines: list[Line]
    notes: tuple[str, ...] = ()  # what was doubtful, and how it was read


def check_extent(name: str, cells: int, columns: int = 0) -> None:
    """Raises `DataError` where a table has more columns, or cells in all, than are read."""
    if columns > MOST_COLUMNS:
        raise DataError(
            f"{name} has {columns:,} columns, {MOST_COLUMNS:,} are read",
            "Is the separator right? A column that is needed is named; leave others out.",
        )
    if cells > MOST_CELLS:
        raise DataError(
            f"{name} has more than {MOST_CELLS:,} cells, empty ones between others counted",
            "Leave out columns or rows that aren't needed.",
        )


def table_of(
    name: str, numbered: Sequence[tuple[str, Mapping[str, object]]], notes: Iterable[str] = ()
) -> Table:
    """Makes a table of rows with their places, which may lack some of the columns."""
    columns = dict.fromkeys(column for _, row in numbered for column in row)
    check_extent(name, len(columns) * len(numbered), len(columns))
    lines = [
        Line({column: row.get(column) for column in columns}, origin) for origin, row in numbered
    ]
    return Table(name, lines, tuple(notes))


def require_columns(names: Iterable[str | None], lines: Sequence[Line], origin: str) -> None:
    """Raises `DataError` where the table lacks one of the named columns."""
    wanted = [name for name in names if name]
    absent = [name for name in wanted if name not in lines[0]]
    if not absent:
        return
    columns = list(lines[0])
    shown = ", ".join(columns[:SHOWN]) + ", ..." * (len(columns) > SHOWN)
    hint = nearest(absent[0], columns)
    place, _, _ = lines[0].origin.rpartition(", ")
    if ", sheet " in place:
        hint += " --sheet names another sheet."
    for line in lines[:SEARCHED]:
        if set(wanted) <= {str(cell).strip() for cell in line.values()}:
            number = line.origin.split()[-1]
            hint = f"Is the header in {line.origin}? Then: --header-row {number}"
            break
    raise DataError(f"{place or origin} has no column {absent[0]!r}; it has {shown}", hint)


def empty_words(lines: Sequence[Line], columns: Iterable[str], name: str) -> Iterator[str]:
    """Says which texts are written in place of a value by other programs (``nan``, ``#N/A``)."""
    for column in filter(None, columns):
        texts = Counter(str(line.get(column, "")).strip() for line in lines)
        for text, count in texts.items():
            if {text, text.lower()} & EMPTY:
                first = next(line for line in lines if str(line.get(column, "")).strip() == text)
                yield (
                    f"{name}: {text!r} is read as a text, {count} times in {column!r} "
                    f"(first: {first.origin})"
                )
