"""What happens on a node of a cluster: one cell runs, and its record goes where the study is.

A node that sees the study's folder works in it. One that doesn't works in its own cache, with a
copy of the folder that the study was started in; what it made goes back as an archive, which is
unpacked beside the records and takes its place by renaming: there is never half a record.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import math
import os
import signal
import tarfile
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from harness.errors import UsageError
from harness.models.sources.cache import cache_folder
from harness.records.files import read_json
from harness.records.keys import digest
from harness.records.reading import read_record, write_record
from harness.records.store import FINISHED, RUN, Store
from harness.runs.study.local import INTERRUPTED, died, spawn
from harness.runs.study.state import State
from harness.version import __version__

__all__ = ["Result", "Work", "arrive", "finished", "pack", "run_there", "stamp"]

ARTIFACTS, LEDGER = "artifacts", "ledger.jsonl"
HIDDEN = (".", "__pycache__")
MOST_BYTES = 200_000_000  # of the study's folder, where it has to be sent
LOST = (INTERRUPTED, -signal.SIGTERM, -signal.SIGKILL)  # by the system or by hand, not by itself


@dataclass(frozen=True)
class Work:
    """One cell, as a node is given it."""

    cell: str
    study: str  # Name of the folder of the cells' states
    arguments: list[str]  # Of ``harness``, as on the machine that the study was started on
    home: str  # Where it was started
    results: str
    marker: str  # A file beside the cells' states: who sees it sees the records
    file: str  # The study file from there; empty where the study is a shipped one
    stamp: tuple[int, int] | None  # Its size and time of change, where it is a file
    threads: int
    gpus: int
    environment: dict[str, str] = field(default_factory=dict)  # What the node doesn't say itself
    version: str = __version__

    def setting(self, name: str) -> str | None:
        """Returns a variable of the environment: the node's own, else the one that was sent."""
        return os.environ.get(name) or self.environment.get(name)


class Result(TypedDict, total=False):
    """What came of it."""

    lost: str  # The process was killed: how
    missing: str  # The node doesn't see the study's folder, and was sent no copy
    state: State
    seconds: float
    log: str  # The cell's output, where it isn't in the study's folder
    parcel: bytes  # The same of its record


def stamp(file: Path) -> tuple[int, int] | None:
    """Returns by what a file is recognised as the same on another machine; None where it isn't."""
    with contextlib.suppress(OSError):
        status = file.stat()
        return status.st_size, status.st_mtime_ns
    return None


def run_there(work: Work, parcel: bytes | None) -> Result:
    """Runs a cell on the node that this process is on.

    Raises:
        UsageError: The node has another version of the harness.
    """
    if work.version != __version__:
        raise UsageError(
            f"the node has harness {__version__}, the study was started by {work.version}"
        )
    home, arguments, cache = Path(work.home), list(work.arguments), work.setting("HARNESS_CACHE")
    base = cache_folder(Path(cache).expanduser() if cache else None) / "ray"
    base /= f"{work.study}-{digest([work.home, work.results])[:12]}"
    if work.file and stamp(home / work.file) != work.stamp:
        if parcel is None:
            return {"missing": str(home)}
        home, arguments[1] = unpacked(parcel, base), work.file
    elif not home.is_dir():  # a shipped study needs nothing of it
        home = base
        home.mkdir(parents=True, exist_ok=True)
    shared = Path(work.marker).is_file()
    results = Path(work.results) if shared else _own(base, work.cell)
    if home != Path(work.home) or not shared:
        arguments += ["--results", str(results)]
    given = arguments[arguments.index("--data-dir") + 1] if "--data-dir" in arguments else ""
    if given and not (home / given).is_dir() and (data := os.environ.get("HARNESS_DATA")):
        arguments += ["--data-dir", data]
    return _run(work, arguments, home, results, shared)


def _run(work: Work, arguments: list[str], home: Path, results: Path, shared: bool) -> Result:
    state, log = (
        results / "studies" / work.study / f"{work.cell}.{end}" for end in ("json", "log")
    )
    before, since = stamp(state), time.monotonic()
    environment = {**work.environment, **os.environ, "OMP_NUM_THREADS": str(work.threads)}
    if not work.gpus:
        environment["CUDA_VISIBLE_DEVICES"] = ""
    code = spawn(arguments, log, folder=home, environment=environment, follow=True)
    seconds = time.monotonic() - since
    if code in LOST:
        return {"lost": died(code, log)}
    noted = stamp(state) != before
    last: State = read_json(state) if noted else {"status": "failed", "error": died(code, log)}
    result: Result = {"state": last, "seconds": seconds}
    if not shared:
        result["log"] = log.read_text(encoding="utf-8", errors="replace")
        result["parcel"] = pack(results, finished(results), math.inf)
    return result


def _own(base: Path, cell: str) -> Path:
    """Makes a folder for the records of one cell; the node's cells share their artifacts."""
    results = base / cell
    results.mkdir(parents=True, exist_ok=True)
    (base / ARTIFACTS).mkdir(exist_ok=True)
    with contextlib.suppress(FileExistsError):
        (results / ARTIFACTS).symlink_to(base / ARTIFACTS)
    return results


def finished(results: Path) -> Iterator[Path]:
    """Yields the folders of what is finished, of a cell: artifacts first."""
    for folder in Store(results).run_folders():
        record = read_record(folder)
        if record.status == FINISHED:
            if record.artifact:
                yield results / ARTIFACTS / record.artifact.name
            yield folder


def pack(root: Path, paths: Iterable[Path], most: float = MOST_BYTES) -> bytes:
    """Returns files, and those of folders, as an archive, named from a root; hidden ones stay.

    Raises:
        UsageError: They are too large to be sent.
    """
    file, total = io.BytesIO(), 0
    with tarfile.open(fileobj=file, mode="w", dereference=True) as archive:
        for path in itertools.chain.from_iterable(map(_files, sorted(paths))):
            total += path.stat().st_size
            if total > most:
                raise UsageError(
                    f"{root} has more than {most / 1e6:.0f} MB, and a node doesn't see it",
                    "Put it on a disk that all nodes share, or start in a smaller folder.",
                )
            archive.add(path, str(path.relative_to(root)), recursive=False)
    return file.getvalue()


def _files(path: Path) -> Iterator[Path]:
    if path.name.startswith(HIDDEN):
        return
    if path.is_dir():
        for inner in sorted(path.iterdir()):
            yield from _files(inner)
    elif path.is_file():
        yield path


@contextlib.contextmanager
def _aside(parcel: bytes, folder: Path) -> Iterator[Path]:
    """Unpacks an archive within a folder; what isn't renamed into place is taken away."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".parcel-", dir=folder) as aside:
        with tarfile.open(fileobj=io.BytesIO(parcel)) as archive:
            archive.extractall(Path(aside) / "in", filter="data")
        yield Path(aside) / "in"


def unpacked(parcel: bytes, base: Path) -> Path:
    """Returns the node's copy of the study's folder; made once, whole or not at all."""
    home = base / f"home-{hashlib.sha256(parcel).hexdigest()[:12]}"
    if not home.is_dir():
        with _aside(parcel, base) as aside, contextlib.suppress(OSError):
            aside.rename(home)  # where another cell of this node was first, it stays aside
    return home


def arrive(result: Result, results: Path) -> State:
    """Puts what came from a node among the records; returns the cell's state with the run's name.

    A run and an artifact get the first number that is free; what is there already is recognised
    by its ledger, which has times.
    """
    state = result["state"]
    with _aside(result["parcel"], results) as aside:
        names: dict[str, str] = {}
        for folder in sorted((aside / ARTIFACTS).glob("*")):
            names[folder.name] = _placed(folder, results / ARTIFACTS)
        for folder in Store(aside).run_folders():
            record = read_record(folder)
            if record.artifact:
                name = names.get(record.artifact.name, record.artifact.name)
                record.artifact = record.artifact.model_copy(update={"name": name})
                write_record(folder, record)
            names[folder.name] = _placed(folder, results)
    return {**state, "run": names[state["run"]]} if "run" in state else state


def _placed(folder: Path, parent: Path) -> str:
    """Renames a folder into another one, under the first free number; returns its name."""
    parent.mkdir(parents=True, exist_ok=True)
    stem, number = folder.name.rpartition("-")[0], 1
    while True:
        target = parent / f"{stem}-{number}"
        if _same(folder, target):
            return target.name
        if not target.exists():
            if (folder / RUN).is_file():
                record = read_record(folder)
                record.run_id = target.name
                write_record(folder, record)
            with contextlib.suppress(OSError):  # another process took the number
                folder.rename(target)
                return target.name
        number += 1


def _same(folder: Path, other: Path) -> bool:
    with contextlib.suppress(OSError):
        return (folder / LEDGER).read_bytes() == (other / LEDGER).read_bytes()
    return False
