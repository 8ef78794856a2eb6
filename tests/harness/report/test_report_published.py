"""The README's table of three more tasks, and its findings, are what the committed records say."""

import json
from pathlib import Path

import pytest

from harness.compare import compare_runs, compare_seeds
from harness.costs.book import load_book
from harness.report.build import report_data

ROOT = Path(__file__).resolve().parents[3]
RECORDS = ROOT / "results" / "korean-insurance"
README = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
COLUMNS = (
    ("fpb-ko", "macro_f1"),
    ("fpb-ko", "accuracy"),
    ("ko-insurance-exam", "accuracy"),
    ("insurer-claims-ko", "expected_loss"),
    ("insurer-claims-ko", "decision_accuracy"),
)


def run(task, strategy):
    (found,) = RECORDS.glob(f"{task}_{strategy}_*_s0_*")
    return found


def share(value):
    return f"{value:.3f}".replace("0.", ".", 1)


def won(value):
    return f"{value / 1000:,.0f}"


def cell(task, strategy, metric):
    if not list(RECORDS.glob(f"{task}_{strategy}_*")):
        return "–"
    found = json.loads((run(task, strategy) / "metrics.json").read_text("utf-8"))["metrics"][metric]
    written = won if metric == "expected_loss" else share
    if found["low"] is None:
        return written(found["value"])
    return f"{written(found['value'])} [{written(found['low'])}, {written(found['high'])}]"


@pytest.mark.parametrize(
    "strategy",
    [
        "full-finetune",
        "lora",
        "qlora",
        "qlora+rag",
        "tfidf",
        "majority",
        "few-shot",
        "few-shot+rag",
        "few-shot+oracle-rag",
        "rag",
        "zero-shot",
    ],
)
def test_a_row_of_the_table_is_what_its_records_hold(strategy):
    cells = " | ".join(cell(task, strategy, metric) for task, metric in COLUMNS)
    assert f"`{strategy}` | {cells} |" in README.replace(", a ceiling |", " |")


@pytest.mark.parametrize(
    ("task", "a", "b", "metric", "written"),
    [
        ("fpb-ko", "full-finetune", "few-shot", "correct", share),
        ("fpb-ko", "full-finetune", "tfidf", "correct", share),
        ("fpb-ko", "full-finetune", "tfidf", "macro_f1", share),
        ("insurer-claims-ko", "qlora", "majority", "expected_loss", won),
    ],
)
def test_a_difference_that_is_quoted_is_what_compare_says(task, a, b, metric, written):
    found = compare_runs(run(task, a), run(task, b), metric=metric)
    ends = [written(found[end]).replace("-0.", "-.") for end in ("low", "high")]
    difference = written(found["difference"])
    assert difference in README
    assert f"[{', '.join(ends)}]" in README


def test_the_leaders_differ_over_three_seeds_as_the_readme_says():
    found = compare_seeds(run("insurer-ko", "qlora+rag"), run("insurer-ko", "few-shot+rag"))
    said = [share(found[key]) for key in ("difference", "low", "high")]
    assert f"a difference of {said[0]} [{said[1]}, {said[2]}]" in README


def test_no_text_of_the_exam_is_in_its_records():
    for file in RECORDS.glob("ko-insurance-exam_*/predictions.jsonl"):
        for line in file.read_text("utf-8").splitlines():
            assert not {"text", "target", "predicted", "scores"} & json.loads(line).keys()


def test_a_strategy_with_one_setting_a_task_is_one_row_over_the_tasks():
    rows = {tally.name: tally for tally in report_data([RECORDS], load_book()).records}
    assert {"few-shot", "lora", "qlora+rag"} <= rows.keys()
    assert not [name for name in rows if "=" in name]
    assert len(rows["few-shot"].by_task) == 4
    assert rows["lora"].by_task["fpb-ko"].value == pytest.approx(0.687, abs=5e-4)
