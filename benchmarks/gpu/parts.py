"""The parts by name, in the order in which they run: what is small and tells most comes first."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.gpu.measure import Setting
from harness.costs.gpu_runs import GpuPart
from harness.errors import MissingDependency
from harness.records.scrub import scrub

__all__ = ["PARTS", "run_part"]

PARTS: Mapping[str, str] = {
    "agreement": "benchmarks.gpu.agreement:agreement",
    "halving": "benchmarks.gpu.halving:halving",
    "full": "benchmarks.gpu.training:full",
    "qlora": "benchmarks.gpu.training:qlora",
    "lora": "benchmarks.gpu.training:lora",
    "scoring": "benchmarks.gpu.answering:scoring",
    "generation": "benchmarks.gpu.answering:generation",
}
TITLES = {"qlora": "NF4"}  # what a reason begins with, where it isn't the part's name


def run_part(
    name: str,  # of `PARTS`
    setting: Setting,
) -> GpuPart:
    """Runs a part; whatever goes wrong in it is its result."""
    module, _, function = PARTS[name].partition(":")
    try:
        part: Callable[[Setting], dict[str, Any]] = getattr(
            importlib.import_module(module), function
        )
        return GpuPart(name=name, status="ok", **part(setting))
    except MissingDependency as error:
        return GpuPart(name=name, status="not run", reason=_reason(name, error))
    except Exception as error:  # the other parts are no worse for it
        return GpuPart(name=name, status="failed", reason=_reason(name, error))


def _reason(name: str, error: Exception) -> str:
    text = str(error).strip().splitlines()
    kind = "" if isinstance(error, MissingDependency) else f"{type(error).__name__}: "
    return scrub(f"{TITLES.get(name, name)}: {kind}{text[0] if text else ''}")
