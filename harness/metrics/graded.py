"""What people's grades of some answers say of all, with an automatic score of every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from harness.metrics.aggregate import row_values
from harness.metrics.statistics.prediction_powered import prediction_powered
from harness.types import Estimate

if TYPE_CHECKING:
    from harness.metrics.scored_rows import Floats, ScoredRows

__all__ = ["ESTIMATE", "GRADED", "graded_estimate", "predictions"]

GRADED = "graded_correctness"
"""A row's value: the mean of people's grades, 0 wrong to 1 right; the figure is of those graded."""
ESTIMATE = "graded_estimate"
"""The figure for all rows: prediction-powered."""


def predictions(rows: ScoredRows, metric: str) -> Floats:
    """Returns a metric's value of each row, the mean of the others where a row has none.

    Whatever stands for a grade that nobody gave leaves the estimate unbiased.

    Raises:
        ValueError: The metric has no value of any row, or one outside of 0-1.
    """
    values = row_values(metric, rows)
    there = np.isfinite(values)
    if not there.any() or not ((values[there] >= 0) & (values[there] <= 1)).all():
        raise ValueError(f"{metric} has no value from 0 to 1 of each row")
    return np.where(there, values, values[there].mean())


def graded_estimate(rows: ScoredRows, metric: str) -> Estimate:
    """Estimates people's mean grade of all rows, by the grades that there are and a metric."""
    try:
        predicted = predictions(rows, metric)
        found = prediction_powered(rows.values[GRADED], predicted, rows.unit_codes)
    except ValueError as error:  # the metric is gone, or fewer than two clusters have a grade
        return Estimate(None, None, None, 0, str(error))
    how = f"prediction-powered: {metric} of {len(rows):,} rows, weight {found.weight:.2f}"
    return Estimate(found.value, found.low, found.high, found.graded, how)
