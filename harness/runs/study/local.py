"""Runs cells on this machine one after another, each in a process of its own."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from harness.errors import Interrupted
from harness.records.processes import follower
from harness.runs.study.config import Cell
from harness.runs.study.execute import Ended, Engine
from harness.runs.study.state import State, States

__all__ = ["INTERRUPTED", "died", "one_by_one", "spawn"]

INTERRUPTED = 130


def one_by_one(command: Callable[[Cell], list[str]], states: States) -> Engine:
    """Returns the engine of this machine; ``command`` gives the arguments that run a cell."""

    def run(cells: Iterable[Cell]) -> Iterator[Ended]:
        for cell in cells:
            since = time.monotonic()
            state = _run_apart(cell, command(cell), states)
            yield Ended(cell, state, time.monotonic() - since)

    return run


def _run_apart(cell: Cell, arguments: list[str], states: States) -> State:
    """Runs a cell in its own process; how it ended is noted by it, or here where it died."""
    code = spawn(arguments, states.log(cell))
    if code in (INTERRUPTED, -signal.SIGINT, -signal.SIGTERM):
        raise Interrupted("the study was interrupted", "The same command resumes it.")
    if code and states.read(cell)["status"] != "failed":
        states.write(cell, status="failed", error=died(code, states.log(cell)))
    return states.read(cell)


def spawn(
    arguments: list[str],
    log: Path,
    *,
    folder: Path | None = None,  # Where it runs; by default where this process does
    environment: Mapping[str, str] | None = None,
    follow: bool = False,  # It dies at once where this process is killed
) -> int:
    """Runs a process of ``harness`` to its end; where this one is stopped, so is that."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "harness", *arguments],
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
            preexec_fn=follower(signal.SIGKILL) if follow else None,
        )
        try:
            while True:  # a task that is cancelled is told so between two looks
                with contextlib.suppress(subprocess.TimeoutExpired):
                    return process.wait(timeout=1 if follow else None)
        except BaseException:  # Ctrl-C or SIGTERM
            process.send_signal(signal.SIGTERM)
            process.wait()
            raise


def died(code: int, log: Path) -> str:
    """Says how a process ended that noted no state, with the last line of its output."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"the process ended with {how}: {lines[-1][:300] if lines else 'no output'}"
