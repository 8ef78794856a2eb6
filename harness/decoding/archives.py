"""Archives (XLSX, DOCX, HWPX, logs), looked at before anything in them is parsed."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from harness.decoding.files import MIB, reading
from harness.errors import DataError, needs

__all__ = ["Bounds", "Refused", "archive_members", "archive_names"]

BLOCK = 1 << 20
ENTITY = b"<!ENTITY"
XML = (".xml", ".rels", ".hpf")
HEADER, NAMES = 30, 26  # bytes of a member's header, and before the lengths of its names
ZSTANDARD = 93  # a method of packing that zipfile knows from Python 3.14 on


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Limits of what is read; a file past one is refused."""

    file_bytes: int = 256 * MIB
    unpacked_bytes: int = 1024 * MIB  # of all that is packed in it
    ratio: float = 200.0  # unpacked over packed size of one member of more than a mebibyte
    tags: int = 25_000_000  # of XML in one archive: a tag takes far more memory than its bytes


class Refused(DataError):
    """A file that isn't parsed; the message has no file name: it starts with a verb.

    ``kind`` is ``damaged``, ``encrypted``, ``large`` or ``bomb``.
    """

    def __init__(self, problem: str, hint: str, kind: str) -> None:
        super().__init__(problem, hint)
        self.kind = kind


def archive_names(path: Path, bounds: Bounds) -> list[str]:
    """Returns the names in an archive whose contents a parser can be given.

    Sizes are those that the archive states: no more than that is ever unpacked.

    Raises:
        Refused: It is no archive, damaged, encrypted, too large, or made to be so when it is read.
    """
    with reading(path):
        size = path.stat().st_size
    if size > bounds.file_bytes:
        raise Refused(
            f"has {size / MIB:,.0f} MiB, at most {bounds.file_bytes / MIB:,.0f} are read",
            "Divide it.",
            "large",
        )
    try:
        with reading(path), zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_members(members, size, bounds)
            _check_xml(archive, members, bounds)
    except (DataError, MemoryError):
        raise
    except Exception as error:  # zipfile's, zlib's, struct's, and of names that aren't decoded
        why = f"{type(error).__name__}: {error}"[:200]
        raise Refused(f"is damaged or cut off ({why})", "Copy it again.", "damaged") from error
    return sorted({member.filename for member in members})


def archive_members(path: Path, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yields members of an archive that `archive_names` let pass, each with its name.

    Raises:
        Refused: A member is damaged, or is more than the archive states.
        MissingDependency: It is packed in a way that needs a package which isn't there.
    """
    with reading(path), zipfile.ZipFile(path) as archive, path.open("rb") as file:
        for name in names:
            try:
                member = archive.getinfo(name)
                if member.compress_type == ZSTANDARD:
                    file.seek(member.header_offset)
                    yield name, _unpacked(file, member)
                else:
                    yield name, archive.read(member)
            except (DataError, MemoryError):
                raise
            except Exception as error:  # zipfile's, zlib's, struct's and Arrow's
                why = f"{name!r}: {type(error).__name__}: {error}"[:200]
                raise Refused(
                    f"is damaged or cut off ({why})", "Copy it again.", "damaged"
                ) from error


def _unpacked(file: IO[bytes], member: zipfile.ZipInfo) -> bytes:
    """Unpacks a member by Zstandard, at whose header a file stands."""
    with needs("an archive packed by Zstandard", "tables"):
        import pyarrow
    name, extra = struct.unpack("<HH", file.read(HEADER)[NAMES:])
    file.seek(name + extra, os.SEEK_CUR)
    packed = pyarrow.BufferReader(file.read(member.compress_size))
    content: bytes = pyarrow.CompressedInputStream(packed, "zstd").read(member.file_size + 1)
    if len(content) != member.file_size or zlib.crc32(content) != member.CRC:
        raise Refused(
            f"is damaged or cut off ({member.filename!r} isn't what was packed)",
            "Copy it again.",
            "damaged",
        )
    return content


def _check_members(members: Sequence[zipfile.ZipInfo], size: int, bounds: Bounds) -> None:
    if any(member.flag_bits & 1 for member in members):
        raise Refused("is encrypted", "Save it without a password.", "encrypted")
    unpacked = sum(member.file_size for member in members)
    if unpacked > bounds.unpacked_bytes or any(
        member.file_size > bounds.ratio * max(1, member.compress_size)
        for member in members
        if member.file_size > MIB
    ):
        raise Refused(
            f"would unpack to {unpacked / MIB:,.0f} MiB from {size / MIB:,.1f} MiB",
            "It looks like a zip bomb: check where it comes from.",
            "bomb",
        )


def _check_xml(
    archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], bounds: Bounds
) -> None:
    """Refuses entities, which no program of an office writes, and tags without end."""
    tags = 0
    for member in members:
        if not member.filename.lower().endswith(XML):
            continue
        with archive.open(member) as file:
            before = b""
            while block := file.read(BLOCK):
                tags += block.count(b"<")
                if ENTITY in (before + block).replace(b"\0", b""):  # in UTF-16, too
                    raise Refused(
                        f"declares XML entities in {member.filename!r}",
                        "It looks like an attack: check where it comes from.",
                        "bomb",
                    )
                if tags > bounds.tags:
                    raise Refused(
                        f"has more than {bounds.tags:,} tags of XML", "Divide it.", "large"
                    )
                before = block[-32:]
