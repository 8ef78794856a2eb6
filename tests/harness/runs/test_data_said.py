"""What is wrong with the rows is said before a run, kept by its record, and shown with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from harness.analysis.summary import summary
from harness.cli import app
from harness.cli.shown import print_run
from harness.config import run_config
from harness.costs.book import load_book
from harness.errors import DataError, UsageError
from harness.records.reading import read_record
from harness.runs.contract import check_task
from harness.runs.estimate import estimate
from harness.runs.rescore import rescore_run
from harness.runs.runner import run
from harness.task.near import copied
from tests.heard import Heard

FACTS = ["alder", "birch", "cedar", "maple", "aspen", "larch", "hazel", "elder", "rowan", "willow"]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def tables(tmp_path):
    """A table, and another of test rows, two of which it has as well."""
    rows = [{"text": f"the trees of {name} grew", "label": "up"} for name in FACTS]
    rows += [{"text": f"the leaves of {name} fell", "label": "down"} for name in FACTS]
    tested = [*rows[:2], {"text": "the roots of oak fell", "label": "down"}]
    return write(tmp_path / "rows.jsonl", rows), write(tmp_path / "test.jsonl", tested)


def config(tables, tmp_path, **changes: Any):
    path, test = tables
    data = {"path": path, "test": test, "input": "text", "target": "label"}
    base = {"strategy": "majority", "latency": False, "results": tmp_path / "results"}
    return run_config(**base, data=data, **changes)


def test_a_run_says_it_before_anything_is_spent_and_the_record_keeps_it(tables, tmp_path, capsys):
    heard = Heard()
    folder = run(config(tables, tmp_path), heard).folder
    assert heard.said[0] == "rows: train 18, dev 2, test 3 (23 read)"
    leak = [line for line in heard.said if "stand in train" in line]
    assert leak and leak[0].startswith("warning: ") and "2 of 3" in leak[0]
    assert "test.jsonl, line 1 = rows.jsonl, line 1" in leak[0]
    kept = read_record(folder).data
    assert kept.rows == {"train": 18, "dev": 2, "test": 3}
    assert kept.classes["down"]["test"] == 1
    assert kept.leaks[0].exact == 2
    value = summary(folder, load_book())
    assert value["data"]["warnings"] == list(kept.warnings)
    print_run(value)
    assert "data test rows that stand in train" in " ".join(capsys.readouterr().out.split())
    assert str(tmp_path) not in (folder / "run.json").read_text(encoding="utf-8")


def test_a_dry_run_says_it_too(tables, tmp_path):
    heard = Heard()
    estimate(config(tables, tmp_path), heard)
    assert any("stand in train" in line for line in heard.said)


def test_a_run_without_the_leaking_rows_is_another_one_on_the_same_test_rows(tables, tmp_path):
    plain = read_record(run(config(tables, tmp_path)).folder)
    folder = run(config(tables, tmp_path, drop_leaked=True)).folder
    record = read_record(folder)
    assert record.key != plain.key
    assert record.task.digests["test"] == plain.task.digests["test"]
    assert record.data.dropped and not record.data.leaks
    assert rescore_run(folder, data=tables[0]) == 0


def test_a_strategy_that_learns_refuses_a_table_that_is_all_test(tables, tmp_path):
    data = {"path": tables[0], "input": "text", "target": "label", "split": "0/0/100"}
    with pytest.raises(DataError, match="needs training rows") as raised:
        run(run_config(strategy="tfidf", data=data, results=tmp_path / "results"))
    assert "--split" in raised.value.hint


def test_validate_reports_on_a_table_and_on_a_task_file(tables, tmp_path):
    path, test = tables
    data = {"path": path, "test": test, "input": "text", "target": "label"}
    value = check_task(path, data=data)
    assert value["passed"] and value["task"] == "rows.jsonl"
    assert value["data"]["leaks"][0]["exact"] == 2
    shown = {(each["name"], each["status"]) for each in value["checks"]}
    assert {("rows", "info"), ("label", "info"), ("longest", "info"), ("data", "warning")} <= shown
    task = tmp_path / "trees.yaml"
    declaration = {
        "name": "trees",
        "kind": "classification",
        "source": {"files": [{"path": "rows.jsonl"}]},
        "columns": {"input": "text", "target": "label"},
        "labels": {"up": "up", "down": "down"},
        "split": "0/0/100",
        "metrics": ["accuracy"],
        "primary": "accuracy",
    }
    task.write_text(json.dumps(declaration), encoding="utf-8")
    value = check_task(task)
    assert value["data"]["rows"] == {"train": 0, "dev": 0, "test": 20}
    task.write_text(json.dumps(declaration | {"split": "80/20"}), encoding="utf-8")
    (failed,) = check_task(task)["checks"]
    assert "trees.yaml" in failed["detail"] and "in percent" in failed["detail"]


def test_validate_takes_one_thing(tables):
    runner = CliRunner()
    path, test = map(str, tables)
    columns = ("--input", "text", "--target", "label")
    done = runner.invoke(app, ["validate", path, "--test", test, *columns, "--json"])
    assert json.loads(done.stdout)["data"]["rows"] == {"train": 18, "dev": 2, "test": 3}
    same = runner.invoke(app, ["validate", "--data", path, "--test", test, *columns, "--json"])
    assert same.stdout == done.stdout
    for words in ([], [path, "--data", test, *columns], ["fpb", "--data", test, *columns]):
        assert isinstance(runner.invoke(app, ["validate", *words]).exception, UsageError)


def test_test_rows_that_stand_in_the_documents_are_said(tmp_path):
    questions = [f"How long does the leave of the {name} team last in a year?" for name in FACTS]
    rows = [{"q": text, "a": "2 years"} for text in questions]
    write(tmp_path / "rows.jsonl", rows)
    passages = [{"id": "faq", "text": f"Asked often. {questions[3].upper()} Two years."}]
    write(tmp_path / "passages.jsonl", passages)
    task = tmp_path / "leave.yaml"
    declaration = {
        "name": "leave",
        "kind": "qa",
        "source": {"files": [{"path": "rows.jsonl", "split": "test"}]},
        "columns": {"input": "q", "target": "a"},
        "corpus": {"files": [{"path": "passages.jsonl"}]},
        "metrics": ["exact_match"],
        "primary": "exact_match",
    }
    task.write_text(json.dumps(declaration), encoding="utf-8")
    value = check_task(task)
    assert value["data"]["in_documents"] == 1
    assert any("rows.jsonl, line 4" in note for note in value["data"]["notes"])


def test_copies_are_found_across_the_cuts_of_long_documents():
    text = "the deductible of a policy is agreed in writing before it begins"
    filler = "nothing of note is said in this sentence. " * 23
    assert copied([text, "another question that stands nowhere"], [filler + text + filler]) == [0]
    assert copied([text], [filler + text.replace("agreed", "settled upon after talks")]) == []
    assert copied(["short"], ["short"]) == []
    assert copied([], ["text"]) == []
