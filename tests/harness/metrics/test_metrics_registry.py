"""A metric is one file: declared in it, found by its package, scored, aggregated and rescored."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import metrics as package
from harness.errors import UsageError
from harness.metrics.aggregate import aggregate
from harness.metrics.registry import check_metrics, known, sign_of
from harness.metrics.score import Rules, score_row
from harness.types import Example, Output, Passage, Query, Row

FILE = """
import math

from harness.metrics.metric import CHOICE, QA, Metric

METRICS = (
    Metric(
        "length_gap",
        "characters by which an answer is longer or shorter, 1 at most",
        QA,
        answer=lambda it: min(1.0, abs(len(it.scored.predicted) - len(it.row.example.target)) / 10),
        higher_is_better=False,
        needs=frozenset({"response", "reference"}),
    ),
    Metric(
        "log_loss",
        "surprise at the right label",
        CHOICE,
        answer=lambda it: -it.output.scores[it.row.example.target],
        higher_is_better=False,
        needs=frozenset({"likelihoods"}),
    ),
    Metric(
        "labels_used",
        "labels that are given at all, of those there are",
        CHOICE,
        corpus=lambda rows, labels: len({row.predicted for row in rows}) / len(labels),
    ),
)
"""


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is part of the package of metrics, with one new file in it."""
    (tmp_path / "length.py").write_text(FILE, encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    known.cache_clear()
    yield tmp_path
    known.cache_clear()
    for name in ("length", "again"):
        sys.modules.pop(f"harness.metrics.{name}", None)


def row(target: str, *, answerable: bool = True, passages: tuple[Passage, ...] = ()) -> Row:
    return Row(Example(Query("1", "?"), target), answerable=answerable, passages=passages)


@pytest.mark.usefixtures("added")
def test_a_metric_of_answers_in_one_file() -> None:
    check_metrics(["length_gap"], kind="qa")
    with pytest.raises(UsageError, match="not for tasks of kind 'classification'"):
        check_metrics(["length_gap"], kind="classification")
    assert sign_of("length_gap") == -1.0 and "length_gap" in known()
    rules = Rules("qa")
    scored = [
        score_row(row("2년"), Output("1", "2년"), rules),
        score_row(row("2년"), Output("1", "2년간은"), rules),
        score_row(row("2년"), Output("1", ""), rules),
        score_row(row("2년"), Output("1", "모른다"), rules),
        score_row(row("모른다", answerable=False), Output("1", "모른다"), rules),
    ]
    assert [one.values["length_gap"] for one in scored] == [0.0, 0.2, 1.0, 1.0, 0.0]
    found = aggregate(scored, kind="qa", labels=(), metrics=["length_gap", "exact_match"])
    assert list(found) == ["length_gap", "exact_match"]
    assert found["length_gap"].value == pytest.approx(0.44) and found["length_gap"].n == 5


@pytest.mark.usefixtures("added")
def test_a_metric_of_likelihoods_and_one_of_all_rows() -> None:
    rules = Rules("classification", ("good", "bad"))
    scored = [
        score_row(row("good"), Output("1", "good", scores={"good": -0.5, "bad": -1.0}), rules),
        score_row(row("good"), Output("1", "good"), rules),
    ]
    assert "log_loss" not in scored[1].values
    names = ["log_loss", "labels_used"]
    found = aggregate(scored, kind="classification", labels=("good", "bad"), metrics=names)
    assert (found["log_loss"].value, found["log_loss"].n) == (0.5, 1)
    assert (found["labels_used"].value, found["labels_used"].method) == (0.5, "no interval")


def test_a_name_is_taken_once(added: Path) -> None:
    (added / "again.py").write_text(FILE, encoding="utf-8")
    with pytest.raises(UsageError, match="'length_gap' a second time"):
        known()


def test_what_a_record_lacks_is_not_scored_again() -> None:
    lost = {name for name, metric in known().items() if not metric.rescored}
    assert {"hit@1", "mrr", "source_correctness", "faithfulness", "chrf"} <= lost
    assert not lost & {"accuracy", "macro_f1", "exact_match", "token_f1", "expected_loss"}


def test_a_source_is_judged_only_of_an_answer() -> None:
    gold = Passage("육아휴직은 2년이다.", "휴직.pdf")
    for text, expected in (("2년 [1]", True), ("모른다", False), ("", False)):
        output = Output("1", text, evidence=[gold])
        values = score_row(row("2년", passages=(gold,)), output, Rules("qa")).values
        assert ("source_correctness" in values) is expected
        assert values["hit@1"] == 1.0
