"""What a test set can show: against statsmodels."""

from __future__ import annotations

import math

import pytest
from statsmodels.stats.power import NormalIndPower

from harness.metrics.statistics.power import minimum_detectable_difference, rows_needed


@pytest.mark.parametrize(("sides", "alternative"), [(2, "two-sided"), (1, "larger")])
def test_the_detectable_difference_is_statsmodels(sides: int, alternative: str) -> None:
    sd, n = 0.45, 400
    expected = NormalIndPower(ddof=0).solve_power(
        nobs1=n, alpha=0.05, power=0.8, ratio=0, alternative=alternative
    )
    found = minimum_detectable_difference(sd / math.sqrt(n), sides=sides)
    assert found == pytest.approx(expected * sd, rel=1e-4)
    # And back: so many rows find that difference.
    assert rows_needed(sd / math.sqrt(100), 100, found, sides=sides) == pytest.approx(n, abs=1)
