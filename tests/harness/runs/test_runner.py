import json

import pytest

from harness.analysis.summary import summary
from harness.config import run_config
from harness.costs.book import load_book
from harness.errors import DataError, UsageError
from harness.report import write_report
from harness.report.build import build_report
from harness.runs.runner import run
from harness.strategy.context import Monitor
from tests.two_labels import write_two_labels


@pytest.fixture
def table(tmp_path):
    return write_two_labels(tmp_path, 100)


def config(table, tmp_path, strategy, **more):
    data = {"path": table, "input": "text", "target": "label"}
    return run_config(strategy=strategy, data=data, results=tmp_path / "results", **more)


def test_a_run_leaves_a_record_and_the_same_run_runs_nothing(table, tmp_path):
    first = run(config(table, tmp_path, "tfidf"))
    report = summary(first.folder, load_book())
    assert report["metrics"]["accuracy"]["value"] == 1.0
    assert report["outcomes"]["ok"] == report["n"] > 20
    assert report["cost"]["gpu_hours"] == 0
    assert report["cost"]["development_usd"] > 0
    assert report["ledger"]["label"]["quantities"]["train_rows"] == report["rows"]["train"]
    before = {path: path.read_bytes() for path in first.folder.iterdir()}
    again = run(config(table, tmp_path, "tfidf"))
    assert again.reused and again.folder == first.folder
    assert before == {path: path.read_bytes() for path in first.folder.iterdir()}


def test_force_makes_a_folder_beside_the_old_one(table, tmp_path):
    first = run(config(table, tmp_path, "majority"))
    second = run(config(table, tmp_path, "majority", force=True))
    assert second.folder != first.folder
    assert first.folder.exists() and not second.reused


def test_another_limit_reuses_the_artifact_and_says_so(table, tmp_path):
    run(config(table, tmp_path, "tfidf"))
    second = run(config(table, tmp_path, "tfidf", limit=10))
    report = summary(second.folder, load_book())
    assert report["artifact"]["reused"]
    assert report["ledger"]["train"]["paid"] == "reused"
    assert report["n"] == 10


class Impatient(Monitor):
    def progress(self, label, done, total, **figures):
        if label == "answer":
            raise KeyboardInterrupt


def test_an_interrupted_run_is_resumed_in_its_folder(table, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(config(table, tmp_path, "tfidf"), Impatient())
    (record,) = (tmp_path / "results").glob("*/run.json")
    assert json.loads(record.read_text(encoding="utf-8"))["status"] == "interrupted"
    result = run(config(table, tmp_path, "tfidf"))
    assert result.folder == record.parent
    assert summary(result.folder, load_book())["status"] == "finished"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input": "txt"}, "has no column 'txt'"),
        ({"kind": "essay"}, "kind"),
    ],
)
def test_bad_columns_are_explained(table, tmp_path, change, message):
    data = {"path": table, "input": "text", "target": "label"} | change
    with pytest.raises(UsageError, match=message):
        run(run_config(strategy="majority", data=data, results=tmp_path / "results"))


@pytest.mark.parametrize("text", ["x" * 200_000, ""])
def test_a_row_that_cannot_be_used_is_named(tmp_path, text):
    path = tmp_path / "rows.jsonl"
    lines = [{"text": "fine", "label": "a"}, {"text": text, "label": "b"}]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    with pytest.raises(DataError, match="rows.jsonl, line 2"):
        run(config(path, tmp_path, "majority"))


def test_the_report_is_one_page_without_anything_from_outside(table, tmp_path):
    run(config(table, tmp_path, "majority"))
    run(config(table, tmp_path, "tfidf"))
    out = tmp_path / "report.html"
    built = build_report([tmp_path / "results"], load_book())
    (written,) = write_report(built, out)
    page = out.read_text(encoding="utf-8")
    assert len(built.data.runs) == 2 and written.bytes < 8e6
    assert "default-src 'none'" in page
    assert str(tmp_path) not in page
