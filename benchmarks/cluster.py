"""What running a study's cells on a Ray cluster adds, against one after another on this machine.

The cells are light, so that what is around them shows. The cluster is three raylets on this one
machine, with a processor each: it shows what Ray costs, not what several machines gain.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import psutil

from benchmarks.rounds import Notify
from harness.cli.output import print_table

__all__ = ["Figures", "as_dict", "measure", "show"]

ROWS = 200
OBJECT_STORE_BYTES = 80 * 2**20
LOOK_SECONDS = 0.2
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",
    "HARNESS_OFFLINE": "1",
}


@dataclass(frozen=True)
class Figures:
    """One run of the study."""

    engine: str
    cells: int
    wall_seconds: float
    cpu_seconds: float  # of all processes: the study's, its cells', Ray's
    others_cpu_seconds: float  # that other work of the machine took meanwhile


def measure(cells: int, rounds: int, notify: Notify) -> list[Figures]:
    """Runs a study of light cells on both engines in turns; each time all of it."""
    os.environ.update(ENVIRONMENT)
    found: list[Figures] = []
    with tempfile.TemporaryDirectory() as name, _cluster() as (address, raylets):
        folder = Path(name)
        _write(folder, cells)
        for number in range(rounds):
            for engine in ("local", "ray") if number % 2 == 0 else ("ray", "local"):
                options = ["--engine", "ray", "--address", address] if engine == "ray" else []
                results = ["--results", f"{engine}-{number}"]
                figures = _timed(engine, cells, [*options, *results], folder, raylets)
                notify(f"{engine}: {figures.wall_seconds:.1f} s, CPU {figures.cpu_seconds:.1f} s")
                found.append(figures)
    return found


def _write(folder: Path, cells: int) -> None:
    rows = [{"text": f"{word} {n}", "label": word} for n in range(ROWS) for word in ("up", "down")]
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    task = {
        "name": "words",
        "kind": "classification",
        "source": {"files": [{"path": "rows.jsonl"}]},
        "columns": {"input": "text", "target": "label"},
        "labels": {"up": "up", "down": "down"},
        "metrics": ["accuracy"],
        "primary": "accuracy",
    }
    (folder / "words.yaml").write_text(json.dumps(task), encoding="utf-8")
    study = {
        "name": "light",
        "defaults": {"task": "words.yaml", "latency": False},
        "matrix": {"strategy": ["majority", "tfidf"], "seed": list(range((cells + 1) // 2))},
    }
    (folder / "study.yaml").write_text(json.dumps(study), encoding="utf-8")


@contextmanager
def _cluster() -> Iterator[tuple[str, list[psutil.Process]]]:
    """Yields the address of three raylets, and the processes that belong to them."""
    from ray.cluster_utils import Cluster

    before = set(psutil.Process().children())
    node: dict[str, Any] = {"num_cpus": 1, "node_ip_address": "127.0.0.1"}
    node["object_store_memory"] = OBJECT_STORE_BYTES
    head = {**node, "include_dashboard": False}
    made = Cluster(initialize_head=True, head_node_args=head)
    try:
        for _ in range(2):
            made.add_node(**node)
        yield made.address, [each for each in psutil.Process().children() if each not in before]
    finally:
        made.shutdown()


class _Watch:
    """Adds up the processor time of a cluster: of its processes, and of cells that have ended."""

    def __init__(self, roots: Sequence[psutil.Process]) -> None:
        self._roots, self._last = roots, dict[psutil.Process, float]()
        self._stop = threading.Event()

    def look(self) -> float:
        for process in [*self._roots, *(c for root in self._roots for c in _children(root))]:
            try:
                times, name = process.cpu_times(), process.name()
            except psutil.Error:
                continue
            ended = times.children_user + times.children_system if name.startswith("ray:") else 0.0
            self._last[process] = times.user + times.system + ended
        return sum(self._last.values())

    def run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self.look()

    def stop(self) -> None:
        self._stop.set()


def _children(root: psutil.Process) -> list[psutil.Process]:
    """The processes below one, but cells: their time is in their worker's when they have ended."""
    try:
        below = root.children(recursive=True)
        return [each for each in below if "--cell" not in each.cmdline()]
    except psutil.Error:
        return []


def _timed(
    engine: str, cells: int, options: list[str], folder: Path, raylets: Sequence[psutil.Process]
) -> Figures:
    watch = _Watch(raylets)
    before, busy = watch.look(), _busy()
    thread = threading.Thread(target=watch.run)
    thread.start()
    since, children = time.monotonic(), os.times()
    command = [sys.executable, "-m", "harness", "study", "study.yaml", *options]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    wall, ended = time.monotonic() - since, os.times()
    watch.stop()
    thread.join()
    own = ended.children_user + ended.children_system
    own -= children.children_user + children.children_system
    cpu = own + watch.look() - before
    return Figures(engine, cells, wall, cpu, max(0.0, _busy() - busy - cpu))


def _busy() -> float:
    times = psutil.cpu_times()
    return float(sum(times[:3]))


def as_dict(found: Sequence[Figures]) -> dict[str, Any]:
    """Returns the figures for ``--json``."""
    return {"rounds": [asdict(figures) for figures in found]}


def show(found: Sequence[Figures]) -> None:
    """Prints the means of both engines."""
    rows = []
    for engine in ("local", "ray"):
        own = [figures for figures in found if figures.engine == engine]
        means = [
            fmean(getattr(each, name) for each in own)
            for name in ("wall_seconds", "cpu_seconds", "others_cpu_seconds")
        ]
        rows.append((engine, str(own[0].cells), *(f"{value:.1f}" for value in means)))
    print_table("engine", "cells", "wall, s", "CPU, s", "CPU of others, s", rows=rows)
