"""What a test set can show, and how many rows would show more."""

from __future__ import annotations

import math
from statistics import NormalDist

__all__ = ["minimum_detectable_difference", "rows_needed"]


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
