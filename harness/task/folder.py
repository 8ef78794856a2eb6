"""The files of a folder of documents: which may be read, and why the others aren't.

A folder may come from somebody else. Links that lead out of it aren't followed, and what is no
ordinary file is never opened.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.errors import DataError

__all__ = ["LARGEST", "Found", "files_in", "readable_name", "refusal"]

LARGEST = 256 * 2**20  # bytes of a file, above which it isn't read
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a folder, or what else lies there and isn't read."""

    path: Path
    name: str  # within the folder, as `readable_name` writes it
    problem: str = ""  # why it isn't read: a verb and what follows it; empty where it may be
    hint: str = ""
    kind: str = ""  # one word for the problem: link, special, rights, gone, large, folder


def readable_name(name: str) -> str:
    """Writes a file's name so that it can be shown, stored and hashed.

    Bytes that aren't UTF-8 and control characters become ``\\xff``; other names stay as they are.
    """
    if not _UNSHOWN.search(name):
        return name
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return _UNSHOWN.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def files_in(folder: Path, largest: int = LARGEST) -> list[Found]:
    """Finds all files below a folder, in the order of their paths.

    Raises:
        DataError: The folder itself can't be listed.
    """
    try:
        root = folder.resolve(strict=True)
        next(iter(folder.iterdir()), None)
    except OSError as error:
        raise DataError(
            f"the folder {readable_name(str(folder))} can't be listed ({error.strerror})",
            "Check its path and its rights.",
        ) from error
    return sorted(_walk(folder, root, largest), key=lambda found: found.path)


def _walk(folder: Path, root: Path, largest: int) -> Iterator[Found]:
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        try:
            paths = list(place.iterdir())
        except OSError as error:
            yield _left_out(place, folder, *refusal(error))
            continue
        if not paths and place != folder and place.suffix:
            yield _left_out(place, folder, "is an empty folder", "", "folder")
        for path in paths:
            try:
                mode, problem = _looked_at(path, root, largest)
            except OSError as error:
                mode, problem = 0, refusal(error)
            if problem:
                yield _left_out(path, folder, *problem)
            elif stat.S_ISDIR(mode):
                waiting.append(path)
            else:
                yield _left_out(path, folder)


def _looked_at(path: Path, root: Path, largest: int) -> tuple[int, tuple[str, str, str] | None]:
    """Returns a path's mode, and what speaks against reading it; nothing is opened."""
    is_link = path.is_symlink()
    if is_link and not Path(os.path.realpath(path, strict=True)).is_relative_to(root):
        hint = "Copy what it names into the folder."
        return 0, ("is a link that leads out of the folder", hint, "link")
    about = path.stat()
    kind = stat.S_IFMT(about.st_mode)
    if kind in _KINDS:
        return kind, (f"is {_KINDS[kind]}, not a file", "", "special")
    if is_link and stat.S_ISDIR(kind):
        return kind, ("is a link to a folder, which is read where it lies", "", "link")
    if about.st_size > largest:
        sizes = f"has {about.st_size / 2**20:,.0f} MiB, and at most {largest / 2**20:,.0f} are read"
        return kind, (sizes, "Divide it.", "large")
    return kind, None


def refusal(error: OSError) -> tuple[str, str, str]:
    """Says why a path can't be read: a problem, what to do, and one word for it."""
    if isinstance(error, FileNotFoundError):
        return "is gone, or a link to what isn't there", "", "gone"
    if error.errno == errno.ELOOP:
        return "is a link that leads back to itself", "", "link"
    return f"can't be opened ({error.strerror})", "Check its rights.", "rights"


def _left_out(path: Path, folder: Path, problem: str = "", hint: str = "", kind: str = "") -> Found:
    name = readable_name(path.relative_to(folder).as_posix())
    return Found(path, name, problem, hint, kind)
