"""A page of the user's own table shows its questions, which a record keeps.

Earlier records have none: the table is read where it lies, and never another of its name.
"""

import re
import shutil
from pathlib import Path

import pytest

from harness.config import run_config
from harness.records.files import read_lines, write_lines
from harness.report import write_report
from harness.report.build import build_report
from harness.runs.runner import run
from tests.two_labels import write_two_labels

ADDED = ("question", "place")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    data = {"path": write_two_labels(folder, 60), "input": "text", "target": "label"}
    for stored in ("full", "ids"):
        run(
            run_config(
                strategy="majority", data=data, results=folder / stored, store_text=stored,
                latency=False,
            )
        )  # fmt: skip
    shutil.copytree(folder / "full", folder / "earlier")
    for path in (folder / "earlier").glob("*/predictions.jsonl"):
        lines = list(read_lines(path))
        write_lines(path, [{k: v for k, v in line.items() if k not in ADDED} for line in lines])
    return folder


def items(home, book, data_dir=None, stored="earlier"):
    examples = build_report([home / stored], book).examples(data_dir).get("rows")
    return examples and (examples, [item.value.get("question") for item in examples.items])


def test_a_record_has_its_questions_wherever_the_table_is(home, book, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    examples, questions = items(home, book, stored="full")
    assert all(questions)
    assert all(re.fullmatch(r"rows.jsonl, line \d+", item.value["row"]) for item in examples.items)


def test_questions_come_from_the_folder_that_is_named(home, book):
    _, questions = items(home, book, home)
    table = (home / "rows.jsonl").read_text(encoding="utf-8")
    assert len(questions) > 5 and all(question and question in table for question in questions)


def test_or_from_where_the_page_is_made(home, book, monkeypatch):
    monkeypatch.chdir(home)
    assert all(items(home, book)[1])


def test_other_rows_of_that_name_are_no_questions(home, book, tmp_path):
    lines = (home / "rows.jsonl").read_text(encoding="utf-8").replace("number", "no.")
    (tmp_path / "rows.jsonl").write_text(lines, encoding="utf-8")
    assert not any(items(home, book, tmp_path)[1])


def test_what_is_missing_is_named(home, book, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    built = build_report([home / "earlier"], book)
    write_report(built, Path("page.html"))
    page = Path("page.html").read_text(encoding="utf-8")
    assert "The questions are in rows.jsonl" in page and str(home) not in page


def test_a_record_without_text_opens_no_table(home, book, monkeypatch):
    monkeypatch.chdir(home)
    assert items(home, book, stored="ids") is None


def test_the_survey_doesnt_lead_a_page_of_own_rows(home, book):
    write_report(build_report([home / "full"], book), home / "page.html")
    page = (home / "page.html").read_text(encoding="utf-8")
    survey = page.index('<section id="published">')
    assert page[survey:].startswith('<section id="published">\n<details')
    assert page.index('id="examples-t0"') < survey
