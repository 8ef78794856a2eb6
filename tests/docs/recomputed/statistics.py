"""Figures and their intervals by numpy, scipy and scikit-learn alone.

Resamples are those of numpy's generator with the seed 0, over the clusters by name, as
docs/statistics.md says: so the ends that the documents give come out to their last digit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats
from sklearn.metrics import f1_score

from tests.docs.recomputed.records import Run

DRAWS = 2000


@dataclass(frozen=True)
class Figure:
    """A figure as it was computed again, and by how much chance may move the one that is told."""

    value: float
    chance: float = 0.0

    def __mul__(self, factor: float) -> Figure:
        return Figure(self.value * factor, self.chance * abs(factor))

    __rmul__ = __mul__


Estimate = tuple[Figure, ...]  # value, low, high; a value alone where no row differs


def estimate(value: float, low: float, high: float) -> Estimate:
    return Figure(value), Figure(low), Figure(high)


@lru_cache(maxsize=40)
def draws(clusters: int) -> np.ndarray:
    """How often each cluster is drawn, shape (draws, clusters): those of numpy's generator at 0."""
    chosen = np.random.default_rng(0).integers(clusters, size=(DRAWS, clusters))
    chosen += clusters * np.arange(DRAWS)[:, None]
    counts = np.bincount(chosen.ravel(), minlength=chosen.size)
    return counts.reshape(chosen.shape).astype(np.float64)


def percentiles(drawn: np.ndarray, clusters: int) -> tuple[float, float]:
    """Both ends; further out for few clusters (Hesterberg 2015, section 4.4)."""
    reach = math.sqrt(clusters / (clusters - 1)) * stats.t.ppf(0.025, clusters - 1)
    tail = stats.norm.cdf(reach)
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)


def wilson(right: float, n: float) -> Estimate:
    ends = stats.binomtest(round(right), round(n)).proportion_ci(method="wilson")
    return estimate(right / n, ends.low, ends.high)


def mean(values: dict[str, float], clusters: dict[str, str], *, share: bool = True) -> Estimate:
    """A mean: Wilson's interval of independent shares, else clusters are resampled."""
    found = np.array([values[name] for name in sorted(values)])
    names, index = np.unique([clusters[name] for name in sorted(values)], return_inverse=True)
    if share and len(names) == len(found) and set(found) <= {0.0, 1.0}:
        return wilson(found.sum(), len(found))
    if np.ptp(found) == 0:
        if not share:
            return (Figure(float(found[0])),)
        return wilson(found[0] * len(names), len(names))
    sums, sizes = np.bincount(index, found), np.bincount(index)
    weights = draws(len(names))
    ends = percentiles(weights @ sums / (weights @ sizes), len(names))
    return estimate(float(found.mean()), *ends)


def scored(run: Run, metric: str, keep: Callable[[dict], bool] = lambda row: True) -> Estimate:
    """A metric of a run's rows."""
    return mean(run.values(metric, keep), run.clusters, share=metric != "expected_loss")


def f1(run: Run, average: str, other: Run | None = None) -> Estimate:
    """F1 over the labels that occur, or how much higher the first run's is; clusters resampled."""
    sides = [_labels(each) for each in (run, other) if each is not None]
    targets, names, index = sides[0][0], *np.unique(sides[0][2], return_inverse=True)
    weights, values, drawn = draws(len(names)), [], []
    for _, predicted, _ in sides:
        values.append(f1_score(targets, predicted, average=average, labels=np.unique(targets)))
        drawn.append(_drawn_f1(targets, predicted, index, weights, average))
    gap = drawn[0] - drawn[1] if other else drawn[0]
    value = values[0] - values[1] if other else values[0]
    return estimate(value, *percentiles(gap, len(names)))


def _labels(run: Run) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = sorted(run.rows, key=lambda row: row["id"])
    clusters = [run.clusters[row["id"]] for row in rows]
    predicted = [row["predicted"] or "" for row in rows]
    return np.array([row["target"] for row in rows]), np.array(predicted), np.array(clusters)


def _drawn_f1(targets, predicted, index, weights, average) -> np.ndarray:  # type: ignore[no-untyped-def]
    labels = np.unique(targets)

    def by_label(marks: np.ndarray) -> np.ndarray:
        table = np.zeros((weights.shape[1], len(labels)), dtype=np.float64)
        np.add.at(table, index, marks)
        return weights @ table

    right, told = targets[:, None] == labels, predicted[:, None] == labels
    hits, there, given = by_label(right & told), by_label(right), by_label(told)
    each = 2 * hits / np.maximum(there + given, 1)
    share = there if average == "weighted" else (there > 0)
    return (each * share).sum(1) / share.sum(1)


def difference(
    a: Run, b: Run, metric: str = "correct", keep: Callable[[dict], bool] = lambda row: True
) -> Estimate:
    """How much more the first run gets over the rows that both have, clusters resampled."""
    first, second = a.values(metric, keep), b.values(metric, keep)
    both = {name: first[name] - second[name] for name in first.keys() & second.keys()}
    return mean(both, a.clusters, share=False)


@dataclass(frozen=True)
class Seeds:
    """Runs that differ by seed: their mean, and what rows and seeds add to its variance."""

    value: float
    influence: np.ndarray  # of each cluster on the mean: its variance is that of the sum
    spread: float  # variance that the seeds add
    observed: float  # between the runs
    count: int

    @property
    def clusters(self) -> int:
        return len(self.influence)


def seeds(several: Sequence[Run], metric: str = "exact_match") -> Seeds:
    """Takes runs on the same rows apart: seeds are crossed with rows (Searle et al. 1992)."""
    names = sorted(several[0].values(metric))
    index = np.unique([several[0].clusters[name] for name in names], return_inverse=True)[1]
    rows = np.array([[run.values(metric)[name] for name in names] for run in several])
    means, sizes = rows.mean(1), np.bincount(index)
    each = np.array([np.bincount(index, run) for run in rows]) - means[:, None] * sizes
    each *= math.sqrt(len(sizes) / (len(sizes) - 1)) / len(names)
    covariance, count = each @ each.T, len(several)
    observed = float(means.var(ddof=1)) if count > 1 else 0.0
    sampling = (covariance.trace() - covariance.sum() / count) / max(1, count - 1)
    spread = max(0.0, observed - sampling) / count if count > 1 else 0.0
    return Seeds(float(means.mean()), each.mean(0), spread, observed, count)


def _degrees(items: float, sides: Sequence[Seeds]) -> float:
    """Satterthwaite (1946)."""
    parts = items**2 / (sides[0].clusters - 1)
    parts += sum((s.observed / s.count) ** 2 / (s.count - 1) for s in sides if s.spread)
    return max(1.0, (items + sum(side.spread for side in sides)) ** 2 / parts)


def over_seeds(several: Sequence[Run], metric: str = "exact_match") -> Estimate:
    """A mean over seeds and rows: Wilson with the effective n and a t quantile."""
    side = seeds(several, metric)
    items = float((side.influence**2).sum())
    reach = stats.t.ppf(0.975, _degrees(items, [side]))
    n = side.value * (1 - side.value) / (items + side.spread)
    centre = (side.value + reach**2 / (2 * n)) / (1 + reach**2 / n)
    half = reach * math.sqrt(side.value * (1 - side.value) / n + reach**2 / (4 * n**2))
    half /= 1 + reach**2 / n
    return estimate(side.value, centre - half, centre + half)


def over_seeds_difference(
    a: Sequence[Run], b: Sequence[Run], metric: str = "exact_match"
) -> Estimate:
    """A difference of two configurations with seeds: t, the rows paired and the seeds not."""
    sides = seeds(a, metric), seeds(b, metric)
    items = float(((sides[0].influence - sides[1].influence) ** 2).sum())
    half = stats.t.ppf(0.975, _degrees(items, sides)) * math.sqrt(
        items + sides[0].spread + sides[1].spread
    )
    value = sides[0].value - sides[1].value
    return estimate(value, value - half, value + half)
