"""How much memory and time the verbs take that read records, as these grow: synthetic records.

Each verb runs as a process of its own. What is counted is its processor time, which others on the
machine don't change much, and its highest resident memory. ``runs`` are many records of one task,
each with a configuration of its own; ``rows`` are two records with very many predictions; ``tfidf``
trains the strategy of that name on made-up rows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.rounds import Notify
from benchmarks.synthetic import make_long, make_runs, make_table
from harness.cli.output import console, table

__all__ = ["KINDS", "Scaled", "as_dict", "measure", "show"]

REAL = Path("results/fpb")
KINDS: Mapping[str, int] = {"runs": 2_000, "rows": 1_000_000, "tfidf": 100_000}
"""What grows, and how many there are of it."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """What one command took."""

    kind: str  # one of `KINDS`
    items: int  # how many there were
    command: str  # the verb
    cpu_seconds: float  # processor time
    seconds: float  # on the clock
    peak_bytes: int  # highest resident memory
    exit_code: int  # 0 where it went well


def measure(
    kinds: Mapping[str, int],  # kinds, and the items of each
    notify: Notify,
) -> list[Scaled]:
    """Makes the records and measures each verb."""
    found = []
    for kind, items in kinds.items():
        with tempfile.TemporaryDirectory() as folder:
            notify(f"{kind}: making {items:,}")
            for command in _commands(kind, items, Path(folder)):
                notify(f"{kind}: {command[0]}")
                found.append(_timed(kind, items, command))
    return found


def _commands(kind: str, items: int, folder: Path) -> list[list[str]]:
    results = folder / "results"
    advice = ["recommend", "--task", "fpb", "--results", str(results), "--json"]
    report = ["report", "--results", str(results), "--out", str(folder / "page.html"), "--json"]
    if kind == "runs":
        make_runs(REAL, results, items)
        return [advice, report]
    if kind == "rows":
        first, second = map(str, make_long(REAL, results, items))
        return [["show", first, "--json"], ["compare", first, second, "--json"], advice, report]
    make_table(folder / "rows.csv", items)
    data = ["--data", str(folder / "rows.csv"), "--input", "text", "--target", "label"]
    split = ["--split", "90/0/10", "--results", str(results), "--json"]
    return [["run", "--strategy", "tfidf", *data, *split]]


def _timed(kind: str, items: int, command: Sequence[str]) -> Scaled:
    since = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", *command], stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - since
    cpu = used.ru_utime + used.ru_stime
    code = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    return Scaled(kind, items, command[0], cpu, seconds, used.ru_maxrss * unit, code)


def as_dict(found: Sequence[Scaled]) -> dict[str, Any]:
    """Returns the figures as one JSON object."""
    return {"benchmark": "scale", "measured": [asdict(each) for each in found]}


def show(found: Sequence[Scaled], out: Console | None = None) -> None:
    """Prints the figures for people."""
    out = out or console()
    lines = table("what", "items", "verb", "processor s", "s", "peak memory", "exit")
    for each in found:
        lines.add_row(
            each.kind,
            f"{each.items:,}",
            each.command,
            f"{each.cpu_seconds:.1f}",
            f"{each.seconds:.1f}",
            f"{each.peak_bytes / 2**20:,.0f} MiB",
            str(each.exit_code),
        )
    out.print(lines)
