"""Intervals: known values, properties, coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm, t
from sklearn import metrics as sk

from harness.errors import UsageError
from harness.metrics.statistics.counts import cluster_bootstrap_counts
from harness.metrics.statistics.paired import _sign_flip, paired_difference
from harness.metrics.statistics.resampling import cluster_bootstrap, wilson

LABELS = ["a", "b", "c"]
rows = st.lists(
    st.tuples(st.sampled_from(LABELS), st.sampled_from([*LABELS, "(none)"]), st.integers(0, 8)),
    min_size=1,
    max_size=60,
)


@given(st.integers(1, 500), st.data(), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_wilson_equals_scipys(n: int, data: st.DataObject, confidence: float) -> None:
    right = data.draw(st.integers(0, n))
    expected = binomtest(right, n).proportion_ci(confidence, method="wilson")
    low, high = wilson(right, n, confidence)
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert 0 <= low <= right / n <= high <= 1


@pytest.mark.parametrize(("right", "n"), [(0, 0), (3, 2), (-1, 2)])
def test_wilson_refuses_what_is_no_proportion(right: int, n: int) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        wilson(right, n)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9)), min_size=1, max_size=50),
    st.randoms(use_true_random=False),
)
def test_the_bootstrap_holds_its_estimate_in_any_order(pairs, random) -> None:  # type: ignore[no-untyped-def]
    made = cluster_bootstrap([v for v, _ in pairs], [c for _, c in pairs], draws=200)
    assert made.low is not None and made.high is not None
    assert made.value == pytest.approx(np.mean([v for v, _ in pairs]))
    assert -1e-9 <= made.low <= made.value <= made.high <= 1 + 1e-9
    random.shuffle(pairs)
    again = cluster_bootstrap([v for v, _ in pairs], [c for _, c in pairs], draws=200)
    assert (again.low, again.high) == pytest.approx((made.low, made.high), abs=1e-6)


def test_no_spread_falls_back_to_clusters() -> None:
    made = cluster_bootstrap([1.0] * 50, [i // 5 for i in range(50)])
    assert (made.low, made.high) == pytest.approx(wilson(10, 10))
    assert made.method == "wilson on clusters: no spread"
    one = cluster_bootstrap([1.0, 0.0, 1.0, 0.0], ["x"] * 4)
    assert (one.low, one.high) == pytest.approx(wilson(0.5, 1))
    seconds = cluster_bootstrap([7.0, 7.0], ["a", "b"])
    assert (seconds.value, seconds.low, seconds.high) == (7.0, None, None)


def test_the_mean_is_over_rows_and_not_over_clusters() -> None:
    values, clusters = [1.0, 1.0, 1.0, 0.0], ["a", "a", "a", "b"]
    assert cluster_bootstrap(values, clusters).value == 0.75


def test_bad_lengths() -> None:
    with pytest.raises(ValueError, match="clusters"):
        cluster_bootstrap([], [])
    with pytest.raises(ValueError, match="clusters"):
        cluster_bootstrap_counts(["a"], ["a"], [], metric="mcc")


def test_single_rows_give_about_wilson() -> None:
    values = np.random.default_rng(1).random(400) < 0.7
    made = cluster_bootstrap(values, range(400), draws=4000)
    assert (made.low, made.high) == pytest.approx(wilson(values.sum(), 400), abs=0.01)


def test_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).random(90)
    whole = cluster_bootstrap(values, range(90), draws=300)
    monkeypatch.setattr("harness.metrics.statistics.resampling.AT_ONCE", 1000)
    assert cluster_bootstrap(values, range(90), draws=300) == whole


def test_coverage_with_clusters() -> None:
    """Forty facts, five wordings each, intra-cluster correlation 0.7, 400 studies."""
    random, facts, wordings, share = np.random.default_rng(7), 40, 5, 0.7
    clusters = np.repeat(np.arange(facts), wordings)
    covered = {"wilson": 0, "bootstrap": 0}
    studies = 400
    for study in range(studies):
        # Beta with a + b = 1 / correlation - 1 gives that correlation of the binary rows.
        scale = 1 / 0.7 - 1
        skill = random.beta(share * scale, (1 - share) * scale, size=facts)
        values = random.random(facts * wordings) < np.repeat(skill, wordings)
        low, high = wilson(values.sum(), len(values))
        covered["wilson"] += low <= share <= high
        made = cluster_bootstrap(values, clusters, draws=500, seed=study)
        covered["bootstrap"] += (made.low or 0) <= share <= (made.high or 0)
    assert covered["bootstrap"] / studies >= 0.90
    assert covered["wilson"] / studies <= 0.80


@pytest.mark.filterwarnings("ignore:A single label was found")
@settings(deadline=None, max_examples=60)
@given(rows)
def test_counts_equal_scikit_learn(drawn: list[tuple[str, str, int]]) -> None:
    targets, predicted, clusters = map(list, zip(*drawn, strict=True))
    there = sorted(set(targets))
    expected = {
        "macro_f1": sk.f1_score(targets, predicted, labels=there, average="macro", zero_division=0),
        "weighted_f1": sk.f1_score(
            targets, predicted, labels=there, average="weighted", zero_division=0
        ),
        "mcc": sk.matthews_corrcoef(targets, predicted),
    }
    for name, value in expected.items():
        made = cluster_bootstrap_counts(targets, predicted, clusters, metric=name, draws=50)  # type: ignore[arg-type]
        assert made.value == pytest.approx(value, abs=1e-12)
        if made.low is not None and made.high is not None:
            assert made.low <= made.value <= made.high


def test_resampled_counts_equal_resampled_rows() -> None:
    random = np.random.default_rng(3)
    targets = random.choice(LABELS, 120).tolist()
    predicted = [x if random.random() < 0.6 else random.choice(LABELS).item() for x in targets]
    clusters = [f"{i // 3:02d}" for i in range(120)]
    made = cluster_bootstrap_counts(targets, predicted, clusters, metric="macro_f1", draws=400)
    by_hand = []
    for chosen in np.random.default_rng(0).integers(40, size=(400, 40)):
        take = [3 * c + k for c in chosen for k in range(3)]
        by_hand.append(
            sk.f1_score([targets[i] for i in take], [predicted[i] for i in take], average="macro")
        )
    # Hesterberg's wider tail for 40 clusters.
    tail = norm.cdf(math.sqrt(40 / 39) * t.ppf(0.025, 39))
    assert (made.low, made.high) == pytest.approx(np.quantile(by_hand, [tail, 1 - tail]))


def test_a_constant_answer_has_no_interval_for_mcc() -> None:
    made = cluster_bootstrap_counts(list("ab" * 9), ["a"] * 18, range(18), metric="mcc")
    assert (made.value, made.low, made.high) == (0.0, None, None)


def test_paired_is_over_common_rows() -> None:
    a = {"1": 1.0, "2": 1.0, "3": 0.0, "only a": 1.0}
    b = {"1": 0.0, "2": 1.0, "3": 0.0, "only b": 0.0}
    found = paired_difference(a, b, {})
    assert (found.n, found.clusters) == (3, 3)
    assert found.difference == pytest.approx(1 / 3)
    assert found.low <= found.difference <= found.high
    assert found.method == "cluster-bootstrap, mcnemar-exact"


def test_mcnemar_is_the_binomial_test() -> None:
    ids = [str(i) for i in range(40)]
    a = {name: float(i < 25) for i, name in enumerate(ids)}
    b = {name: float(10 <= i < 28) for i, name in enumerate(ids)}
    assert paired_difference(a, b, {}).p_value == pytest.approx(binomtest(10, 13).pvalue)


def test_sign_flips_of_single_rows_are_mcnemar() -> None:
    assert _sign_flip(np.array([1.0] * 10 + [-1.0] * 3), 0, 0) == pytest.approx(
        binomtest(10, 13).pvalue
    )
    sampled = _sign_flip(np.array([1.0] * 20 + [-1.0] * 8), 20_000, 0)
    assert sampled == pytest.approx(binomtest(20, 28).pvalue, abs=0.01)


def test_clusters_widen_a_difference() -> None:
    ids = [str(i) for i in range(100)]
    a = dict.fromkeys(ids, 1.0)
    b = {name: float((i // 5) % 4 != 0) for i, name in enumerate(ids)}
    alone = paired_difference(a, b, {})
    grouped = paired_difference(a, b, {name: str(i // 5) for i, name in enumerate(ids)})
    assert grouped.clusters == 20
    assert grouped.high - grouped.low > alone.high - alone.low
    assert grouped.p_value > alone.p_value
    assert grouped.method == "cluster-bootstrap, sign-flip"


def test_the_same_answers_differ_by_little() -> None:
    a = {str(i): float(i % 2) for i in range(100)}
    found = paired_difference(a, a, {})
    assert (found.difference, found.p_value) == (0.0, 1.0)
    assert found.high == pytest.approx(wilson(0, 100)[1])
    assert found.low == -found.high


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.integers(0, 5)), min_size=1))
def test_paired_is_antisymmetric(drawn: list[tuple[float, float, int]]) -> None:
    a = {str(i): v for i, (v, _, _) in enumerate(drawn)}
    b = {str(i): v for i, (_, v, _) in enumerate(drawn)}
    groups = {str(i): str(c) for i, (_, _, c) in enumerate(drawn)}
    one = paired_difference(a, b, groups, draws=100)
    other = paired_difference(b, a, groups, draws=100)
    assert one.difference == pytest.approx(-other.difference, abs=1e-9)
    assert one.p_value == pytest.approx(other.p_value)
    assert 0 <= one.p_value <= 1
    assert not math.isnan(one.low)
    assert -1 - 1e-9 <= one.low <= one.difference <= one.high <= 1 + 1e-9


def test_nothing_in_common_is_refused() -> None:
    with pytest.raises(UsageError, match="no row in common"):
        paired_difference({"1": 1.0}, {"2": 1.0}, {})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("clusters", "wordings", "shared"), [(200, 1, 0.0), (40, 5, 0.5), (40, 5, 2.0)]
)
def test_intervals_cover_as_they_claim(studies, named, clusters, wordings, shared) -> None:  # type: ignore[no-untyped-def]
    """A share of .1, .5 or .9 and a difference between two, 200 rows each: 93 to 97 %."""
    by_id, groups = named
    of, count, covered = groups(clusters, wordings), 400, []
    for share in (0.1, 0.5, 0.9):
        for study in range(count):
            drawn = studies.answers(
                [share, share - 0.05], clusters, wordings, cluster=shared, row=0.5
            )
            a, b = (by_id(side[0]) for side in drawn)
            one = cluster_bootstrap(list(a.values()), [of[k] for k in a], draws=1000, seed=study)
            two = paired_difference(a, b, of, draws=1000, seed=study)
            covered.append((one.low <= share <= one.high, two.low <= 0.05 <= two.high))
    cells = np.array(covered).reshape(3, count, 2).mean(1)
    error = (0.95 * 0.05 / count) ** 0.5
    assert (cells >= 0.93 - 2 * error).all() and (cells <= 0.97 + 2 * error).all(), cells
    assert (np.abs(cells.mean(0) - 0.95) <= 0.02).all(), cells
