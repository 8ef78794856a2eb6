"""Which phase a job is in, read from the ledgers that it writes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from harness.records.files import read_lines

__all__ = ["Watch", "lengths"]

POLL_SECONDS = 0.004
LEDGERS = ("*/ledger.jsonl", "artifacts/*/ledger.jsonl")


def _files(results: Path) -> list[Path]:
    return sorted(path for pattern in LEDGERS for path in results.glob(pattern))


class Watch:
    """Sees the phases that begin after it was made."""

    def __init__(self, results: Path) -> None:
        self._results = results
        self._known = {path: len(read_lines(path)) for path in _files(results)}

    def phases(self) -> tuple[set[str], list[str]]:
        """Returns the phases that began since, and those that haven't ended, innermost last."""
        begun, unended = set[str](), list[tuple[float, str]]()
        for path in _files(self._results):
            started: dict[str, tuple[float, str]] = {}
            for event in read_lines(path)[self._known.get(path, 0) :]:
                if event["event"] == "start":
                    started[event["span"]] = (event["time"], event["phase"])
                    begun.add(event["phase"])
                elif event["event"] == "end":
                    started.pop(event["span"], None)
            unended += started.values()
        return begun, [phase for _, phase in sorted(unended)]

    def wait(self, phase: str, ended: Callable[[], bool], seconds: float) -> bool:
        """Waits until a phase has begun; False where the process ended first, or it took longer.

        A short phase may be over when it is seen: what is killed then is what follows it.
        """
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if phase in self.phases()[0]:
                return True
            if ended():
                return False
            time.sleep(POLL_SECONDS)
        return False


def lengths(results: Path) -> dict[str, float]:
    """Returns how long each phase of finished jobs took, in seconds by the clock."""
    longest: dict[str, float] = {}
    for path in _files(results):
        started: dict[str, float] = {}
        for event in read_lines(path):
            if event["event"] == "start":
                started[event["span"]] = event["time"]
            elif event["event"] == "end" and event["span"] in started:
                seconds = event["time"] - started[event["span"]]
                longest[event["phase"]] = max(longest.get(event["phase"], 0.0), seconds)
    return longest
