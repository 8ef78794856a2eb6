"""PDF, by pypdf: pages without running headers, and a note on those without text."""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from harness.errors import needs
from harness.retrieval.loaders.base import AGAIN, DocumentText, Limits, LoadError, parsing

__all__ = ["load_pdf", "without_running_lines"]

EDGE_LINES = 2
MIN_PAGES = 3
SHARE = 0.6
LONGEST_EDGE = 300  # characters of a header or footer with a page number
_DIGITS = re.compile(r"\d+")
# Characters that stand for letters whose font doesn't say which ones they are.
_UNREADABLE = re.compile(r"[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f]")


def load_pdf(path: Path, limits: Limits, text: DocumentText) -> None:
    """Adds a PDF's pages, numbered from 1; LoadError where their text can't be extracted.

    Raises:
        LoadError: It is encrypted, cut off, scanned, or its fonts hide what they write.
        MissingDependency: pypdf isn't installed.
    """
    with needs("PDF", "documents"):
        from pypdf import errors
    past_limit = getattr(errors, "LimitReachedError", ())  # earlier versions have no limits
    with parsing(AGAIN):
        try:
            pages = list(_pages(path, limits))
        except errors.DependencyError as error:
            raise LoadError(
                "is encrypted with AES, and reading it needs the package cryptography",
                "pip install cryptography, or save it without a password.",
                "encrypted",
            ) from error
        except past_limit as error:
            raise LoadError(
                f"is too large to read: {error}", "Export it again.", "large"
            ) from error
    _check(pages, text)
    text.pages = len(pages)
    kept, dropped = without_running_lines(pages)
    if dropped:
        text.notes.append(f"{dropped} running header and footer lines left out")
    for number, page in enumerate(kept, 1):
        text.mark(page=number)
        if page:
            text.line(page)


def _pages(path: Path, limits: Limits) -> Iterator[str]:
    from pypdf import PasswordType, PdfReader

    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2048))
        if b"%%EOF" not in file.read():
            raise LoadError("is cut off: its end is missing", AGAIN, "damaged")
        logging.getLogger("pypdf").setLevel(logging.ERROR)
        reader = PdfReader(file)
        if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
            raise LoadError(
                "is encrypted", "Open it with its password and save it without one.", "encrypted"
            )
        if len(reader.pages) > limits.pages:
            raise LoadError(
                f"has {len(reader.pages):,} pages", "Divide it, or raise Limits.pages.", "large"
            )
        since, length = time.monotonic(), 0
        for number, page in enumerate(reader.pages, 1):
            yield (text := page.extract_text() or "")
            length += len(text)
            if length > limits.characters:
                what = f"more than {limits.characters:,} characters of text"
                raise LoadError(f"has {what} (page {number})", "Divide it.", "large")
            if time.monotonic() - since > limits.seconds:
                what = f"longer than {limits.seconds:,.0f} s to read (page {number})"
                raise LoadError(f"takes {what}", "Divide it.", "large")


def _check(pages: list[str], text: DocumentText) -> None:
    if not pages:
        raise LoadError("has no pages", AGAIN, "damaged")
    bare = [at for at, page in enumerate(pages, 1) if not page.strip()]
    if len(bare) == len(pages):
        raise LoadError(
            f"has {len(pages)} pages and no text: it is scanned, or drawn",
            "Put a text layer in with OCR (for instance ocrmypdf -l kor+eng), then add that file.",
            "scanned",
        )
    if bare:
        shown = ", ".join(map(str, bare[:10])) + (", ..." if len(bare) > 10 else "")
        text.notes.append(f"{len(bare)} of {len(pages)} pages have no text ({shown}): scanned?")
    letters = "".join("".join(pages).split())
    if 5 * len(_UNREADABLE.findall(letters)) > len(letters):
        raise LoadError(
            "has fonts that don't say which letters they draw",
            "Export it again with embedded Unicode fonts, or put a text layer in with OCR.",
            "scanned",
        )


def without_running_lines(pages: list[str]) -> tuple[list[str], int]:
    """Removes headers and footers that most pages share; a number in them may count the pages.

    They would stand in the middle of sentences that go over two pages, and make all chunks alike.
    """
    split = [[line.strip() for line in page.split("\n")] for page in pages]
    lines = [[line for line in page if line] for page in split]
    if len(pages) < MIN_PAGES:
        return ["\n".join(page) for page in lines], 0
    keys = [[_keys(line, number) for line in page] for number, page in enumerate(lines)]
    counted: Counter[tuple[str, str]] = Counter()
    for page in keys:
        counted.update({("top", key) for line in page[:EDGE_LINES] for key in line})
        counted.update({("end", key) for line in page[-EDGE_LINES:] for key in line})
    least = max(MIN_PAGES, SHARE * len(pages))
    running = {edge for edge, times in counted.items() if times >= least}
    spans = [_body(page, running) for page in keys]
    kept = [page[first:last] for page, (first, last) in zip(lines, spans, strict=True)]
    return ["\n".join(page) for page in kept], sum(map(len, lines)) - sum(map(len, kept))


def _keys(line: str, page: int) -> set[str]:
    """Returns the line, and for each number in it the line with its distance from the page's."""
    keys = {line}
    for number in _DIGITS.finditer(line) if len(line) <= LONGEST_EDGE else ():
        ahead = int(number[0][:9]) - page
        keys.add(f"{line[: number.start()]}#{ahead}#{line[number.end() :]}")
    return keys


def _body(page: list[set[str]], running: set[tuple[str, str]]) -> tuple[int, int]:
    """Returns the first and the past-the-last line between a page's header and footer."""
    first, last = 0, len(page)
    while first < min(EDGE_LINES, last) and any(("top", key) in running for key in page[first]):
        first += 1
    least = max(first, len(page) - EDGE_LINES)
    while last > least and any(("end", key) in running for key in page[last - 1]):
        last -= 1
    return first, last
