"""Bounds of quantiles that assume no distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["independent", "lower_bound", "upper_bound"]

STRETCHES = 10
"""Parts of a series whose means are compared, to see how much neighbours resemble each other."""


def upper_bound(
    values: Sequence[float],
    share: float = 0.95,  # of all values that lie below the quantile
    confidence: float = 0.95,  # one-sided
    worth: float | None = None,  # independent values that these are worth; None: all are
) -> float | None:
    """Returns what a quantile is at most: one of the values, by its rank.

    The r-th smallest of n is at least the quantile with the probability that a binomial variable of
    n and the share is below r (David and Nagaraja 2003, "Order Statistics", section 7.1). None
    where even the largest isn't enough: of a 95 % quantile that takes 59 values. Of values that
    depend on one another the rank is that share of them which it is of those that they are worth.
    """
    from scipy.stats import binom

    count = int(min(len(values), math.inf if worth is None else worth))
    rank = int(binom.ppf(confidence, count, share)) if count else 0
    if rank >= count:
        return None
    return sorted(values)[math.ceil((rank + 1) * len(values) / count - 1e-9) - 1]


def lower_bound(
    values: Sequence[float],
    share: float = 0.95,
    confidence: float = 0.95,
    worth: float | None = None,
) -> float | None:
    """Returns what a quantile is at least, in the same way."""
    most = upper_bound([-value for value in values], 1 - share, confidence, worth)
    return None if most is None else -most


def independent(
    values: Sequence[float],  # in their order
    periods: Sequence[int],  # by value: those of one period may depend on one another
    share: float = 0.95,
) -> float:
    """Returns how many independent values a series is worth where a quantile is asked for.

    That is n over the design effect (Kish 1965, "Survey Sampling", section 8.2) of the indicator
    that a value lies above the quantile: the larger one by periods, and by `STRETCHES` parts of the
    series (Law 2015, "Simulation Modeling and Analysis", section 9.5.3: batch means).
    """
    import numpy as np

    n = len(values)
    if not n:
        return 0.0
    above = (np.asarray(values) > np.quantile(values, share)).astype(float)
    spread = n * above.mean() * (1 - above.mean())
    if not spread:
        return float(n)
    stretches = [number * STRETCHES // n for number in range(n)]
    effect = 1.0
    for groups in (list(periods), stretches):
        _, which = np.unique(groups, return_inverse=True)
        count = int(which.max()) + 1
        if count < 2:  # nothing tells one period's luck from the rule
            return 1.0
        sums = np.bincount(which, weights=above - above.mean())
        effect = max(effect, float((sums**2).sum()) * count / (count - 1) / spread)
    return n / effect
