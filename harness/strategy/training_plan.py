"""What a training will do, as far as that is known before a row is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.records.model import Architecture

__all__ = ["UNTRAINED", "TrainingPlan"]


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What a training will do, as far as that is known before a row is read: for estimates."""

    method: str = "full"  # what is trained, see `harness.costs.flops.METHODS`
    epochs: float = 1.0  # passes over the rows
    max_steps: int | None = None  # optimizer steps, instead of epochs
    batch_size: int = 1  # rows in a micro-batch
    accumulation: int = 1  # micro-batches in an optimizer step
    rows: int | None = None  # most training rows that are used; None for all
    rank: int = 0  # of the low-rank matrices; 0 where there are none
    targets: tuple[str, ...] = ()  # names of the projections that have low-rank matrices
    virtual: int = 0  # learnt tokens before each row
    # Trained weights, maybe by a model's sizes, where method, rank and targets don't give them.
    trainable: int | Callable[[Architecture], int] | None = None
    float32_rest: bool = False  # whether weights that aren't quantised are kept in float32
    recompute: bool = False  # whether activations are recomputed in the backward pass
    max_length: int | None = None  # longest row that is trained on, in tokens; None: the context

    def sequences(self, rows: int) -> float:
        """Returns how many rows, repeated ones included, the training reads of so many."""
        if self.max_steps is not None:
            return self.max_steps * self.batch_size * self.accumulation
        return self.epochs * (rows if self.rows is None else min(rows, self.rows))


UNTRAINED = TrainingPlan(epochs=0)
"""The plan of weights that stay as they are."""
