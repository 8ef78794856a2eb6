"""Records of the claims tasks: nothing personal in them, money with its direction, right order."""

from __future__ import annotations

import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from harness.analysis.compare import compare_runs
from harness.analysis.summary import summary
from harness.cli.shown import print_run
from harness.config import run_config
from harness.costs.book import load_book
from harness.metrics.decision import parse_target
from harness.records.ledger import Ledger
from harness.report import write_report
from harness.report.build import build_report
from harness.runs.external import score_logs
from harness.runs.loader import loader_of
from harness.runs.plan import load_rows, make_plan, open_task
from harness.runs.prepare import context_of
from harness.runs.rescore import rescore_run
from harness.runs.runner import run

TASKS = ("insurer-claims-ko", "insurer-claims-en")
QUICK = (TASKS[0], pytest.param(TASKS[1], marks=pytest.mark.slow))
FORMS = (r"\d{6}-\d{7}", r"010-\d{4}-\d{4}", r"000-\d{2}-\d{6}", r"\d{3}-\d{2}-\d{4}",
         r"\(?\d{3}\)?[ -]\d{3}-\d{4}", r"\d{9,12}", r"\d{4}-\d{4}-\d{4}-\d{4}",
         r"[A-Z]{2}\d{2}-\d{4}-\d{6}", r"[\w.]+@example\.com")  # fmt: skip
ECHO = '''
from harness.strategy.base import Strategy
from harness.types import Output


class Echo(Strategy):
    """Answers with all that it was asked, as a careless model may."""

    name = "echo"
    summary = "the question again"

    @property
    def readout(self):
        return "classifier"

    def prepare(self, context):
        pass

    def predictor(self, context):
        return self

    def predict(self, queries):
        for number, query in enumerate(queries):
            if number == 7:  # of each chunk: 1 % at most
                yield Output(query.id, None, error=f"cannot read {query.text}")
            else:
                yield Output(query.id, query.text.replace("\\n", " "))
'''


@pytest.mark.slow
@pytest.mark.parametrize("task", QUICK)
@pytest.mark.parametrize("store", ["masked", "ids"])
def test_a_masked_record_holds_no_identifier(task, store, tmp_path):
    (tmp_path / "echo.py").write_text(ECHO, encoding="utf-8")
    config = run_config(
        strategy=f"{tmp_path / 'echo.py'}:Echo", task=task, store_text=store,
        limit=200, results=tmp_path / "results",
    )  # fmt: skip
    rows = load_rows(config, open_task(config)).test
    personal = {
        text
        for row in rows
        for form in FORMS
        for text in re.findall(rf"(?<![\w-]){form}(?![\d-])", row.example.query.text)
    }
    assert len(personal) > 200
    folder = run(config).folder
    kept = "\n".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.json*"))
    assert "[phone]" in kept  # of the answers, or of the error alone
    assert not [text for text in personal if text in kept]


@pytest.fixture(params=QUICK)
def answered(request, tmp_path):
    """Three records of a task: all right, all denied, all handed over."""
    results = tmp_path / "results"
    base = run_config(strategy="x", task=request.param, limit=120, results=results)
    task = open_task(base)
    rows = load_rows(base, task).test
    folders = {}
    for name, answer in (
        ("right", None),
        ("deny", task.spec.decision.deny),
        ("refer", task.abstain),
    ):
        path = tmp_path / f"{name}.jsonl"
        lines = [{"id": row.id, "answer": answer or row.example.target} for row in rows]
        text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
        path.write_text(text, encoding="utf-8")
        config = run_config(strategy=name, task=request.param, limit=120, results=results)
        folders[name] = score_logs(config, path, None)[0]
    return task, folders


def metrics(folder):
    return summary(folder, load_book())["metrics"]


def test_losses_of_three_policies_of_answering(answered):
    task, folders = answered
    costs = task.spec.decision
    right, deny, refer = (metrics(folders[name]) for name in ("right", "deny", "refer"))
    assert right["expected_loss"]["value"] == 0
    assert right["decision_accuracy"]["value"] == right["exact_match"]["value"] == 1
    assert refer["expected_loss"]["value"] == costs.handover * 1_000
    assert refer["handover"]["value"] == 1
    assert deny["wrong_deny"]["value"] == 1
    assert deny["expected_loss"]["low"] > refer["expected_loss"]["value"]
    assert deny["expected_loss"]["unit"] == f"{costs.currency} per 1,000 cases"
    assert deny["expected_loss"]["higher_is_better"] is False
    assert "unit" not in deny["wrong_deny"]


def test_comparing_and_reporting_know_that_less_is_better(answered, tmp_path):
    task, folders = answered
    compared = compare_runs(folders["right"], folders["deny"])
    assert compared["metric"] == "expected_loss"
    assert compared["unit"].startswith(task.spec.decision.currency)
    assert compared["higher_is_better"] is False
    lost = metrics(folders["deny"])["expected_loss"]["value"]
    assert compared["difference"] == pytest.approx(-lost)
    assert compared["high"] < 0
    flat = compare_runs(folders["refer"], folders["refer"])
    assert (flat["difference"], flat["low"], flat["high"]) == (0, 0, 0)
    built = build_report([folders["right"].parent], load_book())
    assert [row.label for row in built.data.tasks[0].rows] == ["right", "refer", "deny"]
    page = tmp_path / "report.html"
    write_report(built, page)
    text = page.read_text(encoding="utf-8")
    assert "per 1,000 cases" in text and "lower is better" in text


def test_the_screen_shows_money_and_the_first_slices(answered, capsys):
    task, folders = answered
    print_run(summary(folders["deny"], load_book()))
    shown = capsys.readouterr().out
    assert f"{task.spec.decision.currency} per 1,000 cases" in shown
    assert "decision=pay" in shown
    assert "line=golf" not in shown


def test_slices_and_scoring_again(answered):
    task, folders = answered
    slices = summary(folders["deny"], load_book())["slices"]
    assert {name.split("=")[0] for name in slices} == set(task.slices)
    assert slices["decision=deny"]["expected_loss"]["value"] == 0
    before = (folders["deny"] / "metrics.json").read_bytes()
    assert rescore_run(folders["deny"]) == 0
    assert (folders["deny"] / "metrics.json").read_bytes() == before


def test_majority_takes_the_decision_and_no_amount(tmp_path):
    config = run_config(strategy="majority", task=TASKS[0], limit=50, results=tmp_path)
    folder = run(config).folder
    lines = (folder / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["text"] for line in lines} == {"지급"}
    assert metrics(folder)["handover"]["value"] == 1


def test_few_shot_draws_every_decision_alike(tmp_path):
    plan = make_plan(run_config(strategy="few-shot", task=TASKS[1], results=tmp_path), fetch=False)
    ledger = Ledger(tmp_path / "ledger.jsonl")
    context = context_of(plan, tmp_path, ledger, loader_of(plan))
    (prompting,) = plan.strategy.prompting
    prompting.fit(context)
    lines = json.loads(Path(tmp_path / "examples.json").read_text(encoding="utf-8"))
    counts = Counter(context.task.label_of(line["answer"]) for line in lines)
    assert sorted(counts.values()) == [2, 3, 3]
    assert context.train.rows_read < 40


def test_a_label_is_read_off_its_answer():
    plan = make_plan(run_config(strategy="majority", task=TASKS[1]), fetch=False)
    assert plan.task.view.label_of("pay $1,250") == "pay"
    assert plan.task.view.label_of("ask for documents") == "ask for documents"


@pytest.mark.parametrize("task", TASKS)
def test_no_answer_for_everything_beats_handing_everything_over(task):
    config = run_config(task=task)
    opened = open_task(config)
    costs = opened.spec.decision
    rights = [parse_target(row.example.target, costs) for row in load_rows(config, opened).test]
    for label in set(costs.labels) - {costs.pay}:
        mean = sum(costs.loss(right, (label, None)) for right in rights) / len(rights)
        assert mean > 1.05 * costs.handover
    for amount in (1, 100, 1_000, 100_000, 1_000_000):
        taken = (costs.pay, Decimal(amount))
        mean = sum(costs.loss(right, taken) for right in rights) / len(rights)
        assert mean > 1.05 * costs.handover or costs.hands_over(taken)
    assert max(amount for _, amount in rights) <= costs.authority
