"""Runs that differ by their seed alone: the variance of items and that of seeds, added.

A bootstrap of three seeds knows three values. Items and seeds are crossed (every seed answers
every item), so that the variance of a mean is that over items plus that over seeds, each
estimated by itself, and the t quantile has the degrees of freedom of the sum.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.errors import UsageError
from harness.metrics.statistics.panel import Moments, means
from harness.metrics.statistics.resampling import wilson_of_error

__all__ = [
    "Crossed",
    "SeedSpread",
    "crossed",
    "crossed_difference",
    "satterthwaite",
    "seed_spread",
    "student",
]


@dataclass(frozen=True, slots=True)
class SeedSpread:
    """How much the runs of one configuration differ beyond what their items explain."""

    seeds: int  # S, runs
    observed: float  # Variance between the runs' scores, with S - 1 degrees of freedom
    sampling: float  # The part of it that items would give without any effect of the seed

    @property
    def variance(self) -> float:
        """What seeds add to the variance of the mean over the runs; 0 with a single run."""
        if self.seeds < 2:
            return 0.0
        return max(0.0, self.observed - self.sampling) / self.seeds

    def planned(self, seeds: int, part: float) -> SeedSpread:
        """Returns what other runs would show, whose items have `part` of the variance of these."""
        if self.seeds < 2:
            return self
        sampling = self.sampling * part
        return SeedSpread(seeds, max(0.0, self.observed - self.sampling) + sampling, sampling)


@dataclass(frozen=True, slots=True)
class Crossed:
    """A mean over seeds and items, or the difference of two, with its t interval."""

    value: float
    low: float
    high: float
    n: int
    clusters: int
    seeds: tuple[int, ...]
    items_error: float  # Standard error from the items
    seeds_error: float  # standard error; 0 with one run a side, whose spread is unknown
    degrees: float  # Degrees of freedom of the t quantile (Satterthwaite)
    p_value: float  # Two-sided, of the value 0, by the same t
    method: str


def seed_spread(moments: Moments, group: Sequence[int]) -> SeedSpread:
    """Takes apart what differs between runs of one configuration.

    The mean squares of a two-way crossed table (Searle, Casella and McCulloch, 1992, Variance
    Components, chapter 4): the scores of S runs on the same items vary by the seeds' variance plus
    that of the items' interaction with seeds, and the second is known from the items. The moments
    are those at weights of 1 (one draw).
    """
    size = len(group)
    if size < 2:
        return SeedSpread(size, 0.0, 0.0)
    covariance = moments.covariance[0][np.ix_(group, group)]
    sampling = (np.trace(covariance) - covariance.sum() / size) / (size - 1)
    observed = float(np.var(moments.values[0][list(group)], ddof=1))
    return SeedSpread(size, observed, float(max(0.0, sampling)))


def crossed(
    runs: Sequence[Mapping[str, float]],  # for each seed, the value of each row by id, within 0-1
    clusters: Mapping[str, str],
    against: Sequence[Mapping[str, float]] = (),  # what is subtracted; has seeds of its own
    *,
    confidence: float = 0.95,
) -> Crossed:
    """Estimates a mean over seeds and items, or the difference to another configuration.

    A mean has Wilson's interval with the effective number of rows and a t quantile (Dean and
    Pagano, 2015, Journal of Survey Statistics and Methodology 3:484-503), which stays within 0-1; a
    difference has estimate and standard error times a t quantile, its degrees of freedom by
    Satterthwaite (1946, Biometrics Bulletin 2:110-114). Only the items are paired.

    Raises:
        ValueError: There is no row, or the ids differ.
    """
    panel = means([*runs, *against], clusters)
    moments = panel.observed
    groups = [range(len(runs)), range(len(runs), len(runs) + len(against))]
    groups = [group for group in groups if len(group)]
    mix = np.zeros(len(runs) + len(against))
    for group, sign in zip(groups, (1.0, -1.0), strict=False):
        mix[list(group)] = sign / len(group)
    value, items = (
        float(moments.values[0] @ mix),
        max(0.0, float(mix @ moments.covariance[0] @ mix)),
    )
    spreads = [seed_spread(moments, group) for group in groups]
    seeds = sum(spread.variance for spread in spreads)
    degrees = satterthwaite(items, panel.clusters, spreads)
    reach = student(confidence, degrees)
    if against:
        half = reach * math.sqrt(items + seeds)
        low, high, how = value - half, value + half, "t"
    else:
        low, high = wilson_of_error(value, items + seeds, panel.clusters, reach)
        how = "wilson, effective n, t"
    sizes = tuple(len(group) for group in groups)
    how += ", seeds crossed with items" if max(sizes) > 1 else ", items alone"
    errors = math.sqrt(items), math.sqrt(seeds)
    p_value = _p_value(value, items + seeds, degrees)
    rows = panel.rows, panel.clusters, sizes
    return Crossed(value, low, high, *rows, *errors, degrees, p_value, how)


def crossed_difference(
    a: Sequence[Mapping[str, float]], b: Sequence[Mapping[str, float]], clusters: Mapping[str, str]
) -> Crossed:
    """Estimates a configuration's mean less another's, over the rows that all runs have.

    Raises:
        UsageError: There is no row that all have.
    """
    common = set.intersection(*(set(run) for run in (*a, *b)))
    if not common:
        raise UsageError("the runs have no row in common", "Compare runs of the same task.")
    first, second = ([{name: run[name] for name in common} for run in side] for side in (a, b))
    return crossed(first, clusters, second)


def student(confidence: float, degrees: float, *, sides: int = 2) -> float:
    """Returns the t quantile of a level."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 1 - (1 - confidence) / sides))


def _p_value(value: float, variance: float, degrees: float) -> float:
    from scipy.special import stdtr

    if variance <= 0:
        return float(value == 0)
    return float(2 * stdtr(degrees, -abs(value) / math.sqrt(variance)))


def satterthwaite(items: float, clusters: int, spreads: Sequence[SeedSpread]) -> float:
    """Returns the degrees of freedom of a variance that is a sum of mean squares.

    ``V² / Σ (a MS)² / ν`` (Satterthwaite, 1946, Biometrics Bulletin 2:110-114); V from the items
    has one degree less than there are clusters.
    """
    least = float(max(1, clusters - 1))
    total = items + sum(spread.variance for spread in spreads)
    parts = items**2 / least
    for spread in spreads:
        if spread.variance:
            parts += (spread.observed / spread.seeds) ** 2 / (spread.seeds - 1)
    return max(1.0, total**2 / parts) if parts else least
