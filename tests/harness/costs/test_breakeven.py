"""Every volume at which the cheaper deployment changes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.costs.ownership import Demand, Deployment, break_even, total_cost

API = Deployment("api", development_usd=0, usd_per_request=0.002, update_usd=0)


def owned(capacity: float = math.inf, **more: float) -> Deployment:
    values = {"development_usd": 500.0, "update_usd": 20.0, "fixed_usd_per_month": 600.0, **more}
    return Deployment("own", capacity=capacity, **values)  # type: ignore[arg-type]


def difference(a: Deployment, b: Deployment, volume: float, **asked: object) -> float:
    costs = [total_cost(x, requests_per_month=volume, **asked).usd for x in (a, b)]  # type: ignore[arg-type]
    assert costs[0] is not None and costs[1] is not None
    return costs[0] - costs[1]


def test_one_crossing_by_the_formula() -> None:
    found = break_even(API, owned(usd_per_request=0.0005), months=24, updates_per_month=3)
    expected = (500 + 24 * 3 * 20 + 24 * 600) / (24 * (0.002 - 0.0005))
    (cross,) = found.crossings
    assert cross.requests_per_month == pytest.approx(expected)
    assert (cross.cheaper_below, cross.cheaper_above) == ("api", "own")
    assert found.complete and found.cheaper_at_zero == "api" and not cross.at_a_step
    assert str(found) == f"own is cheaper above {expected:,.0f} requests a month"


def test_the_cheaper_one_everywhere_is_never_overtaken() -> None:
    found = break_even(API, owned(usd_per_request=0.002), months=12)
    assert found.never and found.complete and str(found) == "never: api is cheaper"
    same = break_even(API, API, months=12)
    assert same.never and same.cheaper_at_zero is None and str(same) == "never: the same cost"


def test_steps_make_several_crossings() -> None:
    # full, a machine is worth 660 dollars of requests and costs 600; a little used one isn't
    each = 330_000
    one = owned(Demand().peak_factor * each / (3600 * 730), development_usd=0.0)
    found = break_even(API, one, months=12)
    assert [c.at_a_step for c in found.crossings] == [False, True] * (len(found.crossings) // 2) + [
        False
    ]
    assert found.crossings[0].requests_per_month == pytest.approx(300_000)
    assert found.crossings[1].requests_per_month == pytest.approx(each)
    assert found.crossings[1].cheaper_above == "api"
    assert found.crossings[-1].cheaper_above == "own" and found.complete


def test_without_a_price_there_is_a_reason_and_no_never() -> None:
    found = break_even(API, Deployment("x", None), months=12)
    assert not found.never and not found.crossings
    assert str(found) == "unknown: x: no price for development"
    assert "errors" in break_even(API, owned(), months=12, demand=Demand(cost_per_error=1)).reason


def test_looking_only_so_far_says_so() -> None:
    found = break_even(API, owned(), months=12, up_to=1000)
    assert found.never and not found.complete
    assert str(found) == "never up to 1,000 requests a month: api is cheaper"


def test_wrong_answers_move_it() -> None:
    wrong = Deployment("api", 0, usd_per_request=0.002, error_rate=0.2)
    right = Deployment("own", 500, fixed_usd_per_month=600, error_rate=0.1)
    plain = break_even(wrong, right, months=12).crossings[0]
    priced = break_even(wrong, right, months=12, demand=Demand(cost_per_error=1)).crossings[0]
    assert priced.requests_per_month < plain.requests_per_month / 40


ANY = st.builds(
    Deployment,
    name=st.sampled_from(["a"]),
    development_usd=st.floats(0, 1e5),
    update_usd=st.floats(0, 100),
    fixed_usd_per_month=st.floats(0, 5000),
    usd_per_request=st.floats(0, 0.05),
    capacity=st.floats(0.05, 5) | st.just(math.inf),
)


@given(a=ANY, b=ANY, months=st.integers(1, 36), updates=st.floats(0, 4))
def test_no_crossing_is_missed_and_none_is_invented(
    a: Deployment, b: Deployment, months: int, updates: float
) -> None:
    asked = {"months": months, "updates_per_month": updates}
    b = Deployment("b", *[getattr(b, name) for name in Deployment.__slots__[1:]])
    found = break_even(a, b, up_to=2e6, **asked)  # type: ignore[arg-type]
    edges = [0.0, *(c.requests_per_month for c in found.crossings), 2e6]
    assert edges == sorted(edges)
    winner = found.cheaper_at_zero
    for number, (low, high) in enumerate(zip(edges, edges[1:], strict=False)):
        if number:
            winner = found.crossings[number - 1].cheaper_above
            assert found.crossings[number - 1].cheaper_below != winner
        for volume in np.linspace(low, high, 13)[1:-1]:
            gap = difference(a, b, float(volume), **asked)
            scale = 1e-9 * (1 + abs(total_cost(a, requests_per_month=volume, **asked).usd or 0))  # type: ignore[arg-type]
            if winner is not None and abs(gap) > scale:
                assert (gap < 0) == (winner == "a"), (volume, gap)
