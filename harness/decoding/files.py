"""A file of the user's, taken from the disk: why it can't be is said in words."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator
from pathlib import Path

from harness.errors import DataError, system_words

__all__ = ["MIB", "MOST_BYTES", "PACKED", "check_size", "ending_of", "file_bytes", "reading"]

MIB = 2**20
PACKED = ".gz"
MOST_BYTES = 1024 * MIB  # of a file that is read whole


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Explains why a file of the user's can't be read.

    Raises:
        DataError: In place of the system's error.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise DataError(f"there is no file {path}", "Check the path.") from error
    except OSError as error:
        if (said := system_words(error)) is None:
            raise
        why, hint = said
        raise DataError(f"{path.name} can't be read: {why} ({path})", hint) from error


def check_size(path: Path, most: int) -> int:
    """Returns a file's size; `DataError` where it is no file, or has more than `most` bytes."""
    with reading(path):
        size = path.stat().st_size
        is_file = path.is_file()
    if not is_file:
        raise DataError(f"there is no file {path}", "Check the path: it is a folder, or a device.")
    if size > most:
        raise DataError(
            f"{path.name} has {size / MIB:,.0f} MiB, {most / MIB:,.0f} are read", "Divide it."
        )
    return size


def file_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """Returns what is in a file of the user's; of one that ends with ``.gz``, what it holds.

    Raises:
        DataError: It isn't there, is none, is too large, or can't be read.
    """
    check_size(path, most)
    with reading(path):
        data = path.read_bytes()
    return data if path.suffix.lower() != PACKED else _unpacked(data, path.name, most)


def ending_of(path: Path) -> str:
    """Returns the ending of a file's name in small letters: ``.csv`` of ``rows.csv.gz``, too."""
    ending = path.suffix.lower()
    return Path(path.stem).suffix.lower() if ending == PACKED else ending


def _unpacked(data: bytes, name: str, most: int) -> bytes:
    parts, size = list[bytes](), 0
    try:
        while data:  # a file may hold several members, one after another
            reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            parts.append(reader.decompress(data, most + 1 - size))
            size += len(parts[-1])
            if size > most:
                why = f"{name} holds more than {most / MIB:,.0f} MiB"
                raise DataError(why, "Unpack it, and divide it.")
            if not reader.eof:
                raise DataError(f"{name} is cut off", "Get it again.")
            data = reader.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise DataError(f"{name} is no gzip file, or is damaged", "Get it again.") from error
    return b"".join(parts)
