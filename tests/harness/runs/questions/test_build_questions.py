"""From documents to a sheet and to a task, with a scripted server on loopback in a model's place."""

import json
import re

import openpyxl
import pytest
from invented_vendor import said
from typer.testing import CliRunner

from harness.cli import app
from harness.config import run_config
from harness.errors import UsageError
from harness.records.files import read_lines
from harness.records.ledger import read_ledger, totals
from harness.runs.questions.build import Wanted, build_questions, work_of
from harness.runs.questions.sheet import COLUMNS
from harness.runs.questions.ticked import task_of_sheet
from harness.runs.questions.words import WORDS
from harness.strategy.context import Monitor
from harness.task.task import load_task

EN = WORDS["en"]
THINGS = ("windscreen", "mirror", "bumper", "door", "roof", "engine", "gearbox", "radio", "battery", "brake")  # fmt: skip


def paragraph(n):
    return (
        f"A broken {THINGS[n]} of a company car is replaced within {n + 3} working days, no later."
    )


@pytest.fixture
def docs(tmp_path):
    folder = tmp_path / "rules"
    folder.mkdir()
    for name, part in (("fleet.txt", range(6)), ("depot.txt", range(6, 10))):
        text = "\n".join(f"Article {n + 1} {THINGS[n]}\n{paragraph(n)}" for n in part)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def reply(n, body):
    """What a model replies: right, but for three things."""
    system, text = body["messages"][0]["content"], body["messages"][-1]["content"]
    thing = next((each for each in THINGS if each in text), "none")
    days = f"{THINGS.index(thing) + 3} working days" if thing != "none" else ""
    asked = f"Within how many days is the broken {thing} of a car replaced?"
    if system == EN.propose:
        if thing == "mirror":
            return said("no object")
        answer = "99 working days" if thing == "bumper" else days
        return said(json.dumps({"question": asked, "answer": answer}))
    if system == EN.change:
        return said(json.dumps({"thing": f"{thing} of a car", "other": f"{thing} of a zeppelin"}))
    if system == EN.general:
        return said(json.dumps({"question": f"Which {text} did Ptolemy observe?", "answer": "one"}))
    if "[1]" in text:
        return said(f"{days}.")
    return said(days if thing == "door" else "I don't know")


def config(vendor):
    return run_config(strategy="zero-shot", model="endpoint:m", base_url=vendor.url)


@pytest.fixture
def built(vendor, docs, tmp_path):
    vendor.answer = reply
    about = build_questions(Wanted(docs, tmp_path / "q.xlsx", n=8), config(vendor))
    return about, tmp_path / "q.xlsx"


def tick(path, ticks, minutes=30):
    book = openpyxl.load_workbook(path)
    sheet, at = book["questions"], {name: n for n, name in enumerate(COLUMNS, 1)}
    for number, value in enumerate(ticks, 2):
        sheet.cell(number, at["tick"], value)
    sheet.cell(2, at["minutes"], minutes)
    book.save(path)


def test_each_proposal_is_kept_or_counted_at_the_filter_that_drops_it(built):
    about, path = built
    dropped = {row["dropped"]: row for row in read_lines(work_of(path) / "proposals.jsonl")}
    assert about["kept"] == {"answerable": 6, "near": 1, "off topic": 1}
    assert about["dropped"]["form"] == about["dropped"]["not in passage"] == 1
    assert about["dropped"]["guessable"] == 1
    assert "bumper" in dropped["not in passage"]["question"]
    assert "door" in dropped["guessable"]["question"]
    assert about["proposed"] == sum(about["kept"].values()) + sum(about["dropped"].values())


def test_passages_of_all_documents_are_asked_about(built):
    _, path = built
    kept = [row for row in read_lines(work_of(path) / "proposals.jsonl") if not row["dropped"]]
    sources = [row["source"] for row in kept if row["kind"] == "answerable"]
    assert min(sources.count("fleet.txt"), sources.count("depot.txt")) >= 2


def test_a_killed_command_asks_again_for_nothing_that_was_answered(vendor, docs, tmp_path):
    vendor.answer = lambda n, body: (401, {}) if n > 12 else reply(n, body)
    wanted = Wanted(docs, tmp_path / "q.xlsx", n=8)
    with pytest.raises(UsageError):
        build_questions(wanted, config(vendor))
    assert not wanted.out.exists()
    answered, vendor.answer = vendor.asked[:12], reply
    vendor.asked = []
    about = build_questions(wanted, config(vendor))
    prompts = [json.dumps(body["messages"]) for body in (*answered, *vendor.asked)]
    assert len(prompts) == len(set(prompts)) == about["requests"]
    assert about["input_tokens"] == 10 * len(prompts)  # each paid once, and none forgotten


def test_what_a_server_doesnt_answer_is_neither_kept_nor_silent(vendor, docs, tmp_path):
    def refuse(n, body):
        guessed = body["messages"][0]["content"] == EN.answer
        failed = guessed and "radio" in body["messages"][-1]["content"]
        return (400, {"error": {"message": "filtered"}}) if failed else reply(n, body)

    vendor.answer = refuse
    told = []
    monitor = type("Heard", (Monitor,), {"message": lambda _, text: told.append(text)})()
    wanted = Wanted(docs, tmp_path / "q.xlsx", n=8)
    about = build_questions(wanted, config(vendor), monitor)
    assert about["dropped"]["no answer"] == 1 and about["kept"]["answerable"] == 6
    assert any("1 requests got no answer" in text for text in told)


def test_ticked_rows_become_a_task_that_says_who_looked_and_how_long(built, docs):
    _, path = built
    tick(path, ["keep"] * 5 + ["wrong", "keep", "keep"])
    with pytest.raises(UsageError, match="8 rows of q.xlsx are ticked"):
        task_of_sheet(path, docs)
    value = task_of_sheet(path, docs, by="A. Kim")
    assert (value["rows"], value["right_as_proposed"], value["looked_at"]) == (7, 7, 8)
    task = load_task(value["task"])
    rows = task.load().test
    assert len(rows) == 7 and task.spec.synthetic
    assert "proposed by m, ticked by A. Kim in 30 minutes: 7 of 8 were right" in task.spec.summary
    for row in rows:
        assert bool(row.passages) is row.answerable
        if row.answerable:
            assert row.example.target in row.passages[0].text
        else:
            assert row.example.target == task.abstain
    assert task.corpus(keep=docs).folder == docs.resolve()


def test_minutes_are_billed_once(built, docs):
    _, path = built
    tick(path, ["keep"] * 8)
    for _ in range(2):
        value = task_of_sheet(path, docs, by="A. Kim")
        for key in ("task", "data"):
            (path.parent / value[key]).unlink()
    label = totals(read_ledger(work_of(path) / "ledger.jsonl"))["label"]
    assert label.quantities == {"rows": 8.0, "people_minutes": 30.0}


def test_what_nobody_looked_at_says_so_in_its_name(built, docs):
    _, path = built
    value = task_of_sheet(path, docs)
    task = load_task(value["task"])
    assert task.name == "q-unchecked" and "not looked at by anybody" in task.spec.summary


def test_a_sheet_with_ticks_is_never_written_over(built, docs, vendor):
    _, path = built
    with pytest.raises(UsageError, match="may hold ticks"):
        build_questions(Wanted(docs, path), config(vendor))


def command(*words):
    return CliRunner().invoke(app, list(map(str, words)))


def test_the_command_makes_a_task_that_runs(built, docs, monkeypatch, tmp_path):
    _, path = built
    tick(path, ["keep"] * 8)
    monkeypatch.chdir(tmp_path)
    words = ("build", "questions", "--docs", "rules", "--ticked", "q.xlsx", "--by", "A. Kim")
    assert "no expert 'nobody'" in str(command(*words, "--expert", "nobody").exception)
    done = command(*words, "--expert", "us-claims-adjuster")
    assert done.exit_code == 0, done.output
    assert "8 of 8 were right as proposed: 1.000 [0.676, 1.000]" in done.stdout
    assert "by A. Kim: 30 minutes, $18.04 (us-claims-adjuster, 2023-05)" in done.stdout
    (words,) = re.findall(r"harness (run .+)", done.stdout)
    words = words.replace("rag", "bm25-answer").split()  # the same passages, without a model
    done = command(*words, "--results", "results", "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["synthetic"] and report["metrics"]["exact_match"]["n"] == 8


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("insurer", "--out", "x", "--n", "3"), "--n goes with `harness build questions`"),
        (("questions", "--docs", "x", "--distractors", "3"), "--distractors goes with an invented"),
        (("questions",), "questions to what"),
        (("questions", "--docs", "x", "--expert", "y"), "--expert goes with --ticked"),
        (("insurer",), "where is insurer to be written"),
        (("question", "--out", "x"), "nothing called 'question'"),
        (("questions", "--docs", "nowhere"), "there is no folder nowhere"),
        (("questions", "--docs", "x", "--out", "x.csv"), "is no .xlsx file"),
    ],
)
def test_what_cant_be_built_is_refused(words, said):
    done = command("build", *words)
    assert done.exit_code and said in str(done.exception)
