"""What every reader gives: lines that know their place in the file, and notes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.errors import DataError, nearest
from harness.task.tables.cells import NoValue, cell_of

__all__ = [
    "Layout",
    "Line",
    "Stream",
    "Table",
    "check_extent",
    "empty_words",
    "require_columns",
    "stream_of",
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

    header_row: int | None = (
        None  # as the file, or the sheet, counts: from 1; 0 where there is none
    )
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


@dataclass(frozen=True)
class Stream:
    """The lines of a file, with the same columns in each, read anew at each pass."""

    name: str
    columns: tuple[str, ...]
    count: int  # of the lines
    each: Callable[[], Iterator[Line]]
    notes: tuple[str, ...] = ()  # as of `Table`

    def whole(self) -> Table:
        """Returns the table with all lines."""
        return Table(self.name, list(self.each()), self.notes)


def stream_of(table: Table) -> Stream:
    """Returns a table that was read whole as a stream."""
    columns = tuple(table.lines[0]) if table.lines else ()
    return Stream(table.name, columns, len(table.lines), lambda: iter(table.lines), table.notes)


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


def empty_words(lines: Iterable[Line], columns: Iterable[str], name: str) -> Iterator[str]:
    """Says which texts are written in place of a value by other programs (``nan``, ``#N/A``)."""
    found: dict[str, dict[str, tuple[int, str]]] = {column: {} for column in columns if column}
    for line in lines:
        for column, texts in found.items():
            text = str(line.get(column, "")).strip()
            if {text, text.lower()} & EMPTY:
                count, first = texts.get(text, (0, line.origin))
                texts[text] = (count + 1, first)
    for column, texts in found.items():
        for text, (count, first) in texts.items():
            yield f"{name}: {text!r} is read as a text, {count} times in {column!r} (first: {first})"
