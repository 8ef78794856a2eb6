"""A table of one's own is taken wherever a task file is, and its rows keep a name that one knows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.errors import UsageError
from harness.records.files import read_lines

COLUMNS = ("--input", "question", "--target", "answer", "--kind", "qa")
LONG = "Which cover pays? " * 200
MAIL = "kim@example.com"


def harness(*words, code=0):
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done


def refused(*words):
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert isinstance(done.exception, UsageError), done.output
    return str(done.exception)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a table, and two runs of it by the text and two by the column of ids."""
    folder = tmp_path_factory.mktemp("table")
    rows = [f"Q{n},{word} {n} for {MAIL}?,{word}" for n in range(30) for word in ("hail", "theft")]
    rows = [row.replace("Q", "Qh" if "hail" in row else "Qt") for row in rows]
    text = "\n".join(("nr,question,answer", *rows, f"Qlong,{LONG},hail"))
    (folder / "rows.csv").write_text(text + "\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for strategy in ("majority", "tfidf"):
            run = ("run", "--strategy", strategy, "--data", "rows.csv", *COLUMNS, "--no-latency")
            harness(*run, "--results", "made")
            harness(*run, "--results", "named", "--id", "nr")
        for kept in ("masked", "ids"):
            harness(*run, "--results", kept, "--store-text", kept)
    return folder


@pytest.fixture
def there(home, monkeypatch):
    monkeypatch.chdir(home)
    return home


def predictions(results, strategy="tfidf"):
    (folder,) = results.glob(f"rows_{strategy}_*")
    return read_lines(folder / "predictions.jsonl")


def test_a_prediction_names_its_row_by_question_and_place(home):
    table = (home / "rows.csv").read_text(encoding="utf-8").splitlines()
    for line in predictions(home / "made"):
        assert re.fullmatch(r"[0-9a-f]{16}", line["id"])
        number = int(re.fullmatch(r"rows\.csv, line (\d+)", line["place"])[1])
        assert line["question"].removesuffix(" […]").strip() in table[number - 1]


def test_by_its_own_id_where_a_column_has_one(home):
    lines = predictions(home / "named")
    table = (home / "rows.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 5
    for line in lines:
        number = int(line["place"].removeprefix("rows.csv, line "))
        assert table[number - 1].startswith(f"{line['id']},")


def test_other_ids_are_another_task_and_none_is_the_one_it_was(home):
    digests = {}
    for results in ("made", "named"):
        (folder,) = (home / results).glob("rows_tfidf_*")
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        digests[results] = record["task"]["digest"]
    assert digests["made"] != digests["named"]
    assert digests["made"] == "6dd0164fd519cd705eb1f1a035cfcabf553a0c2e94e57ea69b9fbcc44df7a358"


def test_what_a_record_keeps_of_a_question_obeys_store_text(home):
    (whole,) = (home / "ids").glob("rows_tfidf_*")
    assert all("question" not in line and "place" in line for line in predictions(home / "ids"))
    assert "hail" not in (whole / "predictions.jsonl").read_text(encoding="utf-8")
    masked = predictions(home / "masked")
    assert all(line["question"] and MAIL not in line["question"] for line in masked)
    assert any(MAIL in line["question"] for line in predictions(home / "made"))


def test_a_long_question_is_cut(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("long.csv").write_text(f"question,answer\n{LONG},hail\n", encoding="utf-8")
    rows = "".join(f"hail {n}?,hail\ntheft {n}?,theft\n" for n in range(9))
    Path("train.csv").write_text(f"question,answer\n{rows}", encoding="utf-8")
    harness("run", "--strategy", "tfidf", "--data", "train.csv", "--test", "long.csv", *COLUMNS,
            "--no-latency")  # fmt: skip
    (folder,) = Path("results").glob("train_tfidf_*")
    (line,) = read_lines(folder / "predictions.jsonl")
    assert line["question"] == f"{LONG[:1500]} […]" and line["place"] == "long.csv, line 2"


@pytest.mark.parametrize(("results", "shown"), [("made", "rows.csv, line"), ("named", "Q")])
def test_rows_that_flipped_are_named(there, results, shown):
    pair = [next(Path(results).glob(f"rows_{name}_*")).name for name in ("tfidf", "majority")]
    text = harness("compare", *pair, "--rows", "--results", results).stdout
    lines = text[text.index("rows flipped") :].splitlines()[1:]
    assert len(lines) > 5 and not re.search(r"\b[0-9a-f]{16}\b", text[text.index("rows fl") :])
    assert lines[0].startswith(shown) and " · wanted: " in lines[0]
    assert "for kim@" in lines[1]
    value = json.loads(harness("compare", *pair, "--rows", "--results", results, "--json").stdout)
    assert all(row["question"] and row["name"].startswith(shown) for row in value["rows"])


@pytest.mark.parametrize(("results", "shown"), [("made", "rows.csv, line"), ("named", "Q")])
def test_rows_that_are_wrong_are_named(home, monkeypatch, tmp_path, results, shown):
    monkeypatch.chdir(tmp_path)  # where the table isn't
    words = ("show", "rows_majority", "--errors", "--results", home / results)
    text = harness(*words).stdout
    assert "Questions aren't shown" not in text
    assert re.search(rf"^    {shown}.*(hail|theft) \d+ for kim@", text, re.M)
    rows = json.loads(harness(*words, "--json").stdout)["rows"]
    assert all(row["question"] and row["name"].startswith(shown) for row in rows)


def test_ids_that_cannot_be_are_named_with_both_places(there, tmp_path):
    twice = tmp_path / "twice.csv"
    twice.write_text("nr,question,answer\n1,a,x\n2,b,y\n1,c,x\n", encoding="utf-8")
    text = harness("validate", twice, *COLUMNS, "--id", "nr", code=2).output
    assert "twice.csv, line 4: the id '1' in 'nr' is that of twice.csv, line 2 too" in text
    twice.write_text("nr,question,answer\n1,a,x\n,b,y\n", encoding="utf-8")
    text = harness("validate", twice, *COLUMNS, "--id", "nr", code=2).output
    assert "twice.csv, line 3: the id in 'nr' is empty" in text
    said = harness("validate", "rows.csv", *COLUMNS).output
    assert "ids: unique, made of each row's text; with --id COLUMN they are your own" in said
    said = harness("validate", "rows.csv", *COLUMNS, "--id", "nr").output
    assert "ids: unique, of the column 'nr'" in said


def test_answers_made_elsewhere_to_a_table_become_a_record(there, tmp_path):
    lines = predictions(there / "named")
    answers = tmp_path / "answers.csv"
    text = "\n".join(("id,answer", *(f"{line['id']},{line['target']}" for line in lines)))
    answers.write_text(text, encoding="utf-8")
    done = harness("score", "--data", "rows.csv", *COLUMNS, "--id", "nr", "--from", answers,
                   "--results", tmp_path / "results", "--json")  # fmt: skip
    assert json.loads(done.stdout)["metrics"]["exact_match"]["value"] == 1.0
    scored = predictions(tmp_path / "results", "external")
    assert {(line["id"], line["question"]) for line in scored} == {
        (line["id"], line["question"]) for line in lines
    }


def test_a_task_and_a_table_are_not_one_run(there):
    text = refused("run", "--strategy", "majority", "--task", "fpb", "--data", "rows.csv", *COLUMNS)
    assert "the task fpb and the table rows.csv are two tasks" in text


def test_a_recommendation_needs_no_task_where_there_is_one(there, tmp_path):
    one = harness("recommend", "--results", "made", "--json").stdout
    assert json.loads(one)["task"] == "rows"
    text = refused("recommend", "--results", tmp_path)
    assert "there is no run in" in text


def test_of_several_tasks_each_is_listed_with_its_command(there, tmp_path):
    for name in ("rows", "more"):
        table = tmp_path / f"{name}.csv"
        table.write_bytes((there / "rows.csv").read_bytes())
        harness("run", "--strategy", "majority", "--data", table, *COLUMNS, "--no-latency",
                "--results", tmp_path / "results")  # fmt: skip
    text = refused("recommend", "--results", tmp_path / "results")
    for name in ("rows", "more"):
        command = f"harness recommend --results {tmp_path / 'results'} --task {name}"
        assert command in text
        assert json.loads(harness(*command.split()[1:], "--json").stdout)["task"] == name
