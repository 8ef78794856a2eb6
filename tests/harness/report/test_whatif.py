"""What the page can decide again: quantities that money is linear in, and bounds of each group."""

from __future__ import annotations

import json

import pytest
from synthetic import STRATEGIES, Kind, write_records

from harness.costs.money import Money
from harness.report.advice import question_of
from harness.report.collect import find_tasks
from harness.report.data import Scenario
from harness.report.format import packed
from harness.report.whatif import what_if_of

KINDS = [Kind("majority", 0.4, model=False), Kind("zero-shot", 0.6), Kind("lora", 0.7, trains=True)]


def timed(seconds, requests=60):
    """Latency as a record has it, of so many requests that each took the same."""
    latency = {"requests": requests, "p50_seconds": seconds, "p95_seconds": seconds,
               "seconds": [seconds] * requests}  # fmt: skip
    return {"latency": latency}


def found(results, book, scenario=None, money=None):
    (task,) = find_tasks([results])
    return what_if_of(task, scenario or Scenario(), book, money or Money())


@pytest.fixture
def three(tmp_path):
    for kind, seconds in zip(KINDS, (0.1, 0.2, 0.4), strict=True):
        write_records(tmp_path / "results", kinds=[kind], items=40, **timed(seconds))
    return tmp_path / "results"


def test_it_has_what_a_run_took_without_any_price_of_a_label(three, book):
    value = found(three, book, Scenario(label_usd=2.0))
    assert value["names"] == ["lora", "majority", "zero-shot"]
    assert value["labels"] == [500, 0, 0] and value["start"]["label"] == "2.0"
    compute, update, month, request, base, capacity, steps = value["machines"][0]["offers"][0]
    hourly = book.machine(book.defaults.cpu).usd_per_hour
    assert compute == update == pytest.approx(300 / 3600 * hourly)
    assert (month, request, base) == (pytest.approx(730 * hourly), 0, 0)
    assert capacity == pytest.approx(0.7 * 20) and steps == [[0.4, pytest.approx(0.7 / 0.4)]]


def test_each_machine_has_its_own_prices(three, book):
    machines = {machine["id"]: machine for machine in found(three, book)["machines"]}
    assert list(machines)[0] == "" and {"aws-l4", "aws-c7i.large"} <= machines.keys()
    months = [machines[name]["offers"][0][2] for name in ("aws-l4", "aws-c7i.large")]
    assert months == [pytest.approx(730 * book.machine(name).usd_per_hour)
                      for name in ("aws-l4", "aws-c7i.large")]  # fmt: skip
    assert machines["aws-l4"]["p95"] == (None,) * 3  # nobody timed anything there
    assert machines["aws-c7i.large"]["p95"] == (0.4, 0.1, 0.2)


def test_groups_are_those_that_a_latency_or_a_place_leaves(three, book):
    assert set(found(three, book)["groups"]) == {"0-1-2", "1-2", "1"}
    write_records(three, kinds=[Kind("vendor", 0.9)], items=40, device="api:x", **timed(0.3))
    groups = found(three, book)["groups"]
    # the vendor, at 2, is the only one with a known latency on another machine
    assert set(groups) == {"0-1-2-3", "0-1-3", "1-2-3", "1-3", "1", "2"}
    assert groups["1-3"]["far"] != groups["0-1-3"]["far"][1:]


def test_bounds_are_those_of_the_advice(three, book):
    from harness.analysis.recommend.advise import recommend

    (task,) = find_tasks([three])
    answer = recommend(three, question_of(task, Scenario()), book)
    group = found(three, book)["groups"]["0-1-2"]
    assert group["far"] == [line.behind for line in answer.lines]
    assert group["quality"] == [line.quality for line in answer.lines]


@pytest.mark.parametrize(
    ("scenario", "start", "command"),
    [
        (Scenario(), {"margin": "", "machine": "", "label": ""}, "--task made"),
        (Scenario(margin=0.1, machine="l4", basis="as-used"),
         {"margin": "0.1", "machine": "aws-l4"}, "--task made --basis as-used"),
        (Scenario(requests_per_month=5e6, months=1.5, peak_factor=2.0, count_shared=True),
         {"requests": "5000000", "months": "1.5"}, "--task made --peak-factor 2.0 --count-shared"),
        (Scenario(cost_per_error=2.0, cost_per_handover=0.5, updates_per_month=1, update_labels=0.1),
         {"error": "2.0", "handover": "0.5", "relabel": "0.1", "updates": "1"}, "--task made"),
    ],
)  # fmt: skip
def test_it_starts_with_what_the_page_was_asked_for(three, book, scenario, start, command):
    value = found(three, book, scenario)
    assert value["start"] | start == value["start"]
    assert value["command"] == f"harness recommend {command}"


def test_other_currencies_have_their_sign(three, book):
    value = found(three, book, money=Money("KRW", 1400.0, vat=0.1))
    assert value["money"] == ["₩", pytest.approx(1540), True]


def test_many_candidates_are_left_to_the_program(tmp_path, book, monkeypatch):
    write_records(tmp_path / "results", kinds=STRATEGIES[:4], items=40, **timed(0.1))
    monkeypatch.setattr("harness.report.whatif.values.MOST", 3)
    assert found(tmp_path / "results", book) is None
    monkeypatch.setattr("harness.report.whatif.values.MOST", 4)
    monkeypatch.setattr("harness.report.whatif.values.PAIRS", 15)
    assert found(tmp_path / "results", book) is None  # not even all of them
    monkeypatch.setattr("harness.report.whatif.values.PAIRS", 16)
    assert list(found(tmp_path / "results", book)["groups"]) == ["0-1-2-3"]


def test_a_page_grows_little(tmp_path, book):
    kinds = [Kind(f"lora-{number}", 0.5 + number / 100, trains=True) for number in range(20)]
    write_records(tmp_path / "results", kinds=kinds, items=40, **timed(0.1))
    value = found(tmp_path / "results", book)
    assert json.loads(json.dumps(value, allow_nan=False)) and len(packed(value)) < 150_000
