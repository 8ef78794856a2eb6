"""A run of the GPU benchmark on a terminal."""

from __future__ import annotations

from harness.cli.output import console, table
from harness.costs.gpu_runs import GpuPart, GpuRun

__all__ = ["show"]


def show(run: GpuRun) -> None:
    """Prints a line a part, what wasn't run with its reason, and the machine."""
    where = "a dry run on the CPU: nothing of it is measured" if run.dry_run else run.device
    made = table(
        "part", "status", "s", "tokens/s", "TFLOP/s", "MFU", "GB", "by formula", "J", title=where
    )
    for part in run.parts:
        made.add_row(part.name, part.status, *_figures(part))
    out = console()
    out.print(made)
    for part in run.parts:
        if part.status != "ok":
            out.print(part.reason, markup=False)
    out.print(f"{run.seconds:.0f} s of {run.budget_seconds:.0f}, {run.gpu_hours:.3f} GPU-hours")


def _figures(part: GpuPart) -> list[str]:
    rate = part.flops / part.seconds / 1e12 if part.flops and part.seconds else None
    values = (
        (part.seconds or None, ".1f", 1.0),
        (part.tokens_per_second, ",.0f", 1.0),
        (rate, ".3g", 1.0),
        (part.mfu, ".0%", 1.0),
        (part.peak_memory_bytes, ".2f", 1e9),
        (part.predicted_memory_bytes, ".2f", 1e9),
        (part.energy_joules, ",.0f", 1.0),
    )
    return ["-" if value is None else f"{value / unit:{form}}" for value, form, unit in values]
