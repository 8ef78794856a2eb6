"""Tables of text: cells divided by commas, semicolons, tabs or bars, or by what `sep=` says."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from harness.decoding import table_lines
from harness.errors import DataError
from harness.task.tables.header import with_header
from harness.task.tables.table import Layout, Stream, Table

__all__ = ["read_delimited", "records", "stream_delimited"]

Lines = Callable[[], Iterator[str]]
"""Gives all lines without their ends, from the first one at each call."""
Record = tuple[int, list[str]]  # the line in which it begins, and its cells
SEPARATORS = ",;\t|"
PROBED = 30  # records by which the separator is recognised
LONGEST_CELL = 100_000_000
_SAID = re.compile(r'"?sep=(.)"?[,;\t|]*', re.IGNORECASE)


def read_delimited(path: Path, layout: Layout) -> Table:
    """Reads a CSV or TSV file; a row's place is the line of the file in which it begins."""
    text = table_lines(path)
    rows = list(_filled(text.each, path))
    return with_header(path.name, lambda: rows, layout, "line", text.notes).whole()


def stream_delimited(path: Path, layout: Layout) -> Stream:
    """Reads the same line by line, and again at each pass."""
    text = table_lines(path)
    return with_header(path.name, lambda: _filled(text.each, path), layout, "line", text.notes)


def _filled(lines: Lines, path: Path) -> Iterator[Record]:
    """Yields the records that aren't blank."""
    for number, cells in records(lines, path.name, tabs=path.suffix.lower() == ".tsv"):
        if any(map(str.strip, cells)):
            yield number, cells


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
    """Returns the share of the first records that have the most usual number of cells."""
    widths: list[int] = []
    try:
        for _, cells in _parsed(lines, separator, "", strict=False):
            if any(cell.strip() for cell in cells):
                widths.append(len(cells))
            if len(widths) == PROBED:
                break
    except DataError:  # where it is right, reading says what is wrong
        pass
    wide = Counter(width for width in widths if width > 1)
    return max(wide.values(), default=0) / max(1, len(widths))
