"""Runs one cell in this process, or all of them one after another, each in its own.

Shards have no cell in common. A cell whose work another process does, or prepares, waits for it.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from harness.config import RunConfig
from harness.errors import HarnessError, Interrupted, UsageError
from harness.records.store import FINISHED
from harness.runs.study.config import Cell, StudyConfig
from harness.runs.study.edits import Edits
from harness.runs.study.state import State, States
from harness.strategy.context import Monitor

__all__ = ["Progress", "run_cell", "run_study", "shard"]

INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a study is, when a cell has ended; it counts the cells of this call."""

    cell: Cell  # The one that ended
    done: int  # Cells that ended, including this one
    total: int
    status: str  # ``finished``, ``failed`` or ``reused``
    seconds: float  # Wall time of the cell
    eta_seconds: float | None  # Time left at this pace; None before any cell was run
    usd: float  # Dollars of all cells so far that have a price
    error: str = ""  # Why the cell failed


def shard(cells: Sequence[Cell], text: str | None) -> tuple[Cell, ...]:
    """Returns every n-th cell from the i-th, for the text ``i/n`` with i from 1.

    Raises:
        UsageError: The text isn't of that form.
    """
    if text is None:
        return tuple(cells)
    try:
        at, of = map(int, text.split("/"))
    except ValueError:
        at, of = 0, 0
    if not 1 <= at <= of:
        raise UsageError(f"--shard {text!r} is no share", "Example: --shard 1/4")
    return tuple(cells[at - 1 :: of])


def run_cell(study: StudyConfig, cell: Cell, config: RunConfig, monitor: Monitor) -> Path:
    """Runs one cell in this process, notes how it ended, and returns the run's folder.

    The configuration is the cell's, with the options of this machine.

    Raises:
        HarnessError: What the run raises.
    """
    from harness.costs.book import load_book
    from harness.runs.runner import run
    from harness.runs.study.forecast import spent_usd

    states, since = States(config.results, study.name), time.monotonic()
    try:
        result = run(config, monitor, wait=True)
    except HarnessError as error:
        states.write(cell, status="failed", error=error.message, seconds=time.monotonic() - since)
        raise
    states.write(
        cell,
        status=FINISHED,
        run=result.folder.name,
        reused=result.reused,
        seconds=time.monotonic() - since,
        usd=spent_usd(result.folder, load_book(config.prices)),
    )
    return result.folder


def run_study(
    study: StudyConfig,
    cells: Sequence[Cell],
    command: Callable[[Cell], list[str]],  # Arguments of ``harness`` that run a cell
    results: Path,
    report: Callable[[Progress], None],  # Called when a cell has ended
    edits: Edits | None = None,  # Finds finished cells whose inputs were edited: they run again
) -> list[State]:
    """Runs cells that aren't finished, each in its own process, and goes on after failures.

    ``command`` returns the arguments of ``harness`` that run a cell; ``report`` is called when a
    cell has ended. Returns the state of each cell.

    Raises:
        Interrupted: The user stopped it; the cell that was under way can be resumed.
    """
    states, times, usd = States(results, study.name, edits), list[float](), 0.0
    for number, cell in enumerate(cells, 1):
        state, seconds, left = states.read(cell), 0.0, 0
        if state["status"] == FINISHED:
            state = {"status": "reused"}
        else:
            since = time.monotonic()
            state = _run_apart(cell, command(cell), states)
            times.append(seconds := time.monotonic() - since)
            usd += state.get("usd") or 0.0
            left = sum(states.read(other)["status"] != FINISHED for other in cells[number:])
        eta = left * fmean(times) if times else None
        status, error = state["status"], state.get("error", "")
        report(Progress(cell, number, len(cells), status, seconds, eta, usd, error))
    return [states.read(cell) for cell in cells]


def _run_apart(cell: Cell, arguments: list[str], states: States) -> State:
    """Runs a cell in its own process; how it ended is noted by it, or here where it died."""
    code = _spawn(arguments, states.log(cell))
    if code in (INTERRUPTED, -signal.SIGINT, -signal.SIGTERM):
        raise Interrupted("the study was interrupted", "The same command resumes it.")
    if code and states.read(cell)["status"] != "failed":
        states.write(cell, status="failed", error=_died(code, states.log(cell)))
    return states.read(cell)


def _spawn(arguments: list[str], log: Path) -> int:
    """Runs a process of ``harness`` to its end; where this one is stopped, so is that."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "harness", *arguments], stdout=file, stderr=subprocess.STDOUT
        )
        try:
            return process.wait()
        except BaseException:  # Ctrl-C or SIGTERM
            process.send_signal(signal.SIGTERM)
            process.wait()
            raise


def _died(code: int, log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"the process ended with {how}: {lines[-1][:300] if lines else 'no output'}"
