"""The lines of a table's text, read as often as they are wanted without holding them all."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.decoding.files import MOST_BYTES, PACKED, check_size, file_bytes, reading
from harness.decoding.text import table_text

__all__ = ["TextLines", "table_lines"]

BLOCK = 1 << 16  # bytes that are looked at together


@dataclass(frozen=True)
class TextLines:
    """A table's lines without their ends, as ``table_text(...).split("\\n")`` gives them."""

    each: Callable[[], Iterator[str]]
    notes: tuple[str, ...] = ()  # on what was recognised


def table_lines(path: Path) -> TextLines:
    """Opens a table's text; errors are those of `file_bytes` and `table_text`.

    UTF-8 is read from the disk at each pass. Of another encoding the whole text decides which one it
    is, and is held.
    """
    check_size(path, MOST_BYTES)
    if path.suffix.lower() != PACKED and _is_utf8(path):
        return TextLines(lambda: _from_disk(path))
    text, notes = table_text(file_bytes(path), path.name)
    return TextLines(lambda: _of_text(text), tuple(notes))


def _is_utf8(path: Path) -> bool:
    """Whether a file is UTF-8 without NUL, and has line ends of today; it is read by blocks."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    feeds = returns = False
    try:
        with reading(path), path.open("rb") as file:
            while block := file.read(BLOCK):
                decoder.decode(block)
                if b"\0" in block:
                    return False
                feeds, returns = feeds or b"\n" in block, returns or b"\r" in block
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return feeds or not returns


def _from_disk(path: Path) -> Iterator[str]:
    ended = True
    with reading(path), path.open(encoding="utf-8-sig", newline="\n") as file:
        for number, line in enumerate(file):
            ended = line.endswith("\n")
            bare = line[: -2 if line.endswith("\r\n") else -1] if ended else line
            yield bare if number else bare.removeprefix("\ufeff")
    if ended:
        yield ""


def _of_text(text: str) -> Iterator[str]:
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    yield text[start:]
