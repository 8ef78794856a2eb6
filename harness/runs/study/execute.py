"""Runs one cell in this process, or all of them by an engine: on this machine, or on a cluster.

Shards have no cell in common. A cell whose work another process does, or prepares, waits for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from harness.config import RunConfig
from harness.errors import HarnessError, UsageError
from harness.records.store import FINISHED
from harness.runs.study.config import Cell, StudyConfig
from harness.runs.study.state import State, States
from harness.strategy.context import Monitor

__all__ = ["Ended", "Engine", "Progress", "run_cell", "run_study", "shard"]


class Ended(NamedTuple):
    """A cell that has ended, how, and its wall time."""

    cell: Cell
    state: State
    seconds: float


Engine = Callable[[Iterable[Cell]], Iterator[Ended]]
"""Runs cells, each in a process of its own, and yields them as they end. It asks for the next cell
when it can begin it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a study is, when a cell has ended; it counts the cells of this call."""

    cell: Cell  # The one that ended
    done: int  # Cells that ended, including this one
    total: int
    status: str  # ``finished``, ``failed`` or ``reused``
    seconds: float  # Wall time of the cell
    eta_seconds: (
        float | None
    )  # Time left; None before a cell of each strategy that is left has ended
    usd: float  # Dollars of all cells so far that have a price
    error: str = ""  # Why the cell failed
    run: str = ""  # Name of its record's folder, where it has one


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
        states.write(cell, status="failed", error=str(error), seconds=time.monotonic() - since)
        raise
    states.write(
        cell,
        status=FINISHED,
        run=result.folder.name,
        reused=result.reused,
        seconds=time.monotonic() - since,
        usd=spent_usd(result.folder, load_book(config.prices), config),
    )
    return result.folder


def run_study(
    cells: Sequence[Cell],
    states: States,
    engine: Engine,
    report: Callable[[Progress], None],  # Called when a cell has ended
) -> list[State]:
    """Runs cells that aren't finished, and goes on after failures; returns the state of each.

    Raises:
        Interrupted: The user stopped it; the cells that were under way can be resumed.
    """
    waiting, usd = {cell.id for cell in cells}, 0.0
    times: dict[object, list[float]] = {}  # of cells that ended, by strategy
    began = time.monotonic()

    def seconds_left(left: Sequence[Cell]) -> float | None:
        """Time left, where a cell of each strategy that is left has ended; as many run at once."""
        strategies = [cell.values.get("strategy") for cell in left]
        if not all(each in times for each in strategies):
            return None
        at_once = sum(map(sum, times.values())) / (time.monotonic() - began)
        return sum(fmean(times[each]) for each in strategies) / max(1.0, at_once)

    def end(ended: Ended, left: Sequence[Cell]) -> None:
        cell, state, seconds = ended
        eta = seconds_left(left) if left else None
        number, about = len(cells) - len(waiting), (state.get("error", ""), state.get("run", ""))
        report(Progress(cell, number, len(cells), state["status"], seconds, eta, usd, *about))

    def unfinished() -> Iterator[Cell]:
        for cell in cells:
            state = states.read(cell)
            if state["status"] != FINISHED:
                yield cell
                continue
            waiting.discard(cell.id)
            end(Ended(cell, {**state, "status": "reused"}, 0.0), ())

    for ended in engine(unfinished()):
        waiting.discard(ended.cell.id)
        if ended.seconds:  # not of what couldn't begin
            times.setdefault(ended.cell.values.get("strategy"), []).append(ended.seconds)
        usd += ended.state.get("usd") or 0.0
        rest = (cell for cell in cells if cell.id in waiting)
        end(ended, [cell for cell in rest if states.read(cell)["status"] != FINISHED])
    return [states.read(cell) for cell in cells]
