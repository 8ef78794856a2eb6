"""One answer for every row and too few steps: said on the screen, in the record, in the report."""

import json
from types import SimpleNamespace

import pytest

from harness.analysis.alarms import alarms
from harness.analysis.summary import summary
from harness.analysis.words import LANGUAGES
from harness.config import run_config
from harness.costs.book import load_book
from harness.records.reading import read_metrics, read_record
from harness.records.schema import Figure
from harness.records.tuning import TriedSetting, Tuning
from harness.report.build import build_report
from harness.runs.runner import run
from tests.heard import Heard

STUBBORN = """
from typing import ClassVar
from harness.strategy import Strategy
from harness.types import Output

class Stubborn(Strategy):
    name: ClassVar[str] = "stubborn"
    summary: ClassVar[str] = "one answer, though it isn't meant to"

    def prepare(self, context):
        pass

    def predictor(self, context):
        return self

    def predict(self, queries):
        return (Output(query.id, "up", finish="stop") for query in queries)
"""


@pytest.fixture
def ran(tmp_path):
    rows = [{"text": f"row {n}", "label": ("up", "down")[n % 2]} for n in range(200)]
    table = tmp_path / "rows.jsonl"
    table.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    (tmp_path / "own.py").write_text(STUBBORN, encoding="utf-8")

    def go(strategy):
        monitor = Heard()
        data = {"path": table, "input": "text", "target": "label"}
        config = run_config(strategy=strategy, data=data, results=tmp_path / "r", latency=False)
        return run(config, monitor).folder, monitor.said

    return go


def test_one_answer_is_said_everywhere(ran, tmp_path):
    folder, texts = ran(f"{tmp_path}/own.py:Stubborn")
    same = read_metrics(folder).one_answer
    assert (same.answer, same.count) == ("up", same.n)
    report = summary(folder, load_book())
    assert report["notes"]["answers"] in texts
    assert "answers are the same, up" in report["notes"]["answers"]
    notes = build_report([tmp_path / "r"], load_book()).data.tasks[0].notes
    assert any(
        "answers are the same, up" in note.en and "stubborn" in note.en.lower() for note in notes
    )


def test_it_is_no_alarm_where_it_is_the_definition(ran, tmp_path):
    folder, texts = ran("majority")
    assert not any("the same" in text for text in texts)
    assert "answers" not in summary(folder, load_book())["notes"]
    record = read_record(folder)
    assert record.strategy.constant
    older = record.model_copy(
        update={"strategy": record.strategy.model_copy(update={"constant": None})}
    )
    assert alarms(older, read_metrics(folder)) == {}


@pytest.mark.parametrize(("steps", "said"), [(38, True), (120, False), (125, False)])
def test_a_training_of_few_steps_is_said(ran, steps, said):
    folder, _ = ran("majority")
    record = read_record(folder)
    training = {"training": {"planned_steps": steps, "least_steps": 120}}
    details = type(record.artifact.details).model_validate(training)
    record.artifact = record.artifact.model_copy(update={"details": details})
    found = alarms(record, None)
    assert bool(found) == said
    for language in LANGUAGES if said else ():
        assert "38" in found["training"].say(language) and "120" in found["training"].say(language)


@pytest.mark.parametrize(("dev", "said"), [(0.656, True), (0.2, False)])
def test_a_setting_that_dev_rows_promised_too_much_of_is_named(dev, said):
    tried = TriedSetting(
        parameters={}, origin="default", status="finished", value=dev, rows=209, seconds=1.0
    )
    tuning = Tuning(
        search="s", stopped="trials", metric="exact_match", higher_is_better=True, rows=209,
        seed=0, sampler="", space={}, best=0, tried=(tried,),
    )  # fmt: skip
    test = Figure(value=0.150, low=0.113, high=0.188, n=400, method="", higher_is_better=True)
    record = SimpleNamespace(tuning=tuning, artifact=None)
    metrics = SimpleNamespace(one_answer=None, metrics={"exact_match": test})
    found = alarms(record, metrics)
    assert ("dev" in found) == said
    if said:
        assert "0.656 on the dev rows and 0.150 on the test" in found["dev"].en


def test_of_what_is_better_lower_a_lower_figure_on_the_test_is_no_alarm():
    tried = TriedSetting(
        parameters={}, origin="default", status="finished", value=0.6, rows=209, seconds=1.0
    )
    about = {"search": "s", "stopped": "trials", "metric": "wrong_deny", "rows": 209, "seed": 0}
    tuning = Tuning(**about, higher_is_better=False, sampler="", space={}, best=0, tried=(tried,))
    for value, said in ((0.15, False), (0.95, True)):
        test = Figure(value=value, low=value - 0.03, high=value + 0.03, n=400, method="")
        metrics = SimpleNamespace(one_answer=None, metrics={"wrong_deny": test})
        found = alarms(SimpleNamespace(tuning=tuning, artifact=None), metrics)
        assert ("dev" in found) == said
