"""The other tasks as exams: few rows, their own prompt and metric; what can't be asked is said."""

import json

import pytest

from harness.config import run_config
from harness.devices import select
from harness.models.local.model import load_local
from harness.records.ledger import Ledger
from harness.runs.plan import make_plan
from harness.runs.prepare import context_of
from harness.runs.probes import tasks
from harness.runs.probes.tasks import ROWS, row_metric, task_exams
from harness.task.task import load_task
from harness.types import Usage

FILE = """name: {name}
kind: {kind}
language: en
summary: Invented.
licence: Apache-2.0
source: {{files: [{{path: {name}.jsonl}}]}}
columns: {{input: text, target: label}}
prompt: {{instructions: Say which it is.}}
max_tokens: {tokens}
labels: {labels}
metrics: [{metric}]
primary: {metric}
"""


@pytest.fixture
def declared(tmp_path, monkeypatch):
    """Writes task files, and makes them the built-in ones."""

    def write(name, kind="classification", rows=400, tokens=4, words="profit rose"):
        path = tmp_path / f"{name}.yaml"
        qa = kind == "qa"
        metric, labels = ("exact_match", "{}") if qa else ("accuracy", "{up: up, down: down}")
        about = {"name": name, "kind": kind, "tokens": tokens, "metric": metric, "labels": labels}
        path.write_text(FILE.format(**about), encoding="utf-8")
        lines = [{"text": f"{words} by {n}", "label": ("up", "down")[n % 2]} for n in range(rows)]
        if rows:
            table = "\n".join(map(json.dumps, lines))
            (tmp_path / f"{name}.jsonl").write_text(table, encoding="utf-8")
        return path

    files = {
        "short": write("short"),
        "written": write("written", kind="qa"),
        "own": write("own"),
        "absent": write("absent", rows=0),
        "long": write("long", words="profit rose " * 200),
        "wordy": write("wordy", kind="qa", tokens=128),
    }
    monkeypatch.setattr(tasks, "builtin_tasks", lambda: files)
    monkeypatch.setattr(tasks, "load_task", lambda name: load_task(str(files[name])))
    return files


@pytest.fixture
def found(declared, tmp_path, tiny_llama):
    config = run_config(
        strategy="zero-shot", task=str(declared["own"]), model=str(tiny_llama), dtype="float32",
        results=tmp_path / "results", offline=True,
    )  # fmt: skip
    plan = make_plan(config)
    context = context_of(plan, tmp_path, Ledger(tmp_path / "ledger.jsonl"))
    return task_exams(plan, context)


def test_each_other_task_whose_rows_are_here_is_an_exam(found):
    exams, missing = found
    assert {exam.name: exam.metrics for exam in exams} == {
        "task:short": {"accuracy": True},
        "task:written": {"exact_match": True},
    }
    assert len({exam.digest for exam in exams}) == 2
    assert missing.keys() == {"task:absent", "task:long", "task:wordy"}
    assert "900 bytes" in missing["task:long"] and "128 tokens" in missing["task:wordy"]
    assert "absent" in missing["task:absent"]


def test_rows_are_marked_by_the_tasks_own_rules(found, tiny_llama):
    model, took = load_local(tiny_llama, device=select("cpu", "float32")), Usage()
    for exam in found[0]:
        marks = exam.sit(model, took.add)
        assert len(marks) == ROWS
        assert {name for mark in marks for name in mark.values} == set(exam.metrics)
        assert {value for mark in marks for value in mark.values.values()} <= {0.0, 1.0}
        assert marks == exam.sit(model, took.add)
    assert took.computed_tokens and took.output_tokens


@pytest.mark.parametrize(
    ("primary", "metric"),
    [
        ("weighted_f1", ("accuracy", True)),
        ("expected_loss", ("accuracy", True)),
        ("exact_match", ("exact_match", True)),
        ("invented", ("accuracy", True)),
    ],
)
def test_a_row_has_the_primary_metric_or_is_right(primary, metric):
    assert row_metric(primary) == metric
