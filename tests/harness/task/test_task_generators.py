"""Generators are loaded by their location, one inside another as well."""

from __future__ import annotations

import json

import pytest

from harness.config import run_config
from harness.errors import DataError
from harness.runs.plan import load_rows, open_task
from harness.task.task import generator_module, load_task


@pytest.fixture
def packages(tmp_path):
    """A package that holds another, which imports from it relatively."""
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "outer" / "__init__.py").write_text("VALUE = 3\n", encoding="utf-8")
    (inner / "__init__.py").write_text(
        "from .. import VALUE\n\n\ndef rows():\n    yield {'n': VALUE}\n", encoding="utf-8"
    )
    return tmp_path


def test_a_package_inside_another(packages):
    assert list(generator_module(packages, "outer/inner").rows()) == [{"n": 3}]


def test_a_package_that_is_not_there(packages):
    with pytest.raises(DataError, match="'nothing'"):
        generator_module(packages, "outer/nothing")


TASK = """
name: own
kind: {kind}
source: {{files: [{{path: rows.jsonl}}]}}
columns: {{input: text, target: answer}}
labels: {{up: up, down: down}}
metrics: [accuracy]
primary: accuracy
{more}
"""


@pytest.mark.parametrize(
    ("kind", "more", "problem"),
    [
        ("decision", "", "declares 'decision'"),
        ("qa", "masks: {x: '[A-'}", "masks: x"),
        (
            "decision",
            "decision: {pay: up, deny: down, currency: KRW, handover: 1, authority: 1,"
            " costs: {up: {up: {}}}}",
            "costs",
        ),
        (
            "decision",
            "decision: {pay: a, deny: b, currency: KRW, handover: 1, authority: 1,"
            " costs: {a: {a: {}, b: {}}, b: {a: {}}}}",
            "labels and costs differ",
        ),
    ],
)
def test_what_a_decision_task_has_to_say(tmp_path, kind, more, problem):
    path = tmp_path / "own.yaml"
    path.write_text(TASK.format(kind=kind, more=more), encoding="utf-8")
    with pytest.raises(DataError, match=problem):
        load_task(str(path))


def test_an_answer_that_is_no_decision_is_told_with_its_row(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        TASK.format(
            kind="decision",
            more="decision: {pay: a, deny: b, currency: KRW, handover: 1, authority: 1,"
            " costs: {a: {a: {}, b: {}}, b: {a: {}}}}",
        )
        .replace("{up: up, down: down}", "{a: a, b: b}")
        .replace("[accuracy]", "[expected_loss]")
        .replace("primary: accuracy", "primary: expected_loss"),
        encoding="utf-8",
    )
    lines = [{"text": "x", "answer": "a 100원"}, {"text": "y", "answer": "a"}]
    rows = "\n".join(map(json.dumps, lines))
    (tmp_path / "rows.jsonl").write_text(rows, encoding="utf-8")
    config = run_config(task=str(path))
    with pytest.raises(DataError, match="rows.jsonl, line 2.*amount"):
        load_rows(config, open_task(config))
