"""Workbooks: the first visible sheet, its cells as a person sees them."""

from __future__ import annotations

import contextlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.decoding import Bounds, Refused
from harness.errors import DataError, HarnessError, nearest
from harness.task.tables.cells import NoValue
from harness.task.tables.formats import shown
from harness.task.tables.header import with_header
from harness.task.tables.sheets import AGAIN, Area, Sheet, SheetCell, open_book
from harness.task.tables.table import Layout, Table, check_extent

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

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
    notes: list[str] = []
    with _explained(path), contextlib.closing(open_book(path, Bounds())) as book:
        sheet = Sheet(_chosen(book, path.name, layout, notes))
        title = sheet.source.title
        numbered = _numbered(sheet, path.name)
    _mark_merged(numbered, sheet.merged, path.name)
    notes += _hidden(sheet, f"{path.name}, sheet {title!r}")
    rows = [
        (number, row)
        for number, row in numbered.items()
        if any(cell not in (None, "") and not _is_merged(cell) for cell in row)
    ]
    return with_header(path.name, lambda: rows, layout, "row", notes, title).whole()


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Names the file that a parser can't read."""
    with path.open("rb") as file:
        if file.read(4) == b"\xd0\xcf\x11\xe0":
            raise DataError(
                f"{path.name} is encrypted, or a workbook of Excel 97-2003",
                "Save it as XLSX, without a password.",
            )
    try:
        yield
    except Refused as error:
        if error.kind != "damaged":
            raise DataError(f"{path.name} {error.message}", error.hint) from error
        raise _damaged(path, error.__cause__) from error
    except (HarnessError, MemoryError):
        raise
    except Exception as error:  # zipfile's, XML's, and what openpyxl makes of them
        raise _damaged(path, error) from error


def _damaged(path: Path, error: BaseException | None) -> DataError:
    why = " ".join(f"{error}".split())[:200]
    return DataError(f"{path.name} is no XLSX file, or is damaged ({why})", AGAIN)


def _numbered(sheet: Sheet, name: str) -> dict[int, list[object]]:
    """Returns the rows' cells by the rows' numbers, each as long as its last cell says."""
    rows: dict[int, list[object]] = {}
    total = 0
    for number, cells in sheet.rows():
        width = max((cell.column for cell in cells if _holds(cell)), default=0)
        total += width
        check_extent(name, total)
        row = rows[number] = [None] * width
        for cell in cells:
            if _holds(cell):
                row[cell.column - 1] = _value(cell)
    return dict(sorted(rows.items()))


def _holds(cell: SheetCell) -> bool:
    return cell.value not in (None, "") or cell.lacks_result


def _mark_merged(rows: dict[int, list[object]], areas: Sequence[Area], name: str) -> None:
    """Puts into each merged cell but the first one why it has no value."""
    if not areas:
        return
    from openpyxl.utils import get_column_letter

    numbers, width = list(rows), max(map(len, rows.values()), default=0)
    marked = 0
    for left, top, right, bottom in areas:
        between = numbers[bisect_left(numbers, top) : bisect_right(numbers, bottom)]
        marked += len(between) * (min(right, width) - left + 1)
        check_extent(name, marked)
        area = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
        for number in between:
            row = rows[number]
            row += [None] * (min(right, width) - len(row))
            for column in range(left, min(right, width) + 1):
                if (number, column) != (top, left):
                    cell = f"{get_column_letter(column)}{number}"
                    row[column - 1] = NoValue(
                        f"(cell {cell}) is part of the merged cells {area}", SPLIT
                    )


def _chosen(book: Workbook, name: str, layout: Layout, notes: list[str]) -> ReadOnlyWorksheet:
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


def _hidden(sheet: Sheet, where: str) -> Iterator[str]:
    """Says which rows and columns are hidden, since they are read."""
    rows, columns = sheet.hidden_rows, sheet.hidden_columns
    for unit, hidden in (("row", rows), ("column", columns)):
        if hidden:
            listed = ", ".join(hidden[:LISTED]) + ", ..." * (len(hidden) > LISTED)
            count = f"{len(hidden)} hidden {unit}{'s' * (len(hidden) > 1)} ({listed})"
            notes = "was" if len(hidden) == 1 else "were"
            yield f"{where}: {count} {notes} read like the others"


def _is_merged(cell: object) -> bool:
    return isinstance(cell, NoValue) and cell.hint == SPLIT


def _value(cell: SheetCell) -> object:
    if cell.lacks_result:
        return NoValue(f"(cell {cell.coordinate}) is a formula whose result isn't stored", SAVE)
    if cell.kind == "s":
        return cell.value
    if cell.kind == "e":
        why = f"(cell {cell.coordinate}) is the error {cell.value}"
        return NoValue(why, "Mend it in the workbook, or leave the row out.")
    return shown(cell.value, cell.number_format)
