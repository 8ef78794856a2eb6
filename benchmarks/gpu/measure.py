"""What a part took: read from the ledger that the harness itself keeps, counted by its formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.costs.book import load_book
from harness.costs.projection import phase_flops
from harness.devices import Device
from harness.records.ledger import Ledger, read_ledger, totals
from harness.records.meters import meter
from harness.records.model import Architecture

__all__ = ["Facts", "Setting", "ledger", "measured"]


@dataclass(frozen=True)
class Setting:
    """Where a part runs, and how large it is.

    Attributes:
        device: What computes.
        work: Folder for models and artifacts; all parts share it.
        dry: Whether tiny shapes stand in, on a CPU.
    """

    device: Device
    work: Path
    dry: bool = False

    def pick(self, real: Any, dry: Any) -> Any:
        """Returns a size: the real one, or that of a dry run."""
        return dry if self.dry else real


@dataclass(frozen=True)
class Facts:
    """What a part did beside the ledger's quantities.

    Attributes:
        phase: The ledger's phase that is measured.
        strategy: What it stands for.
        architecture: Sizes of the model.
        predicted_bytes: Memory by formula.
        weights: Their quantisation, or type.
        readout: How answers were read.
        details: Anything else worth keeping.
    """

    phase: str
    strategy: str
    architecture: Architecture
    predicted_bytes: int
    weights: str
    readout: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def ledger(setting: Setting, path: Path) -> Ledger:
    """Returns a ledger that reads memory and energy of the setting's device.

    Args:
        setting: Where the part runs.
        path: Its file; an earlier one goes.
    """
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    device = setting.device
    return Ledger(path, meter=meter(device), device=device.device_class)


def measured(setting: Setting, path: Path, facts: Facts) -> dict[str, Any]:
    """Returns the fields of a `harness.costs.gpu_runs.GpuPart`, without name and status.

    Args:
        setting: Where the part ran.
        path: Its ledger.
        facts: What it did.
    """
    spends = [spend for spend in read_ledger(path) if spend.phase == facts.phase]
    total = totals(spends)[facts.phase]
    flops = phase_flops(facts.phase, total, facts.architecture)
    rows = load_book().gpus
    gpu = next((row for row in rows if row.is_called(setting.device.device_class)), None)
    on_gpu = setting.device.is_gpu
    tokens = total.usage.computed_tokens
    return {
        "phase": facts.phase,
        "strategy": facts.strategy,
        "readout": facts.readout,
        "weights": facts.weights,
        "seconds": total.seconds,
        "tokens": tokens,
        "tokens_per_second": tokens / total.seconds if total.seconds else None,
        "flops": flops,
        "mfu": flops / total.seconds / gpu.peak if on_gpu and gpu and total.seconds else None,
        "peak_memory_bytes": total.peak_memory_bytes,
        "predicted_memory_bytes": facts.predicted_bytes,
        "energy_joules": total.energy_joules,
        "energy_note": "; ".join(dict.fromkeys(spend.energy_note for spend in spends)),
        "gpu_hours": total.device_seconds / 3600 if on_gpu else 0.0,
        "details": {**facts.details, "quantities": total.quantities},
    }
