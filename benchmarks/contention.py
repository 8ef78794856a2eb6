"""Few-shot answers beside busy neighbours, and whether the quiet machine loses by it.

The same answers are scored quiet, and beside one and two processes that do nothing but compute.
The code as it was before, all threads spinning while they wait, takes its turn on the quiet
machine; beside neighbours it may take twenty times as long, and runs there only when asked to.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import psutil
from rich.console import Console

from benchmarks.contract import Options
from benchmarks.ratios import Ratio, paired_ratio
from benchmarks.rounds import Notify, Worker
from benchmarks.scoring import BENCHMARK
from harness.cli.output import console, table
from harness.devices import threads
from harness.records.presence import present

__all__ = ["Cell", "Report", "busy_neighbours", "measure", "show"]

NEIGHBOURS = (0, 1, 2)
LIMITS = {1: 2.0, 2: 3.0}  # times the quiet time that ours may take beside so many neighbours
LIFE_SECONDS = 600  # after which a neighbour ends by itself, should nobody end it
SETTLING_SECONDS = 0.5  # until a neighbour has been loaded and computes
SPIN = f"import time\nend = time.time() + {LIFE_SECONDS}\nwhile time.time() < end: pass"
SPINNING = {"GOMP_SPINCOUNT": "300000"}  # what GNU's OpenMP takes where nothing is set


@dataclass
class Cell:
    """One side beside so many neighbours."""

    side: str  # ``ours`` or ``spinning``
    neighbours: int  # how many were planted
    seconds: list[float] = field(default_factory=list)  # of each round
    # share of the machine's processor time that neither took, of each round
    others: list[float] = field(default_factory=list)
    # numbers of threads that the side has used so far
    threads: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """What came out."""

    options: Options
    cells: list[Cell]  # one a side and number of neighbours
    same_answers: bool  # whether all rounds of all cells gave the same log-likelihoods, bit by bit

    def cell(self, side: str, neighbours: int) -> Cell:
        """Returns a cell that was measured."""
        return next(c for c in self.cells if (c.side, c.neighbours) == (side, neighbours))

    def slowdown(self, cell: Cell) -> Ratio:
        """Returns how many times its own quiet time a side takes beside neighbours."""
        return paired_ratio(self.cell(cell.side, 0).seconds, cell.seconds)

    @property
    def quiet(self) -> Ratio:
        """The spinning side's seconds over ours, quiet: 1 where nothing is lost."""
        return paired_ratio(self.cell("ours", 0).seconds, self.cell("spinning", 0).seconds)

    @property
    def holds(self) -> dict[str, bool]:
        """Whether ours stays below each limit, and loses nothing when quiet."""
        found = {
            f"neighbours_{number}": self.slowdown(self.cell("ours", number)).value <= limit
            for number, limit in LIMITS.items()
        }
        high = self.quiet.high
        return found | {"quiet": (high if high is not None else self.quiet.value) >= 1.0}

    def as_dict(self) -> dict[str, Any]:
        """Returns all figures as one JSON object."""
        return {
            "benchmark": "contention",
            "options": self.options.as_dict(),
            "cells": [asdict(c) | {"slowdown": asdict(self.slowdown(c))} for c in self.cells],
            "quiet_ratio": asdict(self.quiet),
            "limits": LIMITS,
            "holds": self.holds,
            "same_answers": self.same_answers,
        }


@contextmanager
def busy_neighbours(count: int) -> Iterator[list[int]]:
    """Plants processes that compute all the time, and ends them.

    They are in our own session: where Linux divides processors between sessions first, two
    strangers in sessions of their own take two thirds of them, however many threads we have.

    Returns:
        Their process ids.
    """
    with ExitStack() as stack:
        found = []
        for _ in range(count):
            process = subprocess.Popen([sys.executable, "-c", SPIN])
            stack.callback(process.wait)
            stack.callback(process.kill)
            found.append(process.pid)
        if count:
            time.sleep(SETTLING_SECONDS)
        yield found


@present()
def measure(
    options: Options,  # which answers, with which model
    rounds: int,  # how often; the side that begins alternates
    notify: Notify,
    *,
    # whether the spinning side runs beside neighbours, too: it takes minutes
    spinning: bool = False,
    side: str = BENCHMARK.sides["ours"],  # what both sides are made of, as ``module:Class``
) -> Report:
    """Measures all cells in turns."""
    cells = [Cell("ours", number) for number in NEIGHBOURS]
    cells += [Cell("spinning", number) for number in (NEIGHBOURS if spinning else (0,))]
    cells.sort(key=lambda cell: cell.neighbours)
    answers = []
    with ExitStack() as stack:
        workers = {}
        for name, environment, number in (
            ("ours", dict(os.environ), None),
            ("spinning", _spinning(os.environ), threads()),
        ):
            notify(f"{name}: loads and warms up")
            workers[name] = Worker(side, replace(options, threads=number), environment)
            stack.callback(workers[name].close)
            workers[name].ask("warm")
        for number in range(rounds):
            for cell in cells if number % 2 == 0 else cells[::-1]:
                answers.append(_round(cell, workers[cell.side]))
                notify(
                    f"round {number + 1}, {cell.side}, {cell.neighbours} neighbours: "
                    f"{cell.seconds[-1]:.2f} s, others took {cell.others[-1]:.0%}"
                )
    return Report(options, cells, all(answer == answers[0] for answer in answers))


def _spinning(environment: Mapping[str, str]) -> dict[str, str]:
    """Returns an environment in which threads wait as they do where nothing is set."""
    kept = {k: v for k, v in environment.items() if k not in ("OMP_WAIT_POLICY", "KMP_BLOCKTIME")}
    return kept | SPINNING


def _round(cell: Cell, worker: Worker) -> Any:
    with busy_neighbours(cell.neighbours) as pids:
        known = [psutil.Process(pid) for pid in (worker.pid, *pids)]
        since, before = time.perf_counter(), _busy_besides(known)
        found = worker.ask("run")
        passed = (time.perf_counter() - since) * (psutil.cpu_count() or 1)
        cell.others.append(round(max(0.0, _busy_besides(known) - before) / passed, 3))
    cell.seconds.append(found["seconds"])
    cell.threads = found["threads"]
    return found["answers"]


def _busy_besides(known: list[psutil.Process]) -> float:
    """Seconds that the machine's processors worked for anybody else."""
    times = psutil.cpu_times()
    busy = sum(times[:3]) + sum(getattr(times, name, 0.0) for name in ("irq", "softirq", "steal"))
    return float(busy - sum(sum(process.cpu_times()[:2]) for process in known))


def show(report: Report, out: Console | None = None) -> None:
    """Prints what came out, for people."""
    out = out or console()
    options = report.options
    head = f"contention · {options.workload} · {options.model} · {options.items} items"
    out.print(head, style="bold", markup=False)
    out.print()
    lines = table("", "neighbours", "seconds", "times quiet", "at most", "threads", "others took")
    for cell in report.cells:
        limit = LIMITS.get(cell.neighbours) if cell.side == "ours" else None
        lines.add_row(
            cell.side,
            str(cell.neighbours),
            f"{statistics.median(cell.seconds):.2f}",
            _ratio(report.slowdown(cell)),
            "" if limit is None else f"{limit:g}",
            " ".join(map(str, cell.threads)),
            f"{statistics.median(cell.others):.0%}",
        )
    out.print(lines)
    out.print()
    out.print(f"quiet, spinning over ours: {_ratio(report.quiet)}", markup=False)
    same = "the same, bit by bit" if report.same_answers else "not the same in all rounds"
    out.print(f"log-likelihoods: {same}", markup=False)


def _ratio(ratio: Ratio) -> str:
    if ratio.low is None or ratio.high is None:
        return f"{ratio.value:.2f}"
    return f"{ratio.value:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]"
