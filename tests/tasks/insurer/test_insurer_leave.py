"""The three questions of the published chain, over one PDF that answers two of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.retrieval.loaders import load_folder
from harness.task.task import load_task

QUESTIONS = ["휴직 기간에 대하여 알려줘", "육아 휴직 기간 알려줘!", "근무복장 규정 알려줘!"]


def test_the_third_question_alone_has_no_answer() -> None:
    rows = load_task("insurer-leave-ko").load().test
    assert [row.example.query.text for row in rows] == QUESTIONS
    assert [row.answerable for row in rows] == [True, True, False]
    assert rows[2].example.target == "모른다"


def test_dev_rows_ask_about_other_facts_of_the_document_or_about_none() -> None:
    data = load_task("insurer-leave-ko").load()
    assert {row.answerable for row in data.dev} == {True, False}
    assert not {row.example.cluster for row in data.dev} & {
        row.example.cluster for row in data.test
    }
    sources = {passage.source for row in data.dev for passage in row.passages}
    assert sources == {"휴직 및 복직 관리기준.pdf"}


@pytest.mark.parametrize("version", [1, 2])
def test_the_pdf_says_the_answers_and_not_what_to_wear(version: int, tmp_path: Path) -> None:
    task = load_task("insurer-leave-ko").with_parameters({"version": version})
    corpus = task.corpus(keep=tmp_path)
    assert corpus is not None
    (document,) = load_folder(next(tmp_path.rglob("*.pdf")).parent).documents
    text = document.page_content.replace("\n", "")
    for row in task.load().test[:2]:
        assert all(passage.text in text for passage in row.passages)
    assert "복장" not in text
