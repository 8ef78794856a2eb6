"""``harness init NAME --data``: tables in many formats become tasks that run as printed."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.errors import UsageError
from tests.harness.task.flat_formats import DOUBTS, FLAT
from tests.harness.task.formats import FORMATS as OTHERS
from tests.harness.task.formats_nested import NESTED, REFUSED, judged_documents
from tests.harness.task.invented import Format, moods, table

FORMATS = {**OTHERS, **FLAT, **NESTED}


def harness(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def made(each: Format, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Writes a format into a folder, goes there, and lets a task be made of it."""
    monkeypatch.chdir(folder)
    monkeypatch.delenv("HARNESS_DATA", raising=False)
    data = [word for name in each.write(folder) for word in ("--data", name)]
    done = harness("init", "mine", *data, *each.options, "--yes", "--json", "--no-estimate")
    assert done.exit_code == 0, done.exception or done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", FORMATS)
def test_kind_columns_labels_and_splits_are_recognised(name, tmp_path, monkeypatch):
    each = FORMATS[name]
    value = made(each, tmp_path, monkeypatch)
    assert value["kind"] == each.kind
    assert {key: value["columns"].get(key) for key in each.columns} == dict(each.columns)
    assert sorted(set(value["labels"].values())) == sorted(each.labels)
    assert (value["rows"] is not None) == each.copied
    splits = value["splits"]
    assert {key: splits[key] for key in each.splits} == dict(each.splits)
    assert all(splits.values())
    assert {key: value[key] for key in each.extra} == dict(each.extra)
    assert harness("validate", value["task"], "--json").exit_code == 0
    assert harness("study", value["study"], "--status", "--json").exit_code == 0


@pytest.mark.parametrize("name", DOUBTS)
def test_what_could_be_otherwise_is_said_and_nothing_else(name, tmp_path, monkeypatch):
    value = made(FORMATS[name], tmp_path, monkeypatch)
    assert [text.split(":")[0] for text in value["doubts"]] == DOUBTS[name]


THROUGH = (  # one of each way of reading and each kind: all formats are recognised above
    "merged-sheet", "squad", "sharegpt", "conll", "options-nested", "aspects", "hub", "flags", "numbers",
    "headless", "numbered-classes", "code-sheet", "one-hot", "in-question", "packed", "scored-pairs",
    "aihub-dialogues", "squad-2", "finqa", "numbered-tags", "archive", "questions-listed",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", THROUGH)
def test_the_first_printed_command_runs_and_is_reported(name, tmp_path, monkeypatch):
    each = FORMATS[name]
    value = made(each, tmp_path, monkeypatch)
    words = shlex.split(value["next"][0]["command"])
    assert words[0] == "harness"
    run = harness(*words[1:], "--json")
    assert run.exit_code == 0, run.exception or run.output
    done = harness("report", "--out", "report.html")
    assert done.exit_code == 0, done.exception or done.output
    page = Path("report.html").read_text(encoding="utf-8")
    assert "mine" in page and json.loads(run.stdout)["status"] == "finished"


@pytest.mark.parametrize("name", REFUSED)
def test_what_holds_no_rows_is_refused_with_the_next_step(name, tmp_path, monkeypatch):
    write, why, step = REFUSED[name]
    monkeypatch.chdir(tmp_path)
    data = [word for each in write(tmp_path) for word in ("--data", each)]
    done = harness("init", "mine", *data, "--yes", "--no-estimate")
    assert isinstance(done.exception, UsageError)
    assert why in done.exception.message and step in done.exception.hint
    assert not Path("mine.yaml").exists()


def test_judged_documents_become_a_ranking(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HARNESS_DATA", raising=False)
    judged_documents(tmp_path)
    done = harness("init", "mine", "--data", ".", "--yes", "--json", "--no-estimate")
    assert done.exit_code == 0, done.exception
    value = json.loads(done.stdout)
    assert (value["kind"], value["splits"]["test"]) == ("ranking", 100)
    assert value["columns"]["passages"] == "gold" and "corpus.jsonl" in Path("mine.yaml").read_text(
        "utf-8"
    )


def said(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Returns all that is said of how a format was read."""
    value = made(FORMATS[name], folder, monkeypatch)
    return "\n".join(
        text for key in ("copied", "notes", "doubts", "warnings") for text in value[key]
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("absa-xml", "10 of 70 rows have none and are left out"),
        ("prodigy", "10 of 80 rows whose answer isn't accept are left out"),
        ("studio-entities", "10 of 80 rows without a finished annotation are left out"),
        ("intents-yaml", "1 of 4 rows without 'intent' are left out"),
        ("no-consensus", "10 of 150 rows without sentence1 + sentence2, gold_label are left out"),
        ("preferences", "'rejected' isn't used"),
        ("squad-2", "100 of 200 rows have none: right is then 'The text does not say.'"),
        ("intents-with-slots", "--kind extraction takes the places"),
        ("documents-by-split", "no file is the test, so the dev file is"),
        ("evaluated", "'ground_truth' is the right answer, and answer a system's"),
    ],
)
def test_what_is_left_out_or_guessed_is_said(name, sentence, tmp_path, monkeypatch):
    assert sentence in said(name, tmp_path, monkeypatch)


def test_a_question_that_its_text_does_not_answer_is_kept(tmp_path, monkeypatch):
    value = made(FORMATS["aihub-mrc"], tmp_path, monkeypatch)
    task = Path(value["task"]).read_text("utf-8")
    assert 'abstain: "글에 나오지 않는다."' in task and "abstention_recall" in task
    rows = [json.loads(line) for line in Path(value["rows"]).read_text("utf-8").splitlines()]
    assert [row["answer"] for row in rows[:2]] == ["3일", "글에 나오지 않는다."]
    assert [row["answerable"] for row in rows[:2]] == ["true", "false"]


DATA = Path(os.environ.get("HARNESS_DATA") or "/nowhere")
SETS = (  # all are recognised in tests/harness/task/proposing
    "fiqa_sa_flare", "headlines", "insuranceqa/test200_questions.jsonl",
    "ko_insurance_exam/commercial_act_mcq.jsonl",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.skipif(not DATA.is_dir(), reason="HARNESS_DATA has no data sets")
@pytest.mark.parametrize("what", SETS)
def test_a_real_set_goes_from_file_to_page(what, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HARNESS_DATA", raising=False)
    done = harness("init", "mine", "--data", DATA / what, "--yes", "--json", "--no-estimate")
    assert done.exit_code == 0, done.exception or done.output
    value = json.loads(done.stdout)
    words = shlex.split(value["next"][0]["command"])
    run = harness(*words[1:], "--limit", 60, "--train-limit", 600, "--json")
    assert run.exit_code == 0, run.exception or run.output
    assert harness("report", "--out", "report.html").exit_code == 0
    assert "mine" in Path("report.html").read_text(encoding="utf-8")


def a_table(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.delenv("HARNESS_DATA", raising=False)
    FORMATS["korean-sheet"].write(folder)


def test_rows_elsewhere_stay_there_and_the_commands_name_their_folder(tmp_path, monkeypatch):
    data, work = tmp_path / "data", tmp_path / "work"
    data.mkdir(), work.mkdir()
    a_table(data, monkeypatch)
    monkeypatch.chdir(work)
    done = harness(
        "init", "mine", "--data", "../data/상담내역.xlsx", "--yes", "--json", "--no-estimate"
    )
    assert done.exit_code == 0, done.exception
    value = json.loads(done.stdout)
    assert value["rows"] is None and sorted(path.name for path in work.iterdir()) == [
        "mine-study.yaml",
        "mine.yaml",
    ]
    first, second = (shlex.split(each["command"]) for each in value["next"][:2])
    assert str(data) in first and str(data) in second
    assert harness("validate", "mine.yaml", "--data-dir", data).exit_code == 0
    assert harness(*second[1:], "--status").exit_code == 0


def test_nothing_is_overwritten_and_nothing_is_half_written(tmp_path, monkeypatch):
    a_table(tmp_path, monkeypatch)
    Path("mine-study.yaml").write_text("mine", "utf-8")
    words = ("init", "mine", "--data", "상담내역.xlsx", "--yes", "--no-estimate")
    done = harness(*words)
    assert "there is mine-study.yaml already" in str(done.exception)
    assert Path("mine-study.yaml").read_text("utf-8") == "mine" and not Path("mine.yaml").exists()
    Path("mine-study.yaml").unlink()
    done = harness(*words, "--target", "번호", "--kind", "multiple_choice")
    assert done.exit_code and not Path("mine.yaml").exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["mine", "--data", "상담내역.xlsx"], "there is no terminal"),
        (["--data", "상담내역.xlsx", "--yes"], "the task has no name"),
        (["mine"], "init what?"),
        (["a/b", "--data", "상담내역.xlsx", "--yes"], "no name of a task"),
        (["fpb", "--data", "상담내역.xlsx", "--yes"], "there is a task 'fpb' already"),
        (["mine", "--data", "none.csv", "--yes"], "there is no none.csv"),
        (["mine", "--data", "상담내역.xlsx", "--yes", "--split", "80/20"], "70/10/20"),
        (["mine", "--data", "상담내역.xlsx", "--yes", "--docs", "rules"], "there is no rules"),
    ],
)
def test_what_cant_be_is_refused_in_a_line(words, why, tmp_path, monkeypatch):
    a_table(tmp_path, monkeypatch)
    done = harness("init", *words)
    assert why in str(done.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["상담내역.xlsx"]


def test_documents_become_the_corpus(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HARNESS_DATA", raising=False)
    FORMATS["faq"].write(tmp_path)
    Path("rules").mkdir()
    Path("rules/a.txt").write_text("암 특약은 가입일부터 90일이 지난 뒤부터 보장된다.", "utf-8")
    done = harness(
        "init", "mine", "--data", "faq.xlsx", "--docs", "rules", "--yes", "--json", "--no-estimate"
    )
    assert done.exit_code == 0, done.exception
    assert "folder: rules" in Path("mine.yaml").read_text("utf-8")
    assert "- rag" in Path("mine-study.yaml").read_text("utf-8")


def test_the_questions_of_a_terminal_change_the_proposal(tmp_path, monkeypatch):
    a_table(tmp_path, monkeypatch)
    monkeypatch.setattr("harness.cli.new_task.is_terminal", lambda: True)
    answers = ["", "", "", "", "-", "80/0/20", "accuracy"]
    done = CliRunner().invoke(
        app,
        ["init", "mine", "--data", "상담내역.xlsx", "--no-estimate"],
        input="\n".join(answers) + "\n",
    )
    assert done.exit_code == 0, done.exception
    text = Path("mine.yaml").read_text("utf-8")
    assert "cluster" not in text.replace("# ", "") or "  cluster:" not in text
    assert "split: 80/0/20" in text and "primary: accuracy" in text


def test_rows_of_the_test_that_train_has_are_left_out_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HARNESS_DATA", raising=False)
    rows = moods()
    table(tmp_path / "train.csv", rows[:90])
    table(tmp_path / "test.csv", [*rows[90:], *rows[:5]])
    done = harness("init", "mine", "--data", "train.csv", "--yes", "--json", "--no-estimate")
    assert done.exit_code == 0, done.exception
    value = json.loads(done.stdout)
    assert any("5 of 35" in text for text in value["warnings"])
    assert any("lie together" in text for text in value["doubts"])
    assert value["next"][0]["command"].endswith("--drop-leaked")
    assert "drop_leaked: true" in Path("mine-study.yaml").read_text("utf-8")
    assert harness("study", "mine-study.yaml", "--status").exit_code == 0
