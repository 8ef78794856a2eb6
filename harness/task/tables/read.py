"""Reads a table of the user's, by the ending of its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.decoding import MOST_BYTES, Bounds, check_size, ending_of, reading
from harness.errors import DataError, HarnessError, UsageError, needs
from harness.task.tables.delimited import read_delimited, stream_delimited
from harness.task.tables.json_rows import read_json, read_json_lines, stream_json_lines
from harness.task.tables.table import Layout, Stream, Table, check_extent, stream_of, table_of
from harness.task.tables.workbook import read_workbook

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

__all__ = ["FORMATS", "read_table", "refuse_other", "stream_table"]

BOUNDS = Bounds()
BATCH = 1000  # rows of a Parquet file that are unpacked at a time


def read_table(path: Path, layout: Layout | None = None) -> Table:
    """Reads a table's lines with the same columns in each; empty cells are "".

    Raises:
        DataError: No such file, no rows, or what can't be read, with its place.
        MissingDependency: The format needs a package that isn't there.
    """
    layout = layout or Layout()
    table = _reader(path, layout)(path, layout)
    _check_rows(path, len(table.lines), table.notes)
    return table


def stream_table(path: Path, layout: Layout | None = None) -> Stream:
    """Opens the same table to be read line by line; errors are those of `read_table`.

    CSV, TSV and JSON Lines are read from the disk at each pass; other formats are held.
    """
    layout = layout or Layout()
    reader = _reader(path, layout)
    streamed = STREAMED.get(reader)
    stream = streamed(path, layout) if streamed else stream_of(reader(path, layout))
    _check_rows(path, stream.count, stream.notes)
    return stream


def _check_rows(path: Path, count: int, notes: Sequence[str]) -> None:
    if not count:
        hint = "It needs one row at least, below a header where the format has one."
        raise DataError(f"{path.name} has no rows", notes[-1] if notes else hint)


def _reader(path: Path, layout: Layout) -> Callable[[Path, Layout], Table]:
    """Returns what reads a file of this name; a `DataError` or `UsageError` where nothing can."""
    check_size(path, MOST_BYTES)
    ending = ending_of(path)
    if ending not in FORMATS:
        hint = "Save it as .xlsx." if ending in (".xls", ".ods", ".xlsb") else ""
        hint = "Unpack it." if ending in (".zip", ".7z", ".bz2", ".xz", ".tar") else hint
        known = f"Known: {', '.join(FORMATS)}."
        raise DataError(f"{path.name}: unknown format {path.suffix!r}", hint or known)
    if layout.sheet is not None and FORMATS[ending] is not read_workbook:
        raise UsageError(f"{path.name} has no sheets", "--sheet goes with XLSX.")
    if layout.header_row is not None and FORMATS[ending] not in (read_workbook, read_delimited):
        raise UsageError(f"{path.name} has no header", "--header-row goes with CSV and XLSX.")
    if ending != path.suffix.lower() and FORMATS[ending] in PACKED_WHOLE:
        raise DataError(f"{path.name} is packed", f"Unpack it: gunzip {path.name}")
    if FORMATS[ending] not in PACKED_WHOLE:
        refuse_other(path)
    return FORMATS[ending]


def refuse_other(path: Path) -> None:
    """Raises `DataError` where a file of text has the content of another format."""
    with reading(path), path.open("rb") as file:
        head = file.read(4)
    other = OTHERS.get(head)
    if other:
        raise DataError(f"{path.name} is {other[0]}{_not(path)}", other[1])


def _not(path: Path) -> str:
    return f", not {path.suffix[1:].upper()}" if path.suffix.lower() in FORMATS else ""


def _parquet(path: Path, layout: Layout) -> Table:
    with needs("Parquet", "tables"):
        from pyarrow import parquet
    check_size(path, BOUNDS.file_bytes)
    try:
        with parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            check_extent(path.name, file.metadata.num_rows * len(names), len(names))
            rows = list(_parquet_rows(file, path.name))
    except (HarnessError, MemoryError):
        raise
    except Exception as error:  # Arrow's, the disk's, and of values that Python doesn't have
        why = " ".join(f"{error}".split())[:200]
        raise DataError(
            f"{path.name} is no Parquet file, or is damaged ({why})", "Write it again."
        ) from error
    if twice := [name for name, times in Counter(names).items() if times > 1]:
        raise DataError(f"{path.name} has two columns {twice[0]!r}", "Rename one of them.")
    return table_of(path.name, [(f"{path.name}, row {n}", row) for n, row in enumerate(rows, 1)])


def _arrow(path: Path, layout: Layout) -> Table:
    """Reads a stream of Arrow, as `datasets` saves it."""
    with needs("Arrow", "tables"):
        import pyarrow
    check_size(path, BOUNDS.unpacked_bytes)
    try:
        with pyarrow.memory_map(str(path)) as file:
            table = pyarrow.ipc.open_stream(file).read_all()
            check_extent(path.name, table.num_rows * table.num_columns, table.num_columns)
            rows = table.to_pylist()
    except (HarnessError, MemoryError):
        raise
    except Exception as error:  # Arrow's, and of values that Python doesn't have
        why = " ".join(f"{error}".split())[:200]
        raise DataError(
            f"{path.name} is no stream of Arrow, or is damaged ({why})", "Write it again."
        ) from error
    return table_of(path.name, [(f"{path.name}, row {n}", row) for n, row in enumerate(rows, 1)])


def _parquet_rows(file: ParquetFile, name: str) -> Iterator[dict[str, object]]:
    """Yields rows batch by batch: a few bytes of a dictionary can stand for any number of them."""
    unpacked = 0
    for batch in file.iter_batches(BATCH):
        unpacked += batch.nbytes
        if unpacked > BOUNDS.unpacked_bytes:
            most = BOUNDS.unpacked_bytes // 2**20
            raise DataError(f"{name} has more than {most:,} MiB of values", "Divide it.")
        yield from batch.to_pylist()


OTHERS = {  # what a file begins with: what it is, and what to do
    b"PK\x03\x04": ("a workbook or an archive", "If Excel wrote it, name it .xlsx."),
    b"PAR1": ("a Parquet file", "Name it .parquet."),
    b"\xd0\xcf\x11\xe0": ("a workbook of Excel 97-2003", "Save it as .xlsx."),
    b"%PDF": ("a PDF document", "Copy its table into a CSV or XLSX file."),
}
PACKED_WHOLE = (read_workbook, _parquet, _arrow)  # read from the file itself, not as text
FORMATS: dict[str, Callable[[Path, Layout], Table]] = {
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json,
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".xlsx": read_workbook,
    ".xlsm": read_workbook,
    ".parquet": _parquet,
    ".arrow": _arrow,
}
STREAMED: dict[Callable[[Path, Layout], Table], Callable[[Path, Layout], Stream]] = {
    read_delimited: stream_delimited,
    read_json_lines: stream_json_lines,
}
