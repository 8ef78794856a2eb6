"""Metrics of the user's own never cost an answer."""

import json

import pytest

from harness.config import run_config
from harness.errors import TooManyErrors
from harness.records.files import read_lines
from harness.records.reading import read_metrics, read_record
from harness.runs.rescore import rescore_run
from harness.runs.runner import run
from tests.heard import Heard

COUNTING = """
from typing import ClassVar
from harness.strategy import Strategy
from harness.types import Output

class Counting(Strategy):
    name: ClassVar[str] = "counting"
    summary: ClassVar[str] = "notes each question"

    def prepare(self, context):
        pass

    def predictor(self, context):
        return self

    def predict(self, queries):
        for query in queries:
            with open({log!r}, "a", encoding="utf-8") as file:
                file.write(query.id + chr(10))
            if query.id == {broken!r}:
                raise RuntimeError("row " + query.id)
            yield Output(query.id, "up", finish="stop")
"""


@pytest.fixture
def asked(tmp_path):
    """Returns a function that runs an own strategy, and one that counts its answers."""
    rows = [{"text": f"row {n}", "label": ("up", "down")[n % 2]} for n in range(200)]
    table = tmp_path / "rows.jsonl"
    table.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    log = tmp_path / "answered"

    def go(metric=None, broken="", monitor=None, **more):
        code = COUNTING.format(log=str(log), broken=broken)
        (tmp_path / "own.py").write_text(code, encoding="utf-8")
        if metric is not None:
            body = f"def mine(scored):\n    return {metric}\n"
            (tmp_path / "mine.py").write_text(body, encoding="utf-8")
            more["metrics"] = (f"{tmp_path}/mine.py:mine",)
        more = {"latency": False} | more
        data = {"path": table, "input": "text", "target": "label"}
        return run(
            run_config(
                strategy=f"{tmp_path}/own.py:Counting", data=data, results=tmp_path / "r", **more
            ),
            monitor,
        )

    return go, lambda: len(log.read_text(encoding="utf-8").split())


def folder_of(tmp_path):
    (path,) = (tmp_path / "r").glob("*/run.json")
    return path.parent


def test_a_metric_that_always_fails_costs_no_answer_and_is_mended_without_one(asked, tmp_path):
    go, answers = asked
    with pytest.raises(TooManyErrors, match="mine failed on all .* rows: ZeroDivisionError"):
        go("1 / 0")
    folder, made = folder_of(tmp_path), answers()
    assert read_record(folder).status == "finished"
    assert len(read_lines(folder / "predictions.jsonl")) == made
    assert read_metrics(folder).metrics["accuracy"].n == made
    with pytest.raises(TooManyErrors, match="ZeroDivisionError"):
        go("1 / 0")
    result = go("2.0 if scored.correct else 0.0")
    assert result.reused and result.folder == folder and answers() == made
    figures = read_metrics(folder).metrics
    assert figures["mine"].value == pytest.approx(2 * figures["accuracy"].value)
    assert read_record(folder).plugins["mine"].failed == 0


def test_a_failing_row_is_named_and_the_others_count(asked, tmp_path):
    go, answers = asked
    monitor = Heard()
    go("1.0 / scored.correct", monitor=monitor)  # fails where the answer is wrong
    (text,) = (text for text in monitor.said if "mine" in text)
    folder = folder_of(tmp_path)
    figures, record = read_metrics(folder), read_record(folder)
    right = round(figures.metrics["accuracy"].value * answers())
    assert figures.metrics["mine"].n == right
    assert record.plugins["mine"].failed == answers() - right
    assert f"failed on {answers() - right} of {answers()} rows" in text
    assert "ZeroDivisionError" in text and "ZeroDivisionError" in record.plugins["mine"].error


def test_an_edited_metric_gives_new_values_and_another_is_added(asked, tmp_path):
    go, answers = asked
    go("1.0")
    made = answers()
    go("3.0")
    folder = folder_of(tmp_path)
    assert read_metrics(folder).metrics["mine"].value == 3.0
    before = {path: path.read_bytes() for path in folder.iterdir()}
    go("3.0")
    assert before == {path: path.read_bytes() for path in folder.iterdir()}
    assert go().folder == folder and answers() == made  # without a metric it is the same work


def test_rescore_takes_the_edited_metric_too(asked, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    go, answers = asked
    go("1.0")
    folder, made = folder_of(tmp_path), answers()
    mine, told = tmp_path / "mine.py", []

    def again(metric):
        mine.write_text(f"def mine(scored):\n    return {metric}\n", encoding="utf-8")
        return rescore_run(folder, data=tmp_path / "rows.jsonl", notify=told.append)

    assert again("4.0") == answers() == made
    assert read_metrics(folder).metrics["mine"].value == 4.0 and not told
    with pytest.raises(TooManyErrors, match="mine failed on all"):
        again("1 / 0")
    assert set(read_metrics(folder).metrics) == {"accuracy", "macro_f1", "weighted_f1", "mcc"}
    assert len(told) == 1 and len(read_lines(folder / "predictions.jsonl")) == made


@pytest.mark.parametrize("kept", ["ids", "masked"])
def test_where_no_text_is_kept_values_are_computed_while_it_is_there(asked, tmp_path, kept):
    go, answers = asked
    go("float(len(scored.predicted))", store_text=kept)
    folder = folder_of(tmp_path)
    assert read_metrics(folder).metrics["mine"].value == 2.0
    with pytest.raises(TooManyErrors, match="--force"):
        go("float(len(scored.target))", store_text=kept)
    assert len(read_lines(folder / "predictions.jsonl")) == answers()


def test_answers_before_a_strategy_failed_are_kept(asked, tmp_path):
    go, answers = asked
    go()
    ids = [line["id"] for line in read_lines(folder_of(tmp_path) / "predictions.jsonl")]
    with pytest.raises(RuntimeError, match=ids[7]):
        go(broken=ids[7])
    (failed,) = (
        path.parent
        for path in (tmp_path / "r").glob("*/run.json")
        if read_record(path.parent).status == "failed"
    )
    assert [line["id"] for line in read_lines(failed / "predictions.jsonl")] == ids[:7]


def test_a_latency_that_can_not_be_measured_leaves_the_figures(asked, tmp_path, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("no clock")

    go, _ = asked
    monkeypatch.setattr("harness.runs.runner.measure_latency", fails)
    monitor = Heard()
    result = go(monitor=monitor, latency=True)
    assert read_record(result.folder).status == "finished"
    assert read_metrics(result.folder).metrics["accuracy"].n
    assert any("no clock" in text for text in monitor.said)
