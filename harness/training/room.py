"""How much of a batch trains at a time, so that memory holds it: known before it runs out.

A CPU has no error for too little memory: the system ends the process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.costs.memory import TrainingSetup, training_memory
from harness.errors import HarnessError
from harness.models.render import Encoded
from harness.records.model import Architecture

__all__ = ["ACCURACY", "Room", "parts"]

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
                f"{self.needed(longest) / 1e9:.1f} GB beside the model, and "
                f"{self.free / 1e9:.1f} GB are free",
                f"--set max_length={max(low, 8)} leaves longer rows out, --set checkpointing=true "
                "recomputes activations; or take a smaller model.",
            )
        return max(low, longest)


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
