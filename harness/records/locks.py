"""One process at a time, on one host or many, without flock, which some network disks lack.

A lock is a folder with one file, whose name is its owner's token. It is taken by renaming a
prepared folder to the lock's name: the system does that where none is, or an empty one, so one of
many gets it. Who takes over a stale one removes the file of the token that it saw, never another's;
the folder is then empty, and free for all. The owner counts up in its file as a sign of life, and
before it writes it looks whether the file is there (`harness.records.files.KEPT`).
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.errors import StorageError, UsageError, WrongPlace
from harness.records.files import KEPT, Json, storage_errors
from harness.records.processes import lives, self_described

__all__ = ["Lock", "locked"]

log = logging.getLogger(__name__)
BEAT_SECONDS = 5.0
STALE_SECONDS = 120.0
POLL_SECONDS = 0.5
AGAIN_SECONDS = 0.01  # before another try where another process was quicker
COUNT = 12  # digits of the sign of life
QUICKER = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR, errno.ENOENT})
"""Errors of a process that came second: the lock is another's, or its new owner swept."""

Wait = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that this process holds, or held."""

    path: Path  # of its folder
    entry: Path  # its file

    @property
    def kept(self) -> Path:
        """What it keeps for one process."""
        return self.path.parent if self.path.name == ".lock" else self.path.with_suffix("")

    def check(self) -> None:
        """Raises `StorageError` where another process took the lock over."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), self.entry.open("rb"):
            return  # opened, and not only looked up: network disks answer that from memory
        if not self.path.parent.is_dir():
            raise WrongPlace(
                f"the folder is gone, or no folder any more: {self.path.parent}",
                "Was it deleted, or its disk unmounted? The same command begins again.",
            )
        raise StorageError(
            f"another process took {self.kept} over while this one was suspended",
            f"Nothing more is written here. The same command resumes. The lock was {self.path}.",
        )


@contextlib.contextmanager
def locked(path: Path, wait: Wait | None = None) -> Iterator[Lock]:
    """Keeps a folder, or what a lock (``NAME.lock``) stands for, for this process.

    The lock of a process that is gone is taken over: at once where its process ids can be seen from
    here, else after two minutes without a sign of life. One that lives raises `UsageError`, unless
    ``wait`` is given, which is called once with whom this waits for.

    From then on, writing into the folder by `harness.records.files` raises `StorageError` where
    another process has taken the lock over.
    """
    lock = path if path.suffix == ".lock" else path / ".lock"
    held, stopped = Lock(lock, lock / uuid.uuid4().hex), threading.Event()
    with storage_errors(lock):
        _acquire(held, wait)
    beat = threading.Thread(target=_beat, args=(held, stopped), daemon=True)
    beat.start()
    kept = path.absolute()
    KEPT[kept] = held.check
    try:
        yield held
    finally:
        del KEPT[kept]
        stopped.set()
        beat.join()
        with contextlib.suppress(OSError):
            held.entry.unlink(missing_ok=True)
            lock.rmdir()


@dataclass(frozen=True, slots=True)
class _Seen:
    """A lock as another process finds it."""

    entry: Path
    sign: tuple[int, bytes]  # differs after each sign of life
    owner: Json  # empty where it can't be read

    @property
    def words(self) -> str:
        """Who the owner is."""
        pid, host = (self.owner.get(name, "?") for name in ("pid", "host"))
        return f"process {pid} (host {host}, since {self.owner.get('since', '?')})"


def _acquire(held: Lock, wait: Wait | None) -> None:
    last, quiet, looked, announced = None, 0.0, time.monotonic(), False
    while True:
        seen, now = _look(held.path), time.monotonic()
        if seen is None:
            if _take(held):
                return
            time.sleep(AGAIN_SECONDS)
            continue
        same = last is not None and last.entry == seen.entry
        beats = same and last is not None and last.sign != seen.sign
        # No more than a beat for each look: this process may have been suspended, and its owner too.
        quiet = quiet + min(now - looked, BEAT_SECONDS) if same and not beats else 0.0
        last, looked = seen, now
        alive = lives(seen.owner)
        if alive is False or (alive is None and quiet > STALE_SECONDS):
            seen.entry.unlink(missing_ok=True)
            continue
        if wait is None and (alive or (beats and seen.owner)):
            raise UsageError(
                f"another process works in {held.kept}",
                f"Wait for {seen.words}, or stop it first. Its lock is {held.path}.",
            )
        if not announced:
            (wait or log.warning)(_waiting(held.path, seen, known=wait is not None or bool(alive)))
            announced = True
        time.sleep(POLL_SECONDS)


def _waiting(lock: Path, seen: _Seen, *, known: bool) -> str:
    if known:
        return f"Waiting for {seen.words}, which keeps {lock}"
    return f"{seen.words} keeps {lock}: looking for a sign of life, at most {STALE_SECONDS:.0f} s"


def _look(lock: Path) -> _Seen | None:
    """Returns who holds a lock; None where nobody does."""
    try:
        entry = next(lock.iterdir(), None)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        entry = lock  # a file, as earlier versions made it
    if entry is None:
        return None
    try:
        sign = entry.stat().st_mtime_ns, entry.read_bytes()
    except FileNotFoundError:
        return None
    try:
        owner = json.loads(sign[1][COUNT:])
    except ValueError:
        owner = {}
    return _Seen(entry, sign, owner if isinstance(owner, dict) else {})


def _take(held: Lock) -> bool:
    """Takes a free lock, and says whether this process has it now: another may be quicker."""
    lock, token = held.path, held.entry.name
    own = lock.with_name(f"{lock.name}.{token}")
    since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    text = json.dumps({**self_described(), "since": since})
    own.mkdir()
    try:
        (own / token).write_bytes(b"%0*d%s" % (COUNT, 0, text.encode()))
        own.rename(lock)
    except OSError as error:
        if error.errno not in QUICKER:
            raise
    finally:
        _sweep(own)
    # Looked up, whatever `rename` said: the answer of a network disk can get lost.
    if held.entry.exists():
        for left in lock.parent.glob(f"{lock.name}.*"):  # by processes that were killed
            _sweep(left)
        return True
    with contextlib.suppress(OSError):
        lock.rmdir()  # an empty one, where a disk renames nothing to it
    return False


def _sweep(own: Path) -> None:
    """Removes a prepared folder by its names alone: one that became the lock meanwhile stays."""
    token = own.name.rpartition(".")[2]
    with contextlib.suppress(OSError):
        (own / token).unlink(missing_ok=True)
        own.rmdir()


def _beat(held: Lock, stopped: threading.Event) -> None:
    count = 0
    while not stopped.wait(BEAT_SECONDS):
        count += 1
        try:
            with held.entry.open("r+b") as file:
                file.write(b"%0*d" % (COUNT, count))
        except (FileNotFoundError, NotADirectoryError):
            return  # taken over
        except OSError:
            continue
