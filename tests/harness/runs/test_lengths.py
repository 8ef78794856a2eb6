"""Rows longer than the model's context: named before anything runs, and none ends a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from harness.analysis.summary import summary
from harness.cli import app
from harness.config import run_config
from harness.costs.book import load_book
from harness.errors import DataError
from harness.report.build import build_report
from harness.runs.estimate import estimate
from harness.runs.rescore import rescore_run
from harness.runs.runner import run
from harness.strategy.context import Monitor

pytest.importorskip("transformers")
LONG = "the company reported a net profit " * 90


class Listener(Monitor):
    def __init__(self) -> None:
        self.messages: list[str] = []
        self.trained = False

    def message(self, text: str) -> None:
        self.messages.append(text)

    def progress(self, label: str, done: float, total: float, **figures: Any) -> None:
        self.trained |= label == "train"


@pytest.fixture
def task(tmp_path: Path) -> Any:
    """Writes a task of sentences, of which some have a long text."""

    def write(long: dict[str, int], kind: str = "classification", **more: Any) -> Path:
        lines = []
        for split, count in {"train": 12, "dev": 2, "test": 6}.items():
            for n in range(count):
                text = f"profit rose {split} {n}"
                if n < long.get(split, 0):
                    text = f"{text} {LONG}"
                lines.append({"text": text, "label": "up" if n % 2 else "down", "split": split})
        (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        labels = {"labels": {"up": "up", "down": "down"}} if kind == "classification" else {}
        primary = "accuracy" if kind == "classification" else "exact_match"
        declared = {
            "name": "long", "kind": kind, "source": {"files": [{"path": "rows.jsonl"}]},
            "columns": {"input": "text", "target": "label", "split": "split"}, **labels,
            "metrics": [primary], "primary": primary, **more,
        }  # fmt: skip
        path = tmp_path / "long.yaml"
        path.write_text(json.dumps(declared), encoding="utf-8")
        return path

    return write


@pytest.fixture
def go(tiny_llama: Path, tmp_path: Path) -> Any:
    def go(task: Path, strategy: str, rule: str = "skip", **more: Any) -> Any:
        listener = Listener()
        more = {"latency": False} | more
        config = run_config(
            strategy=strategy, task=str(task), model=str(tiny_llama), long_rows=rule,
            results=tmp_path / "results", device="cpu", dtype="float32", offline=True, **more,
        )  # fmt: skip
        folder = run(config, listener).folder
        lines = (folder / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
        return summary(folder, load_book()), list(map(json.loads, lines)), listener

    return go


SHORT = {"lora.max_steps": 2, "lora.batch_size": 4}


def test_one_long_test_row_is_named_before_training_and_the_others_are_answered(
    task: Any, go: Any
) -> None:
    report, lines, listener = go(task({"test": 1}), "lora", set=SHORT, latency=True)
    assert report["outcomes"]["ok"] == 5 and report["outcomes"]["truncated"] == 1
    assert report["n"] == 6 and listener.trained
    (unread,) = [line for line in lines if line["outcome"] == "truncated"]
    assert unread["finish"] == "too_long" and not unread["correct"]
    assert unread["values"]["accuracy"] == 0.0
    (message,) = [text for text in listener.messages if "too long" in text]
    assert (
        "(1 of test): rows.jsonl, line 15 (" in message
        and "512 fit" in message
        and "--long-rows skip" in message
    )
    assert report["long_rows"]["test"] == 1 and report["long_rows"]["train"] == 0
    assert "counts as wrong" in report["notes"]["long_rows"]
    assert report["latency"]["requests"] > 5  # of rows that can be asked


@pytest.mark.parametrize("strategy", ["lora", "few-shot", "lora+few-shot"])
def test_long_training_rows_are_left_out(task: Any, go: Any, strategy: str) -> None:
    values = SHORT if "lora" in strategy else {}
    more = {"few-shot.k": 2} if "few-shot" in strategy else {}
    report, _, listener = go(task({"train": 10, "dev": 1}), strategy, set=values | more)
    assert report["outcomes"]["ok"] == 6
    assert any("10 of train, 1 of dev" in text for text in listener.messages)
    assert report["rows"] == {"train": 2, "dev": 1, "test": 6}
    assert report["long_rows"]["train"] == 11 and len(report["long_rows"]["places"]) == 11
    assert "11 of training left out" in report["notes"]["long_rows"]


@pytest.mark.parametrize("strategy", ["lora", "few-shot"])
def test_rows_are_cut(task: Any, go: Any, strategy: str) -> None:
    values = SHORT if strategy == "lora" else {"few-shot.k": 2}
    report, lines, _ = go(task({"train": 10, "test": 2}), strategy, "cut", set=values)
    assert report["outcomes"]["ok"] == 6 and report["rows"]["train"] == 12
    cut = report["long_rows"]["cut"]
    assert cut == report["long_rows"]["test"] == sum("excess" in line for line in lines)
    assert cut == (2 if strategy == "lora" else 6)  # a long example makes all prompts long


def test_rows_may_end_a_run_before_anything_is_written(task: Any, go: Any, tmp_path: Path) -> None:
    file = task({"train": 1, "test": 2})
    with pytest.raises(DataError, match=r"\(1 of train, 2 of test\).*tokens, 512 fit") as raised:
        go(file, "lora", "fail", set=SHORT)
    assert "--long-rows skip" in raised.value.hint and "cut" in raised.value.hint
    assert not list((tmp_path / "results").glob("*/run.json"))
    assert not list((tmp_path / "results").glob("artifacts/*"))


def test_a_dry_run_names_them_too(task: Any, tiny_llama: Path, tmp_path: Path) -> None:
    listener, config = Listener(), run_config(
        strategy="lora", task=str(task({"train": 1, "test": 1})), model=str(tiny_llama),
        results=tmp_path / "results", device="cpu", offline=True,
    )  # fmt: skip
    value = estimate(config, listener)
    assert value["train_rows"] == 11 and "fits (about" in value["notes"]["memory_bytes"]
    assert any("(1 of train, 1 of test)" in text for text in listener.messages)


def test_a_finished_record_of_another_rule_does_not_hide_the_failure(task: Any, go: Any) -> None:
    file = task({"test": 1})
    go(file, "zero-shot")
    with pytest.raises(DataError):
        go(file, "zero-shot", "fail")
    report, _, _ = go(file, "zero-shot", "cut")
    assert report["long_rows"]["cut"] == 1


@pytest.mark.parametrize(("long", "match"), [({"train": 12}, "training"), ({"test": 6}, "test")])
def test_where_no_row_is_left_nothing_runs(task: Any, go: Any, long: Any, match: str) -> None:
    with pytest.raises(DataError, match=f"all .* {match} rows are too long"):
        go(task(long), "lora", set=SHORT)


def test_examples_that_fill_the_context_are_found_before_training(task: Any, go: Any) -> None:
    with pytest.raises(DataError, match="all 6 test rows are too long") as raised:
        values = SHORT | {"few-shot.k": 12, "lora.epochs": 1}
        file = task({}, prompt={"instructions": "Which way? " * 110})
        go(file, "lora+few-shot", set=values)
    assert "fewer" in raised.value.hint


def test_a_shorter_max_length_leaves_training_rows_out(task: Any, go: Any) -> None:
    report, _, _ = go(task({"train": 3}), "lora", set=SHORT | {"lora.max_length": 100})
    assert report["rows"]["train"] == 9
    report, _, _ = go(task({"train": 3}), "lora", "cut", set=SHORT | {"lora.max_length": 100})
    assert report["rows"]["train"] == 12 and report["long_rows"]["train"] == 3


def test_generated_answers_need_room_too(task: Any, go: Any) -> None:
    file = task({"test": 1}, kind="qa", max_tokens=40)
    report, lines, _ = go(file, "zero-shot")
    assert report["outcomes"]["truncated"] >= 1
    assert sum(line["finish"] == "too_long" for line in lines) == 1
    report, _, _ = go(file, "zero-shot", "cut")
    assert report["long_rows"]["cut"] == 1


def test_passages_that_make_a_prompt_too_long_are_that_row_s_outcome(
    task: Any, go: Any, tmp_path: Path
) -> None:
    (tmp_path / "docs").mkdir()
    text = "\n\n".join(f"profit rose test 0. {LONG[:1500]} {n}" for n in range(4))
    (tmp_path / "docs" / "a.txt").write_text(text, encoding="utf-8")
    file = task({}, kind="qa", max_tokens=8)
    values = {"rag.retriever": "bm25", "rag.k": 2, "rag.chunk_size": 1600}
    report, _, _ = go(file, "rag", docs=tmp_path / "docs", set=values)
    assert report["outcomes"]["truncated"] == 6 and report["long_rows"]["test"] == 6
    report, lines, _ = go(file, "rag", "cut", docs=tmp_path / "docs", set=values)
    assert report["long_rows"]["cut"] == 6 and all(line["evidence"] for line in lines)
    with pytest.raises(DataError, match="all 6 test rows are too long"):  # before training
        go(file, "lora+rag", docs=tmp_path / "docs", set=values | SHORT)


def test_a_tool_loop_goes_on_for_the_others(task: Any, go: Any) -> None:
    file = task({"test": 1}, kind="qa", max_tokens=8)
    values = {"tools.search": False, "tools.examples": False, "tools.steps": 1}
    report, lines, _ = go(file, "tools", set=values)
    assert sum(line["finish"] == "too_long" for line in lines) == 1
    assert report["outcomes"]["error"] == 0 and report["n"] == 6


def test_scoring_again_and_the_report_know_them(task: Any, go: Any, tmp_path: Path) -> None:
    file = task({"test": 1})
    report, _, _ = go(file, "zero-shot")
    rescore_run(Path(report["path"]), task=str(file))
    again = summary(Path(report["path"]), load_book())
    assert again["outcomes"] == report["outcomes"]
    built = build_report([tmp_path / "results"], load_book())
    (shown,) = built.data.tasks
    assert any("longer than the context: 1 of the test" in str(note) for note in shown.notes)


def test_the_command_names_the_row(tiny_llama: Path, tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    lines = ["text,label", *(f"profit rose {n},{'up' if n % 2 else 'down'}" for n in range(80))]
    table.write_text("\n".join([*lines, f"{LONG},up"]) + "\n", encoding="utf-8")
    options = ["--data", str(table), "--input", "text", "--target", "label", "--offline"]
    result = CliRunner().invoke(
        app,
        ["run", "--strategy", "few-shot", "--model", str(tiny_llama), *options, "--device", "cpu",
         "--long-rows", "fail", "--results", str(tmp_path / "results")],
    )  # fmt: skip
    assert isinstance(result.exception, DataError)
    assert "rows.csv, line 82 (" in str(result.exception)


def test_rows_to_choose_by_may_all_be_too_long(task: Any, go: Any) -> None:
    report, _, _ = go(task({"dev": 2}), "lora", set=SHORT | {"lora.evaluations": 1})
    assert report["rows"]["dev"] == 0 and report["outcomes"]["ok"] == 6
