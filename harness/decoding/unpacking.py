"""Archives that hold tables or folders: ZIP and TAR, unpacked within bounds."""

from __future__ import annotations

import contextlib
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from harness.decoding.archives import BLOCK, Bounds, Refused, archive_names
from harness.decoding.files import MIB, check_size, reading
from harness.errors import DataError

__all__ = ["ARCHIVES", "unpack"]

ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")
UTF8 = 0x800  # flag of a ZIP member whose name is UTF-8
MOST_MEMBERS = 200_000
PACK_AGAIN = "Pack the files themselves, each once and below one folder."


def unpack(path: Path, into: Path, bounds: Bounds | None = None) -> None:
    """Writes the files of an archive below a folder; hidden ones, and a Mac's resources, aren't.

    Raises:
        DataError: It is damaged, encrypted or too large, holds no file, one twice, a link, or a path
            that leads out of the folder.
    """
    bounds = bounds or Bounds()
    check_size(path, bounds.file_bytes)
    left, count = bounds.unpacked_bytes, 0
    try:
        for name, file in _members(path, bounds):
            parts = PurePosixPath(name.replace("\\", "/")).parts
            if not parts or ".." in parts or "/" in parts:
                raise Refused(f"holds {name!r}, which leads out of it", PACK_AGAIN, "outside")
            if any(part.startswith((".", "__MACOSX")) for part in parts):
                continue
            target = into.joinpath(*parts)
            if target.exists():
                raise Refused(f"holds {name!r} twice", PACK_AGAIN, "twice")
            target.parent.mkdir(parents=True, exist_ok=True)
            left -= _copy(file, target, left)
            count += 1
            if left < 0 or count > MOST_MEMBERS:
                raise Refused(
                    f"unpacks to more than {bounds.unpacked_bytes / MIB:,.0f} MiB or "
                    f"{MOST_MEMBERS:,} files",
                    "Unpack it, and name the folder.",
                    "large",
                )
    except Refused as error:
        raise DataError(f"{path.name} {error.message}", error.hint) from error
    except (OSError, EOFError, zipfile.BadZipFile, tarfile.TarError, RuntimeError) as error:
        why = f"{type(error).__name__}: {error}"[:200]
        raise DataError(f"{path.name} is damaged or cut off ({why})", "Copy it again.") from error
    if not count:
        raise DataError(f"{path.name} holds no file", "Name the table or folder itself.")


def _copy(source: IO[bytes], target: Path, most: int) -> int:
    """Copies a file; stops one block after `most` bytes."""
    size = 0
    with target.open("wb") as file:
        while size <= most and (block := source.read(BLOCK)):
            size += len(block)
            file.write(block)
    return size


def _members(path: Path, bounds: Bounds) -> Iterator[tuple[str, IO[bytes]]]:
    with reading(path), contextlib.ExitStack() as stack:
        if zipfile.is_zipfile(path):
            archive_names(path, bounds)
            archive = stack.enter_context(zipfile.ZipFile(path))
            for member in archive.infolist():
                if not member.is_dir():
                    with archive.open(member) as file:
                        yield _name(member), file
        elif tarfile.is_tarfile(path):
            packed = stack.enter_context(tarfile.open(path))
            for each in packed:
                if each.issym() or each.islnk():
                    raise Refused(f"holds a link, {each.name!r}", PACK_AGAIN, "link")
                if each.isfile() and (inner := packed.extractfile(each)) is not None:
                    yield each.name, inner
        else:
            raise Refused(
                "is damaged, or no archive that is read",
                "Known: ZIP and TAR, packed or not.",
                "damaged",
            )


def _name(member: zipfile.ZipInfo) -> str:
    """Returns a member's name; Korean Windows writes CP949 where the format says CP437."""
    if member.flag_bits & UTF8:
        return member.filename
    with contextlib.suppress(UnicodeError):
        return member.filename.encode("cp437").decode("cp949")
    return member.filename
