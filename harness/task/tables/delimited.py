"""Tables of text: cells divided by commas, semicolons, tabs or bars, or by what `sep=` says."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from harness.decoding import file_bytes, table_text
from harness.errors import DataError
from harness.task.tables.header import with_header
from harness.task.tables.table import Layout, Table

__all__ = ["records", "read_delimited"]

Record = tuple[int, list[str]]  # the line in which it begins, and its cells
SEPARATORS = ",;\t|"
PROBED = 30  # records by which the separator is recognised
LONGEST_CELL = 100_000_000
_SAID = re.compile(r'"?sep=(.)"?[,;\t|]*\n', re.IGNORECASE)


def read_delimited(path: Path, layout: Layout) -> Table:
    """Reads a CSV or TSV file; a row's place is the line of the file in which it begins."""
    text, notes = table_text(file_bytes(path), path.name)
    every = records(text, path.name, tabs=path.suffix.lower() == ".tsv")
    rows = [(number, cells) for number, cells in every if any(map(str.strip, cells))]
    return with_header(path.name, rows, layout, "line", notes)


def records(text: str, name: str, *, tabs: bool = False, strict: bool = True) -> Iterator[Record]:
    """Yields all records, blank ones too, each with its first line's number.

    A record ends at ``\\n`` alone, and not inside quotes; where that isn't `strict`, a quote that is
    never closed ends with the text.

    Raises:
        DataError: A quote or a line end is where none can be, with its line.
    """
    said = _SAID.match(text)
    separator = said[1] if said else _separator(text, tabs=tabs)
    for number, cells in _parsed(text, separator, name, strict=strict):
        if not (said and number == 1):
            yield number, cells


def _parsed(text: str, separator: str, name: str, *, strict: bool = True) -> Iterator[Record]:
    csv.field_size_limit(LONGEST_CELL)
    lines = (f"{line}\n" for line in text.split("\n"))
    reader = csv.reader(lines, delimiter=separator, strict=strict, skipinitialspace=True)
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


def _separator(text: str, *, tabs: bool) -> str:
    """Returns the separator by which most of the first records have the same number of cells."""
    candidates = SEPARATORS if not tabs else "\t" + SEPARATORS.replace("\t", "")
    return max(candidates, key=lambda separator: _consistency(text, separator))


def _consistency(text: str, separator: str) -> float:
    """Returns the share of the first records that have the most usual number of cells."""
    widths: list[int] = []
    try:
        for _, cells in _parsed(text, separator, "", strict=False):
            if any(cell.strip() for cell in cells):
                widths.append(len(cells))
            if len(widths) == PROBED:
                break
    except DataError:  # where it is right, reading says what is wrong
        pass
    wide = Counter(width for width in widths if width > 1)
    return max(wide.values(), default=0) / max(1, len(widths))
