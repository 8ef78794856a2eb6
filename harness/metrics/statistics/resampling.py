"""Intervals of means: Wilson's for independent rows, a bootstrap of clusters for others."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "AT_ONCE",
    "MANY",
    "Interval",
    "Kinds",
    "cluster_bootstrap",
    "codes",
    "interval",
    "kinds",
    "resamples",
    "weights",
    "wilson",
    "wilson_of_error",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
AT_ONCE = 4_000_000  # Numbers in one block of draws: 32 MB.
MANY = 100_000
"""Clusters from which those that are alike are drawn together, by how often their kind occurs: a
draw from a multinomial distribution, which has the same law and other random numbers."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval and how it was made."""

    value: float
    low: float | None  # Lower end; None where it can't be said
    high: float | None
    method: str  # ``wilson``, ``cluster-bootstrap``, or with what it fell back to


def wilson(successes: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Computes the score interval of a proportion, within 0-1; an effective n may be a fraction.

    Wilson, 1927, JASA 22:209-212, without continuity correction.

    Raises:
        ValueError: n is not above 0, or the successes are not within 0 and n.
    """
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError(f"{successes} successes out of {n} are no proportion")
    share, z = successes / n, NormalDist().inv_cdf(0.5 + confidence / 2)
    centre = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)
    # At the edges the ends are 0 and 1; rounding would leave the estimate outside.
    return (0.0 if successes == 0 else max(0.0, low), 1.0 if successes == n else min(1.0, high))


def wilson_of_error(
    share: float, variance: float, clusters: int, reach: float
) -> tuple[float, float]:
    """Computes Wilson's interval where the variance isn't that of independent rows.

    n is the number of independent rows that would have this variance (Dean and Pagano, 2015,
    Journal of Survey Statistics and Methodology 3:484-503). Without any variance, each
    cluster counts as one row. `reach` is a quantile: of the normal distribution, of t, or
    one-sided.
    """
    spread = share * (1 - share)
    n = spread / variance if variance > 0 and spread > 0 else float(clusters)
    square = reach * reach / n
    centre = (share + square / 2) / (1 + square)
    half = reach * math.sqrt(spread / n + square / (4 * n)) / (1 + square)
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def cluster_bootstrap(
    values: ArrayLike,
    clusters: Sequence[Hashable] | Integers,  # names, or numbers in their order
    *,
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
    share: bool = True,  # values within 0-1 are shares, not small amounts
) -> Interval:
    """Estimates a mean over rows and its interval by resampling clusters.

    It is a ratio of sums, as clusters differ in size. The percentile interval is widened for few
    clusters (Hesterberg, 2015, The American Statistician 69:371-386, section 4.4). Where no
    resample differs, as with all answers right, that has no width: then a Wilson interval with the
    number of clusters as n, for values within 0-1.

    Raises:
        ValueError: There is no row, or the lengths differ.
    """
    sums, counts = _by_cluster(np.asarray(values, dtype=np.float64), clusters)
    value = float(sums.sum() / counts.sum())
    found = kinds(np.stack((sums, counts), axis=1))
    if found is not None:
        blocks = weights(len(sums), draws, seed, found.often)
        ratios = [np.divide(*(drawn @ found.tables).T) for drawn in blocks]
    elif (sums == np.rint(sums)).all():  # sums of whole numbers are the same in any order
        blocks = weights(len(sums), draws, seed)
        ratios = [drawn @ sums / (drawn @ counts) for drawn in blocks]
    else:
        ratios = [
            sums[chosen].sum(1) / counts[chosen].sum(1)
            for chosen in resamples(len(sums), draws, seed)
        ]
    drawn = np.concatenate(ratios)
    bounds = float(np.min(values)), float(np.max(values))
    return interval(
        value, drawn, len(sums), confidence, inside=share and 0 <= bounds[0] <= bounds[1] <= 1
    )


def _by_cluster(values: Floats, clusters: Sequence[Hashable] | Integers) -> tuple[Floats, Floats]:
    """Sums values and counts rows by cluster, the clusters in the order of their names."""
    if len(values) == 0 or len(values) != len(clusters):
        raise ValueError(f"{len(values)} values and {len(clusters)} clusters")
    index = codes(clusters)
    sums = np.bincount(index, weights=values).astype(np.float64)
    return sums, np.bincount(index).astype(np.float64)


def codes(names: Sequence[Hashable] | Integers) -> Integers:
    """Numbers names from 0 in their order, so that the order of rows doesn't change the draws."""
    if isinstance(names, np.ndarray):
        return names  # numbered already
    order = {name: code for code, name in enumerate(sorted(set(names), key=str))}
    return np.fromiter((order[name] for name in names), dtype=np.int64, count=len(names))


def resamples(clusters: int, draws: int, seed: int) -> Iterator[Integers]:
    """Draws clusters with replacement; yields blocks of codes, shape (some draws, clusters)."""
    random = np.random.default_rng(seed)
    block = max(1, AT_ONCE // clusters)
    for start in range(0, draws, block):
        yield random.integers(clusters, size=(min(block, draws - start), clusters))


@dataclass(frozen=True, slots=True)
class Kinds:
    """Clusters that are alike, each kind once."""

    tables: Floats  # What is summed over clusters, shape (kinds, figures)
    often: Integers  # How many clusters are of each kind


def kinds(tables: Floats) -> Kinds | None:
    """Groups many clusters by their figures, shape (clusters, figures); None where few are alike."""
    if len(tables) < MANY:
        return None
    found, often = np.unique(tables, axis=0, return_counts=True)
    return Kinds(found, often) if len(found) * 10 <= len(tables) else None


def weights(
    clusters: int,
    draws: int,
    seed: int,
    often: Integers | None = None,
    size: int | None = None,  # clusters that are drawn; as many as there are by default
) -> Iterator[Floats]:
    """Draws as `resamples` does; yields blocks of counts, shape (some draws, clusters).

    Of kinds of clusters, `often` there, blocks have the shape (some draws, kinds).
    """
    if often is not None or size is not None:
        there = np.ones(clusters) if often is None else often
        random, block = np.random.default_rng(seed), max(1, AT_ONCE // len(there))
        for start in range(0, draws, block):
            shape = min(block, draws - start)
            drawn = random.multinomial(size or clusters, there / clusters, size=shape)
            yield drawn.astype(np.float64)
        return
    if clusters * draws <= AT_ONCE:
        yield _few_weights(clusters, draws, seed)
        return
    for chosen in resamples(clusters, draws, seed):
        yield _counted(chosen)


@lru_cache(maxsize=1)
def _few_weights(clusters: int, draws: int, seed: int) -> Floats:
    """The block of few clusters, kept: pair by pair it is the same."""
    block = _counted(next(resamples(clusters, draws, seed)))
    block.flags.writeable = False
    return block


def _counted(chosen: Integers) -> Floats:
    rows = np.arange(len(chosen))[:, None] * chosen.shape[1]
    counts = np.bincount((chosen + rows).ravel(), minlength=chosen.size)
    return counts.reshape(chosen.shape).astype(np.float64)


def interval(
    value: float, drawn: Floats, clusters: int, confidence: float, *, inside: bool
) -> Interval:
    """Makes an interval of resampled values; where these don't differ, Wilson's if inside 0-1."""
    low, high = _percentiles(drawn, clusters, confidence)
    if high - low > 1e-12:
        # A biased statistic (macro F1 of few rows) may lie outside its own percentiles.
        return Interval(value, min(low, value), max(high, value), "cluster-bootstrap")
    if not inside:
        return Interval(value, None, None, "cluster-bootstrap: no spread")
    share = min(max(value, 0.0), 1.0)
    low, high = wilson(share * clusters, clusters, confidence)
    return Interval(value, min(low, value), max(high, value), "wilson on clusters: no spread")


def _percentiles(drawn: Floats, clusters: int, confidence: float) -> tuple[float, float]:
    """Takes percentiles further out for few clusters, as t's interval is wider than z's."""
    tail = (1 - confidence) / 2
    if clusters > 1:
        from scipy.special import stdtrit

        reach = math.sqrt(clusters / (clusters - 1)) * float(stdtrit(clusters - 1, tail))
        tail = NormalDist().cdf(reach)
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)
