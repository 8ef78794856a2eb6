"""Hyper-parameters of training; ``--set`` takes the names of the fields."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from harness.strategy.training_plan import TrainingPlan

__all__ = ["Recipe", "plan_steps"]


class Recipe(BaseModel):
    """How weights are trained."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    epochs: float = Field(2.0, gt=0, description="Passes over the training rows.")
    # In no key and no description: it acts through the epochs, which are in both.
    min_steps: int | None = Field(
        None, ge=0, exclude=True, description="Least optimizer steps, where epochs isn't set."
    )
    max_steps: int | None = Field(None, ge=1, description="Optimizer steps, instead of epochs.")
    batch_size: int = Field(16, ge=1, description="Rows of a micro-batch.")
    accumulation: int = Field(1, ge=1, description="Micro-batches of an optimizer step.")
    learning_rate: float | None = Field(1e-3, gt=0, description="Peak learning rate.")
    schedule: Literal["cosine", "linear", "constant"] = Field(
        "cosine", description="Course of the learning rate after the warm-up."
    )
    warmup_ratio: float = Field(0.05, ge=0, lt=1, description="Part of the steps that warm up.")
    weight_decay: float = Field(0.0, ge=0, description="AdamW's decoupled weight decay.")
    max_grad_norm: float = Field(1.0, gt=0, description="Gradients are clipped to this norm.")
    optimizer: Literal["adamw", "paged_adamw_32bit", "adamw_8bit"] = Field(
        "adamw", description="paged and 8-bit ones come from bitsandbytes."
    )
    checkpointing: bool = Field(False, description="Recompute activations: less memory, slower.")
    checkpoint_every: int = Field(0, ge=0, description="Steps; 0: about once a minute.")
    log_every: int = Field(1, ge=1, description="Steps between log lines.")
    evaluations: int = Field(0, ge=0, description="Looks at the dev loss; the best weights stay.")
    patience: int | None = Field(
        None, ge=1, description="Looks without an improvement that end the training."
    )
    max_length: int = Field(2048, ge=8, description="Longest prompt with answer, in tokens.")

    def steps(self, rows: int) -> int:
        """Returns the number of optimizer steps that so many rows take."""
        if self.max_steps is not None:
            return self.max_steps
        return max(1, math.ceil(rows * self.epochs / (self.batch_size * self.accumulation)))

    def epochs_of(self, rows: int, kind: str) -> float:
        """Returns the epochs for so many rows: whole ones, and more, until the floor is met.

        Epochs or steps that were set stay.
        """
        chosen = "epochs" in self.model_fields_set or self.max_steps is not None
        floor = self.floor(kind)
        if chosen or not rows or self.steps(rows) >= floor:
            return self.epochs
        return float(math.ceil(floor * self.batch_size * self.accumulation / rows))

    def floor(self, kind: str) -> int:
        """Returns the least steps for a kind of task."""
        return self.min_steps or 0

    @property
    def peak(self) -> float:
        """The peak learning rate.

        Raises:
            ValueError: It depends on the model, and wasn't resolved for one.
        """
        if self.learning_rate is None:
            raise ValueError("the learning rate wasn't resolved for a model")
        return self.learning_rate

    def planned(self, method: str, **values: Any) -> TrainingPlan:
        """Returns the recipe as a plan; `values` are its other fields (rank, targets, ...)."""
        return TrainingPlan(
            method,
            self.epochs,
            self.max_steps,
            self.batch_size,
            self.accumulation,
            recompute=self.checkpointing,
            max_length=self.max_length,
            **values,
        )


POOL = 8  # steps whose rows are sorted by length together; order stays random beyond it


def plan_steps(lengths: Sequence[int], recipe: Recipe, seed: int) -> list[list[list[int]]]:
    """Returns for each step its micro-batches of row numbers, rows of similar length together."""
    rng = np.random.default_rng(seed)
    steps = recipe.steps(len(lengths))
    per_step = recipe.batch_size * recipe.accumulation
    order: list[int] = []
    while len(order) < steps * per_step:
        order += rng.permutation(len(lengths)).tolist()
    wanted = steps * per_step
    if recipe.max_steps is None:
        wanted = min(wanted, max(1, round(len(lengths) * recipe.epochs)))
    order = order[:wanted]
    planned: list[list[list[int]]] = []
    for start in range(0, len(order), POOL * per_step):
        pool = sorted(order[start : start + POOL * per_step], key=lambda row: lengths[row])
        batches = [
            pool[at : at + recipe.batch_size] for at in range(0, len(pool), recipe.batch_size)
        ]
        rng.shuffle(batches)
        planned += [
            batches[at : at + recipe.accumulation]
            for at in range(0, len(batches), recipe.accumulation)
        ]
    return planned
