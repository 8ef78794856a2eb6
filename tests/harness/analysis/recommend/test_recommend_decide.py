"""The rule, and its thresholds against the formulas they come from."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness.analysis.recommend.decide import choose, decide
from harness.analysis.recommend.flips import find_flips
from harness.analysis.recommend.offers import Offer
from harness.analysis.recommend.question import make_question
from harness.costs.ownership import Deployment, total_cost
from harness.metrics.statistics.best import compare_with_best
from harness.metrics.statistics.panel import Means


def bounds(*rights, n=400, agree=0.9, seed=1):  # type: ignore[no-untyped-def]
    """Settings with so many right answers, mostly on the same rows."""
    random = np.random.default_rng(seed)
    common = random.random(n)
    columns = [
        np.argsort(np.argsort(np.where(random.random(n) < agree, common, random.random(n)))) < right
        for right in rights
    ]
    return compare_with_best(
        Means(np.ones(n), np.stack(columns, axis=1).astype(float)),
        [[k] for k in range(len(rights))],
    )


def offer(name, once=0.0, request=0.0, update=0.0, rows=0.0, label=0.0):  # type: ignore[no-untyped-def]
    deployment = Deployment(name, once + rows * label, update_usd=update, usd_per_request=request)
    return Offer(deployment, once, rows, (), 0.1, 400)


def test_the_cheapest_that_is_not_shown_to_be_worse_is_taken() -> None:
    found = decide(bounds(370, 370, 240, agree=1.0), [3.0, 2.0, 1.0], margin=0.02)
    assert (found.chosen, found.accepted, found.stability) == (1, (1, 0), 1.0)


def test_not_significant_is_not_good_enough() -> None:
    """75 rows, 10 points apart: a test of a difference would see none."""
    made = bounds(64, 57, n=75, agree=0.5)
    found = decide(made, [2.0, 1.0], margin=0.02)
    assert found.chosen != 1
    assert made.behind()[1] > 0.1


def test_an_unpriced_setting_is_never_the_cheapest() -> None:
    made = bounds(370, 370, agree=1.0)
    assert decide(made, [5.0, None], margin=0.02).chosen == 0
    assert decide(made, [None, None], margin=0.02).chosen is None


def test_the_floor_binds_the_lower_bound() -> None:
    made = bounds(370, 370, agree=1.0)
    assert decide(made, [1.0, 2.0], margin=0.02, floor=0.85).chosen == 0
    assert made.values[0] == 0.925 > 0.91 > made.low[0]
    assert decide(made, [1.0, 2.0], margin=0.02, floor=0.91).chosen is None


def test_what_comes_closest_is_named_but_not_chosen() -> None:
    made = bounds(360, 354, agree=0.97)
    margin = float(made.behind(0.8)[1] + made.behind(0.95)[1]) / 2
    found = decide(made, [None, 1.0], margin=margin)
    assert (found.chosen, found.nearest, found.stability) == (None, 1, None)
    far = decide(made, [None, 1.0], margin=float(made.behind(0.8)[1]) / 2)
    assert (far.chosen, far.nearest) == (None, None)


def test_a_bound_at_the_margin_is_a_coin_toss_in_resamples() -> None:
    made = bounds(300, 291, agree=0.8)
    found = decide(made, [None, 1.0], margin=float(made.behind()[1]))
    assert found.chosen == 1 and found.stability == pytest.approx(0.5, abs=0.08)


def test_of_equally_cheap_ones_the_better_is_taken() -> None:
    fits = np.array([[True, True, False], [False, False, False], [True, False, True]])
    values = np.array([[0.5, 0.6, 0.9]] * 3)
    assert choose(fits, np.array([1.0, 1.0, 0.5]), values).tolist() == [1, -1, 2]


def flips_of(offers, made, **asked):  # type: ignore[no-untyped-def]
    wanted = make_question(task="t", serving="as-used", **asked)
    costs = [each.usd(wanted) for each in offers]
    choice = decide(made, costs, margin=wanted.margin)
    assert choice.chosen is not None
    found = find_flips(offers, made, wanted, choice.chosen, choice.accepted)
    return choice.chosen, {(flip.kind, flip.direction): flip for flip in found}, costs


def test_thresholds_are_the_analytic_crossings() -> None:
    """Train once and answer cheaply, or train nothing and pay for long prompts."""
    months, volume, updates, label = 12.0, 50_000.0, 0.5, 0.2
    tuned = offer("tuned", once=40, request=0.0001, update=30, rows=1000, label=label)
    asked = offer("few-shot", once=0, request=0.0004, update=0.0, rows=20, label=label)
    made = bounds(370, 370, agree=1.0)
    chosen, found, _ = flips_of(
        [tuned, asked], made, months=months, requests_per_month=volume,
        updates_per_month=updates, label_cost=label,
    )  # fmt: skip
    assert chosen == 1
    once = 40 + 1000 * label - 20 * label
    assert found["volume", "above"].value == pytest.approx(
        (once + months * updates * 30) / (months * (0.0004 - 0.0001))
    )
    # Monthly savings of 15 dollars are those of half an update: nothing but volume turns it.
    assert {kind for kind, _ in found} == {"volume", "quality", "margin"} - (
        set() if made.behind()[chosen] > 0 else {"margin"}
    )


def test_what_nobody_asks_for_is_no_turn() -> None:
    """Two that differ by a millionth of a cent cross below one request, and at trillions of updates."""
    mine = offer("mine", once=1e-6, request=1e-7, update=1e-11, rows=0, label=0)
    rival = offer("rival", once=0, request=1e-4, update=0.0, rows=0, label=0)
    made = bounds(370, 370, agree=1.0)
    asked = {"months": 12.0, "requests_per_month": 100_000.0, "updates_per_month": 1.0}
    chosen, found, _ = flips_of([mine, rival], made, **asked)
    assert chosen == 0
    assert not {kind for kind, _ in found} & {"volume", "updates"}
    usual, turns, _ = flips_of(
        [offer("mine", once=10, request=1e-7, update=0.1, rows=0, label=0), rival], made, **asked
    )
    assert usual == 0 and ("volume", "below") in turns and ("updates", "above") in turns


def test_each_line_crosses_where_both_cost_the_same() -> None:
    """Around every threshold the cheaper one changes: checked by the cost formula itself."""
    tuned = offer("tuned", once=40, request=0.0001, update=3, rows=1000, label=0.05)
    asked = offer("few-shot", once=1, request=0.0003, update=0.2, rows=20, label=0.05)
    made = bounds(370, 370, agree=1.0)
    now = {"months": 12.0, "requests_per_month": 60_000.0, "updates_per_month": 1.0}
    chosen, found, _ = flips_of([tuned, asked], made, label_cost=0.05, **now)
    assert chosen == 0
    fields = {"volume": "requests_per_month", "updates": "updates_per_month", "months": "months"}
    for kind, field in fields.items():
        flips = [flip for (name, _), flip in found.items() if name == kind]
        assert flips and all(flip.to == "few-shot" for flip in flips), kind
        for flip in flips:
            usd = [
                total_cost(each.deployment, **(now | {field: flip.value})).usd
                for each in (tuned, asked)
            ]
            assert usd[0] == pytest.approx(usd[1]), kind
    label = found["label cost", "above"].value
    dear = [
        offer("a", once=40, request=0.0001, update=3, rows=1000, label=label),
        offer("b", once=1, request=0.0003, update=0.2, rows=20, label=label),
    ]
    usd = [total_cost(each.deployment, **now).usd for each in dear]
    assert usd[0] == pytest.approx(usd[1])


def test_a_margin_turns_where_the_bounds_are() -> None:
    made = bounds(370, 369, 330, agree=0.97)
    offers = [offer("a", once=30), offer("b", once=20), offer("c", once=10)]
    chosen, found, costs = flips_of(offers, made, margin=0.03)
    behind = made.behind()
    assert chosen == 1
    above, below = found["margin", "above"], found["margin", "below"]
    assert (above.value, above.to) == (pytest.approx(behind[2]), "c")
    assert (below.value, below.to) == (pytest.approx(behind[1]), None)
    for margin, expected in ((behind[2] + 1e-9, 2), (behind[2] - 1e-9, 1)):
        assert decide(made, costs, margin=float(margin)).chosen == expected
    assert decide(made, costs, margin=float(behind[1]) - 1e-9).accepted != (1, 0)
    assert found["quality", "above"].value == pytest.approx(made.low[1])


def test_whole_machines_turn_at_steps() -> None:
    machine = Deployment("own", 0.0, fixed_usd_per_month=100, capacity=1.0)
    vendor = Deployment("vendor", 0.0, usd_per_request=0.001)
    offers = [Offer(each, 0.0, 0.0, True, 0.1, 10) for each in (machine, vendor)]
    made = bounds(370, 370, agree=1.0)
    _, found, _ = flips_of(offers, made, requests_per_month=50_000.0)
    assert found["volume", "above"].value == pytest.approx(100_000)
    one = 3600 * 730 / 3
    _, found, _ = flips_of(offers, made, requests_per_month=one - 1, peak_factor=3.0)
    assert found["volume", "below"].value == pytest.approx(100_000)
    assert math.isfinite(found["volume", "below"].value)
