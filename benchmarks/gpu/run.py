"""One part after the other, each in a process of its own, within a budget of time, into one file.

This process never touches the GPU: a second one on it would take its energy counter away.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.gpu.parts import PARTS
from harness.costs.book import load_book
from harness.costs.gpu_runs import FOLDER, GpuPart, GpuRun
from harness.devices import TorchHardware
from harness.errors import MissingDependency, UsageError, nearest
from harness.records.files import read_json, storage_errors, write_json
from harness.records.scrub import scrub

__all__ = ["benchmark", "save", "target"]

LEAST = 15.0  # seconds that a part needs to begin at all
RESULTS = Path("results")

Notify = Callable[[str], None]
Execute = Callable[[str, Path, bool, float], Mapping[str, Any]]
"""Runs a part, given the folder of all parts, whether it is a dry run, and the seconds left."""


def benchmark(
    parts: Sequence[str],  # names; all of them where there are none
    *,
    dry_run: bool,  # on the CPU, with tiny shapes
    budget: float,  # seconds for all of them
    notify: Notify,
    execute: Execute | None = None,  # replaced in tests
    clock: Callable[[], float] = time.monotonic,  # likewise
) -> GpuRun:
    """Runs parts.

    Raises:
        UsageError: There is no such part.
        MissingDependency: There is no GPU, and it isn't a dry run.
    """
    for name in parts:
        if name not in PARTS:
            raise UsageError(f"There is no part '{name}'", nearest(name, PARTS))
    if not dry_run and not TorchHardware().cuda_count():
        why = TorchHardware().why_no_cuda().replace("Use --device cpu.", "Use --dry-run.")
        raise MissingDependency("The GPU benchmark needs a GPU", why)
    run, began = execute or _execute, clock()
    reports: list[Mapping[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="adaptbench-gpu-") as folder:
        work = Path(folder)
        for name in parts or PARTS:
            left = budget - (clock() - began)
            if left < LEAST:
                reports.append({"part": _unfinished(name, f"the budget of {budget:.0f} s is used")})
                continue
            notify(f"{name}: begins, {left:.0f} s left")
            since = clock()
            report = run(name, work, dry_run, left)
            reports.append(_timed(report, clock() - since, dry_run))
            part = reports[-1]["part"]
            notify(f"{name}: {part['status']}")
    return _whole(reports, dry_run, budget, clock() - began)


def _unfinished(name: str, why: str) -> dict[str, Any]:
    return GpuPart(name=name, status="not run", reason=f"{name}: {why}").model_dump(mode="json")


def _timed(report: Mapping[str, Any], seconds: float, dry_run: bool) -> dict[str, Any]:
    """Adds what the part's process took beside what was measured; a dry run takes no GPU."""
    part = dict(report["part"])
    part["other_seconds"] = max(0.0, seconds - part.get("seconds", 0.0))
    if dry_run:
        part |= {"gpu_hours": 0.0, "reason": part.get("reason") or "dry run"}
    return {**report, "part": part}


def _whole(
    reports: Sequence[Mapping[str, Any]], dry_run: bool, budget: float, seconds: float
) -> GpuRun:
    about: Mapping[str, Any] = next((each for each in reports if "device" in each), {})
    device = str(about.get("device", ""))
    gpu = next((row for row in load_book().gpus if row.is_called(device)), None)
    on_gpu = device.startswith("cuda") and not dry_run
    return GpuRun(
        dry_run=dry_run,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=about.get("commit"),
        versions=about.get("versions", {}),
        device=device,
        capability=about.get("capability", ""),
        memory_bytes=about.get("memory_bytes"),
        gpu=gpu.id if gpu and on_gpu else None,
        budget_seconds=budget,
        seconds=seconds,
        gpu_hours=seconds / 3600 if on_gpu else 0.0,
        parts=tuple(GpuPart.model_validate(each["part"]) for each in reports),
    )


def _execute(name: str, work: Path, dry: bool, left: float) -> Mapping[str, Any]:
    """Runs a part in a process; one that dies or takes too long leaves a reason."""
    out = work / f"{name}.json"
    asked = json.dumps({"part": name, "work": str(work), "dry": dry, "out": str(out)})
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
    log = work / f"{name}.log"
    try:
        with log.open("w", encoding="utf-8") as file:
            ended = subprocess.run(
                [sys.executable, "-m", "benchmarks.gpu.child", asked],
                stdout=file,
                stderr=subprocess.STDOUT,
                timeout=left,
                env=environment,
                check=False,
            ).returncode
    except subprocess.TimeoutExpired:
        return {"part": _unfinished(name, f"the budget ended after {left:.0f} s of it")}
    if out.is_file():
        report: Mapping[str, Any] = read_json(out)
        return report
    last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:]
    why = scrub(f"{name}: its process ended with {ended}: {' | '.join(last)}")
    return {"part": GpuPart(name=name, status="failed", reason=why).model_dump(mode="json")}


def target(
    run: GpuRun,  # a dry run has no place beside measurements
    out: Path | None,
) -> Path | None:
    """Returns the file for a run: what was asked for, else one of its own beside the records."""
    if out is not None or run.dry_run:
        return out
    name = run.device.partition(":")[2].lower().replace(" ", "-") or "gpu"
    return RESULTS / FOLDER / f"{name}-{run.date[:19].replace(':', '')}.json"


def save(run: GpuRun, path: Path) -> None:
    """Writes a run as JSON."""
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, run.model_dump(mode="json"))
