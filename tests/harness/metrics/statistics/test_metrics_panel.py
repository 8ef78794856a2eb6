"""Variances of scores: against cluster-robust regression, finite differences and the bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.metrics.statistics.counts import METRICS, SEVERAL, gradient, statistic
from harness.metrics.statistics.panel import counted, means
from harness.metrics.statistics.resampling import weights


def ones(panel):  # type: ignore[no-untyped-def]
    return panel.moments(np.ones((1, panel.clusters)))


def test_the_variance_of_a_mean_is_that_of_cluster_robust_regression() -> None:
    random = np.random.default_rng(1)
    clusters = random.integers(0, 30, size=200)
    values = random.random(200) + random.normal(size=30)[clusters]
    ids = [f"{i:03d}" for i in range(200)]
    panel = means(
        [dict(zip(ids, values.tolist(), strict=True))],
        dict(zip(ids, map(str, clusters), strict=True)),
    )
    fitted = sm.OLS(values, np.ones(200)).fit(cov_type="cluster", cov_kwds={"groups": clusters})
    moments = ones(panel)
    assert moments.values[0, 0] == pytest.approx(fitted.params[0])
    assert moments.covariance[0, 0, 0] == pytest.approx(fitted.cov_params()[0, 0])


def test_rows_alone_have_the_textbook_covariance() -> None:
    values = np.random.default_rng(2).random((3, 50))
    runs = [{str(i): float(v) for i, v in enumerate(row)} for row in values]
    panel = means(runs, {})
    assert (panel.clusters, panel.rows) == (50, 50)
    np.testing.assert_allclose(ones(panel).covariance[0], np.cov(values) / 50)


def test_a_draw_is_the_panel_of_the_drawn_clusters() -> None:
    random = np.random.default_rng(3)
    sizes = [1, 4, 2, 3, 5, 2]
    owner = [str(c) for c, size in enumerate(sizes) for _ in range(size)]
    runs = [{f"{i:02d}": float(random.random()) for i in range(17)} for _ in range(2)]
    panel = means(runs, {f"{i:02d}": c for i, c in enumerate(owner)})
    weight = np.array([[2.0, 0, 1, 3, 0, 0]])
    drawn = [i for i, c in enumerate(owner) for _ in range(int(weight[0, int(c)]))]
    expected = [np.mean([run[f"{i:02d}"] for i in drawn]) for run in runs]
    np.testing.assert_allclose(panel.moments(weight).values[0], expected)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from(sorted(METRICS)))
def test_gradients_are_finite_differences(seed: int, metric) -> None:  # type: ignore[no-untyped-def]
    random = np.random.default_rng(seed)
    confusion = random.integers(1, 20, size=(3, 3)).astype(float)
    sums = np.concatenate((np.diag(confusion), confusion.sum(1), confusion.sum(0)))[None]
    if metric in SEVERAL:  # its first class counts the rows
        sums.reshape(3, 3)[:, 0] = confusion.sum() + 1
    step = 1e-5
    moved = np.repeat(sums, 9, axis=0) + step * np.eye(9)
    back = np.repeat(sums, 9, axis=0) - step * np.eye(9)
    by_hand = (statistic(moved, metric) - statistic(back, metric)) / (2 * step)
    np.testing.assert_allclose(gradient(sums, metric)[0], by_hand, atol=1e-7)
    # Doubling all counts changes nothing, so that the clusters' influences sum to 0.
    assert float((gradient(sums, metric) * sums).sum()) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("metric", sorted(METRICS))
def test_the_variance_of_a_figure_of_counts_is_that_of_its_resamples(metric) -> None:  # type: ignore[no-untyped-def]
    random = np.random.default_rng(4)
    ids = [f"{i:03d}" for i in range(600)]
    right = dict(zip(ids, random.choice(list("abc"), 600, p=[0.6, 0.3, 0.1]), strict=True))
    runs = [
        {name: label if random.random() < 0.8 else "b" for name, label in right.items()}
        for _ in range(2)
    ]
    panel = counted(runs, right, {name: str(int(name) // 3) for name in ids}, metric)
    drawn = np.concatenate([panel.moments(w).values for w in weights(panel.clusters, 3000, 0)])
    np.testing.assert_allclose(ones(panel).covariance[0], np.cov(drawn.T), rtol=0.2, atol=2e-5)


def test_blocks_of_counts_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    right = {str(i): "ab"[i % 2] for i in range(40)}
    panel = counted([right, dict.fromkeys(right, "a")], right, {}, "weighted_f1")
    drawn = next(weights(40, 7, 0))
    whole = panel.moments(drawn)
    monkeypatch.setattr("harness.metrics.statistics.panel._AT_ONCE", 100)
    np.testing.assert_allclose(panel.moments(drawn).covariance, whole.covariance)


def test_runs_without_the_same_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="same rows"):
        means([{"1": 1.0}, {"2": 1.0}], {})
    with pytest.raises(ValueError, match="same rows"):
        means([], {})
