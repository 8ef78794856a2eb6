"""CSV: a file a table, with the mark by which spreadsheets know UTF-8."""

from __future__ import annotations

import csv
import io

from harness.report.exports.cells import defused
from harness.report.exports.sheets import Cell, Sheet

__all__ = ["csv_bytes"]

BOM = b"\xef\xbb\xbf"


def csv_bytes(sheet: Sheet) -> bytes:
    """Returns a table as RFC 4180 has it, UTF-8 with a byte order mark.

    Args:
        sheet: The table; formulas in its texts are defused.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(sheet.columns)
    writer.writerows([_plain(value) for value in row] for row in sheet.rows)
    return BOM + out.getvalue().encode("utf-8")


def _plain(value: Cell) -> Cell:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else defused(value)
