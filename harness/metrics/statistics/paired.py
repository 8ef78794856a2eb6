"""Compares two runs over the rows that both have."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from harness.errors import UsageError
from harness.metrics.statistics.counts import Metric, Tabled, classes, statistic, tabled
from harness.metrics.statistics.resampling import (
    AT_ONCE,
    Floats,
    cluster_bootstrap,
    codes,
    interval,
    kinds,
    weights,
    wilson,
)

__all__ = ["Paired", "paired_counts", "paired_difference", "rows_needed"]

_ENUMERATED = 14  # Up to so many clusters that differ, all 2^k signs are tried.


@dataclass(frozen=True, slots=True)
class Paired:
    """The difference between two runs over the rows that both have."""

    difference: float  # Mean of the first less mean of the second
    low: float
    high: float
    n: int
    clusters: int
    p_value: float  # Two-sided, of no difference
    method: str  # How interval and p-value were made


def paired_difference(
    a: Mapping[str, float],  # score of each row by id: 0-1, or an amount
    b: Mapping[str, float],
    clusters: Mapping[str, str],
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
    share: bool = True,  # scores are 0-1
) -> Paired:
    """Estimates how much better the first run is, over the rows that both have.

    The interval resamples clusters. The p-value is McNemar's exact test's (1947, Psychometrika
    12:153-157) where every cluster has one row and scores are 0 or 1, else that of a permutation
    test that swaps the two runs within whole clusters. Where amounts differ by the same in every
    row, nothing bounds by how much other rows would, and the interval has no width.

    Raises:
        UsageError: No row is in both.
    """
    ids = _common(a, b)
    differences = np.array([a[name] - b[name] for name in ids], dtype=np.float64)
    groups = [clusters.get(name) or f"\0{name}" for name in ids]
    sums = np.bincount(codes(groups), weights=differences).astype(np.float64)
    mean = cluster_bootstrap(differences, groups, confidence=confidence, draws=draws, seed=seed)
    low, high, how = mean.low, mean.high, mean.method
    if np.ptp(differences) < 1e-12 or low is None or high is None or how != "cluster-bootstrap":
        low, high, how = mean.value, mean.value, "no spread"
        if share:
            low, high = _without_spread(mean.value, len(sums), confidence)
            how = "wilson on clusters: no spread"
    single = len(sums) == len(ids)
    if single and {a[name] for name in ids} | {b[name] for name in ids} <= {0.0, 1.0}:
        p_value, test = _mcnemar(differences), "mcnemar-exact"
    else:
        p_value, test = _sign_flip(sums, draws, seed), "sign-flip"
    return Paired(mean.value, low, high, len(ids), len(sums), p_value, f"{how}, {test}")


def paired_counts(
    a: Mapping[str, str],  # predicted label of each row by id
    b: Mapping[str, str],
    targets: Mapping[str, str],
    clusters: Mapping[str, str],
    metric: Metric,
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Paired:
    """Estimates how much higher F1 or Matthews' coefficient of the first run is.

    The interval resamples clusters; the p-value is that of a permutation test that swaps the two
    runs within whole clusters (Yeh, 2000, COLING 18:947-953).

    Raises:
        UsageError: No row is in both.
    """
    ids = _common(a, b)
    index = codes([clusters.get(name) or f"\0{name}" for name in ids])
    right = [targets[name] for name in ids]
    sides = [[run[name] for name in ids] for run in (a, b)]
    labels = classes(metric, right, *sides)
    found, count = tabled(right, sides, index, labels, metric), int(index.max()) + 1
    width = 3 * len(labels)

    def gap(one: Floats, other: Floats) -> Floats:
        return statistic(one, metric) - statistic(other, metric)

    first, second = found.tables[:, :width], found.tables[:, width:]
    value = float(gap(found.sums[:, :width], found.sums[:, width:])[0])
    drawn = np.concatenate(
        [gap(drawn @ first, drawn @ second) for drawn in weights(count, draws, seed, found.often)]
    )
    bounds = interval(value, drawn, count, confidence, inside=False)
    low, high, how = bounds.low, bounds.high, bounds.method
    if low is None or high is None:
        low, high = _without_spread(value, count, confidence)
        how = "wilson on clusters: no spread"
    p_value = _swapped(found, width, abs(value), gap, draws, seed)
    return Paired(value, low, high, len(ids), count, p_value, f"{how}, swapped clusters")


def rows_needed(
    error: float,  # standard error of the paired difference, clusters and seeds in it
    rows: int,  # of the study at hand
    difference: float,  # not 0
) -> int:
    """Computes the rows at which a difference is found in 80 % of studies, at a level of 95 %.

    ``(z_{0.975} + z_{0.8}) SE`` is the least that is found (Cohen, 1988, Statistical Power Analysis
    for the Behavioral Sciences, 2nd edition, chapter 2, with the normal in place of t). Further
    rows are taken to have clusters of the same sizes.
    """
    normal = NormalDist()
    least = (normal.inv_cdf(0.975) + normal.inv_cdf(0.8)) * error
    return math.ceil(rows * (least / difference) ** 2)


def _swapped(
    found: Tabled,
    width: int,
    observed: float,
    gap: Callable[[Floats, Floats], Floats],
    draws: int,
    seed: int,
) -> float:
    """Two-sided p-value: how often runs that are swapped at random differ as much."""
    random = np.random.default_rng(seed)
    sums, often = found.sums[0], found.often
    both, apart = sums[:width] + sums[width:], found.tables[:, :width] - found.tables[:, width:]
    block, extreme = max(1, AT_ONCE // len(apart)), 0
    for start in range(0, draws, block):
        size = (min(block, draws - start), len(apart))
        if often is None:
            keep = random.integers(0, 2, size=size)
        else:
            keep = random.binomial(often, 0.5, size=size)
        one = sums[width:] + keep.astype(np.float64) @ apart
        extreme += int((np.abs(gap(one, both - one)) >= observed - 1e-12).sum())
    return (1 + extreme) / (1 + draws)


def _common(a: Mapping[str, object], b: Mapping[str, object]) -> list[str]:
    ids = sorted(a.keys() & b.keys())
    if not ids:
        raise UsageError(
            "the two runs have no row in common",
            "Compare runs of the same task and split; `show RUN` names them.",
        )
    return ids


def _without_spread(value: float, clusters: int, confidence: float) -> tuple[float, float]:
    """Bounds a difference that is the same in every cluster."""
    # Clusters that weren't seen may differ by at most 1; their share is at most Wilson's of 0 in k.
    unseen = wilson(0, clusters, confidence)[1]
    return value - unseen * (value + 1), value + unseen * (1 - value)


def _mcnemar(differences: Floats) -> float:
    """Exact two-sided p-value over the rows that one run alone has right."""
    from scipy.stats import binomtest

    better, worse = int((differences > 0).sum()), int((differences < 0).sum())
    return float(binomtest(better, better + worse).pvalue) if better + worse else 1.0


def _sign_flip(sums: Floats, draws: int, seed: int) -> float:
    """Two-sided p-value: how often clusters with random signs differ as much as they do."""
    sums = sums[np.abs(sums) > 1e-12]
    observed = abs(float(sums.sum())) - 1e-9
    if len(sums) <= _ENUMERATED:
        bits = np.arange(2 ** len(sums))[:, None] >> np.arange(len(sums)) & 1
        return float((np.abs((2 * bits - 1) @ sums) >= observed).mean())
    random, alike = np.random.default_rng(seed), kinds(sums[:, None])
    each = sums if alike is None else alike.tables[:, 0]
    block, extreme = max(1, AT_ONCE // len(each)), 0
    for start in range(0, draws, block):
        size = (min(block, draws - start), len(each))
        if alike is None:
            signs = random.choice((-1.0, 1.0), size=size)
        else:
            signs = 2.0 * random.binomial(alike.often, 0.5, size=size) - alike.often
        extreme += int((np.abs(signs @ each) >= observed).sum())
    return (1 + extreme) / (1 + draws)
