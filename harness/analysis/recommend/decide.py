"""The cheapest configuration that is shown to be as good as the best, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from harness.analysis.configurations import Configuration
from harness.analysis.panels import ScoreTable, make_table
from harness.metrics.statistics.best import Bounds, compare_with_best
from harness.metrics.statistics.resampling import Floats, Integers

__all__ = ["DRAW", "NEAR", "Decision", "DecisionVerdict", "bounds_of", "choose", "decide"]

DRAW = (2000, 0)  # resamples, and the seed of them
NEAR = 0.80  # level of the bounds at which a configuration is named as the one that comes closest

DecisionVerdict = Literal["decided", "leaning", "not enough evidence"]
Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Decision:
    """What the bounds say."""

    chosen: int | None  # position of the configuration; None where none is shown to be good enough
    accepted: tuple[int, ...] = ()  # positions of the configurations that are, cheapest first
    # Share of the resamples in which the same rule chooses the same; None where none were made.
    stability: float | None = None
    nearest: int | None = None  # the one that the level of `NEAR` would choose, if any


def bounds_of(
    configurations: Sequence[Configuration], draw: tuple[int, int] = DRAW
) -> tuple[ScoreTable, Bounds]:
    """Lines up the scores of configurations and bounds them: no price or margin is in that.

    Raises:
        UsageError: The labels aren't stored, or no row is common to all.
    """
    table = make_table(configurations)
    draws, seed = draw
    bounds = compare_with_best(
        table.panel,
        table.groups,
        scale=table.scale,
        rare=table.rare or None,
        top=table.top,
        draws=draws,
        seed=seed,
    )
    return table, bounds


def decide(
    bounds: Bounds, usd: Sequence[float | None], *, margin: float, floor: float | None = None
) -> Decision:
    """Chooses the cheapest that is shown not to be behind the best by more than the margin.

    One without a price (None) is never the cheapest; `floor` is the quality that the lower bound
    has to reach. A configuration that is truly behind by more than the margin is chosen in at most
    5 % of studies (by the bounds' own level), however many there are.
    """
    cost = np.array([np.inf if each is None else each for each in usd])
    high = bounds.low >= (-np.inf if floor is None else floor)
    fits = (bounds.far <= margin) & (cost < np.inf) & high
    chosen = int(choose(fits[None], cost, bounds.values[None])[0])
    if chosen < 0:
        near = (bounds.behind(NEAR) <= margin) & (cost < np.inf) & high
        nearest = int(choose(near[None], cost, bounds.values[None])[0])
        return Decision(None, nearest=nearest if nearest >= 0 else None)
    order = sorted(np.flatnonzero(fits).tolist(), key=lambda k: (cost[k], k != chosen))
    return Decision(chosen, tuple(order), _stability(bounds, cost, margin, floor, chosen))


def choose(fits: Truths, cost: Floats, values: Floats) -> Integers:
    """Takes the cheapest of those that fit; of equally cheap ones the better.

    `fits` and `values` (quality) have the shape (draws, configurations), `cost` (configurations,).
    Returns positions of the shape (draws,); -1 where none fits.
    """
    usd = np.where(fits, cost, np.inf)
    level = fits & (usd <= usd.min(1, keepdims=True))
    positions = np.argmax(np.where(level, values, -np.inf), axis=1)
    return np.where(fits.any(1), positions, -1)


def _stability(
    bounds: Bounds, cost: Floats, margin: float, floor: float | None, chosen: int
) -> float | None:
    """Makes the decision again in each resample of clusters and seeds."""
    behind = bounds.resampled_behind()
    if behind is None or bounds.resamples is None:
        return None
    values = bounds.resamples.values
    fits = (behind <= margin) & (cost < np.inf)
    if floor is not None:
        # The bound moves with the score; its width stays.
        fits &= bounds.low + values - bounds.values >= floor
    return float((choose(fits, cost, values) == chosen).mean())
