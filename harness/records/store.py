"""Results on disk: one folder a run, written as it goes; artifacts beside them, shared by key.

    results/
      <task>_<strategy>_<model>_s<seed>_<result key>-<attempt>/
        run.json  ledger.jsonl  artifact-ledger.jsonl  predictions.jsonl  metrics.json
      artifacts/<artifact key>-<attempt>/
        artifact.json  ledger.jsonl  <part>/...

Nothing is ever overwritten by another run: a forced one gets the next attempt. A folder belongs
to one process at a time, by a file made with O_EXCL: flock does nothing on some network disks.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psutil

from harness.errors import DataError, StorageError, UsageError, nearest
from harness.records.keys import digest
from harness.records.schema import Head

__all__ = [
    "ARTIFACT",
    "FINISHED",
    "MAX_ERRORS",
    "METRICS",
    "PREDICTIONS",
    "RUN",
    "Store",
    "append_lines",
    "locked",
    "read_head",
    "read_json",
    "read_lines",
    "storage_errors",
    "write_json",
]

RUN, ARTIFACT = "run.json", "artifact.json"
PREDICTIONS, METRICS = "predictions.jsonl", "metrics.json"
FINISHED: Final = "finished"
MAX_ERRORS = 0.01
"""Share of rows without an answer, above which a run isn't ranked."""
STALE_SECONDS = 120.0


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turns a full disk or missing permission into an error that says so.

    Raises:
        StorageError: Writing under ``path`` failed.
    """
    try:
        yield
    except Exception as error:
        known = {
            errno.ENOSPC: ("the disk is full", "Make room, then run the same command: it resumes."),
            errno.EDQUOT: ("the disk quota is used up", "Make room, then run the same command."),
            errno.EACCES: ("no permission to write", "Choose another folder with --results."),
            errno.EROFS: ("the disk is read-only", "Choose another folder with --results."),
        }
        # safetensors has an exception of its own, with the number in its text.
        told = re.search(r"os error (\d+)", str(error))
        number = error.errno if isinstance(error, OSError) else int(told[1]) if told else None
        if number not in known:
            raise
        what, hint = known[number]
        raise StorageError(f"{what}: {path}", hint) from error


def write_json(path: Path, value: Any) -> None:
    """Writes a JSON file whole or not at all."""
    with storage_errors(path):
        part = path.with_name(f"{path.name}.part-{os.getpid()}")
        try:
            part.write_text(
                json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n",
                encoding="utf-8",
            )
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def read_json(path: Path) -> Any:
    """Reads a JSON file of a record.

    Raises:
        DataError: It isn't there or is damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} can't be read: {error}", "Is this the folder of a run?") from error


def read_head(path: Path) -> Head:
    """Reads what run.json or artifact.json of any version is found by.

    Raises:
        DataError: It isn't there or is damaged.
    """
    value = read_json(path)
    return Head.model_validate(value if isinstance(value, dict) else {})


def append_lines(path: Path, values: list[dict[str, Any]]) -> None:
    """Appends JSON lines in one write, and waits until they are on disk."""
    text = "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)
    with storage_errors(path), path.open("a", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Reads JSON lines; a last one that a kill cut off is left out."""
    if not path.exists():
        return []
    values = []
    for line in path.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            values.append(json.loads(line))
    return values


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps a folder for this process.

    Raises:
        UsageError: Another live process works in it.
    """
    path = folder / ".lock"
    with storage_errors(folder):
        while True:
            try:
                handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
                break
            except FileExistsError:
                if not _stale(path):
                    raise UsageError(
                        f"another process works in {folder}", "Wait for it, or stop it first."
                    ) from None
                path.unlink(missing_ok=True)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(_owner(), file)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _owner() -> dict[str, Any]:
    """This process, by its start time too: process ids come round again. The host is hashed."""
    started = psutil.Process().create_time()
    return {"pid": os.getpid(), "started": started, "host": digest(socket.gethostname())[:12]}


def _stale(path: Path) -> bool:
    """Says whether the process that made a lock is gone."""
    try:
        owner = json.loads(path.read_text(encoding="utf-8"))
        if owner["host"] != _owner()["host"]:
            return False
        return bool(abs(psutil.Process(owner["pid"]).create_time() - owner["started"]) > 1)
    except psutil.NoSuchProcess:
        return True
    except FileNotFoundError:
        return False
    except (ValueError, KeyError):  # written half; its process may be about to finish it
        with contextlib.suppress(FileNotFoundError):
            return time.time() - path.stat().st_mtime > STALE_SECONDS
        return False


class Store:
    """The folder that holds the records.

    Args:
        root: ``results``; made when something is written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def run_folders(self) -> list[Path]:
        """Returns the folders of all runs, oldest name first."""
        return sorted(path.parent for path in self.root.glob(f"*/{RUN}"))

    def find(self, name: str) -> Path:
        """Returns the folder of a run, by path, by id or by the start of its id.

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
        raise UsageError(f"there is no run {name!r} in {self.root}", nearest(name, names))

    def folder(self, kind: str, stem: str, key: str, *, force: bool) -> tuple[Path, bool]:
        """Finds or makes the folder for a key.

        Args:
            kind: ``run.json`` or ``artifact.json``: what is looked for.
            stem: First part of a new folder's name.
            key: Full key; a folder of another key is never taken.
            force: Make the next attempt even where a finished one stands.

        Returns:
            The folder, and whether it is finished. An unfinished one is to be resumed.
        """
        parent = self.root / "artifacts" if kind == ARTIFACT else self.root
        attempts = {
            int(match[1]): path
            for path in parent.glob(f"{stem}-*")
            if (match := re.fullmatch(rf"{re.escape(stem)}-(\d+)", path.name))
        }
        for path in reversed([attempts[number] for number in sorted(attempts)]):
            if not (path / kind).is_file():
                continue
            head = read_head(path / kind)
            if head.key != key:
                continue
            done = head.status == FINISHED
            if not (force and done):
                return path, done
            break
        number = max(attempts, default=0) + 1
        with storage_errors(parent):
            while True:
                path = parent / f"{stem}-{number}"
                try:
                    path.mkdir(parents=True)
                    return path, False
                except FileExistsError:
                    number += 1
