"""What a test set can show, and how many rows would show more."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.metrics.statistics.resampling import Floats, Integers

__all__ = ["Needed", "minimum_detectable_difference", "rows_needed", "rows_that_decide"]

MOST_ROWS = 10**9  # more is said to be no number at all
MOST_SEEDS = 20
"""Runs of one configuration that are planned for at most."""


@dataclass(frozen=True, slots=True)
class Needed:
    """A study that would decide."""

    rows: int  # Test rows in all
    seeds: int  # Runs of each configuration that draws random numbers


def minimum_detectable_difference(
    error: float, *, confidence: float = 0.95, power: float = 0.8, sides: int = 2
) -> float:
    """Computes the difference that a study finds with some probability, in the unit of the error.

    ``(z_{1 - α/sides} + z_{power}) SE`` (Cohen, 1988, Statistical Power Analysis for the Behavioral
    Sciences, 2nd edition, chapter 2, with the normal in place of t). The standard error is that of
    the paired difference, clusters and seeds in it; a bound has one side.
    """
    normal = NormalDist()
    alpha = (1 - confidence) / sides
    return (normal.inv_cdf(1 - alpha) + normal.inv_cdf(power)) * error


def rows_needed(
    error: float,  # standard error of the paired difference, with `rows` rows
    rows: int,  # of the study at hand
    difference: float,  # not 0
    *,
    confidence: float = 0.95,
    power: float = 0.8,
    sides: int = 2,
) -> int:
    """Computes the rows at which a difference is the minimum detectable one.

    The standard error is that of the paired difference with `rows` rows; clusters of the same sizes
    are assumed for further rows. The difference must not be 0.
    """
    least = minimum_detectable_difference(error, confidence=confidence, power=power, sides=sides)
    return math.ceil(rows * (least / difference) ** 2)


def rows_that_decide(
    *,
    items_error: Floats,  # standard errors of differences from the items, with `rows` rows
    seed_variance: Floats,  # what the seeds of both sides add, with `seeds` runs each
    rows: int,  # of the study at hand
    seeds: Integers,
    least_seeds: Integers,  # runs of each configuration that are wanted anyway
    slack: Floats,  # margin less the estimated difference to the best
    critical: Floats,  # the bound's quantile q
    power: float = 0.8,
) -> list[Needed] | None:
    """Computes for each of several bounds the study in which it would clear a margin.

    The bound clears it with the wanted probability where ``(q + z_power)² (V_items + V_seeds)``
    is at most the square of the slack; the first variance falls with the rows, the second with
    the runs. The study has the fewest answers (rows times runs), and no fewer than there are; None
    where no number of rows and at most `MOST_SEEDS` runs would do for one of the bounds.
    """
    import numpy as np

    if not (slack > 0).all():
        return None
    reach = (critical + NormalDist().inv_cdf(power)) ** 2
    first = np.maximum(seeds, least_seeds)
    answers, count, runs = np.full(slack.shape, np.inf), first * 0, first * 0
    for number in range(int(first.min()), MOST_SEEDS + 1):
        left = slack**2 - reach * seed_variance * seeds / number
        with np.errstate(divide="ignore", invalid="ignore"):
            needed = np.maximum(rows, np.ceil(rows * reach * items_error**2 / left))
        better = (number >= first) & (left > 0) & (needed <= MOST_ROWS)
        better &= needed * number < answers
        answers = np.where(better, needed * number, answers)
        count, runs = np.where(better, needed, count), np.where(better, number, runs)
    if not np.isfinite(answers).all():
        return None
    return [Needed(*pair) for pair in zip(count.astype(int).tolist(), runs.tolist(), strict=True)]
