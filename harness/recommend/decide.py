"""The cheapest setting that is shown to be as good as the best, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from harness.metrics.best import Bounds
from harness.metrics.resampling import Floats, Integers

__all__ = ["LEANING", "Choice", "Verdict", "choose", "decide"]

LEANING = 0.80
"""Level of the bounds at which an answer leans to one setting without being decided."""

Verdict = Literal["decided", "leaning", "not enough evidence"]
Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Choice:
    """What the bounds say.

    Attributes:
        verdict: Before what else is missing (runs, prices) is looked at.
        chosen: Position of the setting; None where there isn't enough evidence.
        accepted: Positions of the settings that pass at the verdict's level, cheapest first.
        confidence: That level.
        stability: Share of the resamples in which the same decision rule chooses the same.
    """

    verdict: Verdict
    chosen: int | None
    accepted: tuple[int, ...]
    confidence: float
    stability: float | None


def decide(
    bounds: Bounds, usd: Sequence[float | None], *, margin: float, floor: float | None = None
) -> Choice:
    """Chooses the cheapest that isn't behind the best by more than the margin.

    Args:
        bounds: Of all settings that could be taken.
        usd: Total cost of each; None is unpriced and can't be the cheapest.
        margin: Difference that doesn't matter.
        floor: Least quality that the lower bound has to reach.

    Returns:
        Decided where a setting passes at the bounds' own level, leaning where one does at
        `LEANING`. A setting that is truly behind by more than the margin is chosen with decision
        in at most 5 % of studies, however many settings there are.
    """
    cost = np.array([np.inf if each is None else each for each in usd])
    levels: tuple[tuple[Verdict, float], ...] = (
        ("decided", bounds.confidence),
        ("leaning", LEANING),
    )
    for verdict, level in levels:
        fits = (bounds.behind(level) <= margin) & (cost < np.inf) & _high_enough(bounds, floor)
        chosen = int(choose(fits[None], cost, bounds.values[None])[0])
        if chosen >= 0:
            order = sorted(np.flatnonzero(fits).tolist(), key=lambda k: (cost[k], k != chosen))
            stability = _stability(bounds, cost, margin, floor, level, chosen)
            return Choice(verdict, chosen, tuple(order), level, stability)
    return Choice("not enough evidence", None, (), bounds.confidence, None)


def choose(fits: Truths, cost: Floats, values: Floats) -> Integers:
    """Takes the cheapest of those that fit; of equally cheap ones the better.

    Args:
        fits: Which settings pass, shape (draws, settings).
        cost: Total cost, shape (settings,).
        values: Quality, shape (draws, settings).

    Returns:
        Positions, shape (draws,); -1 where none passes.
    """
    usd = np.where(fits, cost, np.inf)
    level = fits & (usd <= usd.min(1, keepdims=True))
    found = np.argmax(np.where(level, values, -np.inf), axis=1)
    return np.where(fits.any(1), found, -1)


def _high_enough(bounds: Bounds, floor: float | None) -> Truths:
    return np.asarray(bounds.low >= (-np.inf if floor is None else floor))


def _stability(
    bounds: Bounds,
    cost: Floats,
    margin: float,
    floor: float | None,
    level: float,
    chosen: int,
) -> float:
    """Makes the decision again in each resample of clusters and seeds."""
    fits = (bounds.resampled_behind(level) <= margin) & (cost < np.inf)
    if floor is not None:
        # The bound moves with the score; its width stays.
        fits &= bounds.low + bounds.resampled - bounds.values >= floor
    return float((choose(fits, cost, bounds.resampled) == chosen).mean())
