"""How much of a batch trains at a time, so that memory holds it: known before it runs out.

A CPU has no error for too little memory: the system ends the process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.costs.memory import (
    HOST_CHURN,
    HOST_SLACK,
    TRAINING_METHODS,
    TrainingSetup,
    sized_targets,
    training_memory,
)
from harness.devices import free_memory_bytes
from harness.errors import HarnessError
from harness.models.render import Encoded
from harness.records.model import Architecture
from harness.strategy.context import Monitor
from harness.strategy.training_plan import TrainingPlan
from harness.text import size

if TYPE_CHECKING:
    from harness.models.local.model import LocalModel

__all__ = ["ACCURACY", "Room", "parts", "positions_at_once"]

ACCURACY = 1.2
"""The formula's figures were right to a sixth, of trainings that were measured."""


@dataclass(frozen=True)
class Room:
    """The memory that a training may take beside its loaded model."""

    architecture: Architecture
    setup: TrainingSetup
    free: float  # bytes
    wider: int = 1  # 2 where numbers are in float32 that the formula takes to have 16 bits

    def needed(self, positions: int) -> float:
        """Returns about how many bytes so many positions at a time need."""
        setup = replace(self.setup, batch=1, length=positions * self.wider)
        memory = training_memory(self.architecture, setup)
        return memory.total - memory.weights

    def positions(self, rows: Sequence[Encoded], batch: int) -> int | None:
        """Returns how many positions may run at a time; None where whole batches of rows may.

        Raises:
            HarnessError: Not even the longest row fits.
        """
        longest = max(len(row.ids) for row in rows)
        if self.needed(longest * batch) * ACCURACY <= self.free:
            return None
        low, high = 0, longest * batch
        while high - low > 1:
            middle = (low + high) // 2
            fits = self.needed(middle) * ACCURACY <= self.free
            low, high = (middle, high) if fits else (low, middle)
        if self.needed(longest) > self.free * ACCURACY:
            raise HarnessError(
                f"training on a row of {longest:,} tokens needs about "
                f"{size(self.needed(longest))} beside the model, and "
                f"{size(self.free)} are free",
                f"--set max_length={max(low, 8)} leaves longer rows out, --set checkpointing=true "
                "recomputes activations; or take a smaller model.",
            )
        return max(low, longest)


def positions_at_once(
    plan: TrainingPlan | None, model: LocalModel, rows: Sequence[Encoded], monitor: Monitor
) -> int | None:
    """Returns how many positions may train at a time here; None for whole micro-batches."""
    architecture = model.info.architecture
    if plan is None or architecture is None or plan.method not in TRAINING_METHODS:
        return None
    host = model.device.kind == "cpu"
    setup = TrainingSetup(
        method=plan.method,
        trainable=sum(p.numel() for p in model.module.parameters() if p.requires_grad),
        recompute=plan.recompute,
        quantization=model.info.quantization,
        kbit_prepared=plan.float32_rest,
        scored_fraction=sum(len(r.ids) - r.prompt_length for r in rows)
        / sum(len(r.ids) for r in rows),
        targets=sized_targets(plan.targets),
        slack=HOST_SLACK if host else 0.0,
        churn=HOST_CHURN if host else 0.0,
    )
    wider = 2 if model.device.dtype == "float32" and plan.method != "full" else 1
    room = Room(architecture, setup, free_memory_bytes(model.device), wider)
    most = room.positions(rows, plan.batch_size)
    if most is not None:
        monitor.message(
            f"Memory is short: at most {most:,} tokens train at a time. The result is the same."
        )
    return most


def parts(rows: Sequence[Encoded], most: int | None) -> list[list[Encoded]]:
    """Divides a batch into parts of at most so many positions, padding included; one row fits."""
    divided: list[list[Encoded]] = []
    width = 0
    for row in rows:
        wider = max(width, len(row.ids))
        if divided and (most is None or (len(divided[-1]) + 1) * wider <= most):
            divided[-1].append(row)
            width = wider
        else:
            divided.append([row])
            width = len(row.ids)
    return divided
