"""XLSX: a workbook with a sheet a table, the same bytes for the same report."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from harness.errors import needs
from harness.report.exports.sheets import CellValue, Sheet, defused

__all__ = ["workbook_bytes"]

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP archive can hold
WIDEST = 60


def workbook_bytes(sheets: Sequence[Sheet], *, title: str, made: str) -> bytes:
    """Returns the tables as a workbook, formulas defused; `made` is an ISO 8601 time.

    Raises:
        MissingDependency: openpyxl isn't installed.
    """
    with needs("XLSX", "tables"):
        from openpyxl import Workbook
    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _fill(book.create_sheet(sheet.name[:31]), sheet)
    book.properties.title, book.properties.creator = title, "adaptbench"
    out = io.BytesIO()
    book.save(out)
    return _fixed(out.getvalue(), _time(made))


def _time(date: str) -> str:
    try:
        return datetime.fromisoformat(date).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return "1980-01-01T00:00:00Z"


def _fill(page: Any, sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Font

    page.append(list(sheet.columns))
    for row in sheet.rows:
        page.append([_value(value) for value in row])
    for cells in page.iter_rows():
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # never a formula, an error code or a date
            if sheet.wrapped:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in page[1]:
        cell.font = Font(bold=True)
    for column, cells in enumerate(page.iter_cols(max_row=min(page.max_row, 200)), 1):
        width = max(len(str(cell.value or "")) for cell in cells)
        letter = page.cell(1, column).column_letter
        page.column_dimensions[letter].width = min(WIDEST, max(8, width + 1))
    page.freeze_panes = "A2"
    page.auto_filter.ref = page.dimensions


def _value(value: CellValue) -> CellValue:
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return str(value)
    return defused(value)


def _fixed(content: bytes, made: str) -> bytes:
    """Packs the archive again with times that don't depend on the clock."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:\w+[^>]*>)[^<]*", rb"\g<1>" + made.encode(), part)
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, part)
    return out.getvalue()
