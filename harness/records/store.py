"""Results on disk: one folder a run, written as it goes; artifacts beside them, shared by key.

    results/
      <task>_<strategy>_<model>_s<seed>_<result key>-<attempt>/
        run.json  ledger.jsonl  artifact-ledger.jsonl  predictions.jsonl  metrics.json
      artifacts/<artifact key>-<attempt>/
        artifact.json  ledger.jsonl  <part>/...

Nothing is ever overwritten by another run: a forced one gets the next attempt. A folder belongs
to one process at a time (`harness.records.locks`).
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

from harness.errors import NoRun, UsageError, nearest
from harness.records.files import storage_errors

__all__ = [
    "ARTIFACT",
    "ARTIFACT_LEDGER",
    "FINISHED",
    "LEDGER",
    "MAX_ERRORS",
    "METRICS",
    "PREDICTIONS",
    "RUN",
    "Store",
    "no_run",
]

RUN, ARTIFACT = "run.json", "artifact.json"
PREDICTIONS, METRICS = "predictions.jsonl", "metrics.json"
LEDGER = "ledger.jsonl"
ARTIFACT_LEDGER = "artifact-ledger.jsonl"
"""The copy of the artifact's ledger in a run's folder."""
FINISHED: Final = "finished"
MAX_ERRORS = 0.01
"""Share of rows without an answer, above which a run isn't ranked."""


class Known(Protocol):
    """What a folder is found by: run.json and artifact.json have it."""

    @property
    def key(self) -> str:
        """The key of its work."""

    @property
    def status(self) -> str:
        """Whether it is finished."""


class Store:
    """The folder that holds the records, ``results``; made when something is written."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run_folders(self) -> list[Path]:
        """Returns the folders of all runs, oldest name first."""
        return sorted(path for path in self.root.glob("*") if os.path.lexists(path / RUN))

    def find(self, name: str) -> Path:
        """Returns the folder of the one run with this path, this id, or an id that begins so.

        Raises:
            UsageError: There is none, or several.
        """
        if (Path(name) / RUN).is_file():
            return Path(name)
        names = {folder.name: folder for folder in self.run_folders()}
        if name in names:
            return names[name]
        matches = [key for key in names if key.startswith(name) or name in key]
        if len(matches) == 1:
            return names[matches[0]]
        if matches:
            raise UsageError(f"{name!r} fits {len(matches)} runs", f"One of: {', '.join(matches)}")
        raise no_run([self.root], name)

    def below(self, name: str = "") -> Counter[Path]:
        """Returns the subfolders that hold runs whose ids `name` is a part of, with how many."""
        folders = [path.parent for path in self.root.glob(f"*/*/{RUN}")]
        return Counter(folder.parent for folder in folders if name in folder.name)

    def folder(
        self,
        kind: str,
        stem: str,
        key: str,
        known: Callable[[Path], Known | None],  # reads the record of a folder; None: can't be read
        *,
        force: bool,
    ) -> tuple[Path, bool]:
        """Finds or makes the folder for a key, and says whether it is finished; else it is resumed.

        ``kind`` is ``run.json`` or ``artifact.json``; a new folder's name begins with ``stem``.
        Where a record can't be read, or with ``force`` is finished, the next attempt is made. A folder
        in which nothing was written yet is taken: processes that begin at once meet at its lock.
        """
        parent = self.root / "artifacts" if kind == ARTIFACT else self.root
        attempts = {
            int(match[1]): path
            for path in parent.glob(f"{stem}-*")
            if (match := re.fullmatch(rf"{re.escape(stem)}-(\d+)", path.name))
        }
        begun = None
        for path in reversed([attempts[number] for number in sorted(attempts)]):
            record = known(path)
            if record is None and begun is None and _is_new(path):
                begun = path
            if record is None or record.key != key:
                continue
            done = record.status == FINISHED
            if not (force and done):
                return path, done
            break
        if begun is not None:
            return begun, False
        number = max(attempts, default=0) + 1
        with storage_errors(parent):
            parent.mkdir(parents=True, exist_ok=True)  # a file there is no earlier attempt
            while True:
                path = parent / f"{stem}-{number}"
                try:
                    path.mkdir()
                    return path, False
                except FileExistsError:
                    number += 1


def _is_new(folder: Path) -> bool:
    """Says whether nothing but a lock, or a file that is being written, is in a folder."""
    return folder.is_dir() and all(path.name.startswith(".") for path in folder.iterdir())


MAKE = "Make one: harness run --strategy qlora"
NAMED = 6  # subfolders in a message


def no_run(roots: Sequence[Path], name: str = "") -> NoRun:
    """Returns the error where folders hold no run, or none that `name` fits.

    It names the subfolders that hold some: records are often kept in one folder a study.
    """
    places = ", ".join(map(str, roots))
    stores = [Store(root) for root in roots]
    names = [folder.name for store in stores for folder in store.run_folders()]
    message = f"there is no run {name!r} in {places}" if name else f"there is no run in {places}"
    below = sum((store.below(name) for store in stores), Counter[Path]())
    held = name if below else ""
    if not below and not names:
        below = sum((store.below() for store in stores), Counter[Path]())
    if not below:
        return NoRun(message, nearest(name, names) if names else MAKE)
    ordered = sorted(below.items(), key=lambda each: (-each[1], each[0]))
    counts = [f"{folder} ({count} {'run' if count == 1 else 'runs'})" for folder, count in ordered]
    shown = counts[:NAMED] + ([f"{len(counts) - NAMED} more"] if len(counts) > NAMED else [])
    message += f"; subfolders hold {'it' if held else 'runs'}: {', '.join(shown)}"
    return NoRun(message, f"Name one of them, such as {ordered[0][0]}.", ordered[0][0])
