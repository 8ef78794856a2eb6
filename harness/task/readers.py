"""Reads a table of the user's: JSONL, CSV, XLSX or Parquet, every text in NFC."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from harness.errors import DataError, nearest, needs

__all__ = ["FORMATS", "RawRow", "read_rows", "require_columns"]

RawRow = dict[str, Any]


def read_rows(path: Path) -> list[RawRow]:
    """Reads a table's rows with the same keys in each; empty cells are "".

    Raises:
        DataError: No such file, no rows, or a line that can't be read, with its number.
        MissingDependency: The format needs a package that isn't there.
    """
    if not path.is_file():
        raise DataError(f"there is no file {path}", "Check the path.")
    reader = FORMATS.get(path.suffix.lower())
    if reader is None:
        raise DataError(
            f"{path.name}: unknown format {path.suffix!r}", f"Known: {', '.join(FORMATS)}."
        )
    rows = reader(path)
    if not rows:
        raise DataError(f"{path.name} has no rows", "It needs a header and one row at least.")
    return [{_nfc(key): _nfc(value) for key, value in row.items()} for row in rows]


def require_columns(names: Iterable[str | None], row: RawRow, origin: str) -> None:
    """Raises `DataError` where a row of the table lacks one of the named columns."""
    for name in names:
        if name and name not in row:
            raise DataError(
                f"{origin} has no column {name!r}; it has {', '.join(row)}", nearest(name, row)
            )


def _nfc(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [_nfc(item) for item in value]
    return "" if value is None else value


def _text(path: Path) -> str:
    """Decodes UTF-8, with or without a byte order mark, or CP949, as Korean Excel writes it."""
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
    raise DataError(f"{path.name}, line {line}: neither UTF-8 nor CP949", "Save the file as UTF-8.")


def _jsonl(path: Path) -> list[RawRow]:
    rows = []
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(
                f"{path.name}, line {number}: {error}", "Each line is a JSON object."
            ) from error
        if not isinstance(row, dict):
            raise DataError(f"{path.name}, line {number}: no JSON object")
        rows.append(row)
    return _same_keys(rows)


def _json(path: Path) -> list[RawRow]:
    try:
        value = json.loads(_text(path))
    except json.JSONDecodeError as error:
        raise DataError(f"{path.name}: {error}", "It has to be a list of objects.") from error
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise DataError(f"{path.name} is no list of objects", "Or save it as .jsonl.")
    return _same_keys(value)


def _same_keys(rows: list[RawRow]) -> list[RawRow]:
    keys = dict.fromkeys(key for row in rows for key in row)
    return [{key: row.get(key) for key in keys} for row in rows]


def _csv(path: Path) -> list[RawRow]:
    text = _text(path)
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    csv.field_size_limit(10_000_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = next(reader, [])
    rows = []
    for cells in reader:
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise DataError(
                f"{path.name}, line {reader.line_num}: {len(cells)} cells, the header has "
                f"{len(header)}",
                "Put text that holds a comma or a line break into quotes.",
            )
        rows.append(cells)
    return _table(path, header, rows)


def _table(path: Path, header: list[str], rows: list[list[Any]]) -> list[RawRow]:
    names = [str(name).strip() for name in header]
    twice = {name for name in names if names.count(name) > 1}
    if twice or not all(names):
        what = f"there are two columns {sorted(twice)[0]!r}" if twice else "a column has no name"
        raise DataError(f"{path.name}: {what}", "Give each column a name of its own.")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _xlsx(path: Path) -> list[RawRow]:
    with needs("XLSX", "tables"):
        from openpyxl import load_workbook
    sheet = load_workbook(path, read_only=True, data_only=True).worksheets[0]
    lines = [list(row) for row in sheet.iter_rows(values_only=True)]
    lines = [row for row in lines if any(cell is not None for cell in row)]
    if not lines:
        return []
    width = max(index + 1 for index, cell in enumerate(lines[0]) if cell is not None)
    body = [["" if cell is None else str(cell) for cell in row[:width]] for row in lines[1:]]
    return _table(path, [cell or "" for cell in lines[0][:width]], body)


def _parquet(path: Path) -> list[RawRow]:
    with needs("Parquet", "tables"):
        from pyarrow import parquet
    rows: list[RawRow] = parquet.read_table(path).to_pylist()
    return rows


FORMATS: dict[str, Callable[[Path], list[RawRow]]] = {
    ".jsonl": _jsonl,
    ".json": _json,
    ".csv": _csv,
    ".tsv": _csv,
    ".xlsx": _xlsx,
    ".parquet": _parquet,
}
