"""Peak memory of this process, over a span of work."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import psutil

__all__ = ["forget_peak", "peak_bytes", "resident_bytes"]

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def resident_bytes() -> int:
    """Returns the resident memory of this process."""
    return int(psutil.Process().memory_info().rss)


def forget_peak() -> bool:
    """Starts the peak anew, so that loading isn't in it; says whether that was possible."""
    try:
        CLEAR.write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def peak_bytes() -> int:
    """Returns the highest resident memory since the process, or `forget_peak`, began."""
    try:
        lines = STATUS.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
