"""Sheets of a workbook, read row by row: only cells that stand in the file, within bounds.

openpyxl's own worksheets fill the rectangle up to the last cell, and every merged area: a file of a
few bytes can claim 17 billion cells.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness.decoding import Bounds, archive_names
from harness.errors import needs
from harness.records.files import Json

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from openpyxl import Workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

__all__ = ["AGAIN", "Area", "Sheet", "SheetCell", "open_book", "visible_sheets"]

AGAIN = "Open it in Excel and save it again as XLSX."
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # of a sheet, by the format
Area = tuple[int, int, int, int]
"""First column, first row, last column, last row of merged cells."""


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A cell that stands in the file."""

    column: int
    value: object
    kind: str  # openpyxl's: ``s`` text, ``n`` number, ``d`` date, ``b`` truth value, ``e`` error
    number_format: str
    lacks_result: bool  # a formula whose result isn't stored
    coordinate: str


@dataclass
class Sheet:
    """A sheet; what its file holds below the rows is known when they have been read."""

    source: ReadOnlyWorksheet
    hidden_rows: list[str] = field(default_factory=list)
    hidden_columns: list[str] = field(default_factory=list)
    merged: list[Area] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, list[SheetCell]]]:
        """Yields rows with their numbers; ValueError where a cell lies outside of any sheet."""
        from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

        book = self.source.parent
        with self.source._get_source() as file:
            parser = WorkSheetParser(
                file,
                self.source._shared_strings,
                data_only=True,
                epoch=book.epoch,
                date_formats=book._date_formats,
                timedelta_formats=book._timedelta_formats,
            )
            plain = parser.parse_cell

            def parse_cell(element: Element) -> SheetCell:
                values = plain(element)
                lacks = values["value"] is None and element.find(FORMULA_TAG) is not None
                return self._cell(values, lacks)

            parser.parse_cell = parse_cell
            yield from parser.parse()
        dimensions = parser.row_dimensions, parser.column_dimensions
        self.hidden_rows, self.hidden_columns = (
            [at for at, each in every.items() if each.get("hidden") in ("1", "true")]
            for every in dimensions
        )
        areas = parser.merged_cells.mergeCell if parser.merged_cells else ()
        self.merged = [each.bounds for each in areas]

    def _cell(self, values: Json, lacks_result: bool) -> SheetCell:
        from openpyxl.cell.read_only import ReadOnlyCell

        cell = ReadOnlyCell(self.source, **values)
        if not (0 < cell.row <= LAST_ROW and 0 < cell.column <= LAST_COLUMN):
            raise ValueError(
                f"a cell in row {cell.row:,}, column {cell.column:,}; a sheet ends at "
                f"{LAST_ROW:,}, {LAST_COLUMN:,}"
            )
        form = cell.number_format if cell.value is not None else ""
        return SheetCell(
            cell.column, cell.value, cell.data_type, form or "", lacks_result, cell.coordinate
        )


def open_book(path: Path, bounds: Bounds) -> Workbook:
    """Opens a workbook whose sheets are read by `Sheet`.

    Raises:
        Refused: The archive is damaged, encrypted or too large.
        MissingDependency: openpyxl isn't installed.
    """
    with needs("XLSX", "tables"):
        from openpyxl import load_workbook
    archive_names(path, bounds)
    return load_workbook(path, read_only=True, data_only=True, keep_links=False)


def visible_sheets(path: Path) -> list[str]:
    """Returns the names of a workbook's sheets that aren't hidden."""
    with contextlib.closing(open_book(path, Bounds())) as book:
        return [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
