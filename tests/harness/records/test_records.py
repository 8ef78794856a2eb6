"""Verbs on finished records: rescore, score, compare, and a metric of one's own."""

import gzip
import json

import pytest

from harness.analysis.compare import compare_runs
from harness.analysis.summary import summary
from harness.config import run_config
from harness.costs.book import load_book
from harness.errors import DataError, TooManyErrors, UsageError
from harness.records.reading import read_record
from harness.runs.external import score_logs
from harness.runs.rescore import rescore_run
from harness.runs.runner import raise_for_errors, run


@pytest.fixture
def majority(tmp_path):
    config = run_config(strategy="majority", limit=60, results=tmp_path / "results")
    return run(config).folder


def test_scoring_again_changes_nothing(majority):
    before = (majority / "metrics.json").read_bytes()
    assert rescore_run(majority) == 0
    assert (majority / "metrics.json").read_bytes() == before


def test_a_compressed_record_is_scored_again_and_stays_compressed(majority):
    before = summary(majority, load_book())
    packed = {}
    for path in list(majority.glob("*.jsonl")):
        packed[path.name] = gzip.compress(path.read_bytes(), mtime=0)
        (majority / f"{path.name}.gz").write_bytes(packed[path.name])
        path.unlink()
    (majority / "metrics.json").unlink()
    assert rescore_run(majority) == 0
    assert summary(majority, load_book()) == before
    left = {path.name: path.read_bytes() for path in majority.glob("*.jsonl*")}
    assert left == {f"{name}.gz": content for name, content in packed.items()}


def test_a_run_without_text_cannot_be_scored_again(tmp_path):
    config = run_config(
        strategy="majority", limit=5, store_text="ids", results=tmp_path / "results"
    )
    folder = run(config).folder
    assert "text" not in (folder / "predictions.jsonl").read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="ids"):
        rescore_run(folder)


def answers(majority, tmp_path, keep):
    lines = (majority / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines][:keep]
    path = tmp_path / "answers.jsonl"
    text = "\n".join(json.dumps({"id": row["id"], "answer": row["target"]}) for row in rows)
    path.write_text(text, encoding="utf-8")
    return path


def test_answers_made_elsewhere_become_a_record_with_declared_cost(majority, tmp_path):
    usage = tmp_path / "usage.yaml"
    usage.write_text("{device: cpu, serve_seconds: 36, output_tokens: 100}", encoding="utf-8")
    config = run_config(strategy="mine", limit=60, results=tmp_path / "results")
    report = summary(score_logs(config, answers(majority, tmp_path, 60), usage)[0], load_book())
    assert report["metrics"]["exact_match"]["value"] == 1.0
    assert report["ledger"]["serve"]["seconds"] == 36
    compared = compare_runs(tmp_path / "results" / report["run_id"], majority)
    assert compared["low"] > 0
    assert "readouts differ" in compared["warnings"][0]


def test_answers_that_are_missing_are_errors_not_wrong_answers(majority, tmp_path):
    config = run_config(strategy="mine", limit=60, results=tmp_path / "results")
    with pytest.raises(TooManyErrors, match="10 of 60"):
        raise_for_errors(score_logs(config, answers(majority, tmp_path, 50), None)[0])


def test_ids_of_another_task_are_refused(tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_text('{"id": "nobody", "answer": "x"}', encoding="utf-8")
    config = run_config(strategy="mine", limit=60, results=tmp_path / "results")
    with pytest.raises(DataError, match="no id"):
        score_logs(config, path, None)


def test_a_metric_of_ones_own(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("def length(row):\n    return len(row.predicted or '') / 100\n", "utf-8")
    config = run_config(
        strategy="majority", limit=20, metrics=(f"{path}:length",), results=tmp_path / "results"
    )
    report = summary(run(config).folder, load_book())
    assert report["metrics"]["length"]["value"] > 0


def test_scoring_again_brings_what_was_published_since(tmp_path):
    rows = [{"q": f"question {n}", "a": "x" if n % 3 else "y"} for n in range(60)]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text(
        "name: mine\nkind: classification\nsource: {files: [{path: rows.jsonl}]}\n"
        "columns: {input: q, target: a}\nlabels: {x: x, y: z}\nmetrics: [accuracy]\nprimary: accuracy\n",
        encoding="utf-8",
    )
    folder = run(
        run_config(strategy="majority", task=str(file), results=tmp_path / "results")
    ).folder
    before = read_record(folder)
    result = "system: A, metric: accuracy, value: 0.5, rows: elsewhere, source: B, year: 2020"
    with file.open("a", encoding="utf-8") as out:
        out.write(f"published: [{{{result}}}]\n")
    said = []
    assert (
        rescore_run(folder, task=str(file), notify=said.append) == 0 and not said
    )  # no prompt has changed
    after = read_record(folder)
    assert [each.system for each in after.task.published] == ["A"] and not before.task.published
    assert (after.key, after.keys, after.task.digest) == (
        *(before.key, before.keys),
        before.task.digest,
    )


def test_a_run_of_ones_own_table_is_scored_again_with_the_table(tmp_path):
    table = tmp_path / "mine.jsonl"
    lines = [{"q": f"question {n}", "a": "x" if n % 3 else "y"} for n in range(60)]
    table.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    data = {"path": table, "input": "q", "target": "a"}
    folder = run(run_config(strategy="tfidf", data=data, results=tmp_path / "results")).folder
    with pytest.raises(UsageError, match="--data FILE"):
        rescore_run(folder)
    assert rescore_run(folder, data=table) == 0
    table.write_text(table.read_text("utf-8").replace("y", "z"), encoding="utf-8")
    with pytest.raises(UsageError, match="no longer"):
        rescore_run(folder, data=table)


def test_a_run_that_is_not_finished_is_not_compared(majority):
    record = json.loads((majority / "run.json").read_text(encoding="utf-8"))
    (majority / "run.json").write_text(json.dumps(record | {"status": "running"}), "utf-8")
    with pytest.raises(UsageError, match="not finished"):
        compare_runs(majority, majority)
