"""Dollars from seconds carry the range of repeats, or say that they rest on one measurement."""

import json

import pytest
from typer.testing import CliRunner

from harness.analysis.recommend.advise import recommend
from harness.analysis.recommend.question import make_question
from harness.analysis.repeats import ranges, repeats_of
from harness.cli import app
from harness.costs.book import load_book

BOOK = load_book()
SECOND = 0.1008 / 3600  # the book's CPU machine


@pytest.fixture
def three(write, tiny_model):
    """Three seeds that took as long as they did, and one of them beside another run."""
    about = {"model_": tiny_model(), "train_rows": 10}
    folders = [
        write("lora", [1, 0] * 20, seed=seed, train_seconds=train, serve_seconds=serve, **about)
        for seed, train, serve in ((0, 71.0, 4.0), (1, 215.0, 8.0))
    ]
    write(
        "lora", [1, 0] * 20, seed=2, train_seconds=900.0, serve_seconds=90.0, shared=True, **about
    )
    write("zero-shot", [1, 0] * 20, model_=tiny_model(), serve_seconds=6.0)
    return folders


def test_seeds_on_one_class_of_device_give_a_range(three):
    found = repeats_of(three[0], BOOK)
    assert found.runs == 2, "the run beside another one is no repeat"
    assert found.ranges["development_usd"] == pytest.approx((71 * SECOND, 215 * SECOND))
    per_1k = (1000 * 4 * SECOND / 40, 1000 * 8 * SECOND / 40)
    assert found.ranges["usd_per_1k_requests"] == pytest.approx(per_1k)
    assert found.widest == (pytest.approx(215 / 71), "development")
    assert "over 2 runs on such a device" in found.say()


def test_show_says_the_range_or_that_there_is_one_measurement(three):
    def show(folder):
        value = json.loads(CliRunner().invoke(app, ["show", str(folder), "--json"]).stdout)
        return value["repeats"], value["notes"]["seconds"]

    repeats, note = show(three[0])
    assert repeats["runs"] == 2 and len(repeats["development_usd"]) == 2 and "over 2 runs" in note
    alone = next(three[0].parent.glob("*zero-shot*"))
    assert show(alone) == ({"runs": 1}, ranges([{}]).say())
    assert "one measurement" in show(alone)[1]


def test_an_advice_says_it_once_and_each_line_has_its_range(three):
    question = make_question(task="made", label_cost=0.1)
    found = recommend(three[0].parent, question, BOOK, draws=200)
    notes = {note.code: note for note in found.notes}
    assert notes["seconds_range"].values["factor"] == pytest.approx(215 / 71)
    assert notes["seconds_once"].values == {"count": 1}
    lines = {line.name: line.prices["repeats"] for line in found.lines}
    assert lines["lora"]["development_usd"] == pytest.approx([71 * SECOND, 215 * SECOND])
    assert lines["zero-shot"] == {"runs": 1}
    assert json.dumps(found.as_dict())


def test_tokens_of_a_vendor_are_no_seconds(write):
    folder = write("zero-shot", [1, 0], device={"device_class": "api"})
    assert repeats_of(folder, BOOK) is None
    assert ranges([{"development_usd": 0.0}, {"development_usd": 0.0}]).ranges == {}
    assert ranges([{"development_usd": 1.0}, {"development_usd": None}]).ranges == {}


def test_an_advice_is_priced_by_the_operating_point_that_was_measured(three):
    """A machine that sustains a request in 100 seconds: two carry 10,000 requests a month."""
    high = {"value": 90.0, "low": 80.0, "high": 99.0}
    point = {
        "requests_per_second": 0.01,
        "wanted": 100,
        "requests": 100,
        "errors": 0,
        "kept": True,
        "answered_per_second": 0.01,
        "batch_limit": 8,
        "mean_batch": 1.0,
        "in_flight": None,
        "latency": {"p95": high},
        "independent": 80.0,
        "seconds": [],
        "tokens": {},
        "seed": 0,
        "device_class": "cpu",
        "machine": {},
        "shared": False,
        "measured": "2026-11-30",
    }
    load = {"schema_version": 1, "points": [point]}
    folder = next(three[0].parent.glob("*zero-shot*"))
    (folder / "load.json").write_text(json.dumps(load), encoding="utf-8")
    question = make_question(task="made", label_cost=0.1, requests_per_month=10_000)
    found = recommend(three[0].parent, question, BOOK, draws=200)
    line = next(line for line in found.lines if line.name == "zero-shot")
    assert line.monthly_usd == pytest.approx(2 * 730 * 0.1008)  # 0.0114 a second at the busiest
    (note,) = [note for note in found.notes if note.code == "capacity"]
    assert note.values["name"] == "zero-shot" and "p95 at most 99 s" in note.values["why"]
