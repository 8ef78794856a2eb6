"""Files: written whole or not at all, appended line by line, kept for one process.

Whatever is written of a run, an artifact or the cache is written by this module, and no key or
password that this process knows stands in it (`harness.records.secrets`). A file of JSON
lines may lie compressed beside its name (``predictions.jsonl.gz``): committed records do.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import json
import math
import os
import re
import shutil
import time
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from harness.errors import DataError, storage_error
from harness.records.secrets import dumps, forms, hidden

__all__ = [
    "KEPT",
    "RESTORE",
    "Json",
    "append_lines",
    "count_lines",
    "each_line",
    "encoded",
    "lines_at",
    "read_json",
    "read_lines",
    "storage_errors",
    "sweep",
    "stored",
    "whole",
    "write_json",
    "write_lines",
    "write_text",
]

ELSEWHERE = "Choose another folder with --results."
RESTORE = "Restore the file, or take its folder out of the records."
BLOCK = 1 << 16
ABANDONED = 3600.0  # seconds without a write, after which nobody writes a file any more
_PART = re.compile(r"\..+\.[0-9a-f]{32}|\.writing-.+")
Json = dict[str, Any]
"""A JSON object, by field."""
_NO_FIELDS: Mapping[str, type] = {}
_DECODE = json.JSONDecoder().raw_decode
KEPT: dict[Path, Callable[[], None]] = {}
"""Folders that this process keeps, by what raises where another took one over: then it is written
to no more."""


def _check_kept(path: Path) -> None:
    for folder in path.absolute().parents if KEPT else ():
        if folder in KEPT:
            KEPT[folder]()


@contextlib.contextmanager
def storage_errors(path: Path, elsewhere: str = ELSEWHERE) -> Iterator[None]:
    """Turns what the system says of a path into a `StorageError` that says what to do."""
    try:
        yield
    except Exception as error:
        if (explained := storage_error(error, path, elsewhere)) is None:
            raise
        raise explained from error


@contextlib.contextmanager
def whole(path: Path, elsewhere: str = ELSEWHERE) -> Iterator[BinaryIO]:
    """Opens a file that takes its place only when the block ends without an error.

    Raises:
        StorageError: The disk refuses; what stood there before still does.
    """
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    with storage_errors(path, elsewhere):
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path.parent)
        try:
            with part.open("wb") as file:
                yield file
                _flush(file)
            _check_kept(path)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


@functools.cache
def sweep(folder: Path) -> None:
    """Takes away what a process that was killed left half written; once a process and folder."""
    for left in filter(lambda path: _PART.fullmatch(path.name), folder.iterdir()):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > ABANDONED:
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def _flush(file: BinaryIO) -> None:
    """Waits until a file is on disk: a rename may get there before what it names."""
    file.flush()
    os.fsync(file.fileno())


def write_text(path: Path, text: str) -> None:
    """Writes a text whole or not at all."""
    with whole(path) as file:
        file.write(encoded(hidden(text)))


def write_json(path: Path, value: object, *, indent: int | None = 1) -> None:
    """Writes a JSON file whole or not at all; in one line where nothing is indented."""
    text = dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
    with whole(path) as file:
        file.write(encoded(f"{text}\n"))


def read_json(path: Path) -> Any:
    """Reads a JSON file of a record; a missing or damaged one is a `DataError`."""
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text, parse_float=_finite, parse_constant=_finite)
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path} can't be read: {error}", "Is this the folder of a run?") from error


def _finite(text: str) -> float:
    """Reads a number that JSON can hold again: none is infinite, and each is one."""
    if math.isfinite(value := float(text)):
        return value
    raise ValueError(f"{text} is no number")


def append_lines(path: Path, values: Iterable[Mapping[str, object]]) -> None:
    """Appends JSON lines in one write, and waits until they are on disk.

    A last line that a kill cut off is taken away first: the next would be glued to it.
    """
    with storage_errors(path):
        _check_kept(path)
        if (packed := stored(path)) != path:
            with gzip.open(packed) as source, whole(path) as file:
                shutil.copyfileobj(source, file)
            packed.unlink()
        with path.open("ab+") as file:
            _mend_end(file)
            file.write(b"".join(_lines(values)))
            _flush(file)


def write_lines(path: Path, values: Iterable[Mapping[str, object]]) -> None:
    """Writes JSON lines whole or not at all, compressed where those that they replace are.

    ``values`` may be read from the very file.
    """
    place = stored(path)
    with whole(place) as file, contextlib.ExitStack() as stack:
        write: Callable[[bytes], object] = file.write
        if place != path:
            write = stack.enter_context(gzip.GzipFile("", "wb", fileobj=file, mtime=0)).write
        for line in _lines(values):
            write(line)


def each_line(
    path: Path, skipped: list[int] | None = None, fields: Mapping[str, type] = _NO_FIELDS
) -> Iterator[Json]:
    """Yields JSON objects line by line, from a compressed file where there is no other.

    The last line is left out where a kill cut it off. A line ends at ``\\n`` alone: answers hold
    other characters at which Python would split (U+0085, U+2028, U+2029). Where ``skipped`` is
    given, it gets the numbers of damaged lines, which are left out.

    Raises:
        DataError: A line is no JSON object, one of its ``fields`` isn't there or of another type,
            or the file can't be read.
    """
    return (value for _, value in lines_at(path, skipped, fields))


def lines_at(
    path: Path, skipped: list[int] | None = None, fields: Mapping[str, type] = _NO_FIELDS
) -> Iterator[tuple[int, Json]]:
    """Yields the same, each with the byte at which its line begins; errors are those of `each_line`."""
    place = stored(path)
    if not place.exists():
        return
    at = 0
    try:
        with place.open("rb") if place == path else gzip.open(place) as file:
            for number, line in enumerate(file, 1):
                value, at = _object(line), at + len(line)
                if value is not None and (not fields or _has(value, fields)):
                    yield at - len(line), value
                elif line.strip() and line.endswith(b"\n"):
                    if skipped is None:
                        raise DataError(f"{place}, line {number}, is damaged", RESTORE)
                    skipped.append(number)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{place} can't be read: {error}", RESTORE) from error


def _has(value: Json, fields: Mapping[str, type]) -> bool:
    return all(isinstance(value.get(name), kind) for name, kind in fields.items())


def count_lines(path: Path) -> int:
    """Counts lines without reading them; -1 where there is no file that can be read."""
    place, count = stored(path), 0
    try:
        with place.open("rb") if place == path else gzip.open(place) as file:
            while block := file.read(BLOCK):
                count += block.count(b"\n")
    except (OSError, EOFError, zlib.error):
        return -1
    return count


def _object(line: bytes) -> Json | None:
    """Reads a JSON object; None where the line holds something else."""
    try:
        text = line.strip(b" \t\r\n").decode()
        value, end = _DECODE(text)  # as `json.loads`, without what that does for other texts
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and end == len(text) else None


def read_lines(
    path: Path, skipped: list[int] | None = None, fields: Mapping[str, type] = _NO_FIELDS
) -> list[Json]:
    """Returns all of `each_line`."""
    return list(each_line(path, skipped, fields))


def stored(path: Path) -> Path:
    """Says where lines lie: under their own name, else compressed beside it."""
    packed = path.with_name(f"{path.name}.gz")
    return packed if packed.exists() and not path.exists() else path


def _lines(values: Iterable[Mapping[str, object]]) -> Iterator[bytes]:
    """Yields lines of JSON, secrets left out."""
    secrets = forms()
    for value in values:
        yield encoded(dumps(value, secrets, ensure_ascii=False) + "\n")


def encoded(text: str) -> bytes:
    """Encodes a text; half of a surrogate pair, which UTF-8 has no form for, as JSON escapes it."""
    return text.encode(errors="backslashreplace")


def _mend_end(file: BinaryIO) -> None:
    """Takes away a last line that was cut off; a whole one gets the end that it lacks."""
    size = file.seek(0, os.SEEK_END)
    start, tail = size, b""
    while start and b"\n" not in tail:
        start = max(0, start - BLOCK)
        file.seek(start)
        tail = file.read(size - start)
    end = tail.rpartition(b"\n")[2]
    if not end:
        return
    if _object(end) is None:
        file.truncate(size - len(end))
    else:
        file.write(b"\n")
