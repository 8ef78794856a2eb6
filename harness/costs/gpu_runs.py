"""The file that `python -m benchmarks gpu` writes: everything that a GPU ran, part by part.

The files are in ``gpu/`` under the folder of the records. A dry run writes the same form without
GPU-hours, and is never read as a measurement.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

__all__ = ["FOLDER", "GpuPart", "GpuRun", "described", "gpu_runs"]

log = logging.getLogger(__name__)

FOLDER = "gpu"
Status = Literal["ok", "not run", "failed"]


class GpuPart(BaseModel):
    """One part of the benchmark; one that only checks something has no phase, work or rate."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    status: Status
    reason: str = Field("", description="Why it wasn't run, or how it failed.")
    strategy: str = Field("", description="What was trained, or `zero-shot`.")
    phase: Literal["train", "serve"] | None = None
    readout: str = Field("", description="How answers were read, where it answered.")
    weights: str = Field("", description="Their quantisation or type, as calibration groups them.")
    seconds: float = Field(0.0, description="Of the phase: wall time, the GPU's work included.")
    other_seconds: float = Field(0.0, description="Of its process beside that: start, weights.")
    tokens: int = Field(0, description="Positions that went through the model.")
    tokens_per_second: float | None = None
    flops: float = Field(0.0, description="By the formulas of `harness.costs.flops`.")
    mfu: float | None = Field(None, description="Share of the price book's peak of that GPU.")
    peak_memory_bytes: int | None = Field(None, description="What the allocator held at most.")
    predicted_memory_bytes: int | None = Field(None, description="By `harness.costs.memory`.")
    energy_joules: float | None = None
    energy_note: str = Field("", description="Which counter, or why there is none.")
    gpu_hours: float = Field(0.0, description="GPUs that were allocated times hours; 0 without.")
    details: dict[str, JsonValue] = Field(default_factory=dict)


class GpuRun(BaseModel):
    """One run of the benchmark on one machine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["gpu-benchmark"] = "gpu-benchmark"
    version: Literal[1] = 1
    dry_run: bool = Field(description="On a CPU, with tiny shapes: nothing of it is measured.")
    date: str
    commit: str | None = None
    versions: dict[str, str]
    device: str = Field("", description="Device class; empty where no part got so far.")
    capability: str = ""
    memory_bytes: int | None = None
    gpu: str | None = Field(None, description="Id in the price book, if it knows the GPU.")
    budget_seconds: float
    seconds: float = Field(description="Wall time of the whole command.")
    gpu_hours: float = Field(description="GPUs that were allocated times hours of the command.")
    parts: tuple[GpuPart, ...]

    @property
    def ran(self) -> tuple[GpuPart, ...]:
        """The parts that a GPU ran to the end."""
        if self.dry_run or not self.device.startswith("cuda"):
            return ()
        return tuple(part for part in self.parts if part.status == "ok")


def gpu_runs(results: Path) -> list[tuple[Path, GpuRun]]:
    """Reads the benchmark's files under the folder of the records, without dry runs.

    A damaged file is left out with a warning.
    """
    runs = []
    for path in sorted((results / FOLDER).glob("*.json")):
        try:
            run = GpuRun.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            log.warning("%s is no run of the GPU benchmark: %s", path, str(error).splitlines()[0])
            continue
        if run.ran:
            runs.append((path, run))
    return runs


def described(results: Path) -> str:
    """Returns what ran on which GPU in one line; empty where nothing ran."""
    texts = []
    for path, run in gpu_runs(results):
        left = [part.name for part in run.parts if part.status != "ok"]
        without = f"; not {', '.join(left)}" if left else ""
        name = run.device.partition(":")[2]
        done = ", ".join(part.name for part in run.ran)
        texts.append(f"{name}, {run.date[:10]}: {done}{without} ({path.name})")
    return " · ".join(texts)
