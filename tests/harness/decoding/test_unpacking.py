"""Archives of tables are unpacked below a folder, within bounds, or refused in one clear line."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from harness.decoding import Bounds, unpack
from harness.errors import DataError


def tarball(path: Path, names: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in names.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def unpacked(path: Path, into: Path, bounds: Bounds | None = None) -> list[str]:
    into.mkdir()
    unpack(path, into, bounds)
    found = (file for file in into.rglob("*") if file.is_file())
    return sorted(file.relative_to(into).as_posix() for file in found)


@pytest.mark.parametrize("name", ["../../up.csv", "/root.csv", "in/../../up.csv", "..\\up.csv"])
def test_nothing_is_written_outside_of_the_folder(tmp_path: Path, name: str) -> None:
    path = tarball(tmp_path / "a.tar.gz", {"in/c.csv": b"c", name: b"a"})
    with pytest.raises(DataError, match="which leads out of it"):
        unpack(path, tmp_path / "out")
    assert {each.name for each in tmp_path.iterdir()} == {"a.tar.gz", "out"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_link_is_refused(tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        link = tarfile.TarInfo("link.csv")
        link.type, link.linkname = kind, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(DataError, match="holds a link, 'link.csv'"):
        unpack(path, tmp_path / "out")


def test_a_file_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    """One of the two would be gone without a word."""
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for _ in range(2):
            archive.addfile(tarfile.TarInfo("rows.csv"), io.BytesIO())
    with pytest.raises(DataError, match="holds 'rows.csv' twice"):
        unpack(tmp_path / "a.tar", tmp_path / "out")


def test_hidden_files_and_what_a_mac_adds_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for name in (".hidden", "__MACOSX/._rows.csv", "rows.csv"):
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    assert unpacked(path, tmp_path / "out") == ["rows.csv"]


def test_names_of_korean_windows_are_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("AAAA/1.txt", "x")
    data = (tmp_path / "a.zip").read_bytes().replace(b"AAAA", "민원".encode("cp949"))
    (tmp_path / "a.zip").write_bytes(data)
    assert unpacked(tmp_path / "a.zip", tmp_path / "out") == ["민원/1.txt"]


def test_an_archive_that_is_too_large_or_none_is_refused(tmp_path: Path) -> None:
    path = tarball(tmp_path / "a.tar.gz", {"a.csv": b"x" * 3_000_000})
    with pytest.raises(DataError, match="a.tar.gz unpacks to more than 2 MiB"):
        unpacked(path, tmp_path / "out", Bounds(unpacked_bytes=2 * 2**20))
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 no more")
    with pytest.raises(DataError, match="b.zip is damaged, or no archive"):
        unpacked(tmp_path / "b.zip", tmp_path / "none")
    (tmp_path / "c.tar.gz").write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match="c.tar.gz is damaged or cut off"):
        unpacked(tmp_path / "c.tar.gz", tmp_path / "cut")
