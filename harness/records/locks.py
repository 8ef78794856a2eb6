"""One process at a time: a file created with O_EXCL, as flock does nothing on some network disks.

The file names its owner and carries a token; its time of change is the owner's last sign of life.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from harness.errors import UsageError
from harness.records.files import Json, storage_errors
from harness.records.keys import digest

__all__ = ["locked"]

log = logging.getLogger(__name__)
BEAT_SECONDS = 5.0
STALE_SECONDS = 120.0
POLL_SECONDS = 0.5


@contextlib.contextmanager
def locked(path: Path, wait: Callable[[str], None] | None = None) -> Iterator[None]:
    """Keeps a folder, or what a lock file stands for, for this process.

    The lock of a process that is gone is taken over: at once on the same host, elsewhere after two
    minutes without a sign of life. Another's raises `UsageError`, unless ``wait`` is given, which
    is called once with whom this waits for.
    """
    lock = path / ".lock" if path.is_dir() else path
    token, stopped = uuid.uuid4().hex, threading.Event()
    with storage_errors(lock):
        _acquire(lock, token, wait)
    beat = threading.Thread(target=_beat, args=(lock, token, stopped), daemon=True)
    beat.start()
    try:
        yield
    finally:
        stopped.set()
        beat.join()
        if _owner(lock).get("token") == token:
            lock.unlink(missing_ok=True)


def _acquire(lock: Path, token: str, wait: Callable[[str], None] | None) -> None:
    sign, since, announced = _sign(lock), time.monotonic(), False
    while not _create(lock, token):
        owner, before, sign = _owner(lock), sign, _sign(lock)
        beats = sign != before
        if beats:
            since = time.monotonic()
        lives = _lives(owner)
        if lives is False or time.monotonic() - since > STALE_SECONDS:
            _remove_stale(lock, owner)
            continue
        if wait is None and (lives or (beats and owner)):
            raise UsageError(
                f"another process works in {lock.parent}",
                f"Wait for process {owner.get('pid', '?')}, or stop it first. Its lock is {lock}.",
            )
        if not announced:
            (wait or log.warning)(
                f"Waiting for process {owner.get('pid', '?')}, which works on {lock.stem}"
            )
            announced = True
        time.sleep(POLL_SECONDS)


def _create(lock: Path, token: str) -> bool:
    try:
        with lock.open("x", encoding="utf-8") as file:  # O_EXCL
            json.dump({**_self(), "token": token}, file)
    except FileExistsError:
        return False
    return True


def _self() -> Json:
    """This process, by its start too: process ids come round again. The host is hashed."""
    started = psutil.Process().create_time()
    return {"pid": os.getpid(), "started": started, "host": digest(socket.gethostname())[:12]}


def _owner(lock: Path) -> Json:
    """Returns who holds a lock; empty where it is gone, or not written yet."""
    try:
        loaded = json.loads(lock.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _sign(lock: Path) -> int:
    """Returns the last sign of life; 0 where there is no lock."""
    with contextlib.suppress(OSError):
        return lock.stat().st_mtime_ns
    return 0


def _lives(owner: Json) -> bool | None:
    """Says whether an owner is there; None where it can't be seen from this host."""
    if owner.get("host") != _self()["host"]:
        return None
    try:
        started = psutil.Process(int(owner["pid"])).create_time()
    except psutil.NoSuchProcess:
        return False
    return bool(abs(started - owner.get("started", started)) <= 1)


def _remove_stale(lock: Path, owner: Json) -> None:
    """Takes a stale lock away, unless another waiter did and put its own there meanwhile."""
    aside = lock.with_name(f"{lock.name}.{uuid.uuid4().hex}")
    with contextlib.suppress(FileNotFoundError):
        lock.rename(aside)
        if _owner(aside).get("token") != owner.get("token"):
            with contextlib.suppress(FileExistsError):
                os.link(aside, lock)
        aside.unlink()


def _beat(lock: Path, token: str, stopped: threading.Event) -> None:
    while not stopped.wait(BEAT_SECONDS):
        if _owner(lock).get("token") != token:
            return  # taken over
        with contextlib.suppress(OSError):
            os.utime(lock)
