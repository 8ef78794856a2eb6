"""Which runs shared the machine, without a lock: each one leaves a file that says when it lived.

The file is empty: its name holds process id, the process' start and the run's own, its time of
change is the run's last sign of life, and its ending says whether the run is over. Two runs
shared the machine where their times overlap, so the one that began first learns of a short one
that came and went between two of its looks, too. Runs of other users and of other result folders
count; what isn't a run of this program shows in the processors' time (`CpuWatch`).
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from harness.records.keys import digest
from harness.records.processes import start_ticks
from harness.records.schema import MachineUse

__all__ = ["FOLDER", "CpuWatch", "Neighbours", "present"]

FOLDER = "HARNESS_PRESENCE"
"""Names the folder where the runs of a machine see each other, in place of the temporary one."""
NAME = re.compile(r"(\d+)-(\d+)-(\d+)\.(run|done)")
TICK = 0.02  # s by which a file's time may lag behind the clock: a kernel notes it once a tick


@dataclass(frozen=True, slots=True)
class _Entry:
    """One run. Times are in seconds since the epoch."""

    path: Path
    pid: int
    created: int  # in ticks since the machine started
    began: float
    over: bool
    touched: float

    @property
    def mine(self) -> bool:
        return (self.pid, self.created) == (os.getpid(), _created(os.getpid()))

    def last(self, now: float) -> float:
        """The last moment at which it is known to have lived."""
        if self.over or _created(self.pid) != self.created:
            return self.touched
        return now


class Neighbours:
    """The runs of this machine, which leave files in a folder of the temporary one."""

    def __init__(self, folder: Path | None = None) -> None:
        named = os.environ.get(FOLDER)
        self.folder = folder or (Path(named) if named else _default())

    @contextlib.contextmanager
    def present(self) -> Iterator[None]:
        """Lets other runs see this one for as long as the block takes."""
        path = self._enter()
        try:
            yield
        finally:
            if path is not None:
                with contextlib.suppress(OSError):
                    path.touch()
                    path.replace(path.with_suffix(".done"))
                    self._clean()

    def _enter(self) -> Path | None:
        pid, now = os.getpid(), time.time()
        name = f"{pid}-{_created(pid)}-{round(1000 * now)}.run"
        try:
            if not self.folder.is_dir():
                self.folder.mkdir(parents=True, exist_ok=True)
                self.folder.chmod(0o1777)  # as /tmp: every user's runs count
            (self.folder / name).touch(exist_ok=False)
        except OSError:  # a read-only disk: then nobody knows who shared the machine
            return None
        return self.folder / name

    def seen(self, since: float) -> bool | None:
        """Says whether another run lived on this machine since a time, in seconds since the epoch.

        It is a sign of life as well: this process' own file is touched. None where the runs can't
        see each other, as nobody left a file.
        """
        entries = self._entries()
        if not any(entry.mine for entry in entries):
            return None
        now = time.time()
        for entry in entries:
            if entry.mine and not entry.over:
                with contextlib.suppress(OSError):
                    os.utime(entry.path)
        return any(not entry.mine and entry.last(now) >= since for entry in entries)

    def _entries(self) -> list[_Entry]:
        entries = []
        with contextlib.suppress(OSError):
            for path in self.folder.iterdir():
                if match := NAME.fullmatch(path.name):
                    pid, created, began = (int(part) for part in match.groups()[:3])
                    over = match[4] == "done"
                    with contextlib.suppress(FileNotFoundError):  # over, or cleaned, meanwhile
                        last = path.stat().st_mtime
                        entries.append(_Entry(path, pid, created, began / 1000, over, last))
        return entries

    def _clean(self) -> None:
        """Takes away what ended before any run that lives began: nobody asks for it any more."""
        now, entries = time.time(), self._entries()
        living = [entry.began for entry in entries if entry.last(now) >= now]
        oldest = min(living, default=now)
        for entry in entries:
            if entry.last(now) < oldest - TICK:
                with contextlib.suppress(OSError):
                    entry.path.unlink()


@contextlib.contextmanager
def present() -> Iterator[None]:
    """Lets the machine's other runs see this process; a decorator, too."""
    with Neighbours().present():
        yield


def _default() -> Path:
    """One folder a machine, should the temporary one be on a disk that several share."""
    host = digest(socket.gethostname())[:12]
    return Path(tempfile.gettempdir()) / f"adaptbench-runs-{host}"


def _created(pid: int) -> int:
    """When a process started, by the machine's ticks; 0 where there is none, or it can't be seen."""
    return _own_start(pid) if pid == os.getpid() else start_ticks(pid) or 0


@functools.cache
def _own_start(pid: int) -> int:
    return start_ticks(pid) or 0


class CpuWatch:
    """Which share of the machine's processor time others took, from its making on.

    Whatever ran counts, not only runs of this program. In a container the processors are mostly
    those of the whole host.
    """

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._before = _busy_and_own()

    def read(self, threads: Sequence[int] = ()) -> MachineUse:
        """Returns what others took until now; this process computed with `threads` meanwhile."""
        seconds = time.monotonic() - self._since
        busy, own = (
            now - before for now, before in zip(_busy_and_own(), self._before, strict=True)
        )
        processors = psutil.cpu_count() or 1
        share = max(0.0, busy - own) / (seconds * processors) if seconds > 0 else 0.0
        return MachineUse(
            seconds=round(seconds, 3),
            others_cpu_share=round(min(1.0, share), 4),
            load_average=round(psutil.getloadavg()[0], 2),
            threads=tuple(threads),
        )


def _busy_and_own() -> tuple[float, float]:
    """Seconds that all processors worked, and that this process and its children worked."""
    times = psutil.cpu_times()._asdict()
    # what guests took is in user and nice already
    idle = ("idle", "iowait", "guest", "guest_nice")
    busy = sum(value for name, value in times.items() if name not in idle)
    own, me = 0.0, psutil.Process()
    for process in (me, *me.children(recursive=True)):
        with contextlib.suppress(psutil.Error):  # it has ended
            own += sum(process.cpu_times()[:4])
    return busy, own
