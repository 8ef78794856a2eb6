"""Runs cells: one in this process, or all of them in processes of their own.

Cells share nothing. Two shards of one study (``--shard 1/2``) never have a cell in common, and a
record belongs to one process at a time, so nothing here needs a lock.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.config import RunConfig
from harness.errors import HarnessError, Interrupted, TooManyErrors
from harness.records.store import FINISHED
from harness.runs.study.config import Cell, StudyConfig
from harness.runs.study.state import States
from harness.strategy.context import Monitor

__all__ = ["Progress", "run_cell", "run_study", "shard"]

INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a study is.

    Attributes:
        cell: The cell that ended.
        done: Cells that ended, it included.
        total: Cells of this call.
        status: ``finished``, ``failed`` or ``reused``.
        seconds: It took.
        eta_seconds: Left at this pace; None before anything was really run.
        usd: Spent so far by this call on cells with a price.
        error: Why it failed.
    """

    cell: Cell
    done: int
    total: int
    status: str
    seconds: float
    eta_seconds: float | None
    usd: float
    error: str = ""


def shard(cells: Sequence[Cell], text: str | None) -> tuple[Cell, ...]:
    """Returns the i-th of n shares of the cells, ``i/n`` from 1.

    Raises:
        HarnessError: The text isn't of that form.
    """
    if text is None:
        return tuple(cells)
    try:
        at, of = map(int, text.split("/"))
    except ValueError:
        at, of = 0, 0
    if not 1 <= at <= of:
        from harness.errors import UsageError

        raise UsageError(f"--shard {text!r} is no share", "Example: --shard 1/4")
    return tuple(cells[at - 1 :: of])


def run_cell(study: StudyConfig, cell: Cell, config: RunConfig, monitor: Monitor) -> Path:
    """Runs one cell in this process, and notes how it ended.

    Args:
        study: The study.
        cell: One of its cells.
        config: The cell's run, with the settings of this machine.
        monitor: Progress out, wishes to stop in.

    Returns:
        The run's folder.

    Raises:
        HarnessError: What the run raises.
    """
    from harness.analysis.summary import cost_of
    from harness.costs.book import load_book
    from harness.runs.runner import run

    states, since = States(config.results, study.name), time.monotonic()
    try:
        result = run(config, monitor)
    except (TooManyErrors, HarnessError) as error:
        states.write(cell, status="failed", error=error.message, seconds=time.monotonic() - since)
        raise
    cost = cost_of(result.folder, load_book(config.prices))
    priced = [usd for usd in cost.by_phase.values() if usd is not None]
    states.write(
        cell,
        status=FINISHED,
        run=result.folder.name,
        reused=result.reused,
        seconds=time.monotonic() - since,
        usd=sum(priced) if priced else None,
    )
    return result.folder


def run_study(
    study: StudyConfig,
    cells: Sequence[Cell],
    command: Callable[[Cell], list[str]],
    results: Path,
    report: Callable[[Progress], None],
) -> list[dict[str, Any]]:
    """Runs the cells that aren't finished, each in a process of its own; goes on after failures.

    Args:
        study: The study.
        cells: The cells of this call.
        command: Arguments of ``harness`` that run a cell.
        results: Folder of the records.
        report: Is told of each cell as it ends.

    Returns:
        The state of each cell.

    Raises:
        Interrupted: The user asked to stop; the cell that was under way can be resumed.
    """
    states = States(results, study.name)
    ran: list[float] = []
    usd = 0.0
    for number, cell in enumerate(cells, 1):
        state = states.read(cell)
        if state["status"] == FINISHED:
            report(Progress(cell, number, len(cells), "reused", 0.0, _eta(ran, 0), usd))
            continue
        since = time.monotonic()
        code = _spawn(command(cell), states.log(cell))
        if code in (INTERRUPTED, -signal.SIGINT, -signal.SIGTERM):
            raise Interrupted("the study was interrupted", "The same command goes on from here.")
        state = states.read(cell)
        if code and state["status"] != "failed":
            states.write(cell, status="failed", error=_died(code, states.log(cell)))
            state = states.read(cell)
        ran.append(time.monotonic() - since)
        usd += state.get("usd") or 0.0
        left = sum(states.read(other)["status"] != FINISHED for other in cells[number:])
        report(
            Progress(
                cell,
                number,
                len(cells),
                state["status"],
                ran[-1],
                _eta(ran, left),
                usd,
                state.get("error", ""),
            )
        )
    return [states.read(cell) for cell in cells]


def _eta(ran: list[float], left: int) -> float | None:
    return left * sum(ran) / len(ran) if ran else None


def _spawn(arguments: list[str], log: Path) -> int:
    """Runs a process to its end; a signal to this one is passed on."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "harness", *arguments], stdout=file, stderr=subprocess.STDOUT
        )
        try:
            return process.wait()
        except BaseException:  # ctrl-C or SIGTERM
            process.send_signal(signal.SIGTERM)
            process.wait()
            raise


def _died(code: int, log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"the process ended with {how}: {lines[-1][:300] if lines else 'no output'}"
