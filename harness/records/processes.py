"""Which process is which: from where process ids mean the same, and whether one still lives.

A process id means nothing on another host, after a restart, or in another namespace of process ids
(a container, `unshare -p`): there it looks dead, or is another process. A process is known by the
ticks at which it started, too, as ids come round again; ticks don't follow the clock.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

from harness.records.files import Json
from harness.records.keys import digest

__all__ = ["follower", "lives", "place", "self_described", "start_ticks"]

PROC = Path("/proc")
DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux' prctl
ENDED = ("Z", "X")  # states of a process that ended, but that its parent hasn't asked about yet


def place() -> str:
    """Identifies where this process' ids are valid; "" where that can't be told.

    It is a digest of the machine's name, its start, and the namespaces of process ids and times.
    """
    name = socket.gethostname()
    if sys.platform != "linux":
        return digest([name])[:12]
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        spaces = [str((PROC / "self/ns" / kind).readlink()) for kind in ("pid", "time")]
    except OSError:
        return ""
    return digest([name, boot, *spaces])[:12]


def self_described() -> Json:
    """Describes this process for others; the host's name is hashed."""
    host = digest(socket.gethostname())[:12]
    return {"pid": os.getpid(), "started": start_ticks(os.getpid()), "place": place(), "host": host}


def lives(process: Json) -> bool | None:
    """Says whether a process as `self_described` is there; None where it can't be seen from here."""
    pid, here = process.get("pid"), place()
    if not here or process.get("place") != here or not isinstance(pid, int) or pid < 1:
        return None
    try:
        os.kill(pid, 0)  # sends nothing; it asks, also where /proc is hidden or another namespace's
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # another user's
    ticks = start_ticks(pid)
    return None if ticks is None else ticks == process.get("started")


def start_ticks(pid: int) -> int | None:
    """Returns when a process started, in ticks since the machine did; 0 if it has ended.

    None where that can't be seen: processes are hidden, or /proc is that of another namespace.
    """
    if sys.platform != "linux":
        try:
            return round(100 * psutil.Process(pid).create_time())
        except psutil.Error:
            return 0
    try:
        if (PROC / "self").readlink().name != str(os.getpid()):
            return None
        line = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        state, *fields = line.rpartition(")")[2].split()
        return 0 if state in ENDED else int(fields[18])
    except (OSError, ValueError, IndexError):
        return None


def follower(number: signal.Signals) -> Callable[[], None]:
    """Returns a ``preexec_fn``: the new process gets a signal when the thread that starts it ends.

    So it doesn't outlive this process, also where that is killed; on Linux alone.
    """
    prctl, parent = getattr(ctypes.CDLL(None), "prctl", None), os.getpid()

    def follow() -> None:
        if prctl is not None:
            prctl(DIES_WITH_PARENT, number)
        if os.getppid() != parent:
            os._exit(1)

    return follow
