"""Which rows train together: a pure function of lengths in tokens, recipe and seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harness.training.recipe import Recipe

__all__ = ["plan_steps"]

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
