"""What all loaders share: limits, errors that say what to do, and a text with marks."""

from __future__ import annotations

import contextlib
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.decoding import Bounds, Refused, archive_names, decode
from harness.errors import DataError, HarnessError
from harness.retrieval.places import Mark
from harness.task.folder import LARGEST

__all__ = ["Limits", "LoadError", "DocumentText", "guard_zip", "parsing", "plain_text"]

MIB = 2**20
LONGEST_PLACE = 10_000  # characters of a heading, which each chunk below it carries along
_HALF = re.compile("[\ud800-\udfff]")  # of a pair of surrogates: no text can be written with it
AGAIN = "Copy or download it again."


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of what is read; a file past one is refused."""

    file_bytes: int = LARGEST
    unpacked_bytes: int = 1024 * MIB  # size of what is packed in it (DOCX, XLSX, HWPX)
    ratio: float = 200.0  # unpacked over packed size of one member of more than a mebibyte
    tags: int = 4_000_000  # of XML in it
    cells: int = 5_000_000  # of its tables, those that a merged cell covers too
    marks: int = 2_000_000  # pages, headings, articles, and rows of tables
    characters: int = 20_000_000
    pages: int = 10_000
    seconds: float = 600.0  # of reading a PDF; asked after each page


class LoadError(DataError):
    """A file that can't be read, and what can be done about it.

    ``kind`` is ``encrypted``, ``scanned``, ``damaged``, ``bomb``, ``drm``, ``empty``, ``large``,
    ``format``, ``encoding``, ``rights``, ``gone`` or ``changed``.
    """

    def __init__(self, problem: str, hint: str, kind: str) -> None:
        super().__init__(problem, hint)
        self.kind = kind


@dataclass
class DocumentText:
    """A document's text as it is put together, within limits."""

    limits: Limits
    marks: list[Mark] = field(default_factory=list)  # what holds from which position on
    pages: int | None = None
    tables: int = 0  # number of tables so far
    notes: list[str] = field(default_factory=list)  # pages without text, sheets left out
    encoding: str = ""
    _lines: list[str] = field(default_factory=list)
    _length: int = 0
    _cells: int = 0

    def mark(self, **place: Any) -> None:
        """Notes what holds from here on; None ends something."""
        for key, value in place.items():
            if isinstance(value, str):
                place[key] = _HALF.sub("\ufffd", value[:LONGEST_PLACE])
        self.marks.append((self._length, place))
        self._check(len(self.marks), self.limits.marks, "pages, headings and rows")

    def line(self, text: str) -> None:
        """Adds lines without blanks at their ends; LoadError where the text is over the limit."""
        text = unicodedata.normalize("NFC", _HALF.sub("\ufffd", text)).replace("\0", "")
        text = "\n".join(part.rstrip() for part in text.splitlines())
        self._lines.append(text)
        self._length += len(text) + 1
        self._check(self._length, self.limits.characters, "characters of text")

    def claim(self, cells: int) -> None:
        """Counts cells of tables before they are made; LoadError where there are too many."""
        self._cells += cells
        self._check(self._cells, self.limits.cells, "cells of tables")

    def _check(self, count: int, most: int, what: str) -> None:
        if count > most:
            raise LoadError(f"has more than {most:,} {what}", "Divide it.", "large")

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """Adds a table, one line a row, cells divided by `` | ``; empty rows are left out.

        The first row is marked as ``columns``, which chunks of the later rows carry along.
        """
        self.tables += 1
        lines = [line for row in rows if (line := self._row(row))]
        self.mark(table=self.tables, columns=lines[0] if len(lines) > 1 else None)
        for line in lines:
            self.line(line)
        self.mark(table=None, columns=None)

    def _row(self, row: Sequence[str]) -> str:
        self.claim(len(row))
        return " | ".join(" ".join(cell.split()) for cell in row).rstrip(" |")

    def text(self) -> str:
        """Returns the whole text."""
        return "\n".join(self._lines)


def plain_text(data: bytes, declared: str = "") -> tuple[str, str]:
    """Decodes a document, lines ended by ``\\n``, and names its encoding; LoadError if it can't."""
    try:
        text, encoding = decode(data, declared)
    except DataError as error:
        raise LoadError(error.message, error.hint, "encoding") from error
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding


def guard_zip(path: Path, limits: Limits) -> list[str]:
    """Returns an archive's names; LoadError if damaged, encrypted or too large when unpacked."""
    bounds = Bounds(
        file_bytes=limits.file_bytes,
        unpacked_bytes=limits.unpacked_bytes,
        ratio=limits.ratio,
        tags=limits.tags,
    )
    try:
        names = archive_names(path, bounds)
    except Refused as error:
        raise LoadError(error.message, error.hint, error.kind) from error
    manifest = "META-INF/manifest.xml"
    if manifest in names:
        with parsing(AGAIN), zipfile.ZipFile(path) as archive, archive.open(manifest) as file:
            if b"encryption-data" in file.read(MIB):
                raise LoadError("is encrypted", "Save it without a password.", "encrypted")
    return names


@contextlib.contextmanager
def parsing(hint: str) -> Iterator[None]:
    """Raises whatever a parser fails with as a `LoadError` that says that the file is damaged."""
    try:
        yield
    except (HarnessError, MemoryError, RecursionError):
        raise
    except Exception as error:  # zlib's, XML's, struct's, and what each library makes of them
        why = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise LoadError(f"is damaged or cut off ({why[:200]})", hint, "damaged") from error
