"""What a test set can show: against statsmodels."""

from __future__ import annotations

import math

import pytest
from statsmodels.stats.power import NormalIndPower

from harness.metrics.statistics.paired import rows_needed


def test_the_rows_that_find_a_difference_are_statsmodels() -> None:
    sd, n = 0.45, 400
    expected = NormalIndPower(ddof=0).solve_power(nobs1=n, alpha=0.05, power=0.8, ratio=0)
    found = rows_needed(sd / math.sqrt(100), 100, expected * sd)
    assert found == pytest.approx(n, abs=1)
