"""Where two settings change places by another metric, compare and recommend say so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from harness.analysis.compare import compare_runs, compare_seeds
from harness.analysis.recommend.advise import recommend
from harness.analysis.recommend.answer import Recommendation
from harness.analysis.recommend.question import make_question
from harness.analysis.thresholds import markdown
from harness.cli import app
from harness.costs.book import load_book

N = 400
Write = Callable[..., Path]


def shares(right: int) -> list[float]:
    return [float(row < right) for row in range(N)]


def values(value: int, contains: int) -> dict[str, list[float]]:
    return {"value_match": shares(value), "contains": shares(contains)}


def advise(results: Path, **question: Any) -> Recommendation:
    asked = make_question(task="made", label_cost=0.1, serving="as-used", **question)
    answer = recommend(results, asked, load_book(), draws=300)
    return answer


def notes(answer: Recommendation) -> list[tuple[str, str]]:
    return [(each.code, each.say()) for each in answer.notes if each.code.startswith("metric_")]


def test_a_choice_that_hangs_on_the_metric_is_said_with_the_figures(
    write: Write, tmp_path: Path, tiny_model: Callable[..., Any]
) -> None:
    write("extract", shares(0), values=values(0, 300))
    write("prompt", shares(200), values=values(210, 220), model_=tiny_model())
    answer = advise(tmp_path / "results")
    assert answer.advice is not None and answer.advice.name == "prompt"
    expected = (
        "the choice hangs on the metric: by exact_match it is prompt (0.500 against 0.000 of "
        "extract), by contains it would be extract (0.750 against 0.550)"
    )
    assert notes(answer) == [("metric_choice", expected)]
    spoken = answer.notes[0].say("ko")
    assert "지표에 따라 권고가 달라집니다" in spoken and "0.750 대 0.550" in spoken
    kept = answer.as_dict()["notes"][0]  # type: ignore[index]
    assert kept["code"] == "metric_choice"
    assert (kept["values"]["metric"], kept["values"]["other"]) == ("exact_match", "contains")


def test_an_order_that_hangs_on_the_metric_is_said_though_the_choice_stays(
    write: Write, tmp_path: Path, tiny_model: Callable[..., Any]
) -> None:
    write("cheap", shares(300), values=values(302, 303), model_=tiny_model())
    write("dear", shares(296), values=values(306, 308), model_=tiny_model(), serve_seconds=90)
    answer = advise(tmp_path / "results", margin=0.1)
    assert answer.advice is not None and answer.advice.name == "cheap"
    ((code, text),) = notes(answer)
    assert code == "metric_order"
    assert "by exact_match cheap is ahead of dear (0.750 against 0.740)" in text
    assert "by value_match it is behind (0.755 against 0.765)" in text


@pytest.mark.parametrize(
    "others",
    [
        ({}, {}),  # records from before there were such metrics
        (values(310, 320), {}),
        (values(310, 320), values(210, 220)),
    ],
)
def test_nothing_is_said_where_nothing_turns_or_a_metric_is_absent(
    write: Write, tmp_path: Path, others: tuple[dict[str, Any], ...]
) -> None:
    write("best", shares(300), values=others[0])
    write("worse", shares(200), values=others[1])
    assert notes(advise(tmp_path / "results")) == []


def test_compare_shows_all_three_and_warns_where_the_sign_turns(write: Write) -> None:
    a = write("prompt", shares(200), values=values(210, 220))
    b = write("extract", shares(0), values=values(0, 300))
    compared = compare_runs(a, b)
    assert compared["difference"] == 0.5
    beside = {name: each["difference"] for name, each in compared["beside"].items()}
    assert beside == {"value_match": 0.525, "contains": -0.2}
    (warning,) = [each for each in compared["warnings"] if "metric" in each]
    assert warning == "the order hangs on the metric: the difference by contains is -0.200"
    assert "| contains | -0.200 |" in markdown(compared, [])
    assert set(compare_runs(a, b, metric="contains")["beside"]) == {"exact_match", "value_match"}
    seeds = compare_seeds(a, b)
    assert seeds["beside"]["contains"]["difference"] == pytest.approx(-0.2)


def test_compare_on_the_screen_and_as_json(write: Write, tmp_path: Path) -> None:
    a = write("prompt", shares(200), values=values(210, 220))
    b = write("old", shares(100))
    arguments = ["compare", a.name, b.name, "--results", str(tmp_path / "results")]
    assert json.loads(CliRunner().invoke(app, [*arguments, "--json"]).output)["beside"] == {}
    c = write("new", shares(100), values=values(100, 100))
    arguments = ["compare", a.name, c.name, "--results", str(tmp_path / "results")]
    shown = CliRunner().invoke(app, arguments).output
    assert [name in shown for name in ("correct", "value_match", "contains")] == [True] * 3
