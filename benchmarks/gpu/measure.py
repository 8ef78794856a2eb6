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
    """Where a part runs, and how large it is."""

    device: Device  # what computes
    work: Path  # folder for models and artifacts; all parts share it
    dry: bool = False  # whether tiny shapes stand in, on a CPU

    def pick(self, real: Any, dry: Any) -> Any:
        """Returns a size: the real one, or that of a dry run."""
        return dry if self.dry else real


@dataclass(frozen=True)
class Facts:
    """What a part did beside the ledger's quantities."""

    phase: str  # the ledger's phase that is measured
    strategy: str  # what it stands for
    architecture: Architecture  # sizes of the model
    predicted_bytes: int  # memory by formula
    weights: str  # their quantisation, or type
    readout: str = ""  # how answers were read
    details: Mapping[str, Any] = field(default_factory=dict)  # anything else worth keeping


def ledger(
    setting: Setting,  # where the part runs
    path: Path,  # its file; an earlier one goes
) -> Ledger:
    """Returns a ledger that reads memory and energy of the setting's device."""
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    device = setting.device
    return Ledger(path, meter=meter(device), device=device.device_class)


def measured(
    setting: Setting,  # where the part ran
    path: Path,  # its ledger
    facts: Facts,  # what it did
) -> dict[str, Any]:
    """Returns the fields of a `harness.costs.gpu_runs.GpuPart`, without name and status."""
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
