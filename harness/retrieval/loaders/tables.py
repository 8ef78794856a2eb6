"""CSV and XLSX: a line a row, each value with its column's name, so that a row reads alone."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import needs
from harness.retrieval.loaders.base import MIB, DocumentText, Limits, parsing, plain_text
from harness.task.tables.delimited import records
from harness.task.tables.formats import shown

if TYPE_CHECKING:
    from openpyxl.cell.read_only import ReadOnlyCell
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

__all__ = ["load_csv", "load_xlsx"]


def load_csv(path: Path, limits: Limits, text: DocumentText) -> None:
    """Adds a table of any of the known separators; the first row names the columns."""
    content, text.encoding = plain_text(path.read_bytes())
    tabs = path.suffix.lower() == ".tsv"
    with parsing("Save it as CSV again."):
        rows = [cells for _, cells in records(content, path.name, tabs=tabs, strict=False)]
        _add_rows(enumerate(rows, 1), text)


def _add_rows(rows: Iterable[tuple[int, Sequence[str]]], text: DocumentText) -> None:
    """Adds numbered rows; single cells above the header are titles."""
    text.tables += 1
    header: list[str] | None = None
    pending: list[tuple[int, str]] = []
    count = 0
    for number, row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        filled = [cell for cell in cells if cell]
        if not filled:
            continue
        if header is None and len(filled) == 1 and not count:
            pending.append((number, filled[0]))
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
        text.line(" | ".join(cell for cell in header if cell))
    text.mark(row=None)


def _named(cells: Sequence[str], header: Sequence[str]) -> Iterator[str]:
    for at, cell in enumerate(cells):
        if cell:
            name = header[at] if at < len(header) else ""
            yield f"{name}: {cell}" if name else cell


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
        book = load_workbook(path, read_only=True, data_only=True)
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                text.notes.append(f"hidden sheet {sheet.title!r} left out")
                continue
            sheet.reset_dimensions()
            rows = _filled(sheet)
            if (first := next(rows, None)) is not None:
                text.mark(sheet=sheet.title, row=None)
                text.line(sheet.title)
                _add_rows(chain([first], rows), text)
        book.close()
        _note_formulas(path, text)


def _filled(sheet: ReadOnlyWorksheet) -> Iterator[tuple[int, list[str]]]:
    """Yields the rows that show something, with their numbers in the sheet."""
    for row in sheet.iter_rows():
        cells = [_shown(cell) for cell in row]
        if any(cells):
            yield next(cell.row for cell in row if cell.value is not None), cells


def _shown(cell: ReadOnlyCell) -> str:
    value = shown(cell.value, cell.number_format or "")
    return "" if value is None else str(value)


def _note_formulas(path: Path, text: DocumentText) -> None:
    """Notes formulas without a stored result: the program that wrote them computed none."""
    empty = re.compile(rb"<f[^>]*>[^<]*</f>\s*(?:<v\s*/>|<v></v>|</c>)")
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            is_sheet = member.filename.startswith("xl/worksheets/") and member.file_size < 64 * MIB
            if is_sheet and empty.search(archive.read(member)):
                text.notes.append(
                    "formulas without stored results were read as empty: "
                    "open the file in Excel and save it"
                )
                return
