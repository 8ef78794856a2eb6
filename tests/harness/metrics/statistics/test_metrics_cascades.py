"""Cascades: chosen on other clusters than they are scored on, and shown only where they are better."""

from __future__ import annotations

import time
from collections import Counter
from itertools import combinations, product

import numpy as np
import pytest

from harness.metrics.statistics.cascades import STEPS, Choice, Stage, Unseen, cross_fit, lead

FREE = np.zeros(STEPS + 1)
PER_CLUSTER = 4


def made(random, rows=400):  # type: ignore[no-untyped-def]
    """Rows that share something with the others of their cluster, and these clusters."""
    clusters = np.arange(rows) // PER_CLUSTER
    return 0.5 * random.normal(size=rows)[clusters] + random.normal(size=rows), clusters


def better(random):  # type: ignore[no-untyped-def]
    """A cheap one, right on 70 %, that knows where it is; a dear one, right on 90 %."""
    level, clusters = made(random)
    sure = 1 / (1 + np.exp(-2 * (level + 0.6) - random.normal(size=len(level))))
    wrong = random.random(len(level)) < 0.1
    cheap = Stage((level < -0.6).astype(float), 0.0, FREE, sure)
    return [cheap, Stage(wrong.astype(float), 0.12, FREE)], clusters


def noise(random):  # type: ignore[no-untyped-def]
    """The same without the confidence: nothing tells which rows to pass on."""
    stages, clusters = better(random)
    return [Stage(stages[0].losses, 0.0, FREE, random.random(len(clusters))), stages[1]], clusters


def edge(random):  # type: ignore[no-untyped-def]
    """The rows that are least sure are wrong just as often as a person is worth: no cascade is
    better than the first stage alone, and the best ones are as good."""
    level, clusters = made(random)
    low = random.random(len(level)) < 0.2
    wrong = level / 1.25**0.5 < np.where(low, -0.5244, -1.2816)  # .3 and .1
    sure = np.where(low, 0.3, 0.5) * random.random(len(level)) + np.where(low, 0.0, 0.5)
    person = Stage(np.full(len(level), 0.3), 0.0, FREE, last=True)
    return [Stage(wrong.astype(float), 0.0, FREE, sure), person], clusters


def rare(random):  # type: ignore[no-untyped-def]
    """The same where 2 % of the least sure rows, and 0.2 % of the others, lose 500."""
    clusters = np.arange(400) // PER_CLUSTER
    low = random.random(400) < 0.2
    lost = 500.0 * (random.random(400) < np.where(low, 0.02, 0.002))
    sure = np.where(low, 0.3, 0.5) * random.random(400) + np.where(low, 0.0, 0.5)
    person = Stage(np.full(400, 10.0), 0.0, FREE, last=True)
    return [Stage(lost, 0.0, FREE, sure), person], clusters


def verdict(stages, clusters, seed, *unseen):  # type: ignore[no-untyped-def]
    *_, costs = cross_fit(stages, clusters, seed=seed)
    leads = [lead(costs, stage.alone, clusters, Unseen(*unseen), seed=seed) for stage in stages]
    if max(each.value for each in leads) >= 0:
        return "none"
    return "shown" if max(each.high for each in leads) < 0 else "not shown"


@pytest.mark.parametrize(("truth", "studies"), [(better, 6), (noise, 6)])
def test_a_cascade_is_shown_where_confidence_tells_and_nowhere_else(truth, studies) -> None:  # type: ignore[no-untyped-def]
    found = Counter(verdict(*truth(np.random.default_rng(k)), k, 1.0) for k in range(studies))
    assert (found["shown"] >= 5) if truth is better else not found["shown"], found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("truth", "unseen", "least", "most"),
    [
        (better, (1.0,), 0.95, 1.0),
        (noise, (1.0,), 0.0, 0.05),
        (edge, (1.0,), 0.0, 0.05),
        (edge, (0.0,), 0.02, 0.08),
        (rare, (500.0, 500.0), 0.0, 0.05),
    ],
)
def test_cascades_are_shown_at_the_right_rate(truth, unseen, least, most) -> None:  # type: ignore[no-untyped-def]
    """At the edge, without the allowance for what wasn't seen, 5 % of studies: the bound's level."""
    studies = 300
    found = Counter(verdict(*truth(np.random.default_rng(k)), k, *unseen) for k in range(studies))
    assert least <= found["shown"] / studies <= most, found


def test_nothing_passed_on_is_the_first_stage() -> None:
    stages, _ = better(np.random.default_rng(0))
    own = Choice((0, 1), (0.0,)).costs(stages)
    assert np.array_equal(own, stages[0].alone)
    all_ = Choice((0, 1), (1.01,)).costs(stages)
    assert np.allclose(all_, stages[1].alone), "the first is free"
    assert [rows.mean() for _, rows in Choice((0, 1), (0.0,)).reached(stages)] == [1.0, 0.0]


def random_stages(random, rows, count):  # type: ignore[no-untyped-def]
    stages = []
    for k in range(count):
        wrong = (random.random(rows) < 0.5 - 0.4 * k / count).astype(float)
        sure = np.clip(random.normal(0.6 - 0.3 * wrong, 0.2), 0, 1)
        steps = 0.01 * k * np.ceil(np.linspace(0, 3, STEPS + 1))  # whole machines
        stages.append(Stage(wrong, 0.02 * k, steps, sure))
    return [*stages, Stage(np.full(rows, 0.2), 0.0, FREE, last=True)]


def test_the_search_finds_the_cheapest_of_all() -> None:
    random, rows = np.random.default_rng(3), 60
    stages, clusters = random_stages(random, rows, 3), np.arange(rows)
    found = cross_fit(stages, clusters)
    assert found is not None
    best, costs = found[0], []
    for size in (2, 3, 4):
        for chain in combinations(range(4), size):
            for limits in product(*(stages[at].thresholds() for at in chain[:-1])):
                choice = Choice(chain, limits)
                reached = [rows_.mean() for _, rows_ in choice.reached(stages)]
                steps = [int(np.ceil(share * STEPS - 1e-9)) for share in reached]
                fixed = sum(stages[at].fixed[k] for at, k in zip(chain, steps, strict=True))
                costs.append((choice.costs(stages).mean() + fixed, chain, limits))
    least = min(costs)
    assert best.costs(stages).mean() == pytest.approx(least[0])
    assert (best.stages, best.thresholds) == (least[1], tuple(map(float, least[2])))


def test_no_row_is_scored_by_a_cascade_that_has_seen_it() -> None:
    """Losses of one cluster change neither its own cascade nor that of its fold."""
    random = np.random.default_rng(5)
    stages, clusters = random_stages(random, 80, 2), np.arange(80) // PER_CLUSTER
    changed = [
        Stage(np.where(clusters == 7, 1 - s.losses, s.losses), s.asking, s.fixed, s.sure, s.last)
        for s in stages
    ]
    before, after = cross_fit(stages, clusters), cross_fit(changed, clusters)
    assert before is not None and after is not None
    own = [k for k, pair in enumerate(zip(before[1], after[1], strict=True)) if pair[0] == pair[1]]
    assert own, "the fold that holds the cluster chooses as before"
    inside = clusters == 7
    kept = [choice.costs(changed)[inside] for choice in (after[1][k] for k in own)]
    assert any(np.array_equal(each, after[2][inside]) for each in kept)


def test_what_several_stages_share_is_paid_once() -> None:
    stages, clusters = better(np.random.default_rng(0))
    dear = [Stage(s.losses, s.asking, FREE + 0.2, s.sure) for s in stages]
    plain, shared = cross_fit(dear, clusters), cross_fit(dear, clusters, lambda _: 0.2)
    assert plain is not None and shared is not None
    assert np.allclose(plain[2] - shared[2], 0.2)


def test_confidence_that_is_the_same_everywhere_passes_nothing_on() -> None:
    stages, clusters = better(np.random.default_rng(0))
    flat = [Stage(s.losses, s.asking, s.fixed, np.ones(len(clusters))) for s in stages]
    assert cross_fit(flat, clusters) is None


def test_a_loss_that_was_not_seen_is_allowed_for() -> None:
    clusters = np.arange(300)
    mine, other = np.full(300, 0.1), np.full(300, 0.11)
    assert lead(mine, other, clusters, Unseen(0.0)).high < 0
    assert lead(mine, other, clusters, Unseen(1.0)).high == pytest.approx(
        -0.01 + 2.72 / 300, abs=1e-4
    )
    rare = lead(mine, other, clusters, Unseen(0.0, 10.0))
    assert rare.high == pytest.approx(-0.01 + 27.2 / 300, abs=1e-3)


@pytest.mark.slow
def test_twelve_candidates_are_searched_in_seconds() -> None:
    random = np.random.default_rng(1)
    stages, start = random_stages(random, 400, 12), time.process_time()
    assert cross_fit(stages, np.arange(400)) is not None
    assert time.process_time() - start < 10
