"""Reads a table of the user's, by the ending of its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from harness.errors import DataError, UsageError, needs
from harness.task.tables.delimited import read_delimited
from harness.task.tables.json_rows import read_json, read_json_lines
from harness.task.tables.table import Layout, Table, table_of
from harness.task.tables.workbook import read_workbook

__all__ = ["FORMATS", "read_table"]


def read_table(path: Path, layout: Layout | None = None) -> Table:
    """Reads a table's lines with the same columns in each; empty cells are "".

    Raises:
        DataError: No such file, no rows, or what can't be read, with its place.
        MissingDependency: The format needs a package that isn't there.
    """
    layout = layout or Layout()
    if not path.is_file():
        raise DataError(f"there is no file {path}", "Check the path.")
    ending = path.suffix.lower()
    if ending not in FORMATS:
        hint = "Save it as .xlsx." if ending in (".xls", ".ods", ".xlsb") else ""
        known = f"Known: {', '.join(FORMATS)}."
        raise DataError(f"{path.name}: unknown format {path.suffix!r}", hint or known)
    if layout.sheet is not None and FORMATS[ending] is not read_workbook:
        raise UsageError(f"{path.name} has no sheets", "--sheet goes with XLSX.")
    if layout.header_row is not None and FORMATS[ending] not in (read_workbook, read_delimited):
        raise UsageError(f"{path.name} has no header", "--header-row goes with CSV and XLSX.")
    table = FORMATS[ending](path, layout)
    if not table.lines:
        raise DataError(f"{path.name} has no rows", "It needs a header and one row at least.")
    return table


def _parquet(path: Path, layout: Layout) -> Table:
    with needs("Parquet", "tables"):
        from pyarrow import ArrowException, parquet
    try:
        rows: list[dict[str, object]] = parquet.read_table(path).to_pylist()
    except (ArrowException, OSError) as error:
        raise DataError(
            f"{path.name} is no Parquet file, or is damaged ({error})", "Write it again."
        ) from error
    return table_of(path.name, [(f"{path.name}, row {n}", row) for n, row in enumerate(rows, 1)])


FORMATS: dict[str, Callable[[Path, Layout], Table]] = {
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json,
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".xlsx": read_workbook,
    ".xlsm": read_workbook,
    ".parquet": _parquet,
}
