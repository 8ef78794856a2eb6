"""CSV, and cells that a spreadsheet opens: text is text, whatever it begins with."""

from __future__ import annotations

import csv
import io
import re

from harness.records.files import encoded
from harness.report.exports.sheets import CellValue, Sheet

__all__ = ["csv_bytes", "defused", "printable"]

BOM = b"\xef\xbb\xbf"  # by which spreadsheets know UTF-8
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, in full width too."""
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST = 32_767  # characters that a cell of a spreadsheet holds


def printable(text: str) -> str:
    """Takes out what no XML may hold, and cuts what no cell does."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)[:LONGEST]


def defused(value: CellValue) -> CellValue:
    """Puts an apostrophe before a text that a spreadsheet would compute; figures stay figures.

    A text with leading spaces counts by what follows them: some programs trim.
    """
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}"[:LONGEST] if text.lstrip(" \N{NO-BREAK SPACE}").startswith(FORMULA) else text


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
