"""Writes a table with its answers beside each row: CSV, TSV, JSON Lines, XLSX."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from harness.errors import DataError, UsageError, needs
from harness.records.files import encoded, whole
from harness.task.tables.cells import NoValue
from harness.text import defused, printable

__all__ = ["ADDED", "FORMATS", "added_names", "check_ending", "write_answers"]

ADDED = ("answer", "confidence", "abstained", "sources", "input_tokens", "output_tokens", "error")
"""Columns that a row gets, in this order."""
ELSEWHERE = "Choose another file with --out."
SHEET_ROWS = 1_048_576  # of a workbook, its header among them
_NUMBER = re.compile(r"[+-]?\d[\d,.]*\s?%?")
Row = tuple[Mapping[str, object], Mapping[str, object]]
"""The cells of a row as they were read, and what was added, by the names of `ADDED`."""


def check_ending(path: Path) -> None:
    """Raises `UsageError` where a file's name says no format that is written."""
    if path.suffix.lower() not in FORMATS:
        raise UsageError(
            f"--out {path.name}: unknown format {path.suffix!r}", f"Known: {', '.join(FORMATS)}."
        )
    if path.suffix.lower() == ".xlsx":
        with needs("XLSX", "tables"):
            import openpyxl  # noqa: F401


def added_names(columns: Sequence[str]) -> dict[str, str]:
    """Returns how the columns of `ADDED` are called, so that none of the table's has that name."""
    names: dict[str, str] = {}
    for name in ADDED:
        free = name
        while free in columns:
            free = f"model_{free}"
        names[name] = free
    return names


def write_answers(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Writes a table whole or not at all, row by row.

    Raises:
        StorageError: The disk refuses.
        DataError: There are more rows than a workbook has.
    """
    names = added_names(columns)
    with whole(path, ELSEWHERE) as file:
        FORMATS[path.suffix.lower()](file, columns, names, rows)


def _delimited(separator: str) -> Callable[..., None]:
    def write(
        file: BinaryIO, columns: Sequence[str], names: Mapping[str, str], rows: Iterable[Row]
    ) -> None:
        file.write(codecs.BOM_UTF8)  # by which Excel knows UTF-8
        line = io.StringIO(newline="")
        writer = csv.writer(line, delimiter=separator)
        for cells in _texts(columns, names, rows):
            writer.writerow(cells)
            file.write(encoded(line.getvalue()))
            line.seek(0)
            line.truncate()

    return write


def _texts(
    columns: Sequence[str], names: Mapping[str, str], rows: Iterable[Row]
) -> Iterator[list[str]]:
    """Yields the header, then each row; what a model wrote is no formula."""
    yield [*columns, *names.values()]
    for cells, added in rows:
        own = [_text(cells[column]) for column in columns]
        yield own + [_safe(_text(added[name])) for name in names]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, NoValue):
        return ""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "; ".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else str(value)


def _safe(text: str) -> str:
    return text if _NUMBER.fullmatch(text) else defused(text)


def _lines(
    file: BinaryIO, columns: Sequence[str], names: Mapping[str, str], rows: Iterable[Row]
) -> None:
    for cells, added in rows:
        value = {name: None if isinstance(c, NoValue) else c for name, c in cells.items()}
        value |= {names[name]: added[name] for name in names}
        file.write(encoded(json.dumps(value, ensure_ascii=False, default=str) + "\n"))


def _workbook(
    file: BinaryIO, columns: Sequence[str], names: Mapping[str, str], rows: Iterable[Row]
) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("answers")
    figures = [len(columns) + ADDED.index(name) for name in ("input_tokens", "output_tokens")]
    figures.append(len(columns) + ADDED.index("confidence"))
    for number, texts in enumerate(_texts(columns, names, rows)):
        if number == SHEET_ROWS:
            raise DataError("a workbook has no more rows", "Write .csv, or divide the table.")
        cells = []
        for at, text in enumerate(texts):
            figure = number and at in figures and text
            cell = WriteOnlyCell(sheet, float(text) if figure else printable(text))
            if not figure:
                cell.data_type = "s"  # never a formula
            cells.append(cell)
        sheet.append(cells)
    book.save(file)


FORMATS: dict[str, Callable[..., None]] = {
    ".csv": _delimited(","),
    ".tsv": _delimited("\t"),
    ".jsonl": _lines,
    ".xlsx": _workbook,
}
