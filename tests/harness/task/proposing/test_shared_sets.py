"""What is proposed of real data sets, where they lie on this machine: HARNESS_DATA."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from harness.errors import UsageError
from harness.task.proposing.beside import documents_beside, found_in
from harness.task.proposing.gather import gather
from harness.task.proposing.proposal import FILE_SPLIT, Beside, Proposal, propose
from harness.task.tables import Layout, Line

DATA = Path(os.environ.get("HARNESS_DATA") or "/nowhere")
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason="HARNESS_DATA has no data sets"),
]
SENTIMENT = {"input": "sentence", "target": "label"}
FLAGS = "PriceOrNot DirectionUp DirectionConstant DirectionDown PastPrice FuturePrice PastNews FutureNews"
SETS: dict[str, tuple[str, dict[str, object], int, int, dict[str, int]]] = {
    # kind, columns, rows, labels, rows of files by split
    "banking77": ("classification", {"input": "text", "target": "label"}, 13083, 77, {"train": 10003, "test": 3080}),
    "fpb/50Agree.jsonl": ("classification", SENTIMENT, 4846, 3, {}),
    "fpb/75Agree.jsonl": ("classification", SENTIMENT, 3453, 3, {}),
    "fpb/fingpt_test1212.jsonl": ("classification", SENTIMENT, 1212, 3, {}),
    "fpb/zero_shot_llama2_4bit_outputs.jsonl": ("classification", {"input": "sentence", "target": "true_label"}, 1359, 3, {}),
    "fpb_ko": ("classification", {"input": "sentence_ko", "target": "label"}, 4846, 3, {}),
    "fiqa_sa_flare": ("classification", {"input": "text", "target": "label"}, 1173, 3, {"train": 750, "dev": 188, "test": 235}),
    "tfns": ("classification", {"input": "text", "target": "label"}, 2388, 3, {}),
    "headlines": ("multi_label", {"input": "news", "flags": (*FLAGS.split(), "AssetComparision")}, 11412, 9, {}),
    "insurance_policy_interpretation": (
        "classification", {"input": "policy + claim", "target": "label", "cluster": "policy", "id": "id"}, 138, 3, {},
    ),
    "insuranceqa/test200_questions.jsonl": ("ranking", {"input": "question", "passages": "answers", "id": "id"}, 200, 0, {}),
    "financebench/questions.jsonl": ("qa", {"input": "question", "target": "answer", "cluster": "doc_name", "id": "id"}, 150, 0, {}),
    "financebench/questions_15docs.jsonl": ("ranking", {"input": "question", "passages": "gold", "cluster": "doc_name"}, 37, 0, {}),
    "financebench/human_labelled_answers.jsonl": ("classification", {"input": "response", "target": "label", "cluster": "id"}, 2399, 3, {}),
    "financial_math": ("numeric_qa", {"input": "context", "target": "target"}, 1000, 0, {"train": 800, "test": 200}),
    "finqa_dev": ("numeric_qa", {"input": "prompt", "target": "answer", "id": "id"}, 883, 0, {}),
    "sec_ner": ("extraction", {"input": "tokens", "tags": "tags"}, 1467, 4, {"train": 1164, "test": 303}),
    "fintextqa": ("qa", {"input": "question", "target": "answer", "context": "reference"}, 240, 0, {}),
    "xbrl_term": ("qa", {"input": "context", "target": "target"}, 651, 0, {}),
    "ko_finance_rag/qa.jsonl": ("ranking", {"input": "query", "passages": "gold", "id": "qid"}, 114, 0, {}),
    "ko_insurance_exam/commercial_act_mcq.jsonl": (
        "multiple_choice", {"input": "question", "target": "answer", "choices": tuple("ABCD"), "split": "split"}, 175, 0, {},
    ),
    "ko_insurance_exam/agri_insurance_law_mcq_unchecked.jsonl": (
        "multiple_choice", {"input": "question", "target": "answer", "choices": tuple("ABCD")}, 169, 0, {},
    ),
}  # fmt: skip


def proposed(what: str) -> tuple[Proposal, Counter[str]]:
    given = gather([DATA / what], Layout())
    splits = Counter(part.split for part in given.parts for _ in part.lines)
    lines = given.lines
    if len(splits) > 1:
        lines = [
            Line({**line, FILE_SPLIT: part.split}, line.origin)
            for part in given.parts
            for line in part.lines
        ]
    documents = documents_beside([part.path for part in given.parts], lines)
    names = [part.split for part in given.parts]
    return propose(lines, splits=names, beside=Beside(documents=found_in(documents))), splits


@pytest.mark.parametrize("what", SETS)
def test_a_real_set_is_taken_for_what_it_is(what: str) -> None:
    kind, columns, rows, labels, files = SETS[what]
    proposal, splits = proposed(what)
    draft: Any = proposal.draft
    assert draft.kind == kind
    assert {name: draft.columns.get(name) for name in columns} == columns
    assert len(draft.lines) == rows
    assert len(set(draft.labels.values())) == labels
    assert {name: count for name, count in splits.items() if name != "all"} == files


def test_a_language_pair_and_codes_are_doubts() -> None:
    fields = [guess.field for guess in proposed("fpb_ko")[0].draft.doubts]
    assert fields == ["input"]
    assert [guess.field for guess in proposed("tfns")[0].draft.doubts] == ["labels"]


@pytest.mark.parametrize(
    "what", ["ko_law", "financebench/passages.jsonl", "insuranceqa/test200_passages.jsonl"]
)
def test_documents_alone_are_no_task(what: str) -> None:
    with pytest.raises(UsageError, match="answer"):
        proposed(what)


def test_a_folder_of_several_tables_is_refused_with_its_options() -> None:
    with pytest.raises(UsageError, match="don't say which belong together") as refused:
        proposed("fpb")
    assert "50Agree.jsonl" in refused.value.hint
