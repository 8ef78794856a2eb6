"""Means of few rows that people graded, with an automatic score of all rows as a help.

Prediction-powered inference (Angelopoulos, Bates, Fannjiang, Jordan and Zrnic 2023, Science
382:669-674), power-tuned (PPI++: Angelopoulos, Duchi and Zrnic 2023, arXiv 2311.01453). With a
weight that is fixed beforehand the estimate is unbiased whatever the score is worth, if the graded rows were
drawn at random; a tuned one adds a bias of the order of 1/n.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from harness.metrics.statistics.resampling import Floats, Integers, wilson_of_error

__all__ = ["Powered", "grades_needed", "prediction_powered"]


@dataclass(frozen=True, slots=True)
class Powered:
    """A mean with its interval, and what it rests on."""

    value: float
    low: float
    high: float
    error: float  # standard error
    weight: float  # of the predictions, lambda: 0 (the grades alone) to 1
    graded: int  # rows with a grade


def prediction_powered(
    grades: Floats,  # of each row, not a number where there is none
    predicted: Floats,  # of each row
    clusters: Integers,  # of each row, numbered from 0
    *,
    weight: float | None = None,  # lambda; None: the one that makes the variance smallest
    confidence: float = 0.95,
    share: bool = True,  # values are within 0-1, and so is the interval
) -> Powered:
    """Estimates the mean grade of all rows: ``mean(y - lambda f) + lambda mean(f of the others)``.

    y are the grades and f the predictions of the graded rows; with a lambda of 0 it is the mean of
    the grades. The variance sums, over clusters, the squares of what a cluster adds to the
    estimate, and of ``lambda / k`` as if one more of the k clusters with a grade contradicted its
    prediction wholly: where predictions seldom err, none of few grades may show it. It is taken
    times ``k / (k - 1)``; the quantile is t's with k - 1 degrees. Of shares the interval is
    Wilson's with the n that has this variance.

    Raises:
        ValueError: Fewer than two clusters have a grade.
    """
    there = np.isfinite(grades)
    y, f, others = grades[there], predicted[there], predicted[~there]
    k = len(np.unique(clusters[there]))
    if k < 2:
        raise ValueError(f"{k} clusters with a grade are no sample")
    if weight is None:
        weight = _tuned(y, f, others)
    elif not len(others):
        weight = 0.0
    residuals = y - weight * f
    value, parts = float(residuals.mean()), np.zeros(len(grades))
    parts[there] = (residuals - value) / len(y)
    if len(others):
        value += weight * float(others.mean())
        parts[~there] = weight * (others - others.mean()) / len(others)
    squares = float((np.bincount(clusters, weights=parts) ** 2).sum())
    variance = (squares + (weight / k) ** 2) * k / (k - 1)
    reach = float(_t(k - 1, confidence))
    if share:
        value = min(max(value, 0.0), 1.0)
        low, high = wilson_of_error(value, variance, k, reach)
    else:
        low, high = value - reach * math.sqrt(variance), value + reach * math.sqrt(variance)
    return Powered(value, low, high, math.sqrt(variance), weight, len(y))


def grades_needed(
    grades: Floats,
    predicted: Floats,
    clusters: Integers,
    *,
    gap: float,  # between the mean and what it is to be told from
    power: float = 0.8,  # share of the studies that have to; 0.5: half an interval is the gap
    confidence: float = 0.95,
) -> int | None:
    """Returns how many of the rows have to be graded, in all, until the interval excludes the gap.

    Of n graded rows of N the variance is ``v (1 - r² (1 - n/N)) / n``, v the grades' variance and r
    their correlation with the predictions, and a contradicted row as above, times the factor by
    which clusters widen it, all as the grades that there are show them. None where all rows wouldn't
    do, or the grades don't differ.
    """
    there, total = np.isfinite(grades), len(grades)
    y, f = grades[there], predicted[there]
    found = prediction_powered(grades, predicted, clusters, share=False)
    alone = prediction_powered(
        grades, predicted, np.arange(total), weight=found.weight, share=False
    )
    spread = float(y.var(ddof=1))
    if not spread or not gap:
        return None
    slope = min(1.0, max(0.0, _covariance(y, f)) / (float(predicted.var(ddof=1)) or math.inf))
    n = np.arange(2, total + 1)
    others = 1 - n / total
    variance = (spread - slope * _covariance(y, f) * others) / n + (slope * others / n) ** 2
    if alone.error:
        variance *= (found.error / alone.error) ** 2
    reach = _t(n - 1, confidence) + NormalDist().inv_cdf(power)
    enough = n[reach * np.sqrt(variance) <= abs(gap)]
    return int(enough[0]) if len(enough) else None


def _tuned(y: Floats, f: Floats, others: Floats) -> float:
    """The lambda of PPI++ for a mean, within 0-1."""
    spread = float(np.concatenate([f, others]).var(ddof=1))
    if not len(others) or not spread:
        return 0.0
    weight = _covariance(y, f) / ((1 + len(y) / len(others)) * spread)
    return min(max(weight, 0.0), 1.0)


def _covariance(y: Floats, f: Floats) -> float:
    return float(((y - y.mean()) * (f - f.mean())).mean())


def _t(degrees: int | Integers, confidence: float) -> Floats:
    from scipy.special import stdtrit

    return np.asarray(-stdtrit(degrees, (1 - confidence) / 2), dtype=np.float64)
