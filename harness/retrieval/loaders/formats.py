"""Tells what a file is by what is in it; its name decides only between kinds of plain text."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

from harness.decoding import is_utf16
from harness.retrieval.loaders.base import Limits, LoadError, guard_zip, plain_text

__all__ = ["recognise"]

HEAD = 8192
_DRM = (
    (b"<DOCUMENT SAFER", "Fasoo"),
    (b"DRMONE", "Fasoo"),
    (b"SCDSA", "SoftCamp"),
    (b"<## NASCA DRM", "NASCA"),
)
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
_ARCHIVES = (b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b")
_OTHERS = (
    (_PICTURES, "a picture", "Make text of it with OCR, or find the document it was made from."),
    (_ARCHIVES, "an archive", "Unpack it."),
    ((b"{\\rtf",), "an RTF document", "Save it as DOCX."),
    ((b"HWP Document File V",), "a document of Hangul 3 or older", "Save it as HWPX in Hangul."),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_KINDS = (
    ("WordDocument", "is a document of Word 97-2003", "Save it as DOCX."),
    ("Workbook", "is a workbook of Excel 97-2003", "Save it as XLSX."),
    ("PowerPoint Document", "is a presentation", "Save it as PDF."),
)

_TEXT_NAMES = dict.fromkeys((".csv", ".tsv"), "csv") | dict.fromkeys((".md", ".markdown"), "md")
_TEXT_NAMES |= dict.fromkeys((".htm", ".html"), "html")


def recognise(path: Path, limits: Limits) -> str:
    """Names a file's format (``pdf``, ``txt``, ...); LoadError where it can't be read."""
    size = path.stat().st_size
    if size == 0:
        raise LoadError("is empty (0 bytes)", "Copy or download it again.", "empty")
    if size > limits.file_bytes:
        raise LoadError(
            f"has {size / 2**20:,.0f} MiB", "Divide it, or raise Limits.file_bytes.", "large"
        )
    with path.open("rb") as file:
        head = file.read(HEAD)
    _refuse(head)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _in_zip(path, limits)
    if head.startswith(_OLE):
        return _in_ole(path)
    return _kind_of_text(path, head)


def _refuse(head: bytes) -> None:
    for sign, maker in _DRM:
        if sign in head[:64]:
            raise LoadError(
                f"is wrapped by {maker} DRM",
                "Ask who may decrypt it for a copy without protection, and add that copy.",
                "drm",
            )
    for signs, what, hint in _OTHERS:
        if head.startswith(signs):
            raise LoadError(f"is {what}", hint, "format")


def _in_zip(path: Path, limits: Limits) -> str:
    names = guard_zip(path, limits)
    if "word/document.xml" in names:
        return "docx"
    if "xl/workbook.xml" in names:
        return "xlsx"
    if any(name.startswith("Contents/section") for name in names):
        return "hwpx"
    if "ppt/presentation.xml" in names:
        raise LoadError("is a presentation", "Save it as PDF.", "format")
    if "mimetype" in names:
        with zipfile.ZipFile(path) as archive:
            kind = archive.read("mimetype")[:80].decode("ascii", "replace")
        raise LoadError(f"is a document of type {kind}", "Save it as DOCX or PDF.", "format")
    raise LoadError("is an archive, or a document without its main part", "Unpack it.", "format")


def _in_ole(path: Path) -> str:
    """Searches for the names of streams, which stand as UTF-16 in the directory."""
    data = path.read_bytes()
    if b"HWP Document File" in data or "FileHeader".encode("utf-16-le") in data:
        return "hwp"
    if "EncryptedPackage".encode("utf-16-le") in data:
        hint = "Open it in Office and save it without a password."
        raise LoadError("is encrypted", hint, "encrypted")
    for stream, problem, hint in _OLE_KINDS:
        if stream.encode("utf-16-le") in data:
            raise LoadError(problem, hint, "format")
    raise LoadError("is an unknown Office file", "Save it as DOCX, XLSX or PDF.", "format")


def _kind_of_text(path: Path, head: bytes) -> str:
    if _is_binary(head):
        raise LoadError("is of an unknown format", "Save it as PDF, DOCX or text.", "format")
    text, _ = plain_text(path.read_bytes())
    if not text.strip():
        raise LoadError("holds only white space", "Check whether it is the right file.", "empty")
    start = text.lstrip("\ufeff \t\n")[:1000].lower()
    if start.startswith(("<!doctype html", "<html")) or (
        start.startswith(("<?xml", "<!--", "<head", "<body", "<div", "<table")) and "<html" in start
    ):
        return "html"
    named = _TEXT_NAMES.get(path.suffix.lower(), "txt")
    return "csv" if named == "txt" and _is_table(text) else named


def _is_binary(head: bytes) -> bool:
    """Whether there are bytes that no text has."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or is_utf16(head):
        return False
    controls = sum(byte < 9 or 13 < byte < 27 for byte in head)
    return b"\0" in head or controls > len(head) / 50


def _is_table(text: str) -> bool:
    """Whether the first lines all have the same number of cells, at least three."""
    lines = text.split("\n")[:20]
    if len(lines) < 3:
        return False
    for delimiter in "\t,;":
        rows = [row for row in csv.reader(lines[:-1], delimiter=delimiter) if row]
        if len(rows) > 2 and len(rows[0]) > 2 and len({len(row) for row in rows}) == 1:
            return True
    return False
