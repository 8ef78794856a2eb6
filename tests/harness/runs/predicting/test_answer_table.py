"""`predict RUN --data NEW --out FILE`: new rows of any table get answers, once, and no file is lost."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hostile_server import HostileServer, right
from openpyxl import Workbook, load_workbook
from typer.testing import CliRunner

from harness.cli import app
from harness.config import run_config
from harness.errors import DataError, TooManyErrors, UsageError
from harness.runs.ask import ask_run
from harness.runs.load import Traffic, measure_load
from harness.runs.predicting.answer import Request, answer_table
from harness.runs.predicting.files import write_answers
from harness.runs.predicting.rows import Naming
from harness.runs.runner import run
from harness.runs.serving import serve

WORDS = {"이익이 늘었다": "긍정", "손실이 커졌다": "부정"}
TINY = {"max_steps": 2, "rank": 2}


def predict(*words):
    return CliRunner().invoke(app, ["predict", *map(str, words)])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write_csv(path: Path, *rows, encoding="utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """The folder of a tfidf run, whose table is gone."""
    place = tmp_path_factory.mktemp("learned")
    lines = [[f"{n}분기 {words}", label] for n in range(40) for words, label in WORDS.items()]
    table = write_csv(place / "rows.csv", ["문장", "label"], *lines)
    data = {"path": table, "input": "문장", "target": "label"}
    made = run(run_config(strategy="tfidf", data=data, latency=False, results=place / "results"))
    table.unlink()
    return made.folder


@pytest.fixture
def new(tmp_path):
    lines = [[n, f"{n + 500}분기 {words}", 0.5] for n, words in enumerate([*WORDS] * 3)]
    return write_csv(tmp_path / "new.csv", ["번호", "문장", "weight"], *lines, encoding="cp949")


def test_new_rows_are_answered_without_the_runs_table(learned, new, tmp_path):
    out = tmp_path / "answers.csv"
    made = predict(learned, "--data", new, "--out", out)
    assert made.exit_code == 0, made.output
    rows = rows_of(out)
    assert [row["answer"] for row in rows] == [*WORDS.values()] * 3
    assert [row["번호"] for row in rows] == list("012345") and rows[0]["weight"] == "0.5"
    assert all(0.5 < float(row["confidence"]) <= 1 and row["error"] == "" for row in rows)
    assert rows[0]["abstained"] == "false" and rows[0]["input_tokens"] == "0"
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")  # or Excel shows no Korean
    said = " ".join(made.output.split())
    assert "6 rows · 6 with an answer" in said and "on the test rows: accuracy" in said
    assert "read as CP949" in said and not (tmp_path / "answers.csv.unfinished").exists()


def test_the_same_command_finds_its_answers_and_another_is_refused(learned, new, tmp_path):
    out = tmp_path / "answers.csv"
    first = predict(learned, "--data", new, "--out", out, "--json")
    again = predict(learned, "--data", new, "--out", out, "--json")
    made, found = (json.loads(each.stdout) for each in (first, again))
    assert (made.pop("reused"), found.pop("reused")) == (False, True) and made == found
    other = predict(learned, "--data", new, "--out", out, "--limit", 2)
    assert isinstance(other.exception, UsageError) and "another --limit" in other.exception.message
    new.write_text(new.read_text(encoding="cp949") + "6,새 문장,1\n", encoding="cp949")
    edited = predict(learned, "--data", new, "--out", out)
    assert isinstance(edited.exception, UsageError) and "edited since" in edited.exception.message
    out.write_text("mine", encoding="utf-8")
    foreign = predict(learned, "--data", new, "--out", out)
    assert isinstance(foreign.exception, UsageError)
    assert out.read_text(encoding="utf-8") == "mine"
    (tmp_path / "b.csv").write_text("mine", encoding="utf-8")
    foreign = predict(learned, "--data", new, "--out", tmp_path / "b.csv")
    assert "nothing says" in str(foreign.exception)


def test_what_cannot_be_asked_is_said_with_its_line_and_stays(learned, tmp_path):
    new = write_csv(
        tmp_path / "new.csv",
        ["id", "문장"],
        ["a", "이익이 늘었다"],
        ["a", ""],
        ["b", "가" * 30_000],
    )
    made = predict(learned, "--data", new, "--out", tmp_path / "a.jsonl", "--id", "id")
    assert isinstance(made.exception, TooManyErrors) and made.exception.exit_code == 5
    said = " ".join(made.output.split())
    assert "new.csv, line 3: '문장' is empty; not asked" in said
    assert "line 4: it has 30,000 characters, 20,000 are allowed; not asked" in said
    assert "line 3: the id 'a' stood in line 2; each is answered" in said
    lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    answers = [json.loads(line) for line in lines]
    assert [each["answer"] for each in answers] == ["긍정", None, None]
    assert answers[1]["error"] == "'문장' is empty" and answers[0]["error"] is None


def test_names_that_clash_are_said_and_no_formula_is_written(learned, tmp_path):
    new = write_csv(tmp_path / "n.csv", ["문장", "answer", "error"], ["손실이 커졌다", "=1", "x"])
    made = predict(learned, "--data", new, "--out", tmp_path / "a.csv")
    assert "n.csv has a column 'answer': the model's is 'model_answer'" in made.output
    (row,) = rows_of(tmp_path / "a.csv")
    assert (row["answer"], row["model_answer"]) == ("=1", "부정")
    assert (row["error"], row["model_error"]) == ("x", "")


def test_a_column_that_is_not_there_names_the_nearest(learned, tmp_path):
    new = write_csv(tmp_path / "n.csv", ["문장들", "b"], ["손실이 커졌다", "1"])
    made = predict(learned, "--data", new, "--out", tmp_path / "a.csv")
    assert isinstance(made.exception, DataError)
    assert "no column '문장'" in made.exception.message
    assert "Did you mean '문장들'?" in made.exception.hint and "--input" in made.exception.hint
    named = predict(learned, "--data", new, "--out", tmp_path / "a.csv", "--input", "문장들")
    assert named.exit_code == 0 and rows_of(tmp_path / "a.csv")[0]["answer"] == "부정"


@pytest.mark.parametrize("words", [[], ["--out", "a.csv"], ["--out", "a.csv", "--rate", "1"]])
def test_what_is_to_be_done_is_asked_for(learned, words):
    made = predict(learned, *words)
    assert isinstance(made.exception, UsageError) and "--out FILE" in made.exception.hint


def test_an_unknown_ending_is_refused(learned, new, tmp_path):
    made = predict(learned, "--data", new, "--out", tmp_path / "a.parquet")
    assert isinstance(made.exception, UsageError) and ".xlsx" in made.exception.hint


def test_workbooks_are_read_and_written(learned, tmp_path):
    book = Workbook()
    for row in (["문장", "금액"], ["이익이 늘었다", 1200], ["손실이 커졌다", None]):
        book.active.append(row)
    book.save(tmp_path / "new.xlsx")
    made = predict(learned, "--data", tmp_path / "new.xlsx", "--out", tmp_path / "a.xlsx")
    assert made.exit_code == 0, made.output
    header, *rows = load_workbook(tmp_path / "a.xlsx").active.iter_rows(values_only=True)
    assert header[:3] == ("문장", "금액", "answer")
    assert [row[:3] for row in rows] == [
        ("이익이 늘었다", "1200", "긍정"), ("손실이 커졌다", None, "부정")
    ]  # fmt: skip
    assert isinstance(rows[0][3], float)


def test_a_run_that_was_killed_before_its_file_stood_goes_on(learned, new, tmp_path):
    """What a kill leaves: answers to some rows, a line that is cut off, and no file."""
    whole, out = tmp_path / "whole.csv", tmp_path / "a.csv"
    request = Request(new, whole)
    answer_table(learned, request, {})
    held = tmp_path / "a.csv.unfinished"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harness.runs.predicting.answer.write_answers", _killed)
        with pytest.raises(KeyboardInterrupt):
            answer_table(learned, Request(new, out), {})
    lines = (held / "given.jsonl").read_bytes().splitlines(keepends=True)
    (held / "given.jsonl").write_bytes(b"".join(lines[:2]) + lines[2][:9])
    other = predict(learned, "--data", new, "--out", out, "--limit", 2)
    assert "holds unfinished work, and it belongs to another --limit" in str(other.exception)
    answer_table(learned, Request(new, out), {})
    assert out.read_bytes() == whole.read_bytes() and not held.exists()


def _killed(*arguments):
    raise KeyboardInterrupt


def test_a_model_s_answers_are_kept_by_batches_and_the_file_is_the_same(tiny_llama, tmp_path):
    pytest.importorskip("torch")
    lines = [[f"row {n} {words}", label] for n in range(10) for words, label in WORDS.items()]
    table = write_csv(tmp_path / "rows.csv", ["text", "label"], *lines)
    data = {"path": table, "input": "text", "target": "label"}
    config = run_config(strategy="zero-shot", data=data, model=str(tiny_llama), device="cpu",
                        dtype="float32", offline=True, latency=False, results=tmp_path / "r")  # fmt: skip
    folder = run(config).folder
    new = write_csv(tmp_path / "new.csv", ["text"], *[[f"new {n}"] for n in range(75)])
    here = {"model": str(tiny_llama), "offline": True}
    answer_table(folder, Request(new, tmp_path / "whole.csv"), here)
    given, calls = tmp_path / "a.csv.unfinished" / "given.jsonl", []

    def killed_third(predictor, queries, *arguments):
        calls.append(len(queries))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return serve(predictor, queries, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harness.runs.predicting.answer.serve", killed_third)
        with pytest.raises(KeyboardInterrupt):
            answer_table(folder, Request(new, tmp_path / "a.csv"), here)
        assert given.read_bytes().count(b"\n") == 64 and calls == [32, 32, 11]
        calls += [0, 0]  # no third one comes
        answer_table(folder, Request(new, tmp_path / "a.csv"), here)
    assert calls[5:] == [11]
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_table_that_is_edited_while_it_is_answered_is_refused(learned, new, tmp_path):
    def edited(path, columns, rows):
        new.write_text("번호,문장,weight\n9,이익이 늘었다,1\n", encoding="cp949")
        write_answers(path, columns, rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harness.runs.predicting.answer.write_answers", edited)
        with pytest.raises(DataError, match="was edited while its rows were answered"):
            answer_table(learned, Request(new, tmp_path / "a.csv"), {})
    assert not (tmp_path / "a.csv").exists()


def test_rows_that_look_unlike_the_test_rows_are_said(tmp_path):
    lines = [[f"{n} {words}", label] for n in range(60) for words, label in WORDS.items()]
    table = write_csv(tmp_path / "rows.csv", ["text", "label"], *lines)
    data = {"path": table, "input": "text", "target": "label"}
    config = run_config(
        strategy="tfidf", data=data, set={"abstain": 0.8}, latency=False, results=tmp_path / "r"
    )
    folder = run(config).folder
    new = write_csv(tmp_path / "n.csv", ["text"], *[[f"zzz {n}"] for n in range(40)])
    made = predict(folder, "--data", new, "--out", tmp_path / "a.csv")
    said = " ".join(made.output.split())
    assert "abstained: 100.0% of these rows, 0.0% of the test rows" in said
    assert "these rows are unlike the test rows" in said and "selective_accuracy" in said
    rows = rows_of(tmp_path / "a.csv")
    assert {row["abstained"] for row in rows} == {"true"} and {row["answer"] for row in rows} == {
        ""
    }


def test_a_threshold_that_was_tuned_holds_without_the_dev_rows(tmp_path):
    lines = [[f"{n} {words}", label] for n in range(60) for words, label in WORDS.items()]
    table = write_csv(tmp_path / "rows.csv", ["text", "label"], *lines)
    data = {"path": table, "input": "text", "target": "label"}
    config = {"strategy": "tfidf", "data": data, "set": {"abstain": "tune"}, "latency": False}
    folder = run(run_config(**config, results=tmp_path / "r")).folder
    table.unlink()
    new = write_csv(tmp_path / "n.csv", ["text"], *[[words] for words in WORDS])
    about = answer_table(folder, Request(new, tmp_path / "a.csv"), {})
    assert about["outcomes"] == {"ok": 2} and "selective_accuracy" in about["test"]["metrics"]


def test_a_timed_run_says_that_it_needs_its_table(learned):
    with pytest.raises(UsageError, match="table of one's own") as caught:
        measure_load(learned, Traffic((50.0,), requests=4), {})
    assert "--data FILE" in caught.value.hint


def test_an_edit_of_what_was_prepared_is_seen_without_the_table(learned, new, tmp_path):
    place = tmp_path / "results"
    shutil.copytree(learned.parent, place)
    folder = place / learned.name
    (artifact,) = (place / "artifacts").iterdir()
    kept = json.loads((artifact / "task.json").read_text(encoding="utf-8"))
    kept["labels"].reverse()
    (artifact / "task.json").write_text(json.dumps(kept), encoding="utf-8")
    with pytest.raises(UsageError, match="an earlier version prepared") as caught:
        answer_table(folder, Request(new, tmp_path / "a.csv"), {})
    assert "`harness run`" in caught.value.hint


@pytest.fixture
def documented(tmp_path):
    """A table of questions and answers, and the documents that they are about."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "leave.txt").write_text("Parental leave takes two years.\n", encoding="utf-8")
    (docs / "fee.txt").write_text("The yearly fee is ten dollars.\n", encoding="utf-8")
    lines = [[f"How long is leave {n}?", "two years"] for n in range(10)]
    table = write_csv(tmp_path / "qa.csv", ["question", "answer"], *lines)
    data = {"path": table, "input": "question", "target": "answer", "kind": "qa"}
    return {"data": data, "docs": docs, "latency": False, "results": tmp_path / "r"}


@pytest.mark.parametrize("strategy", ["rag", "lora", "few-shot"])
def test_models_answer_with_sources_tokens_and_confidence(
    tiny_llama, documented, tmp_path, strategy
):
    pytest.importorskip("torch")
    setting = {"rag": {"retriever": "bm25"}, "lora": TINY, "few-shot": {"k": 1}}[strategy]
    config = documented | {"strategy": strategy, "set": setting, "model": str(tiny_llama)}
    if strategy != "rag":
        config.pop("docs")
    folder = run(run_config(**config, device="cpu", dtype="float32", offline=True)).folder
    documented["data"]["path"].unlink()
    shutil.rmtree(documented["docs"])
    new = tmp_path / "new.jsonl"
    new.write_text(
        "\n".join(json.dumps({"question": f"{q}?"}) for q in ("Leave", "Fee")), encoding="utf-8"
    )
    told = []
    request = Request(new, tmp_path / "a.jsonl", Naming("question"))
    about = answer_table(folder, request, {"model": str(tiny_llama), "offline": True}, Told(told))
    lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    answers = [json.loads(line) for line in lines]
    assert all(each["input_tokens"] > 0 for each in answers)
    assert about["input_tokens"] == sum(each["input_tokens"] for each in answers)
    assert about["usd"] > 0 and about["model"] == tiny_llama.name
    if strategy == "rag":
        assert "leave.txt" in answers[0]["sources"][0]
    assert all((each["answer"] is None) or 0 <= each["confidence"] <= 1 for each in answers)
    assert not any("aren't the same now" in text for text in told), told
    assert ask_run(folder, ["Leave?"], {"model": str(tiny_llama)})  # it needs no table either


class Told:
    """A monitor that keeps what it is told."""

    def __init__(self, told):
        from harness.strategy.context import Monitor

        self._plain, self.message = Monitor(), told.append

    def __getattr__(self, name):
        return getattr(self._plain, name)


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A server, a zero-shot run of it, and a table of new rows."""
    monkeypatch.setenv("HARNESS_API_KEY", "k")
    server = HostileServer(lambda n, body, head: [right("up")])
    lines = [[f"profit {n}", "up" if n % 2 else "down"] for n in range(20)]
    table = write_csv(tmp_path / "rows.csv", ["text", "label"], *lines)
    data = {"path": table, "input": "text", "target": "label"}
    where = {"model": "endpoint:m", "base_url": server.url}
    config = run_config(strategy="zero-shot", data=data, results=tmp_path / "r", **where)
    folder = run(config).folder
    new = write_csv(tmp_path / "new.csv", ["text"], *[[f"new {n}"] for n in range(40)])
    server.asked.clear()
    yield server, folder, new
    server.close()


def test_what_a_server_failed_on_is_asked_again_and_nothing_else(served, tmp_path):
    server, folder, new = served

    def play(number, body, head):
        text = json.dumps(body)
        return [
            right("up") if "new 7" not in text else b"HTTP/1.1 400 Bad\r\ncontent-length: 0\r\n\r\n"
        ]

    server.play = play
    words = (folder, "--data", new, "--out", tmp_path / "a.csv", "--model", "endpoint:m",
             "--base-url", server.url)  # fmt: skip
    made = predict(*words)
    assert isinstance(made.exception, TooManyErrors), made.output
    row = rows_of(tmp_path / "a.csv")[7]
    assert row["answer"] == "" and row["error"]
    asked = len(server.asked)
    server.play = lambda n, body, head: [right("up")]
    made = predict(*words)
    assert made.exit_code == 0, made.output
    assert len(server.asked) == asked + 1
    rows = rows_of(tmp_path / "a.csv")
    assert {row["answer"] for row in rows} == {"up"} and int(rows[0]["input_tokens"]) > 0
    assert not (tmp_path / "a.csv.unfinished").exists()


@pytest.mark.slow
def test_a_killed_process_goes_on_and_asks_again_only_what_was_in_flight(served, tmp_path):
    server, folder, new = served

    def slowly(number, body, head):
        time.sleep(0.2)
        return [right("up")]

    server.play = slowly
    command = [sys.executable, "-m", "harness", "predict", folder, "--data", new, "--out",
               tmp_path / "a.csv", "--model", "endpoint:m", "--base-url", server.url]  # fmt: skip
    command = list(map(str, command))
    environment = os.environ | {"HARNESS_API_KEY": "k"}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    kept = tmp_path / "a.csv.unfinished" / "responses.jsonl"
    while process.poll() is None and not (kept.is_file() and kept.read_bytes().count(b"\n") > 3):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "a.csv").exists()
    answered = kept.read_bytes().count(b"\n")
    first = len(server.asked)
    subprocess.run(command, env=environment, check=True, stderr=subprocess.DEVNULL)
    assert len(server.asked) - first == 40 - answered
    assert {row["answer"] for row in rows_of(tmp_path / "a.csv")} == {"up"}
    whole = [*command[:8], str(tmp_path / "b.csv"), *command[9:]]
    subprocess.run(whole, env=environment, check=True, stderr=subprocess.DEVNULL)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
