"""Tables of text: cells divided by commas, semicolons, tabs or bars, or by what `sep=` says."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from harness.decoding import ending_of, table_lines
from harness.errors import DataError
from harness.task.tables.header import with_header
from harness.task.tables.table import Layout, Stream, Table

__all__ = ["read_delimited", "records", "stream_delimited"]

Lines = Callable[[], Iterator[str]]
"""Gives all lines without their ends, from the first one at each call."""
Record = tuple[int, list[str]]  # the line in which it begins, and its cells
SEPARATORS = ",;\t|"
PROBED = 30  # records by which the separator is recognised
HEADED = 0.5  # added where the first record is divided, too
LONGEST_CELL = 100_000_000
_SAID = re.compile(r'"?sep=(.)"?[,;\t|]*', re.IGNORECASE)


def read_delimited(path: Path, layout: Layout) -> Table:
    """Reads a CSV or TSV file; a row's place is the line of the file in which it begins."""
    each, notes = _opened(path)
    rows = list(each())
    return with_header(path.name, lambda: rows, layout, "line", notes).whole()


def stream_delimited(path: Path, layout: Layout) -> Stream:
    """Reads the same line by line, and again at each pass."""
    each, notes = _opened(path)
    return with_header(path.name, each, layout, "line", notes)


def _opened(path: Path) -> tuple[Callable[[], Iterator[Record]], list[str]]:
    """Returns what gives the records that aren't blank, from the first one at each call, and notes."""
    text, tabs = table_lines(path), ending_of(path) == ".tsv"
    if _enclose_nothing(text.each, tabs=tabs):
        note = f"{path.name}: quotes are read as they stand, since they don't enclose cells"
        return lambda: _filled(_split(text.each)), [*text.notes, note]
    return lambda: _filled(records(text.each, path.name, tabs=tabs)), list(text.notes)


def _filled(every: Iterable[Record]) -> Iterator[Record]:
    return ((number, cells) for number, cells in every if any(map(str.strip, cells)))


def _split(lines: Lines) -> Iterator[Record]:
    return ((number, line.split("\t")) for number, line in enumerate(lines(), 1))


def _enclose_nothing(lines: Lines, *, tabs: bool) -> bool:
    """Whether cells are divided by tabs, and quotes enclose none.

    They don't where each line has as many cells as the first, and with quotes taken for enclosing
    ones the table can't be read, or cells reach over lines.
    """
    if _separator(lines, tabs=tabs) != "\t" or not any('"' in line for line in lines()):
        return False
    widths = Counter(len(cells) for _, cells in _filled(_split(lines)))
    if len(widths) != 1 or 1 in widths:
        return False
    try:
        return sum(1 for _ in _filled(_parsed(lines, "\t", ""))) < widths.total()
    except DataError:
        return True


def records(
    lines: Lines, name: str, *, tabs: bool = False, strict: bool = True
) -> Iterator[Record]:
    """Yields all records, blank ones too, each with its first line's number.

    A record ends at the end of a line alone, and not inside quotes; where that isn't `strict`, a
    quote that is never closed ends with the text.

    Raises:
        DataError: A quote or a line end is where none can be, with its line.
    """
    said = _SAID.fullmatch(next(lines(), ""))
    separator = said[1] if said else _separator(lines, tabs=tabs)
    for number, cells in _parsed(lines, separator, name, strict=strict):
        if not (said and number == 1):
            yield number, cells


def _parsed(lines: Lines, separator: str, name: str, *, strict: bool = True) -> Iterator[Record]:
    csv.field_size_limit(LONGEST_CELL)
    ended = (f"{line}\n" for line in lines())
    reader = csv.reader(ended, delimiter=separator, strict=strict, skipinitialspace=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _unreadable(name, number, reader.line_num, error) from error
        if cells is None:
            return
        yield number, cells


def _unreadable(name: str, first: int, last: int, error: csv.Error) -> DataError:
    if "new-line" in str(error):
        return DataError(
            f"{name}, line {last}: there is a carriage return inside a cell",
            "Put the cell into quotes, or write line ends as \\n or \\r\\n.",
        )
    if "end of data" in str(error):
        return DataError(
            f"{name}, line {first}: a quote is opened and never closed",
            'Close it; a quote inside a quoted cell is written twice: "a ""word"" in quotes".',
        )
    if "field limit" in str(error):
        return DataError(
            f"{name}, line {first}: a cell has more than {LONGEST_CELL:,} characters",
            "A quote that is opened and never closed makes one cell of all that follows.",
        )
    return DataError(
        f"{name}, line {last}: {error}"
        + (f" (its cell began in line {first})" if last > first else ""),
        'A quote inside a quoted cell is written twice: "a ""word"" in quotes".',
    )


def _separator(lines: Lines, *, tabs: bool) -> str:
    """Returns the separator by which most of the first records have the same number of cells."""
    candidates = SEPARATORS if not tabs else "\t" + SEPARATORS.replace("\t", "")
    return max(candidates, key=lambda separator: _consistency(lines, separator))


def _consistency(lines: Lines, separator: str) -> float:
    """Returns the share of the first records that have the most usual number of cells.

    A first record that it divides counts more: texts may hold another separator in each row.
    """
    widths: list[int] = []
    headed = False
    try:
        for _, cells in _parsed(lines, separator, "", strict=False):
            if any(cell.strip() for cell in cells):
                headed = headed if widths else len(cells) > 1 and all(map(str.strip, cells))
                widths.append(len(cells))
            if len(widths) == PROBED:
                break
    except DataError:  # where it is right, reading says what is wrong
        pass
    wide = Counter(width for width in widths if width > 1)
    usual, count = max(wide.items(), key=lambda pair: pair[1], default=(0, 0))
    return count / max(1, len(widths)) + HEADED * (headed or widths[:1] == [usual])
