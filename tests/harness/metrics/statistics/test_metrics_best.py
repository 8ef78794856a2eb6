"""Comparison with the best: Dunnett's quantile, Wilson's bound, and errors in simulated studies."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import chi2, multivariate_normal

from harness.metrics.statistics.best import Bounds, compare_with_best
from harness.metrics.statistics.panel import Means, counted
from harness.metrics.statistics.resampling import wilson_of_error
from harness.metrics.statistics.seeds import student


def panel_of(answers):  # type: ignore[no-untyped-def]
    """A panel of answers of shape (settings, seeds, clusters, rows), and its groups."""
    settings, seeds, clusters, rows = answers.shape
    sums = answers.sum(3).reshape(settings * seeds, clusters).T
    groups = [range(k * seeds, (k + 1) * seeds) for k in range(settings)]
    return Means(np.full(clusters, float(rows)), sums), groups


def bounds(answers, **options) -> Bounds:  # type: ignore[no-untyped-def]
    return compare_with_best(*panel_of(np.asarray(answers, dtype=float)), **options)


def test_many_independent_rows_give_dunnetts_quantile() -> None:
    answers = np.random.default_rng(1).normal(size=(4, 1, 3000, 1))
    made = bounds(answers, draws=8000)
    covariance = np.full((3, 3), 0.5) + 0.5 * np.eye(3)

    def excess(q: float) -> float:
        return multivariate_normal(np.zeros(3), covariance).cdf(np.full(3, q)) - 0.95

    assert made.critical() == pytest.approx(np.full(4, brentq(excess, 1, 4)), abs=0.08)


def test_two_settings_give_the_one_sided_t_bound() -> None:
    answers = np.random.default_rng(2).normal(size=(2, 1, 800, 1))
    made = bounds(answers, draws=8000)
    gap = answers[1, 0, :, 0] - answers[0, 0, :, 0]
    reach = student(0.95, 799, sides=1) * gap.std(ddof=1) / math.sqrt(800)
    assert made.behind() == pytest.approx([gap.mean() + reach, -gap.mean() + reach], abs=0.003)


def test_alone_it_is_the_best() -> None:
    made = bounds(np.ones((1, 1, 50, 1)))
    assert made.behind() == pytest.approx([0.0])
    assert made.low == pytest.approx([wilson_of_error(1.0, 0.0, 50, student(0.95, 49, sides=1))[0]])


def test_settings_that_never_differ_may_differ_by_as_much_as_wilson_allows() -> None:
    one = (np.arange(200) % 3 > 0).astype(float).reshape(1, 1, 200, 1)
    made = bounds(np.concatenate([one, one]))
    square = student(0.95, 199, sides=1) ** 2
    assert made.behind() == pytest.approx([square / 200] * 2)
    assert made.pair_errors[0, 1] == 0


def test_a_looser_level_is_nearer_and_rivals_cost_width(studies) -> None:  # type: ignore[no-untyped-def]
    answers = studies.answers([0.8, 0.8, 0.6, 0.6, 0.6], 200, 1)
    many, two = bounds(answers), bounds(answers[:2])
    assert (many.behind(0.8) < many.behind(0.95)).all()
    assert (many.behind()[:2] > two.behind() - 0.003).all()
    assert (many.critical()[:2] > two.critical() + 0.1).all()


def test_seeds_that_differ_move_the_bounds_apart(studies) -> None:  # type: ignore[no-untyped-def]
    answers = studies.answers([0.7, 0.7], 300, 1, seeds=3, spread=0.1)
    made = bounds(answers)
    averaged = bounds(answers.mean(1, keepdims=True))
    assert made.values == pytest.approx(averaged.values)
    assert (made.seed_errors > 0).all() and (averaged.seed_errors == 0).all()
    assert (made.behind() > averaged.behind() + 0.03).all()
    assert (made.low < averaged.low).all()


def test_figures_of_counts_are_compared_too() -> None:
    random = np.random.default_rng(3)
    right = {str(i): "ab"[random.random() < 0.3] for i in range(400)}
    good = {name: label if random.random() < 0.9 else "b" for name, label in right.items()}
    made = compare_with_best(
        counted([good, dict.fromkeys(right, "a")], right, {}, "macro_f1"), [[0], [1]]
    )
    assert made.behind()[0] == 0
    assert made.behind()[1] > 0.4 > made.values[1] - 0.1


def test_the_decision_can_be_made_again_in_each_resample(studies) -> None:  # type: ignore[no-untyped-def]
    made = bounds(studies.answers([0.9, 0.6], 200, 1), draws=500)
    again = made.resampled_behind()
    assert again.shape == (500, 2)
    assert (again[:, 0] == 0).mean() > 0.99
    assert np.median(again[:, 1]) == pytest.approx(made.behind()[1], abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shares", "clusters", "rows", "seeds", "spread"),
    [
        ([0.8, 0.78], 200, 1, 1, 0.0),
        ([0.8, 0.78], 40, 5, 1, 0.0),
        ([0.1, 0.08, 0.08], 40, 5, 1, 0.0),
        ([0.95, 0.93, 0.93, 0.93, 0.93], 400, 1, 1, 0.0),
        ([0.8, 0.78, 0.78], 200, 1, 3, 0.0),
        ([0.8, 0.78, 0.78], 200, 1, 3, 0.02),
    ],
)
def test_what_is_too_far_behind_is_seldom_accepted(  # type: ignore[no-untyped-def]
    studies, shares, clusters, rows, seeds, spread
) -> None:
    """Rivals are behind by exactly the margin of 2 points: the least favourable truth."""
    margin, count = 0.02, 400
    wrong = 0
    for study in range(count):
        answers = studies.answers(shares, clusters, rows, seeds=seeds, spread=spread)
        made = bounds(answers, draws=500, seed=study)
        wrong += bool((made.behind()[1:] <= margin).any())
    assert wrong / count <= 0.05 + 2 * (0.05 * 0.95 / count) ** 0.5


LARGE, CASES = 5e6, 400


@pytest.mark.parametrize("often", [1 / 100, 1 / 300, 1 / 400, 1 / 800])
def test_a_rare_large_loss_is_allowed_for_though_none_was_seen(often) -> None:  # type: ignore[no-untyped-def]
    """A person costs 9,000 a case, always; a model mostly nothing, and seldom five million."""
    random = np.random.default_rng(3)
    true = np.array([9000.0, often * LARGE + 1500, 10_000.0])
    behind, covered, wrong = true - true.min(), 0, 0
    studies = 100
    for seed in range(studies):
        model = np.where(random.random(CASES) < often, LARGE, random.choice([0.0, 3000.0], CASES))
        other = np.where(random.random(CASES) < 0.5, 20_000.0, 0.0)
        losses = np.stack([np.full(CASES, 9000.0), model, other], axis=1)
        made = compare_with_best(
            Means(np.ones(CASES), -losses),
            [range(k, k + 1) for k in range(3)],
            scale=LARGE,
            rare=[0.0, LARGE, LARGE],
            top=0.0,
            draws=200,
            seed=seed,
        )
        covered += bool((made.far >= behind - 1e-9).all())
        wrong += bool(made.far[1] <= 2000 < behind[1])
    assert covered >= 0.93 * studies and wrong <= 0.02 * studies


def test_without_one_seen_the_bound_is_about_the_rule_of_three() -> None:
    answers = -np.zeros((2, 1, CASES, 1))
    made = bounds(answers, scale=LARGE, rare=[LARGE, LARGE], top=0.0)
    assert made.far == pytest.approx([2.71 * LARGE / CASES] * 2, rel=0.02)


def test_nobody_is_further_behind_than_its_own_score_from_the_best_there_can_be() -> None:
    constant = np.full((1, 1, 40, 1), -9000.0)
    wild = -np.random.default_rng(0).choice([0.0, 1e6], size=(1, 1, 40, 1))
    made = bounds(np.concatenate([constant, wild]), scale=1e6, rare=[0.0, 1e6], top=0.0)
    assert made.far[0] <= 9000


@pytest.mark.parametrize("often", [1 / 100, 1 / 400])
def test_regret_holds_whatever_known_cost_is_added(often) -> None:  # type: ignore[no-untyped-def]
    """Losses as above; each also costs a known amount, by which the best is another one."""
    random = np.random.default_rng(8)
    costs = np.array([0.0, 3_000.0, 500.0])
    true = np.array([9000.0, often * LARGE + 1500, 10_000.0]) + costs
    covered = 0
    for seed in range(100):
        model = np.where(random.random(CASES) < often, LARGE, random.choice([0.0, 3000.0], CASES))
        other = np.where(random.random(CASES) < 0.5, 20_000.0, 0.0)
        losses = np.stack([np.full(CASES, 9000.0), model, other])[:, None, :, None]
        made = bounds(-losses, scale=LARGE, rare=[0.0, LARGE, LARGE], top=0.0, draws=200, seed=seed)
        total = costs - made.values
        regret = (total[:, None] - total[None, :] + made.slack).max(1)
        covered += bool((regret >= true - true.min() - 1e-9).all())
    assert covered >= 93


def test_few_large_losses_of_a_rival_are_not_taken_for_nothing() -> None:
    """Of four in 400 the gamma limit is that of a Poisson count; the error alone would reach 0."""
    rival = np.zeros(400)
    rival[::100] = 1000.0
    losses = np.stack([np.full(400, 5.0), rival])[:, None, :, None]
    made = bounds(-losses, scale=1000.0, rare=[0.0, 1000.0], top=0.0)
    least = chi2.ppf(0.025, 2 * 4) / 2 * 1000 / 400
    slack = (10.0 - 5.0) - (least - 5.0)  # what was seen, less what is sure
    assert made.slack[0, 1] == pytest.approx(slack, rel=0.02)
    assert made.slack[0, 1] < made.quantiles[1] * made.pair_errors[0, 1]
    assert made.slack.diagonal().tolist() == [0.0, 0.0]


def test_of_a_share_of_errors_none_seen_is_not_none_there() -> None:
    """Better when lower, so turned round: no error in 40 rows may still be 7 %."""
    errors = np.zeros((2, 1, 40, 1))
    errors[1, 0, :4] = 1.0
    turned, right = bounds(-errors, top=0.0), bounds(1 - errors, top=1.0)
    assert turned.low == pytest.approx(right.low - 1) and turned.low[0] < -0.07
    assert turned.far == pytest.approx(right.far)


def test_a_study_of_four_times_the_clusters_halves_errors_and_nears_the_bounds(studies) -> None:  # type: ignore[no-untyped-def]
    panel, groups = panel_of(studies.answers([0.8, 0.79], 200, 2))
    made, planned = (
        compare_with_best(panel, groups, draws=1000, clusters=size) for size in (None, 800)
    )
    assert planned.values == pytest.approx(made.values)
    assert planned.pair_errors == pytest.approx(made.pair_errors / 2)
    assert planned.resamples.values.std(0) == pytest.approx(
        made.resamples.values.std(0) / 2, rel=0.1
    )
    assert (planned.clusters, planned.rows) == (800, 4 * made.rows)
    assert (planned.far < made.far).all() and (planned.low > made.low).all()
    assert (planned.chance(0.04) > made.chance(0.04)).all()
    assert (made.chance(0.04, floor=0.95) == 0).all()


def test_more_runs_of_a_study_lower_what_seeds_add(studies) -> None:  # type: ignore[no-untyped-def]
    panel, groups = panel_of(studies.answers([0.7, 0.7], 300, 1, seeds=3, spread=0.1))
    made, planned = (
        compare_with_best(panel, groups, draws=500, clusters=300, runs=[runs] * 2)
        for runs in (3, 12)
    )
    assert made.seed_errors == pytest.approx(2 * planned.seed_errors)
    assert (planned.critical() < made.critical()).all()
    assert (planned.far < made.far).all()


def test_without_resamples_the_normal_distribution_says_how_often(studies) -> None:  # type: ignore[no-untyped-def]
    panel, groups = panel_of(studies.answers([0.8, 0.78], 300, 1))
    made = compare_with_best(panel, groups, draws=2000)
    alone = replace(made, resamples=None)
    for margin in (0.02, 0.06, 0.1):
        assert alone.chance(margin) == pytest.approx(made.chance(margin), abs=0.06)
