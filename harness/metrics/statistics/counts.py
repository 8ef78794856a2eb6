"""F1 and Matthews' coefficient with intervals: clusters are resampled as weights on counts.

An answer is one label, or several: a set of labels, or entities, whose types are the classes. Of
several, the class ``""`` counts the rows and is no class of the figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from harness.metrics.lists import labels_in, lines_in
from harness.metrics.statistics.resampling import (
    MANY,
    Floats,
    Integers,
    Interval,
    codes,
    interval,
    kinds,
    weights,
)

__all__ = [
    "METRICS",
    "Metric",
    "SEVERAL",
    "Tabled",
    "classes",
    "cluster_bootstrap_counts",
    "gradient",
    "margins",
    "statistic",
    "tabled",
]

Metric = Literal[
    "macro_f1", "weighted_f1", "mcc", "mean_label_f1", "mean_weighted_f1", "micro_f1", "entity_f1"
]
Split = Callable[[str], tuple[str, ...]]
SEVERAL: dict[Metric, Split] = {
    "mean_label_f1": labels_in,
    "mean_weighted_f1": labels_in,
    "micro_f1": labels_in,
    "entity_f1": lines_in,
}
"""Metrics of answers that are several, with what an answer's text is divided by."""


def cluster_bootstrap_counts(
    targets: Sequence[str],
    predicted: Sequence[str],  # what is no label counts as a wrong one
    clusters: Sequence[Hashable] | Integers,  # names, or numbers in their order
    *,
    metric: Metric,
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Interval:
    """Estimates F1 or Matthews' coefficient and its interval by resampling clusters.

    ``macro_f1`` averages over the labels that occur among the targets (of a resample: among its
    own), ``weighted_f1`` weights them by their targets.

    Raises:
        ValueError: There is no row, or the lengths differ.
    """
    if not len(targets) == len(predicted) == len(clusters) > 0:
        raise ValueError(
            f"{len(targets)} targets, {len(predicted)} answers, {len(clusters)} clusters"
        )
    names = classes(metric, targets, predicted)
    index = codes(clusters)
    count = int(index.max()) + 1
    found = tabled(targets, [predicted], index, names, metric)
    drawn = [
        statistic(drawn @ found.tables, metric)
        for drawn in weights(count, draws, seed, found.often)
    ]
    value = float(statistic(found.sums, metric)[0])
    inside = metric != "mcc" or value > 0
    return interval(value, np.concatenate(drawn), count, confidence, inside=inside)


def classes(metric: Metric, *sides: Sequence[str]) -> list[str]:
    """Returns the classes that right answers and predictions have, in order."""
    texts = set[str]().union(*sides)
    if metric not in SEVERAL:
        return sorted(texts)
    return sorted({"", *(_class(item) for text in texts for item in SEVERAL[metric](text))})


def _class(item: str) -> str:
    """Returns an entity's type, and a label as it is."""
    return item.partition(": ")[0]


@dataclass(frozen=True, slots=True)
class Tabled:
    """The margins of one or several runs by cluster, or by kind of clusters."""

    tables: Floats  # Shape (clusters or kinds, runs x 3 x classes)
    often: Integers | None  # How many clusters are of each kind; None where each is one

    @property
    def sums(self) -> Floats:
        """The margins of all rows, shape (1, runs x 3 x classes)."""
        if self.often is None:
            return np.asarray(self.tables.sum(0, keepdims=True))
        return np.asarray(self.often[None, :] @ self.tables)


def tabled(
    targets: Sequence[str],
    runs: Sequence[Sequence[str]],  # predictions of each
    clusters: Integers,
    names: Sequence[str],
    metric: Metric | None = None,  # where answers may be several
) -> Tabled:
    """Tables `margins` of runs side by side; of many clusters those that are alike once."""
    count = int(clusters.max()) + 1
    often, split = None, SEVERAL.get(metric) if metric else None
    if count == len(targets) >= MANY:  # each row by itself: its labels say all
        texts = sorted(set(targets).union(*runs)) if split else names
        code = {name: index for index, name in enumerate(texts)}
        labels = np.array([[code[name] for name in side] for side in (targets, *runs)]).T
        found, often = np.unique(labels, axis=0, return_counts=True)
        targets, *runs = ([texts[at] for at in column] for column in found.T.tolist())
        clusters = np.arange(len(found))
    count_sides = partial(_margins_of_several, split) if split else margins
    tables = np.concatenate([count_sides(targets, run, clusters, names) for run in runs], axis=1)
    if often is None and (alike := kinds(tables)) is not None:
        tables, often = alike.tables, alike.often
    return Tabled(tables, often)


def margins(
    targets: Sequence[str], predicted: Sequence[str], clusters: Integers, names: Sequence[str]
) -> Floats:
    """Counts hits, targets and predictions by cluster (codes from 0 up) and class.

    These margins of the confusion matrix are all that F1 and Matthews' coefficient need. Shape
    (clusters, 3 x classes).
    """
    code = {name: index for index, name in enumerate(names)}
    right = np.array([code[name] for name in targets])
    given = np.array([code[name] for name in predicted])
    hit, size, wide = right == given, len(names), 3 * len(names)
    start = clusters * wide
    cells = np.concatenate(
        (start[hit] + right[hit], start + size + right, start + 2 * size + given)
    )
    counts = np.bincount(cells, minlength=(int(clusters.max()) + 1) * wide)
    return counts.reshape(-1, wide).astype(np.float64)


def _margins_of_several(
    split: Split,
    targets: Sequence[str],
    predicted: Sequence[str],
    clusters: Integers,
    names: Sequence[str],
) -> Floats:
    """Counts the same of answers that are several, an item as often as it stands in both."""
    code = {name: index for index, name in enumerate(names)}
    size = len(names)
    counts = np.zeros((int(clusters.max()) + 1, 3 * size))
    items = {text: Counter(split(text)) for text in {*targets, *predicted}}
    for right, given, cluster in zip(targets, predicted, clusters.tolist(), strict=True):
        sides = (items[right] & items[given], items[right], items[given])
        for number, side in enumerate(sides):
            counts[cluster, number * size + code[""]] += 1
            for item, often in side.items():
                counts[cluster, number * size + code[_class(item)]] += often
    return counts


def statistic(sums: Floats, metric: Metric) -> Floats:
    """Computes a figure from summed margins, shape (draws, 3 x classes), for each draw."""
    return METRICS[metric][0](sums)


def gradient(sums: Floats, metric: Metric) -> Floats:
    """Differentiates a figure by each of the margins it is computed from, of the same shape."""
    return METRICS[metric][1](sums)


def _class_f1(sums: Floats) -> tuple[Floats, Floats, Floats]:
    """F1, targets, and targets plus predictions, by class."""
    hits, targets, predicted = np.split(sums, 3, axis=1)
    total = targets + predicted
    return 2 * hits / np.where(total > 0, total, 1), targets, total


def _weighted(f1: Floats, total: Floats, share: Floats) -> Floats:
    """Differentiates a mean of F1 over classes whose shares don't change."""
    inverse = share / np.where(total > 0, total, 1)
    return np.concatenate((2 * inverse, -f1 * inverse, -f1 * inverse), axis=1)


def _macro_f1(sums: Floats) -> Floats:
    f1, targets, _ = _class_f1(sums)
    there = targets > 0
    return np.asarray((f1 * there).sum(1) / there.sum(1))


def _macro_f1_gradient(sums: Floats) -> Floats:
    f1, targets, total = _class_f1(sums)
    there = targets > 0
    return _weighted(f1, total, there / there.sum(1, keepdims=True))


def _weighted_f1(sums: Floats) -> Floats:
    f1, targets, _ = _class_f1(sums)
    return np.asarray((f1 * targets).sum(1) / targets.sum(1))


def _weighted_f1_gradient(sums: Floats) -> Floats:
    f1, targets, total = _class_f1(sums)
    n = targets.sum(1, keepdims=True)
    by = _weighted(f1, total, targets / n)
    size = f1.shape[1]
    by[:, size : 2 * size] += (f1 - (f1 * targets).sum(1, keepdims=True) / n) / n
    return by


def _mcc(sums: Floats) -> Floats:
    """Gorodkin's R_K (2004, Computational Biology and Chemistry 28:367-374)."""
    agreement, of_predicted, of_targets, *_ = _mcc_parts(sums)
    spread = of_predicted * of_targets
    return np.asarray(np.where(spread > 0, agreement / np.sqrt(np.where(spread > 0, spread, 1)), 0))


def _mcc_parts(sums: Floats) -> tuple[Floats, ...]:
    hits, targets, predicted = np.split(sums, 3, axis=1)
    n, right = targets.sum(1), hits.sum(1)
    agreement = right * n - (targets * predicted).sum(1)
    of_predicted, of_targets = n**2 - (predicted**2).sum(1), n**2 - (targets**2).sum(1)
    return agreement, of_predicted, of_targets, n, right, targets, predicted


def _mcc_gradient(sums: Floats) -> Floats:
    agreement, of_predicted, of_targets, n, right, targets, predicted = (
        part if part.ndim == 2 else part[:, None] for part in _mcc_parts(sums)
    )
    spread = of_predicted * of_targets
    there = spread > 0
    root = np.sqrt(np.where(there, spread, 1))
    ratio = agreement / root / 2
    safe_predicted, safe_targets = (np.where(there, part, 1) for part in (of_predicted, of_targets))
    by_target = (right - predicted) / root - ratio * (
        2 * n / safe_predicted + 2 * (n - targets) / safe_targets
    )
    by_predicted = -targets / root + ratio * 2 * predicted / safe_predicted
    by_hit = np.broadcast_to(n / root, targets.shape)
    return np.where(there, np.concatenate((by_hit, by_target, by_predicted), axis=1), 0.0)


def _several(sums: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Hits, targets, and targets plus predictions, by class, and the number of rows."""
    hits, targets, predicted = (part[:, 1:] for part in np.split(sums, 3, axis=1))
    return hits, targets, targets + predicted, sums[:, :1]


def _padded(hits: Floats, targets: Floats, predicted: Floats, rows: Floats | float = 0.0) -> Floats:
    """Puts derivatives by the margins together; rows count as hits, targets and predictions."""
    zero = np.zeros((len(hits), 1))
    return np.concatenate((zero + rows, hits, zero, targets, zero, predicted), axis=1)


def _mean_label_f1(sums: Floats) -> Floats:
    hits, targets, total, _ = _several(sums)
    there = targets > 0
    f1 = 2 * hits / np.where(total > 0, total, 1)
    return np.asarray((f1 * there).sum(1) / np.maximum(there.sum(1), 1))


def _mean_label_f1_gradient(sums: Floats) -> Floats:
    hits, targets, total, _ = _several(sums)
    there = targets > 0
    total = np.where(total > 0, total, 1)
    share = there / np.maximum(there.sum(1, keepdims=True), 1) / total
    by = -2 * hits / total * share
    return _padded(2 * share, by, by)


def _micro_f1(sums: Floats) -> Floats:
    hits, _, total, _ = _several(sums)
    return np.asarray(2 * hits.sum(1) / np.maximum(total.sum(1), 1))


def _micro_f1_gradient(sums: Floats) -> Floats:
    hits, _, total, _ = _several(sums)
    whole = np.maximum(total.sum(1, keepdims=True), 1)
    by = np.broadcast_to(-2 * hits.sum(1, keepdims=True) / whole**2, hits.shape)
    return _padded(np.broadcast_to(2 / whole, hits.shape), by, by)


def _present_and_absent(sums: Floats) -> tuple[Floats, ...]:
    """F1 of a label's presence and of its absence, its share, and what they are divided by."""
    hits, targets, total, rows = _several(sums)
    absent = 2 * rows - total
    present_f1 = 2 * hits / np.where(total > 0, total, 1)
    absent_f1 = 2 * (rows - total + hits) / np.where(absent > 0, absent, 1)
    return present_f1, absent_f1, targets / np.maximum(rows, 1), total, absent


def _mean_weighted_f1(sums: Floats) -> Floats:
    present, absent, share, _, _ = _present_and_absent(sums)
    there = share > 0
    weighted = (share * present + (1 - share) * absent) * there
    return np.asarray(weighted.sum(1) / np.maximum(there.sum(1), 1))


def _mean_weighted_f1_gradient(sums: Floats) -> Floats:
    present, absent, share, total, rest = _present_and_absent(sums)
    there, rows = share > 0, np.maximum(sums[:, :1], 1)
    total, rest = np.where(total > 0, total, 1), np.where(rest > 0, rest, np.inf)
    each = there / np.maximum(there.sum(1, keepdims=True), 1)
    hits = share * 2 / total + (1 - share) * 2 / rest
    predicted = -share * present / total + (1 - share) * (absent - 2) / rest
    targets = predicted + (present - absent) / rows
    by_rows = share * (absent - present) / rows + (1 - share) * (2 - 2 * absent) / rest
    return _padded(
        each * hits, each * targets, each * predicted, (each * by_rows).sum(1, keepdims=True)
    )


METRICS: dict[Metric, tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]] = {
    "macro_f1": (_macro_f1, _macro_f1_gradient),
    "weighted_f1": (_weighted_f1, _weighted_f1_gradient),
    "mcc": (_mcc, _mcc_gradient),
    "mean_label_f1": (_mean_label_f1, _mean_label_f1_gradient),
    "mean_weighted_f1": (_mean_weighted_f1, _mean_weighted_f1_gradient),
    "micro_f1": (_micro_f1, _micro_f1_gradient),
    "entity_f1": (_micro_f1, _micro_f1_gradient),
}
"""Figures of all rows together, each with its gradient."""
