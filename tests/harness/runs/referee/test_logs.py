"""Logs that lm-eval, inspect_ai and promptfoo wrote become records, with a task and without one.

The committed ones are of invented rows, written by `written_logs` with lm-eval 0.4.13 (a random
model), inspect_ai 0.3.285 (its offline model) and promptfoo 0.121.20 (two invented providers); of
lm-eval's results the fields with paths and hardware are left out.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from written_logs import ASKED, inspect_log, lm_eval_log, promptfoo_log

from harness.cli import app
from harness.records.reading import read_record
from harness.runs.referee import read_logs

DATA = Path(__file__).parent / "data"
EVAL, FOO = DATA / "leave.eval", DATA / "results.json"
CHOICE, WRITTEN = (
    DATA / f"samples_leave_{name}_2026-11-30T19-31-00.000000.jsonl"
    for name in ("choice", "written")
)


def table(folder: Path, rows: list[dict[str, str]], name: str = "rows.csv") -> Path:
    path = folder / name
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path


def own(folder: Path, **more: str) -> list[str]:
    """The options of a table with the questions that all logs were asked, all of it the test."""
    rows = [{"q": question, "a": answer} for question, answer in ASKED]
    given = ["--data", str(table(folder, rows)), "--input", "q", "--target", "a", "--kind", "qa"]
    return [*given, "--split", "0/0/100"]


def score(path: Path, folder: Path, *words: str, code: int = 0) -> dict[str, Any]:
    given = ["score", "--from", str(path), "--results", str(folder / "results"), "--json", *words]
    result = CliRunner().invoke(app, given)
    ended = getattr(result.exception, "exit_code", 0 if result.exit_code == 0 else result.output)
    assert ended == code, result.exception
    shown: dict[str, Any] = json.loads(result.stdout) if result.stdout else {}
    return shown | {"said": str(result.exception)}


def test_an_evaluation_of_inspect_ai_is_a_record_for_each_epoch(tmp_path: Path) -> None:
    runs = score(EVAL, tmp_path, *own(tmp_path))["runs"]
    assert [run["label"] for run in runs] == ["model, epoch 1", "model, epoch 2"]
    for run in runs:
        log, agreed = run["log"], run["log"]["agreement"]
        assert log["format"] == "inspect_ai 0.3.285"
        assert log["matched"] == {"prompt": 5}  # its ids are none of the table's
        assert (log["metric"], agreed["n"]) == ("match", 5)
        # "It is 11 days." ends with the target to inspect_ai, and is no exact match to us.
        assert (agreed["theirs"], agreed["ours"], agreed["differ"]) == (0.6, 0.4, 1)
        assert "leave-1" in agreed["rows"][0]["place"]
        assert run["model"] == "model"
        tokens = run["ledger"]["serve"]["tokens"]
        # 20 + n of input and 5 from the vendor's cache, which are a part of ours.
        assert tokens == {"input_tokens": 135, "cached_tokens": 25, "output_tokens": 20}
        assert log["seconds"]["n"] == 5
        assert run["latency"] is None
    lines = Path(runs[0]["path"], "predictions.jsonl").read_text().splitlines()
    assert {json.loads(line)["text"] for line in lines} >= {"99 days", "It is 11 days."}


def test_the_json_of_inspect_ai_is_read_as_its_archive_is(tmp_path: Path) -> None:
    from harness.decoding import archive_members, archive_names
    from harness.decoding.archives import Bounds

    parts = {
        name: json.loads(content)
        for name, content in archive_members(EVAL, archive_names(EVAL, Bounds()))
    }
    samples = [part for name, part in parts.items() if name.startswith("samples/")]
    path = tmp_path / "leave.json"
    path.write_text(json.dumps(parts["header.json"] | {"samples": samples}))
    plain, packed = read_logs(path), read_logs(EVAL)
    assert [log.name for log in plain] == [log.name for log in packed]
    assert [[a.text for a in log.answers] for log in plain] == [
        [a.text for a in log.answers] for log in packed
    ]
    assert plain[0].answers[0].usage == packed[0].answers[0].usage


def test_results_of_promptfoo_are_a_record_for_each_provider(tmp_path: Path) -> None:
    said = score(FOO, tmp_path, *own(tmp_path), code=5)["said"]  # one answer of five is an error
    assert "1 of 5 rows have no answer" in said
    folders = sorted((tmp_path / "results").glob("*_external_*"))
    names = {read_record(folder).strategy.name: folder for folder in folders}
    assert set(names) == {"invented:small", "invented:large"}
    large = CliRunner().invoke(app, ["show", str(names["invented:large"]), "--json"])
    log = json.loads(large.stdout)["log"]
    assert log["usd"] == pytest.approx(0.0001 * (1 + 2 + 4 + 5))  # the third was an error
    assert log["usd_answers"] == 4
    lines = [
        json.loads(line)
        for line in (names["invented:large"] / "predictions.jsonl").read_text().splitlines()
    ]
    (failed,) = [line for line in lines if line["outcome"] == "error"]
    assert failed["error"] == "API error: 500 Internal Server Error"
    shown = CliRunner().invoke(app, ["show", str(names["invented:small"])]).output
    assert "cost, declared by the log: $0.0015" in shown
    assert "0.600; right, by ours: 0.400 (n 5); " not in shown
    small = json.loads(
        CliRunner().invoke(app, ["show", str(names["invented:small"]), "--json"]).stdout
    )
    # `equals` refuses "It is 11 days." as we do; n 0 and 3 are wrong to both.
    assert small["log"]["agreement"]["differ"] == 0
    assert small["ledger"]["serve"]["tokens"] == {"input_tokens": 110, "output_tokens": 20}


def test_samples_of_lm_eval_are_matched_by_a_field_of_their_documents(tmp_path: Path) -> None:
    run = score(WRITTEN, tmp_path, *own(tmp_path), "--name", "mine")
    assert run["label"] == "mine"
    assert run["model"] == "tiny"
    assert run["log"]["format"] == "lm-eval 0.4.13"
    assert run["log"]["matched"] == {"question": 5}
    assert run["log"]["metric"] == "exact_match"
    assert run["device"] == "cpu"
    assert "serve" not in run["ledger"]  # nobody knows how long answering took
    assert any("logs no tokens" in note for note in run["log"]["notes"])


def test_choices_of_lm_eval_are_answered_by_the_likeliest(tmp_path: Path) -> None:
    run = score(CHOICE, tmp_path)
    assert run["primary"] == "accuracy"
    assert run["n"] == 5
    agreed = run["log"]["agreement"]
    assert agreed["theirs"] == agreed["ours"]
    assert agreed["differ"] == 0
    samples = [json.loads(line) for line in CHOICE.read_text().splitlines()]
    likeliest = [
        max(range(3), key=lambda n, s=sample: float(s["filtered_resps"][n][0]))
        for sample in samples
    ]
    lines = Path(run["path"], "predictions.jsonl").read_text().splitlines()
    answered = {json.loads(line)["text"] for line in lines}
    assert answered == {s["doc"]["choices"][n] for s, n in zip(samples, likeliest, strict=True)}


@pytest.mark.parametrize(("path", "code"), [(EVAL, 0), (FOO, 5), (WRITTEN, 0), (CHOICE, 0)])
def test_a_log_without_a_task_brings_its_own(path: Path, code: int, tmp_path: Path) -> None:
    score(path, tmp_path, code=code)
    (made,) = (tmp_path / "results" / "tables").iterdir()
    rows = [json.loads(line) for line in made.read_text(encoding="utf-8").splitlines()]
    assert [row["question"] for row in rows] == [question for question, _ in ASKED]
    assert [row["target"].lower() for row in rows] == [answer for _, answer in ASKED]
    folder = next((tmp_path / "results").glob("*_external_*"))
    given = ["rescore", str(folder), "--data", str(made)]
    assert CliRunner().invoke(app, given).exit_code == 0


def test_the_same_log_twice_is_one_record(tmp_path: Path) -> None:
    first = score(WRITTEN, tmp_path)
    assert score(WRITTEN, tmp_path)["path"] == first["path"]


@pytest.mark.slow
def test_lm_eval_writes_what_is_read(tmp_path: Path, tiny_llama: Path) -> None:
    for path in lm_eval_log(tmp_path, tiny_llama).glob("samples_*.jsonl"):
        run = score(path, tmp_path, *(own(tmp_path) if "written" in path.name else ()))
        assert run["n"] == 5
        assert run["log"]["agreement"]["n"] == 5


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["eval", "json"])
def test_inspect_ai_writes_what_is_read(kind: str, tmp_path: Path) -> None:
    runs = score(inspect_log(tmp_path, kind), tmp_path, *own(tmp_path))["runs"]
    assert [run["log"]["agreement"]["differ"] for run in runs] == [1, 1]


@pytest.mark.slow
def test_promptfoo_writes_what_is_read(tmp_path: Path) -> None:
    path = promptfoo_log(tmp_path)
    logs = read_logs(path)
    assert [log.name for log in logs] == ["invented:small", "invented:large"]
    assert [answer.right for answer in logs[0].answers][0] == ("10 days",)
    assert sum(answer.error is not None for answer in logs[1].answers) == 1
    shutil.copy(path, tmp_path / "copy.json")
    score(tmp_path / "copy.json", tmp_path, code=5)
