"""Several runs on the same clusters: their scores in each resample, and how these vary together.

A resample is a weight a cluster, so that one set of draws serves all runs: differences stay
paired. Variances come from influences (what a cluster adds to a score), so that a mean of rows
and a figure of all rows together, such as F1, are treated alike.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from harness.metrics.statistics.counts import SEVERAL, Metric, classes, gradient, statistic, tabled
from harness.metrics.statistics.resampling import Floats, Integers, codes, kinds, weights

__all__ = ["WIDE", "ConfusionMetric", "Means", "Moments", "Panel", "counted", "means"]

_AT_ONCE = 8_000_000  # Numbers in one block of influences: 64 MB.
WIDE = 50  # Runs from which covariances are made by one product, not by one for all draws


@dataclass(frozen=True, slots=True)
class Moments:
    """Scores and their sampling variance, by draw."""

    values: Floats  # Shape (draws, runs)
    covariance: Floats  # Of the scores over clusters, shape (draws, runs, runs)


@dataclass(frozen=True)
class Panel(ABC):
    """Scores of runs as functions of the clusters' weights."""

    counts: Floats  # Rows of each cluster, or of each kind of clusters, shape (clusters,)
    # How many clusters are of each kind; None where each is one.
    often: Integers | None = field(default=None, kw_only=True)

    @property
    def clusters(self) -> int:
        """Clusters."""
        return len(self.counts) if self.often is None else int(self.often.sum())

    @property
    def rows(self) -> int:
        """Rows that all runs have."""
        return round(float((self.counts * self._once[0]).sum()))

    @property
    def _once(self) -> Floats:
        """The weights at which each cluster counts once, shape (1, clusters)."""
        often = np.ones(len(self.counts)) if self.often is None else self.often.astype(np.float64)
        return np.asarray(often[None])

    @property
    def observed(self) -> Moments:
        """Scores and variances as they are, in one draw."""
        return self.moments(self._once)

    def drawn(self, draws: int, seed: int, size: int | None = None) -> Iterator[Floats]:
        """Yields blocks of weights of resampled clusters, shape (some draws, clusters).

        `size` is how many are drawn, by default as many as there are.
        """
        return weights(self.clusters, draws, seed, self.often, size)

    def study(self, clusters: int, seed: int) -> Panel:
        """Draws another study: so many clusters, as they are here."""
        ((drawn,),) = weights(self.clusters, 1, seed, self.often, clusters)
        there = drawn > 0
        return replace(self._taken(there), often=drawn[there].astype(np.int64))

    @abstractmethod
    def _taken(self, there: NDArray[np.bool_]) -> Panel:
        """The same of some of the clusters, or kinds."""

    @abstractmethod
    def moments(self, weights: Floats, mix: Floats | None = None) -> Moments:
        """Returns scores and variances where clusters have weights, shape (draws, clusters).

        With `mix`, shape (figures, runs), of these means of runs in place of the runs themselves.
        """


@dataclass(frozen=True)
class Means(Panel):
    """Means over rows: a ratio of sums, as clusters differ in size."""

    sums: Floats  # Of the rows' values, shape (clusters, runs)

    def _taken(self, there: NDArray[np.bool_]) -> Means:
        return replace(self, counts=self.counts[there], sums=self.sums[there])

    def moments(self, weights: Floats, mix: Floats | None = None) -> Moments:
        """Returns means and the linearised variance of a ratio.

        ``Σ w (s - θ n)² / (Σ w n)² · k / (k - 1)`` over k clusters (Cochran, 1977, Sampling
        Techniques, 3rd edition, section 6.4), multiplied out so that one product serves all draws.
        """
        if mix is not None:
            return replace(self, sums=self.sums @ mix.T).moments(weights)
        size = self.sums.shape[1]
        if len(weights) == 1 and size > WIDE:
            return self._moments_of_one(weights[0])
        pairs = (self.sums[:, :, None] * self.sums[:, None, :]).reshape(len(self.sums), size * size)
        total = weights @ self.counts
        values = weights @ self.sums / total[:, None]
        second = (weights @ pairs).reshape(-1, size, size)
        cross = weights @ (self.sums * self.counts[:, None])
        mixed = values[:, :, None] * cross[:, None, :]
        squares = (
            values[:, :, None] * values[:, None, :] * (weights @ self.counts**2)[:, None, None]
        )
        spread = second - mixed - np.swapaxes(mixed, 1, 2) + squares
        return Moments(values, spread / total[:, None, None] ** 2 * _few(self.clusters))

    def _moments_of_one(self, weights: Floats) -> Moments:
        """The same of one draw, without a number for each cluster and pair of runs."""
        values = (weights @ self.sums / (weights @ self.counts))[None]
        apart = (self.sums - self.counts[:, None] * values) * np.sqrt(weights)[:, None]
        spread = apart.T @ apart / (weights @ self.counts) ** 2 * _few(self.clusters)
        return Moments(values, spread[None])


@dataclass(frozen=True)
class ConfusionMetric(Panel):
    """F1 or Matthews' coefficient, from the margins of the confusion matrix."""

    margins: Floats  # Of the confusion matrix, shape (runs, clusters, 3 x classes)
    metric: Metric

    def _taken(self, there: NDArray[np.bool_]) -> ConfusionMetric:
        return replace(self, counts=self.counts[there], margins=self.margins[:, there])

    def moments(self, weights: Floats, mix: Floats | None = None) -> Moments:
        """Returns the figures and their variance by the infinitesimal jackknife.

        The gradient times a cluster's margins is its influence (Efron, 1982, The Jackknife, the
        Bootstrap and Other Resampling Plans, chapter 6); influences sum to 0, as the figures don't
        change when all counts are doubled.
        """
        block = max(1, _AT_ONCE // (len(self.counts) * len(self.margins)))
        starts = range(0, len(weights), block)
        blocks = [self._block(weights[start : start + block], mix) for start in starts]
        values = np.concatenate([each.values for each in blocks])
        return Moments(values, np.concatenate([each.covariance for each in blocks]))

    def _block(self, weights: Floats, mix: Floats | None) -> Moments:
        values, influences = [], []
        for run in self.margins:
            sums = weights @ run
            values.append(statistic(sums, self.metric))
            influences.append(gradient(sums, self.metric) @ run.T)
        influence, figures = np.stack(influences, axis=1), np.stack(values, axis=1)
        if mix is not None:
            influence, figures = mix @ influence, figures @ mix.T
        spread = (influence * weights[:, None, :]) @ np.swapaxes(influence, 1, 2)
        return Moments(figures, spread * _few(self.clusters))


def _few(clusters: int) -> float:
    """Corrects a variance for the mean that was estimated; one cluster has no variance."""
    return clusters / (clusters - 1) if clusters > 1 else 0.0


def means(runs: Sequence[Mapping[str, float]], clusters: Mapping[str, str]) -> Means:
    """Makes a panel of rows' values by id, of runs that have the same ids.

    Raises:
        ValueError: There is no row, or the ids differ.
    """
    ids, index = _index(runs, clusters)
    sums = np.empty((int(index.max()) + 1, len(runs)))
    for column, run in enumerate(runs):
        values = np.array([run[name] for name in ids], dtype=np.float64)
        sums[:, column] = np.bincount(index, weights=values)
    counts = np.bincount(index).astype(np.float64)
    alike = kinds(np.column_stack((counts, sums)))
    if alike is None:
        return Means(counts, sums)
    return Means(alike.tables[:, 0], alike.tables[:, 1:], often=alike.often)


def counted(
    runs: Sequence[Mapping[str, str]],  # for each run, the predicted label of each row by id
    targets: Mapping[str, str],
    clusters: Mapping[str, str],
    metric: Metric,
) -> ConfusionMetric:
    """Makes a panel of predicted labels, of runs that have the same ids.

    Raises:
        ValueError: There is no row, or the ids differ.
    """
    ids, index = _index(runs, clusters)
    right = [targets[name] for name in ids]
    predicted = [[run[name] for name in ids] for run in runs]
    names = classes(metric, right, *predicted)
    found = tabled(right, predicted, index, names, metric)
    wide = 3 * len(names)
    tables = [found.tables[:, start : start + wide] for start in range(0, wide * len(runs), wide)]
    matrices = np.stack(tables)
    # Each row has one target, or is counted by the first class.
    wanted = slice(len(names), len(names) + 1 if metric in SEVERAL else 2 * len(names))
    rows = matrices[0][:, wanted].sum(1)
    return ConfusionMetric(rows, matrices, metric, often=found.often)


def _index(
    runs: Sequence[Mapping[str, object]], clusters: Mapping[str, str]
) -> tuple[list[str], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Numbers the clusters of the rows, the rows in the order of their ids."""
    if not runs or not runs[0] or any(run.keys() != runs[0].keys() for run in runs):
        raise ValueError(f"{len(runs)} runs that don't have the same rows")
    ids = sorted(runs[0])
    return ids, codes([clusters.get(name) or f"\0{name}" for name in ids])
