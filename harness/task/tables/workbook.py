"""Workbooks: the first visible sheet, its cells as a person sees them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import DataError, nearest, needs
from harness.task.tables.cells import NoValue
from harness.task.tables.formats import shown
from harness.task.tables.header import NumberedRow, with_header
from harness.task.tables.table import Layout, Table

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["read_workbook"]

SAVE = "Open the file in Excel or LibreOffice and save it: that stores the results."
SPLIT = "Split them, and fill in each row."
LISTED = 5  # rows or columns that a note names


def read_workbook(path: Path, layout: Layout) -> Table:
    """Reads one sheet of an XLSX file.

    Raises:
        DataError: It is no such file, or there is no such sheet.
        MissingDependency: openpyxl isn't installed.
    """
    book = _opened(path, values=True)
    notes: list[str] = []
    sheet = _chosen(book, path.name, layout, notes)
    notes += _hidden(sheet, f"{path.name}, sheet {sheet.title!r}")
    without = _without_value(path, sheet)
    rows = list(_rows(sheet, without))
    return with_header(path.name, rows, layout, "row", notes, sheet.title)


def _opened(path: Path, *, values: bool) -> Workbook:
    with needs("XLSX", "tables"):
        from openpyxl import load_workbook
    with path.open("rb") as file:
        if file.read(4) == b"\xd0\xcf\x11\xe0":
            raise DataError(
                f"{path.name} is encrypted, or a workbook of Excel 97-2003",
                "Save it as XLSX, without a password.",
            )
    try:
        return load_workbook(path, data_only=values)
    except Exception as error:  # zipfile's, XML's, and what openpyxl makes of them
        raise DataError(
            f"{path.name} is no XLSX file, or is damaged ({error})",
            "Open it in Excel and save it again as XLSX.",
        ) from error


def _chosen(book: Workbook, name: str, layout: Layout, notes: list[str]) -> Worksheet:
    """Returns the sheet that is named, or the first visible one; a note names the others."""
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    visible = [title for title, sheet in sheets.items() if sheet.sheet_state == "visible"]
    wanted = layout.sheet
    if wanted is not None:
        by_number = {str(number): title for number, title in enumerate(sheets, 1)}
        title = wanted if wanted in sheets else by_number.get(str(wanted), "")
        if title not in sheets:
            raise DataError(f"{name} has no sheet {wanted!r}", nearest(str(wanted), sheets))
        return sheets[str(title)]
    if not visible:
        raise DataError(f"{name} has no visible sheet", f"--sheet names one: {', '.join(sheets)}")
    others = [
        title if title in visible else f"{title} (hidden)"
        for title in sheets
        if title != visible[0]
    ]
    if others:
        notes.append(
            f"{name}: sheet {visible[0]!r} was read, not {', '.join(others)}; --sheet names another"
        )
    return sheets[visible[0]]


def _hidden(sheet: Worksheet, where: str) -> Iterator[str]:
    """Says which rows and columns are hidden, since they are read."""
    rows = [str(at) for at, row in sheet.row_dimensions.items() if row.hidden]
    columns = [at for at, column in sheet.column_dimensions.items() if column.hidden]
    for unit, hidden in (("row", rows), ("column", columns)):
        if hidden:
            listed = ", ".join(hidden[:LISTED]) + ", ..." * (len(hidden) > LISTED)
            count = f"{len(hidden)} hidden {unit}{'s' * (len(hidden) > 1)} ({listed})"
            notes = "was" if len(hidden) == 1 else "were"
            yield f"{where}: {count} {notes} read like the others"


def _without_value(path: Path, sheet: Worksheet) -> dict[str, NoValue]:
    """Returns the cells that show nothing of their own: merged ones, formulas without result."""
    absent = {}
    for area in sheet.merged_cells.ranges:
        for row, column in area.cells:
            if (row, column) != (area.min_row, area.min_col):
                cell = sheet.cell(row, column)
                absent[cell.coordinate] = NoValue(
                    f"(cell {cell.coordinate}) is part of the merged cells {area.coord}",
                    SPLIT,
                )
    if not _holds_formulas(path):
        return absent
    for cells in _opened(path, values=False)[sheet.title].iter_rows():
        for cell in cells:
            if cell.data_type == "f" and sheet[cell.coordinate].value is None:
                why = f"(cell {cell.coordinate}) is a formula whose result isn't stored"
                absent[cell.coordinate] = NoValue(why, SAVE)
    return absent


def _holds_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return any(
            name.startswith("xl/worksheets/") and b"<f" in archive.read(name)
            for name in archive.namelist()
        )


def _rows(sheet: Worksheet, without: dict[str, NoValue]) -> Iterator[NumberedRow]:
    """Yields the rows that hold something, with their numbers in the sheet."""
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if without:
            row = [without.get(cell.coordinate) or _value(cell) for cell in cells]
        else:
            row = [_value(cell) for cell in cells]
        if any(cell not in (None, "") and not _is_merged(cell) for cell in row):
            yield number, row


def _is_merged(cell: object) -> bool:
    return isinstance(cell, NoValue) and cell.hint == SPLIT


def _value(cell: Cell | MergedCell) -> object:
    if cell.data_type == "s":
        return cell.value
    if cell.data_type == "e":
        why = f"(cell {cell.coordinate}) is the error {cell.value}"
        return NoValue(why, "Mend it in the workbook, or leave the row out.")
    return shown(cell.value, cell.number_format or "")
