"""A file of the user's, taken from the disk: why it can't be is said in words."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from harness.errors import DataError

__all__ = ["MIB", "MOST_BYTES", "check_size", "file_bytes", "reading"]

MIB = 2**20
MOST_BYTES = 1024 * MIB  # of a file that is read whole
WHY = {
    errno.EACCES: ("no permission", "Check its rights, and those of the folders above it."),
    errno.EPERM: ("no permission", "Check its rights, and those of the folders above it."),
    errno.EISDIR: ("it is a folder", "Name the file in it."),
    errno.ELOOP: ("a link that leads to itself", "Check the path."),
    errno.ENAMETOOLONG: ("the path is too long", "Check the path."),
    errno.ENOTDIR: ("a folder of the path is a file", "Check the path."),
    errno.EIO: ("the disk reports an error", "Copy it from another place."),
    errno.ESTALE: ("the network disk lost it", "Mount the disk again."),
    errno.EMFILE: ("too many files are open", "Raise the limit: ulimit -n 4096."),
    errno.ENFILE: ("too many files are open", "Close other programs."),
}


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
        if error.errno not in WHY:
            raise
        why, hint = WHY[error.errno]
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
    """Returns what is in a file of the user's.

    Raises:
        DataError: It isn't there, is none, is too large, or can't be read.
    """
    check_size(path, most)
    with reading(path):
        return path.read_bytes()
