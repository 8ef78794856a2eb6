"""CSV, and cells that a spreadsheet opens: text is text, whatever it begins with."""

from __future__ import annotations

import csv
import io

from harness import text
from harness.records.files import encoded
from harness.report.exports.sheets import CellValue, Sheet

__all__ = ["csv_bytes", "defused"]

BOM = b"\xef\xbb\xbf"  # by which spreadsheets know UTF-8


def defused(value: CellValue) -> CellValue:
    """Defuses a text; figures stay figures."""
    return text.defused(value) if isinstance(value, str) else value


def csv_bytes(sheet: Sheet) -> bytes:
    """Returns a table as RFC 4180 has it, UTF-8 with a byte order mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(sheet.columns)
    writer.writerows([_plain(value) for value in row] for row in sheet.rows)
    return BOM + encoded(out.getvalue())


def _plain(value: CellValue) -> CellValue:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else defused(value)
