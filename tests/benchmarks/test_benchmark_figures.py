"""The benchmarks' own arithmetic, and both sides in turns on work that is the same."""

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.contract import Agreement, Benchmark, Options
from benchmarks.floor import floor_share
from benchmarks.ratios import paired_ratio
from benchmarks.rounds import compare
from benchmarks.training import agree, distinct_beginnings
from harness.errors import UsageError
from harness.models.render import Encoded

SECONDS = st.floats(0.01, 1000)


def same_work(rounds):
    side = "benchmarks.overhead:Scoring"
    benchmark = Benchmark(
        "same", "", "items", {"made-up": 5}, {"ours": side, "peer": side},
        lambda ours, peer: Agreement(1.0, 20, 0.0, "the same"), {"made-up": 5},
    )  # fmt: skip
    told: list[str] = []
    options = Options("made-up", "tiny", "peer", "float32", threads=1, clock="cpu")
    return compare(benchmark, options, rounds, told.append), told


@settings(deadline=None)
@given(st.lists(st.tuples(SECONDS, SECONDS), min_size=2, max_size=6))
def test_the_interval_holds_the_ratio(rounds):
    ratio = paired_ratio([ours for ours, _ in rounds], [peer for _, peer in rounds])
    each = [peer / ours for ours, peer in rounds]
    assert min(each) * 0.999 <= ratio.value <= max(each) * 1.001
    assert ratio.low <= ratio.value * 1.001 and ratio.value <= ratio.high * 1.001


@settings(deadline=None)
@given(st.lists(SECONDS, min_size=2, max_size=5), st.floats(0.1, 50))
def test_equal_rounds_give_no_width(ours, factor):
    ratio = paired_ratio(ours, [factor * seconds for seconds in ours])
    assert ratio.value == pytest.approx(factor)
    assert (ratio.low, ratio.high) == (pytest.approx(factor), pytest.approx(factor))


def test_one_round_has_no_interval():
    ratio = paired_ratio([2.0], [6.0])
    assert (ratio.value, ratio.low, ratio.high) == (pytest.approx(3.0), None, None)


def test_the_floor_is_the_time_of_what_must_be_done():
    assert floor_share(3e9, 1e9, 6.0) == 0.5


def test_what_begins_alike_is_counted_once():
    rows = [Encoded([1, 2, 3, 4], 3), Encoded([1, 2, 5, 6], 3), Encoded([2, 2, 9], 2)]
    assert distinct_beginnings(rows) == len({(1,), (1, 2), (1, 2, 3), (1, 2, 5), (2,), (2, 2)})


def test_losses_agree_within_a_thousandth():
    assert agree([1.0, 2.0], [1.0005, 2.0]).share == 1.0
    assert agree([1.0, 2.0], [1.1, 2.0]).share == 0.5


def test_an_unknown_workload_is_named():
    from benchmarks.scoring import BENCHMARK

    with pytest.raises(UsageError, match="workload 'fbp'"):
        compare(BENCHMARK, Options("fbp", "tiny", "lm-eval"), 1, print)


@pytest.mark.slow
def test_both_sides_run_in_turns_and_the_same_work_takes_the_same_time():
    report, told = same_work(rounds=2)
    begun = [line.split(",")[1].split(":")[0].strip() for line in told if line.startswith("round")]
    assert begun == ["ours", "peer", "peer", "ours"]
    found = json.loads(json.dumps(report.as_dict()))
    wanted = {"ratio", "ratio_low", "ratio_high", "agreement", "ours", "peer", "floor_share"}
    assert wanted | {"ceiling"} <= set(found)
    assert 0.2 < found["ratio"] < 5


@pytest.mark.slow
def test_an_item_costs_the_same_among_few_and_many():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "overhead", "--items", "100", "--json"],
        capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert {each["work"] for each in found["measured"]} == {"scoring", "run"}
    assert all(each["microseconds_per_item"] > 0 for each in found["measured"])
    assert found["growth"]["scoring"] < 3
