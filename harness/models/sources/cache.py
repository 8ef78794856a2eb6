"""The folder of prepared models: one writer at a time, whole folders only, checked when read."""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import json
import os
import platform
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from harness.errors import StorageError

__all__ = [
    "MANIFEST",
    "Notify",
    "cache_folder",
    "check",
    "digest_of",
    "locked",
    "read_manifest",
    "require_space",
    "sha256_of",
    "storage_errors",
    "write_manifest",
]

Notify = Callable[[str], None]
MANIFEST = "manifest.json"
BEAT_SECONDS = 5.0
STALE_SECONDS = 120.0
POLL_SECONDS = 0.5


def cache_folder(cache: Path | None = None) -> Path:
    """Returns the cache: the argument, ``HARNESS_CACHE``, or the user's cache folder."""
    if cache is not None:
        return cache
    if folder := os.environ.get("HARNESS_CACHE"):
        return Path(folder).expanduser()
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "adaptbench"


def sha256_of(path: Path) -> str:
    """Returns a file's sha256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.lru_cache(maxsize=64)
def _remembered(path: Path, size: int, modified: int) -> str:
    return sha256_of(path)


def _sha256_once(path: Path) -> str:
    """Hashes a file once a process, as long as its size and time stay."""
    stat = path.stat()
    return _remembered(path, stat.st_size, stat.st_mtime_ns)


def digest_of(folder: Path) -> str:
    """Returns a sha256 over what decides a model's answers.

    Those are the weights and the tokenizer. The configuration is left out: it names the version
    of the library that wrote it, so the same model would differ between two machines.
    """
    files = sorted([*folder.glob("*.safetensors"), *folder.glob("tokenizer.*")])
    lines = [f"{file.name} {_sha256_once(file)}\n" for file in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def write_manifest(folder: Path, **fields: Any) -> None:
    """Writes size and sha256 of each file of a folder, and what else is to be kept.

    Args:
        folder: A prepared model.
        fields: Origin, licence, source, ...
    """
    files = {
        file.name: {"bytes": file.stat().st_size, "sha256": sha256_of(file)}
        for file in sorted(folder.iterdir())
        if file.name != MANIFEST
    }
    text = json.dumps({**fields, "digest": digest_of(folder), "files": files}, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Returns a folder's manifest; None where there is none, or it can't be read."""
    try:
        loaded = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return loaded if isinstance(loaded, dict) and "files" in loaded else None


def check(folder: Path, *, sizes_only: bool = False) -> str:
    """Compares a folder with its manifest.

    Args:
        folder: A prepared model.
        sizes_only: Leave the hashes out.

    Returns:
        What is wrong, in words; empty if nothing is.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        return f"{MANIFEST} is missing or unreadable"
    for name, known in manifest["files"].items():
        file = folder / name
        if not file.is_file():
            return f"{name} is missing"
        if file.stat().st_size != known["bytes"]:
            return f"{name} has another size"
        # Weights are hashed once a process (0.3 s); what is small, each time.
        hashed = _sha256_once if name.endswith(".safetensors") else sha256_of
        if not sizes_only and hashed(file) != known["sha256"]:
            return f"{name} has another sha256"
    return ""


def require_space(folder: Path, needed: int) -> None:
    """Checks a disk before it is filled.

    Raises:
        StorageError: Less is free than needed.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StorageError(
            f"{folder} has {free / 2**20:.0f} MiB free; {needed / 2**20:.0f} MiB are needed",
            "Free some space, or set HARNESS_CACHE to a folder on another disk.",
        )


@contextlib.contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Explains a full disk and a missing permission.

    Raises:
        StorageError: In place of the `OSError`.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            why = "the disk is full"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            why = "it isn't writable"
        else:
            raise
        raise StorageError(
            f"Can't write to {folder}: {why}", "Set HARNESS_CACHE to another folder."
        ) from error


# --- the lock -------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(path: Path, notify: Notify = lambda text: None) -> Iterator[None]:
    """Holds a lock file; others wait.

    The file is made with O_EXCL, since flock does nothing on several network file systems. A
    holder that died on this machine is noticed at once, one elsewhere when its heartbeat stops
    changing for two minutes. Taking over can, at worst, do the work twice: the result is put in
    place by a rename.

    Args:
        path: The lock file.
        notify: Told whom this waits for.
    """
    token = uuid.uuid4().hex
    _acquire(path, token, notify)
    stopped = threading.Event()
    beat = threading.Thread(target=_beat, args=(path, token, stopped), daemon=True)
    beat.start()
    try:
        yield
    finally:
        stopped.set()
        beat.join()
        if _holder(path).get("token") == token:
            path.unlink(missing_ok=True)


def _host() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:16]


def _acquire(path: Path, token: str, notify: Notify) -> None:
    seen, since, told = "", time.monotonic(), False
    while not _create(path, token):
        holder = _holder(path)
        sign = json.dumps(holder)
        if sign != seen:
            seen, since = sign, time.monotonic()
        if _dead(holder) or time.monotonic() - since > STALE_SECONDS:
            _remove_stale(path, holder)
            continue
        if not told:
            notify(f"Waiting for process {holder.get('pid', '?')}, which is preparing this model")
            told = True
        time.sleep(POLL_SECONDS)


def _create(path: Path, token: str) -> bool:
    try:
        with path.open("x", encoding="utf-8") as file:  # O_EXCL
            file.write(_lock_text(token))
    except FileExistsError:
        return False
    return True


def _lock_text(token: str) -> str:
    fields = {"pid": os.getpid(), "host": _host(), "token": token, "beat": round(time.time(), 1)}
    return json.dumps(fields)


def _holder(path: Path) -> dict[str, Any]:
    """Returns who holds a lock; empty where it is gone, or not written yet."""
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _dead(holder: dict[str, Any]) -> bool:
    return holder.get("host") == _host() and not psutil.pid_exists(int(holder.get("pid", 0)))


def _remove_stale(path: Path, holder: dict[str, Any]) -> None:
    """Takes a stale lock away, unless another waiter did and made its own meanwhile."""
    aside = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    with contextlib.suppress(FileNotFoundError):
        path.rename(aside)
        if _holder(aside).get("token") != holder.get("token"):
            with contextlib.suppress(FileExistsError):
                os.link(aside, path)
        aside.unlink()


def _beat(path: Path, token: str, stopped: threading.Event) -> None:
    while not stopped.wait(BEAT_SECONDS):
        if _holder(path).get("token") != token:
            return  # taken over
        fresh = path.with_name(f"{path.name}.{token}")
        with contextlib.suppress(OSError):
            fresh.write_text(_lock_text(token), encoding="utf-8")
            fresh.replace(path)
