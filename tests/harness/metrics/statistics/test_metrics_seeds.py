"""Seeds crossed with items: against the analysis of variance and the paired t test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_rel
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from harness.metrics.statistics.panel import means
from harness.metrics.statistics.seeds import crossed, seed_spread


def runs_of(table):  # type: ignore[no-untyped-def]
    return [{f"{i:03d}": float(v) for i, v in enumerate(row)} for row in table]


def table(seeds=4, items=60, spread=0.1, seed=5):  # type: ignore[no-untyped-def]
    random = np.random.default_rng(seed)
    return (
        0.5
        + 0.1 * random.normal(size=(1, items))
        + spread * random.normal(size=(seeds, 1))
        + 0.1 * random.normal(size=(seeds, items))
    )


def test_the_variance_is_that_of_a_crossed_table() -> None:
    values = table()
    long = pd.DataFrame(values).stack().reset_index()
    long.columns = ["seed", "item", "y"]
    squares = anova_lm(ols("y ~ C(seed) + C(item)", long).fit())["mean_sq"]
    by_hand = (squares["C(item)"] + squares["C(seed)"] - squares["Residual"]) / values.size
    found = crossed(runs_of(values), {})
    assert found.items_error**2 + found.seeds_error**2 == pytest.approx(by_hand)
    parts = [
        (squares["C(item)"] / values.size) ** 2 / 59,
        (squares["C(seed)"] / values.size) ** 2 / 3,
    ]
    assert found.degrees == pytest.approx(by_hand**2 / sum(parts))
    assert found.method == "wilson, effective n, t, seeds crossed with items"


def test_without_any_effect_of_the_seed_only_items_count() -> None:
    row = table(seeds=1)
    found = crossed(runs_of(np.repeat(row, 3, axis=0)), {})
    once = crossed(runs_of(row), {})
    assert (found.low, found.high) == pytest.approx((once.low, once.high))
    assert (found.seeds_error, found.seeds, found.degrees) == (0.0, (3,), 59)


def test_one_run_a_side_is_the_paired_t_test() -> None:
    a, b = table(seeds=1), table(seeds=1, seed=6)
    found = crossed(runs_of(a), {}, runs_of(b))
    test = ttest_rel(a[0], b[0])
    expected = test.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.p_value == pytest.approx(test.pvalue)
    assert found.method == "t, items alone"


def test_seeds_that_differ_widen_a_difference() -> None:
    base = table(seeds=1, seed=8)
    calm = runs_of(np.repeat(base, 4, axis=0))
    wild = runs_of(table(spread=0.2, seed=7))
    quiet, loud = crossed(calm, {}, runs_of(table(seeds=1))), crossed(calm, {}, wild)
    assert loud.seeds == (4, 4)
    assert loud.seeds_error > 0.05 > quiet.seeds_error == 0
    assert loud.degrees < 5 < quiet.degrees
    assert loud.high - loud.low > 3 * (quiet.high - quiet.low)


def test_clusters_widen_a_mean() -> None:
    runs = [{str(i): float(i // 5 % 2) for i in range(100)}]
    alone, grouped = crossed(runs, {}), crossed(runs, {str(i): str(i // 5) for i in range(100)})
    assert (grouped.n, grouped.clusters) == (100, 20)
    assert grouped.items_error > 2 * alone.items_error
    assert 0 <= grouped.low < alone.low < alone.high < grouped.high <= 1


def test_all_right_is_wilson_of_clusters() -> None:
    found = crossed([dict.fromkeys(map(str, range(50)), 1.0)], {})
    assert found.high == 1.0
    assert found.low == pytest.approx(1 - 2.0096**2 / (50 + 2.0096**2), abs=1e-4)


def test_a_single_run_has_no_spread_of_seeds() -> None:
    panel = means(runs_of(table(seeds=1)), {})
    spread = seed_spread(panel.moments(np.ones((1, panel.clusters))), [0])
    assert (spread.seeds, spread.variance) == (1, 0.0)


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("spread", [0.0, 0.02, 0.1])
def test_intervals_over_seeds_and_items_cover(studies, named, seeds, spread) -> None:  # type: ignore[no-untyped-def]
    """40 clusters of 5 rows and 200 of 1; too wide without an effect of the seed, never too narrow."""
    by_id, groups = named
    covered, count = [], 150
    for clusters, rows in ((40, 5), (200, 1)):
        of = groups(clusters, rows)
        for share in (0.1, 0.5, 0.9):
            for _ in range(count):
                drawn = studies.answers([share, share], clusters, rows, seeds=seeds, spread=spread)
                a, b = ([by_id(run) for run in side] for side in drawn)
                mean, difference = crossed(a, of), crossed(a, of, b)
                covered.append(
                    (mean.low <= share <= mean.high, difference.low <= 0 <= difference.high)
                )
    error = (0.95 * 0.05 / len(covered)) ** 0.5
    for rate in np.mean(covered, axis=0):
        assert 0.93 - 2 * error <= rate <= 0.99
