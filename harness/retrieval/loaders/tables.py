"""CSV and XLSX: a line a row, each value with its column's name, so that a row reads alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import needs
from harness.retrieval.loaders.base import DocumentText, Limits, parsing, plain_text
from harness.task.tables.delimited import records
from harness.task.tables.formats import shown
from harness.task.tables.sheets import Sheet, SheetCell

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

__all__ = ["load_csv", "load_xlsx"]

Cells = Mapping[int, str]
"""What stands in a row, by column."""


def load_csv(path: Path, limits: Limits, text: DocumentText) -> None:
    """Adds a table of any of the known separators; the first row names the columns."""
    content, text.encoding = plain_text(path.read_bytes())
    tabs = path.suffix.lower() == ".tsv"
    with parsing("Save it as CSV again."):
        rows = records(lambda: iter(content.split("\n")), path.name, tabs=tabs, strict=False)
        _add_rows(((n, dict(enumerate(cells))) for n, (_, cells) in enumerate(rows, 1)), text)


def _add_rows(rows: Iterable[tuple[int, Cells]], text: DocumentText) -> None:
    """Adds numbered rows; single cells above the header are titles."""
    text.tables += 1
    header: Cells | None = None
    pending: list[tuple[int, str]] = []
    count = 0
    for number, row in rows:
        shown = ((at, " ".join(cell.split())) for at, cell in row.items())
        cells = {at: cell for at, cell in shown if cell}
        if not cells:
            continue
        if header is None and len(cells) == 1 and not count:
            pending += ((number, cell) for cell in cells.values())
            continue
        if header is None:
            for _, title in pending:
                text.line(title)
            header, pending = cells, []
            continue
        text.mark(row=number)
        text.line(" | ".join(_named(cells, header)))
        count += 1
    for number, line in pending:
        text.mark(row=number)
        text.line(line)
    if header is not None and not count:
        text.line(" | ".join(header.values()))
    text.mark(row=None)


def _named(cells: Cells, header: Cells) -> Iterator[str]:
    for at, cell in cells.items():
        yield f"{header[at]}: {cell}" if at in header else cell


def load_xlsx(path: Path, limits: Limits, text: DocumentText) -> None:
    """Adds the visible sheets of a workbook, with the values that it shows.

    A merged cell has its value where it begins; of a formula the stored result is read.

    Raises:
        LoadError: It is damaged.
        MissingDependency: openpyxl isn't installed.
    """
    with needs("XLSX", "tables"):
        from openpyxl import load_workbook
    with parsing("Open it in Excel and save it again."):
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        with contextlib.closing(book):
            empty = sum(_add_sheet(source, text) for source in book.worksheets)
    if empty:
        text.notes.append(
            "formulas without stored results were read as empty: open the file in Excel and save it"
        )


def _add_sheet(source: ReadOnlyWorksheet, text: DocumentText) -> int:
    """Adds a sheet, and returns how many of its formulas have no stored result."""
    if source.sheet_state != "visible":
        text.notes.append(f"hidden sheet {source.title!r} left out")
        return 0
    empty = 0

    def filled() -> Iterator[tuple[int, Cells]]:
        nonlocal empty
        for number, row in Sheet(source).rows():
            empty += sum(cell.lacks_result for cell in row)
            cells = {
                cell.column: _shown(cell) for cell in sorted(row, key=lambda cell: cell.column)
            }
            if any(cells.values()):
                yield number, cells

    rows = filled()
    if (first := next(rows, None)) is not None:
        text.mark(sheet=source.title, row=None)
        text.line(source.title)
        _add_rows(chain([first], rows), text)
    return empty


def _shown(cell: SheetCell) -> str:
    value = shown(cell.value, cell.number_format)
    return "" if value is None else str(value)
