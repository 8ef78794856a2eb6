"""Bounds of quantiles that assume no distribution."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["upper_bound"]


def upper_bound(
    values: Sequence[float],
    share: float = 0.95,  # of all values that lie below the quantile
    confidence: float = 0.95,  # one-sided
) -> float | None:
    """Returns what a quantile is at most: one of the values, by its rank.

    The r-th smallest of n is at least the quantile with the probability that a binomial variable of
    n and the share is below r (David and Nagaraja 2003, "Order Statistics", section 7.1). None
    where even the largest isn't enough: of a 95 % quantile that takes 59 values.
    """
    from scipy.stats import binom

    rank = int(binom.ppf(confidence, len(values), share)) if len(values) else 0
    return sorted(values)[rank] if rank < len(values) else None
