"""Rows and runs that would decide: against statsmodels and by simulation."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from statsmodels.stats.power import NormalIndPower

from harness.metrics.statistics.power import (
    Needed,
    minimum_detectable_difference,
    rows_needed,
    rows_that_decide,
)


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


def decide(**values):  # type: ignore[no-untyped-def]
    usual = {
        "items_error": 0.02, "seed_variance": 0.0, "rows": 400, "seeds": 1, "least_seeds": 1,
        "slack": 0.02, "critical": 1.645,
    }  # fmt: skip
    values = usual | values
    rows = values.pop("rows")
    found = rows_that_decide(rows=rows, **{name: np.array([each]) for name, each in values.items()})
    return found and found[0]


def test_rows_alone_decide_where_seeds_add_nothing() -> None:
    reach = 1.645 + NormalDist().inv_cdf(0.8)
    assert decide() == Needed(math.ceil(400 * (reach * 0.02 / 0.02) ** 2), 1)
    assert decide(least_seeds=3).seeds == 3
    assert decide(slack=0.5) == Needed(400, 1)


def test_no_number_of_rows_shows_what_is_not_so() -> None:
    assert decide(slack=0.0) is None
    assert decide(slack=-0.01) is None
    assert decide(seed_variance=0.05**2, seeds=3, slack=0.02) is None


def test_runs_are_asked_for_where_rows_would_not_do() -> None:
    made = decide(seed_variance=0.01**2, seeds=3, least_seeds=3)
    assert made.seeds > 3
    reach = (1.645 + NormalDist().inv_cdf(0.8)) ** 2
    left = reach * (0.02**2 * 400 / made.rows + 0.01**2 * 3 / made.seeds)
    assert left <= 0.02**2 * 1.0001


def test_the_rows_that_were_asked_for_decide_as_often_as_promised() -> None:
    """A rival that is truly as good is accepted in about 80 % of studies of that size."""
    random, sd = np.random.default_rng(1), 0.4
    made = decide(items_error=sd / math.sqrt(400))
    lead = random.normal(0, sd / math.sqrt(made.rows), size=20_000)
    accepted = lead + 0.02 >= 1.645 * sd / math.sqrt(made.rows)
    assert accepted.mean() == pytest.approx(0.8, abs=0.02)
