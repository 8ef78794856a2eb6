"""Latency of single requests: what is asked, what is noted, and what it must not touch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from harness.analysis.summary import summary, throughput
from harness.cli.shown import speed_lines
from harness.config import run_config
from harness.costs.book import load_book
from harness.metrics.statistics.quantiles import upper_bound
from harness.records.ledger import Ledger, PhaseTotal, read_ledger
from harness.report import write_report
from harness.report.build import build_report
from harness.runs.latency import REQUESTS, WARM_UP, measure_latency
from harness.runs.runner import run
from harness.text import milliseconds
from harness.types import Output, Query, Usage


class Timed:
    """Answers in as many seconds as it is told; the clock is its own."""

    def __init__(self, seconds):
        self.now, self.seconds, self.asked, self.warmed = 0.0, iter(seconds), [], False

    def clock(self):
        return self.now

    @contextmanager
    def warm(self, queries) -> Iterator[int]:
        self.warmed = True
        yield 40
        self.warmed = False

    def predict(self, queries):
        assert self.warmed
        (query,) = queries
        self.asked.append(query.id)
        self.now += next(self.seconds)
        yield Output(query.id, "yes", usage=Usage(input_tokens=50, computed_tokens=10))


QUERIES = [Query(str(n), "q") for n in range(10)]


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger.jsonl")


def test_single_requests_are_timed_after_a_warm_up(ledger, tmp_path):
    slow = [5.0] * WARM_UP + [0.1] * 95 + [1.0, 2.0, 3.0, 4.0, 5.0]
    predictor = Timed(slow)
    found = measure_latency(predictor, QUERIES, ledger, clock=predictor.clock, limit=1e9)
    assert found.requests == REQUESTS == 100 and found.stopped_by == "requests"
    assert found.p50_seconds == pytest.approx(0.1)
    # rank 0.95 * 99 = 94.05 of the sorted 0.1 ... 0.1, 1.0, ... (numbers 94, 95, ...)
    assert found.p95_seconds == pytest.approx(0.1 + 0.05 * 0.9)
    assert upper_bound(found.seconds) == 4.0
    assert found.held_tokens == 40
    assert predictor.asked == [str(n % 10) for n in range(WARM_UP + 100)]
    (spend,) = read_ledger(tmp_path / "ledger.jsonl")
    assert (spend.phase, spend.quantities) == ("latency", {"requests": WARM_UP + 100})
    assert spend.usage.input_tokens == 50 * (WARM_UP + 100)


def test_slow_requests_end_it_early_and_the_number_is_said(ledger):
    predictor = Timed([4.0] * 100)
    found = measure_latency(predictor, QUERIES, ledger, clock=predictor.clock, limit=30)
    assert found.stopped_by == "time"
    assert found.requests == 6  # 8 requests of 4 seconds pass 30 seconds, 2 of them warm up


def test_one_request_is_always_measured(ledger):
    predictor = Timed([100.0] * 4)
    found = measure_latency(predictor, QUERIES, ledger, clock=predictor.clock, limit=30)
    assert found.requests == 1


def test_nothing_to_ask(ledger):
    assert measure_latency(Timed([]), [], ledger) is None


def test_throughput_names_its_batch_and_sharing():
    total = PhaseTotal(seconds=2.0, quantities={"requests": 64})
    total.usage = Usage(
        input_tokens=1000, computed_tokens=400, output_tokens=100, passes=12, decode_steps=8
    )
    assert throughput(total) == {
        "requests_per_second": 32,
        "tokens_per_second": 550,
        "output_tokens_per_second": 50,
        "requests_per_batch": 16,
        "prefixes_shared": True,
        "priced": True,
    }
    assert throughput(None) is None
    assert throughput(PhaseTotal(seconds=1.0)) is None


@pytest.fixture
def results(tmp_path):
    return tmp_path / "results"


def test_the_record_and_all_that_shows_it_have_it(results, tmp_path):
    folder = run(run_config(strategy="majority", limit=60, results=results)).folder
    report = summary(folder, load_book())
    assert report["latency"]["requests"] == 100
    assert 0 < report["latency"]["p50_seconds"] <= report["latency"]["p95_seconds"]
    assert report["throughput"]["requests_per_second"] > 0
    assert report["throughput"]["requests_per_batch"] is None
    assert report["ledger"]["latency"]["quantities"]["requests"] == 102
    assert report["ledger"]["serve"]["quantities"]["requests"] == 60
    shown = dict(speed_lines(report))
    assert "100 single requests" in shown["latency, p50 / p95"]
    assert "at most" in shown["latency, p50 / p95"]
    assert "requests/s" in shown["throughput (priced)"]
    write_report(build_report([results], load_book()), tmp_path / "report.html")
    assert milliseconds(report["latency"]["p95_seconds"]) in (tmp_path / "report.html").read_text(
        encoding="utf-8"
    )


def test_it_can_be_left_out_and_changes_nothing_else(results, tmp_path):
    with_it = run(run_config(strategy="tfidf", train_limit=60, limit=60, results=results)).folder
    other = tmp_path / "other"
    without = run(
        run_config(strategy="tfidf", train_limit=60, limit=60, results=other, latency=False)
    ).folder
    assert with_it.name == without.name
    for name in ("predictions.jsonl", "metrics.json"):
        assert (with_it / name).read_bytes() == (without / name).read_bytes()
    report = summary(without, load_book())
    assert report["latency"] is None and report["notes"]["latency"] == "not measured"
    assert "latency" not in report["ledger"]
    assert dict(speed_lines(report)).keys() == {"throughput (priced)"}
    costs = [summary(f, load_book())["cost"] for f in (with_it, without)]
    assert costs[0]["development_usd"] is not None
    assert costs[0]["tokens"] == costs[1]["tokens"]
