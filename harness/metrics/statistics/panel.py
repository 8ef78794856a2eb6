"""Several runs on the same clusters: their scores in each resample, and how these vary together.

A resample is a weight a cluster, so that one set of draws serves all runs: differences stay
paired. Variances come from influences (what a cluster adds to a score), so that a mean of rows
and a figure of all rows together, such as F1, are treated alike.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.metrics.statistics.counts import Metric, gradient, margins, statistic
from harness.metrics.statistics.resampling import Floats, codes

__all__ = ["ConfusionMetric", "Means", "Moments", "Panel", "counted", "means"]

_AT_ONCE = 8_000_000  # Numbers in one block of influences: 64 MB.


@dataclass(frozen=True, slots=True)
class Moments:
    """Scores and their sampling variance, by draw."""

    values: Floats  # Shape (draws, runs)
    covariance: Floats  # Of the scores over clusters, shape (draws, runs, runs)


@dataclass(frozen=True)
class Panel(ABC):
    """Scores of runs as functions of the clusters' weights."""

    counts: Floats  # Rows of each cluster, shape (clusters,)

    @property
    def clusters(self) -> int:
        """Clusters."""
        return len(self.counts)

    @property
    def rows(self) -> int:
        """Rows that all runs have."""
        return round(float(self.counts.sum()))

    @abstractmethod
    def moments(self, weights: Floats) -> Moments:
        """Returns scores and variances where clusters have weights, shape (draws, clusters)."""


@dataclass(frozen=True)
class Means(Panel):
    """Means over rows: a ratio of sums, as clusters differ in size."""

    sums: Floats  # Of the rows' values, shape (clusters, runs)

    def moments(self, weights: Floats) -> Moments:
        """Returns means and the linearised variance of a ratio.

        ``Σ w (s - θ n)² / (Σ w n)² · k / (k - 1)`` over k clusters (Cochran, 1977, Sampling
        Techniques, 3rd edition, section 6.4), multiplied out so that one product serves all draws.
        """
        size = self.sums.shape[1]
        pairs = (self.sums[:, :, None] * self.sums[:, None, :]).reshape(self.clusters, size * size)
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


@dataclass(frozen=True)
class ConfusionMetric(Panel):
    """F1 or Matthews' coefficient, from the margins of the confusion matrix."""

    margins: Floats  # Of the confusion matrix, shape (runs, clusters, 3 x classes)
    metric: Metric

    def moments(self, weights: Floats) -> Moments:
        """Returns the figures and their variance by the infinitesimal jackknife.

        The gradient times a cluster's margins is its influence (Efron, 1982, The Jackknife, the
        Bootstrap and Other Resampling Plans, chapter 6); influences sum to 0, as the figures don't
        change when all counts are doubled.
        """
        block = max(1, _AT_ONCE // (self.clusters * len(self.margins)))
        starts = range(0, len(weights), block)
        blocks = [self._block(weights[start : start + block]) for start in starts]
        values = np.concatenate([each.values for each in blocks])
        return Moments(values, np.concatenate([each.covariance for each in blocks]))

    def _block(self, weights: Floats) -> Moments:
        values, influences = [], []
        for run in self.margins:
            sums = weights @ run
            values.append(statistic(sums, self.metric))
            influences.append(gradient(sums, self.metric) @ run.T)
        influence = np.stack(influences, axis=1)
        spread = (influence * weights[:, None, :]) @ np.swapaxes(influence, 1, 2)
        return Moments(np.stack(values, axis=1), spread * _few(self.clusters))


def _few(clusters: int) -> float:
    """Corrects a variance for the mean that was estimated; one cluster has no variance."""
    return clusters / (clusters - 1) if clusters > 1 else 0.0


def means(runs: Sequence[Mapping[str, float]], clusters: Mapping[str, str]) -> Means:
    """Makes a panel of rows' values by id, of runs that have the same ids.

    Raises:
        ValueError: There is no row, or the ids differ.
    """
    ids, index = _index(runs, clusters)
    values = np.array([[run[name] for name in ids] for run in runs], dtype=np.float64)
    sums = [np.bincount(index, weights=row) for row in values]
    return Means(np.bincount(index).astype(np.float64), np.stack(sums, axis=1))


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
    names = sorted({*right, *(label for run in predicted for label in run)})
    matrices = np.stack([margins(right, run, index, names) for run in predicted])
    return ConfusionMetric(np.bincount(index).astype(np.float64), matrices, metric)


def _index(
    runs: Sequence[Mapping[str, object]], clusters: Mapping[str, str]
) -> tuple[list[str], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Numbers the clusters of the rows, the rows in the order of their ids."""
    if not runs or not runs[0] or any(run.keys() != runs[0].keys() for run in runs):
        raise ValueError(f"{len(runs)} runs that don't have the same rows")
    ids = sorted(runs[0])
    return ids, codes([clusters.get(name) or f"\0{name}" for name in ids])
