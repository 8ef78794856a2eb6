"""F1 and Matthews' coefficient with intervals: clusters are resampled as weights on counts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Literal

import numpy as np

from harness.metrics.resampling import Floats, Interval, codes, interval, resamples

__all__ = ["cluster_bootstrap_counts"]


def cluster_bootstrap_counts(
    targets: Sequence[str],
    predicted: Sequence[str],
    clusters: Sequence[Hashable],
    *,
    metric: Literal["macro_f1", "weighted_f1", "mcc"],
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Interval:
    """Estimates F1 or Matthews' coefficient and its interval by resampling clusters.

    Args:
        targets: The right labels.
        predicted: The predictions; what is no label counts as a wrong one.
        clusters: The cluster of each row.
        metric: ``macro_f1`` averages over the labels that occur among the targets (of a resample:
            among its own), ``weighted_f1`` weights them by their targets.
        confidence: Two-sided level.
        draws: Resamples.
        seed: Of the resampling.

    Returns:
        The interval, as of `cluster_bootstrap`. The value is scikit-learn's.

    Raises:
        ValueError: There is no row, or the lengths differ.
    """
    if not len(targets) == len(predicted) == len(clusters) > 0:
        raise ValueError(
            f"{len(targets)} targets, {len(predicted)} answers, {len(clusters)} clusters"
        )
    margins = _margins(targets, predicted, clusters)
    count, statistic = margins.shape[0], _STATISTICS[metric]
    drawn = []
    for chosen in resamples(count, draws, seed):
        rows = np.arange(len(chosen))[:, None] * count
        weights = np.bincount((chosen + rows).ravel(), minlength=chosen.size).reshape(chosen.shape)
        drawn.append(statistic(weights.astype(np.float64) @ margins))
    value = float(statistic(margins.sum(0, keepdims=True))[0])
    return interval(
        value, np.concatenate(drawn), count, confidence, inside=metric != "mcc" or value > 0
    )


def _margins(
    targets: Sequence[str], predicted: Sequence[str], clusters: Sequence[Hashable]
) -> Floats:
    """Counts hits, targets and predictions by cluster and class, shape (clusters, 3 x classes).

    These margins of the confusion matrix are all that F1 and Matthews' coefficient need.
    """
    names = sorted({*targets, *predicted})
    code = {name: index for index, name in enumerate(names)}
    row = codes(clusters)
    right = np.array([code[name] for name in targets])
    given = np.array([code[name] for name in predicted])
    hit, size, wide = right == given, len(names), 3 * len(names)
    start = row * wide
    cells = np.concatenate(
        (start[hit] + right[hit], start + size + right, start + 2 * size + given)
    )
    counts = np.bincount(cells, minlength=(int(row.max()) + 1) * wide)
    return counts.reshape(-1, wide).astype(np.float64)


def _class_f1(sums: Floats) -> tuple[Floats, Floats]:
    hits, targets, predicted = np.split(sums, 3, axis=1)
    total = targets + predicted
    return 2 * hits / np.where(total > 0, total, 1), targets


def _macro_f1(sums: Floats) -> Floats:
    f1, targets = _class_f1(sums)
    there = targets > 0
    return np.asarray((f1 * there).sum(1) / there.sum(1))


def _weighted_f1(sums: Floats) -> Floats:
    f1, targets = _class_f1(sums)
    return np.asarray((f1 * targets).sum(1) / targets.sum(1))


def _mcc(sums: Floats) -> Floats:
    """Gorodkin's R_K (2004, Computational Biology and Chemistry 28:367-374)."""
    hits, targets, predicted = np.split(sums, 3, axis=1)
    n = targets.sum(1)
    agreement = hits.sum(1) * n - (targets * predicted).sum(1)
    spread = (n**2 - (predicted**2).sum(1)) * (n**2 - (targets**2).sum(1))
    return np.asarray(np.where(spread > 0, agreement / np.sqrt(np.where(spread > 0, spread, 1)), 0))


_STATISTICS: dict[str, Callable[[Floats], Floats]] = {
    "macro_f1": _macro_f1,
    "weighted_f1": _weighted_f1,
    "mcc": _mcc,
}
