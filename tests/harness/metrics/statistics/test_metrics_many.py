"""Many clusters are drawn by how often their kind occurs: the same law, and little memory."""

import tracemalloc

import numpy as np
import pytest

from harness.metrics.statistics import counts, resampling
from harness.metrics.statistics.best import MOST, compare_with_best
from harness.metrics.statistics.counts import cluster_bootstrap_counts
from harness.metrics.statistics.paired import paired_counts, paired_difference
from harness.metrics.statistics.panel import Means, counted, means
from harness.metrics.statistics.resampling import cluster_bootstrap

SIZE = 3000


@pytest.fixture
def drawn():
    random = np.random.default_rng(3)
    targets = random.choice(list("abc"), size=SIZE).tolist()
    sides = [
        [t if random.random() < share else random.choice(list("abc")) for t in targets]
        for share in (0.7, 0.72)
    ]
    return targets, sides


def both(monkeypatch, work):
    """What few clusters give, and what the same ones give when they count as many."""
    plain = work()
    for module in (resampling, counts):
        monkeypatch.setattr(module, "MANY", 1000)
    return plain, work()


def ids(values):
    return {str(n): value for n, value in enumerate(values)}


def test_intervals_are_the_same_but_for_the_draws(drawn, monkeypatch) -> None:
    targets, (first, _) = drawn
    clusters = [f"c{n:04}" for n in range(SIZE)]
    right = [float(a == b) for a, b in zip(targets, first, strict=True)]
    for work in (
        lambda: cluster_bootstrap(right, clusters),
        lambda: cluster_bootstrap([5 * value for value in right], clusters, share=False),
        lambda: cluster_bootstrap_counts(targets, first, clusters, metric="macro_f1"),
    ):
        with monkeypatch.context() as patch:
            plain, many = both(patch, work)
        assert many != plain and many.value == pytest.approx(plain.value)
        assert (many.low, many.high) == pytest.approx((plain.low, plain.high), rel=0.01)


def test_pairs_are_the_same_but_for_the_draws(drawn, monkeypatch) -> None:
    targets, sides = drawn
    first, second = map(ids, sides)
    values = [ids(float(a == b) for a, b in zip(targets, side, strict=True)) for side in sides]
    clusters = ids(f"c{n // 2}" for n in range(SIZE))
    for work in (
        lambda: paired_difference(*values, clusters),
        lambda: paired_counts(first, second, ids(targets), clusters, "macro_f1"),
        lambda: paired_counts(first, second, ids(targets), {}, "mcc"),
    ):
        with monkeypatch.context() as patch:
            plain, many = both(patch, work)
        assert many.difference == pytest.approx(plain.difference)
        assert (many.low, many.high) == pytest.approx((plain.low, plain.high), abs=0.004)
        assert many.p_value == pytest.approx(plain.p_value, abs=0.05)
        assert (many.n, many.clusters) == (plain.n, plain.clusters)


def test_panels_are_the_same_but_for_the_draws(drawn, monkeypatch) -> None:
    targets, sides = drawn
    values = [ids(float(a == b) for a, b in zip(targets, side, strict=True)) for side in sides]
    for work in (
        lambda: means(values, {}),
        lambda: counted([ids(side) for side in sides], ids(targets), {}, "macro_f1"),
    ):
        with monkeypatch.context() as patch:
            plain, many = both(patch, work)
        assert (many.clusters, many.rows) == (SIZE, SIZE) and len(many.counts) < 30
        np.testing.assert_allclose(many.observed.values, plain.observed.values)
        np.testing.assert_allclose(many.observed.covariance, plain.observed.covariance)
        bounds = [compare_with_best(each, [range(1), range(1, 2)]) for each in (plain, many)]
        assert bounds[1].far == pytest.approx(bounds[0].far, abs=0.003)


def panel(size: int, clusters: int = 60) -> Means:
    sums = np.random.default_rng(1).binomial(1, 0.6, size=(clusters, size)).astype(float)
    return Means(np.ones(clusters), sums)


def test_many_configurations_have_wider_bounds_and_no_resamples() -> None:
    few = compare_with_best(panel(MOST), [range(k, k + 1) for k in range(MOST)])
    size = MOST + 1
    many = compare_with_best(panel(size), [range(k, k + 1) for k in range(size)])
    assert few.resamples is not None and many.resamples is None
    assert many.critical().min() >= np.median(few.critical())
    assert many.resampled_behind() is None and (many.far >= 0).all()


def test_memory_of_bounds_grows_with_pairs_at_most_and_never_with_draws() -> None:
    size = 400
    groups = [range(k, k + 1) for k in range(size)]
    tracemalloc.start()
    assert len(compare_with_best(panel(size), groups).far) == size
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * 8 * size**2  # some matrices of pairs; with the draws it was 2,000 times one


def test_seeds_beyond_the_most_are_averaged_before_they_are_resampled() -> None:
    size = 120
    groups = [range(k, k + 40) for k in range(0, size, 40)]
    whole = panel(size)
    averaged = Means(whole.counts, np.stack([whole.sums[:, list(g)].mean(1) for g in groups], 1))
    found = compare_with_best(whole, groups)
    plain = compare_with_best(averaged, [range(k, k + 1) for k in range(3)])
    np.testing.assert_allclose(found.values, plain.values)
    assert found.resamples is not None and found.resamples.errors.shape[1:] == (3, 3)
