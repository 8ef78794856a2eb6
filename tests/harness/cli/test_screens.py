"""What verbs print for a reader: few notes, units, mistakes, one task, where records lie, narrow screens."""

from __future__ import annotations

import json
import shutil
import sys
import webbrowser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.cli import app, main
from harness.cli.notes import MOST, TITLES, footnotes
from harness.errors import NoRun, UsageError
from harness.records.files import each_line, write_lines
from harness.text import counted, plain, size

ROOT = Path(__file__).resolve().parents[3]
RESULTS = ROOT / "results" / "korean-insurance"
QLORA = RESULTS / "insurer-ko_qlora_gemma-3-270m_s0_7a202ce0-1"
EXAM = "ko-insurance-exam_lora_gemma-3-270m_s0_933c32af-1"


def call(*words, width=80):
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": str(width)})


def shown(*words, width=80):
    done = call(*words, width=width)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (size, 640, "640 bytes"), (size, 12_288, "12 KiB"), (size, 836 * 2**20, "836 MiB"),
        (size, 3.2 * 2**30, "3.2 GiB"), (counted, 12_300, "12,300"), (counted, 1e6, "1 million"),
        (counted, 5_460_298, "5.5 million"), (counted, 2.14e9, "2.1 billion"),
        (plain, 0.0, "0"), (plain, 4.07e-06, "0.0000041"), (plain, 0.97, "0.97"),
        (plain, 7.62, "7.6"), (plain, 12_345.0, "12,345"),
    ],
)  # fmt: skip
def test_units_that_one_reads(write, value, text):
    assert write(value) == text


def test_four_notes_stand_below_a_run_and_the_command_shows_the_rest():
    text = shown("show", QLORA)
    every = json.loads(shown("show", QLORA, "--json"))
    notes = text.partition("\nnotes ")[2].partition("more notes:")
    assert len([line for line in notes[0].splitlines()[1:-1] if not line.startswith("  ")]) == MOST
    texts = set(every["notes"].values())
    more = len(footnotes(every)) - MOST
    assert (
        len(footnotes(every)) == len(texts)
        and f"\n{more} more notes: harness show {QLORA} --notes" in text
    )
    whole = " ".join(shown("show", QLORA, "--notes", width=400).split())
    assert all(" ".join(each.split()) in whole for each in texts) and "more notes" not in whole


def test_what_makes_quality_doubtful_comes_before_how_a_figure_is_made():
    report = {
        "data": {"warnings": ["two rows leak"]},
        "notes": {
            "energy_kwh": "no counter",
            "energy_usd": "no counter",
            "p95": "too few",
            "unheard_of": "something new",
            "answers": "all the same",
        },
    }
    assert footnotes(report) == [
        ("unheard of", "something new"),
        ("answers", "all the same"),
        ("data", "two rows leak"),
        ("p95", "too few"),
        ("energy, its price", "no counter"),
    ]
    assert list(TITLES).index("shared") < list(TITLES).index("usd_per_1k_requests")


def test_a_runs_screen_has_no_raw_units():
    text = shown("show", QLORA, width=160)
    assert "3.7 GiB" in text and "4 min 16 s on cpu" in text
    assert "GPU-hours              " in text and "0.0000 " not in text
    assert "10,000 to 1 million requests" in text and "5.5 million requests a month" in text
    assert "e-0" not in text


def test_slices_stand_below_the_metric_that_they_are_of():
    lines = shown("show", QLORA).splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("exact_match *"))
    assert [line.split()[0] for line in lines[at + 1 : at + 3]] == ["slice=seen", "slice=unseen"]


def test_mistakes_are_grouped_the_most_frequent_confusion_first():
    value = json.loads(shown("show", QLORA, "--errors", "--json"))
    lines = list(each_line(QLORA / "predictions.jsonl"))
    wrong = [each for each in lines if not each["correct"]]
    assert sum(value["counts"].values()) == len(value["rows"]) == len(wrong)
    assert {each["id"] for each in value["rows"]} == {each["id"] for each in wrong}
    groups = [each["group"] for each in value["rows"]]
    assert list(dict.fromkeys(groups)) == ["wrong", "abstained"]
    for group in ("wrong", "abstained"):
        alike = [each["alike"] for each in value["rows"] if each["group"] == group]
        assert alike == sorted(alike, reverse=True)
    first = value["rows"][0]
    pairs = [(each["target"], each["predicted"]) for each in wrong if not each["abstained"]]
    assert first["alike"] == pairs.count((first["target"], first["answer"])) > 1
    assert first["question"]  # the invented insurer's rows are made anywhere


def test_mistakes_on_the_screen_have_question_right_and_given_answer():
    text = shown("show", QLORA, "--errors", "--limit", "2", width=200)
    assert "337 of 400 rows aren't right: wrong 284, abstained 53" in text
    assert "wrong answers: 284, 2 shown (--limit 284 shows all)" in text
    assert "right: 예 · given: 아니요  (6 rows)" in text
    assert "leave.spouse.split#w4  해외로 발령 난 배우자를" in text
    assert text.count("#w") == 4  # two rows of each group


def test_a_record_of_ids_shows_ids_and_says_so():
    text = shown("show", EXAM, "--results", RESULTS, "--errors")
    assert "keeps ids alone (--store-text ids)" in text
    assert "2025-11-003" in text and "given:" not in text


def test_rows_without_an_answer_are_shown_with_their_error(tmp_path):
    folder = tmp_path / QLORA.name
    shutil.copytree(QLORA, folder)
    lines = list(each_line(folder / "predictions.jsonl"))
    outcomes = ("error", "refused", "unparsed", "truncated")
    for line, outcome in zip(lines, outcomes, strict=False):
        line |= {"outcome": outcome, "correct": False, "predicted": None, "error": f"why {outcome}"}
    (folder / "predictions.jsonl.gz").unlink(missing_ok=True)
    write_lines(folder / "predictions.jsonl", lines)
    rows = json.loads(shown("show", folder, "--errors", "--json"))["rows"]
    found = {each["group"]: each for each in rows[-4:]}
    assert list(found) == ["unparsed", "truncated", "refused", "error"]
    assert (
        found["error"]["error"] == "why error" and found["unparsed"]["answer"] == lines[2]["text"]
    )
    assert "why refused" in shown("show", folder, "--errors")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", QLORA, "--limit", "3"), "--errors"),
        (("show", QLORA, "--errors", "--limit", "0"), "--limit 0"),
        (("list", "tasks", "fbp"), "'fbp'"),
        (("list", "strategies", "loar"), "'loar'"),
        (("list", "runs", "x"), "no name"),
        (("report", "--open", "--format", "csv", "--results", RESULTS), "--open"),
    ],
)
def test_what_makes_no_sense_is_refused(words, said):
    error = call(*words).exception
    assert isinstance(error, UsageError) and said in error.message


def test_the_nearest_task_is_suggested():
    assert "'fpb'" in call("list", "tasks", "fbp").exception.hint


@pytest.mark.parametrize("browser", [True, False])
def test_the_page_is_opened_or_its_path_said(tmp_path, monkeypatch, browser):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or browser)
    shutil.copytree(QLORA, tmp_path / "results" / QLORA.name)
    page = tmp_path / "out" / "page.html"
    done = call("report", "--results", tmp_path / "results", "--out", page, "--open")
    assert done.exit_code == 0 and opened == [page.as_uri()] and page.is_file()
    assert (f"the page is {page}" in done.stderr.replace("\n", "")) is not browser


def test_a_task_is_shown_in_full_and_nothing_is_fetched():
    text = shown("list", "tasks", "insurer-ko", width=160)
    for said in (
        "qa",
        "exact_match",
        "Apache-2.0",
        "invented from the seed",
        "train: 627",
        "question",
    ):
        assert said in text, said
    value = json.loads(shown("list", "tasks", "insurer-ko", "--json"))
    assert value["rows"] == {"train": 627, "dev": 209, "test": 1515}
    assert value["example"]["prompt"].endswith("답:") and value["example"]["answer"]


def test_a_task_says_what_others_published_on_which_rows(tmp_path):
    value = json.loads(shown("list", "tasks", "fiqa", "--json", "--data-dir", tmp_path))
    by_name = {(each["system"], each["metric"]): each for each in value["published"]}
    gpt = by_name["GPT-4", "weighted_f1"]
    assert (gpt["value"], gpt["n"], gpt["year"]) == (0.63, 275, 2023) and "2306.06031" in gpt[
        "source"
    ]
    text = shown("list", "tasks", "fiqa", "--data-dir", tmp_path, width=200)
    assert "the 235 test rows" in text and "other rows: 275 rows that FinGPT drew" in text
    assert text.count("arXiv 2306.06031") == 1  # a source stands once
    assert "published" not in shown("list", "tasks", "insurer-ko")


def test_sets_that_are_declared_and_not_run_are_listed_with_the_reason():
    value = json.loads(shown("list", "tasks", "--json"))
    declared = value["not_run"]
    assert len(declared) == 4 and all(each["reason"] for each in declared.values())
    assert not declared.keys() & {task["name"] for task in value["tasks"]}
    below = shown("list", "tasks", width=300).partition("declared, not run:")[2]
    assert all(each["reason"] in below for each in declared.values())
    one = json.loads(shown("list", "tasks", "financebench", "--json"))
    assert one["rows"] == 150 and one["reason"] == declared["financebench"]["reason"]
    assert "people judge" in shown("list", "tasks", "financebench", width=200)


@pytest.mark.parametrize("words", [("run", "--strategy", "majority", "--task"), ("validate",)])
def test_a_set_that_is_not_run_is_refused_with_the_reason(words):
    refused = call(*words, "financebench").exception
    assert isinstance(refused, UsageError) and "declared, not run: right is what" in refused.message
    assert "financebench-pages" in refused.hint


def test_a_task_whose_rows_are_not_here_says_so_and_shows_the_prompt(tmp_path, monkeypatch):
    monkeypatch.delenv("HARNESS_DATA", raising=False)
    value = json.loads(shown("list", "tasks", "fpb", "--json", "--data-dir", tmp_path))
    assert value["rows"].startswith("not here: ")
    assert "<sentence>" in value["example"]["prompt"] and value["primary_metric"] == "weighted_f1"


@pytest.fixture
def nested(tmp_path):
    """A folder whose subfolders hold the runs."""
    for place, count in (("one", 2), ("two", 1)):
        for number in range(count):
            shutil.copytree(QLORA, tmp_path / place / f"{QLORA.name[:-1]}{number + 1}")
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ("report",),
        ("show", "insurer-ko"),
        ("compare", "insurer-ko", "tfidf"),
        ("recommend", "--task", "insurer-ko"),
        ("export", "insurer-ko", "--to", "lm-eval"),
        ("list", "runs"),
        ("rescore", "insurer-ko"),
    ],
)
def test_a_folder_whose_subfolders_hold_the_runs_says_so(nested, words):
    error = call(*words, "--results", nested).exception
    assert isinstance(error, NoRun)
    assert f"{nested / 'one'} (2 runs), {nested / 'two'} (1 run)" in error.message
    assert error.elsewhere == nested / "one"


def test_the_command_with_one_of_them_is_printed(nested, monkeypatch, capsys):
    words = ["harness", "report", f"--results={nested}", "--json"]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    value = json.loads(capsys.readouterr().out)
    assert value["hint"] == f"Example: harness report --json --results {nested / 'one'}"


def test_the_folder_that_holds_the_run_asked_for_comes_first(nested):
    (nested / "two" / f"{QLORA.name[:-1]}1").rename(nested / "two" / "fpb_lora_s0_1234-1")
    error = call("show", "fpb_lora", "--results", nested).exception
    assert error.elsewhere == nested / "two" and "hold it" in error.message


@pytest.mark.parametrize(
    "words",
    [
        ("show", QLORA),
        ("show", "insurer-ko_few-shot+rag_gemma-3-270m_s0", "--results", RESULTS),
        ("show", "insurer-claims-ko_qlora", "--results", RESULTS),
        ("list", "runs", "--results", RESULTS),
        ("list", "tasks"),
        ("list", "strategies"),
        ("list", "models"),
        ("compare", "insurer-ko_qlora_gemma", "insurer-ko_tfidf", "--results", RESULTS, "--rows"),
        ("recommend", "--task", "insurer-claims-ko", "--results", RESULTS),
    ],
    ids=lambda words: " ".join(map(str, words[:2])),
)
def test_nothing_is_squeezed_on_80_columns(words):
    """A cell that is broken within a word, or a figure within its digits, leaves a stub of a line."""
    for line in shown(*words).splitlines():
        assert len(line.strip()) != 1 or line.strip() in "·", line
