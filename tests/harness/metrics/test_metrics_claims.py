"""What of an answer can be looked up, and whether passages hold it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from harness.metrics.answers.claims import Claims, claims_of, stand_in

PASSAGE = (
    "제15조(입양휴직) ① 입양휴직 기간은 최대 10개월로 한다. ② 시작일 20영업일 전까지 신청하여야 한다.\n"
    "③ 기본급의 38%를 지급하며 한도는 3,000,000원으로 한다. ④ '해밀상담'이라 하는 제도를 2023.3.1부터 "
    "시행한다. ⑤ 서류는 휴직신청서와 입양 사실확인서로 하고 인사팀 김철수 과장에게 낸다. 코드는 VC-59다."
)
ENGLISH = (
    "The Claims Team accepts Form B-12 with two accident reports until March 3, 2024. Moody's rates "
    "Harbor Line A+. Amounts in millions: net sales 1,577 (412)."
)


@pytest.mark.parametrize(
    ("answer", "grounded"),
    [
        ("20영업일", True),
        ("입양휴직을 쓰려면 20영업일 전까지 신청해야 합니다.", True),
        ("30영업일 전까지 신청해야 합니다.", False),
        ("한도는 300만 원입니다.", True),
        ("한도는 3천만 원입니다.", False),
        ("2023년 3월 1일부터", True),
        ("2023년부터 시행한다.", True),  # the passage says more
        ("2023년 4월부터 시행한다.", False),
        ("38.0%", True),
        ("그 제도는 해밀상담이라고 부릅니다.", True),
        ("그 제도는 하늘상담이라고 부릅니다.", False),
        ("해밀상담입니다", True),
        ("하늘상담", False),
        ("휴직신청서, 입양사실확인서", True),
        ("휴직신청서, 가족관계증명서", False),
        ("휴직신청서와 가족관계증명서를 내야 합니다.", False),
        ("인사팀의 김철수 과장에게 냅니다.", True),
        ("총무팀에 냅니다.", False),
        ("인사팀의 김영희 과장에게 냅니다.", False),
        ("VC-59", True),
        ("VC-5", False),
        ("59", False),  # a part of a code
        ("입양휴직은 최대 열 달까지 쓸 수 있는 제도입니다.", True),  # a sentence is no name
        ("'해밀상담'이라고 부르십시오.", True),
        (
            "10개월이며 38%를 받습니다. 기본급의 50%가 아닙니다.",
            False,
        ),  # each value has to stand there
        ("1. 10개월\n2. 38%", True),  # numbers of a list claim nothing
        ("두 가지입니다: 휴직신청서, 입양 사실확인서", True),
        ("10개월입니다 [7]", True),  # nor does a citation
        ("10개월입니다.\n출처: 다른 규정.pdf 99쪽", True),
    ],
)
def test_korean_values_and_names(answer: str, grounded: bool) -> None:
    assert stand_in(claims_of(answer), [PASSAGE]) is grounded


@pytest.mark.parametrize(
    ("answer", "grounded"),
    [
        ("Send it to the Claims Team by March 3, 2024.", True),
        ("Send it to the Legal Team by March 3, 2024.", False),
        ("Send it by 3 March 2025.", False),
        ("Form B-12", True),
        ("Form B-1", False),
        ("accident report", True),
        ("medical certificate", False),
        ("According to Moody's, Harbor Line has an A+.", True),
        ("According to Moody's, Harbor Line has an A.", True),  # a lone letter is no grade
        ("According to Moody's, Harbor Line has an A-.", False),
        ("Net sales were $1,577 million.", True),  # as the cell of a table has it
        ("Net sales were $1,578 million.", False),
        ("You don't have to send it if it won't arrive.", True),  # apostrophes quote nothing
    ],
)
def test_english_values_and_names(answer: str, grounded: bool) -> None:
    assert stand_in(claims_of(answer), [ENGLISH]) is grounded


def test_a_table_in_millions_says_no_count_of_people() -> None:
    assert not stand_in(claims_of("It has 1,577 employees."), [ENGLISH])


def test_what_the_question_says_is_no_claim() -> None:
    question = "'가온승급'은 2022년 8월 22일부터 시행되나요? Does Harbor Line pay $500?"
    assert not claims_of(
        "네, 가온승급은 2022.8.22부터 시행됩니다. Harbor Line pays $500.", question
    )
    assert claims_of("2022년 8월 23일부터 시행됩니다.", question).values


@pytest.mark.parametrize("answer", ["네, 가능합니다", "아니요", "Yes.", "It is not covered.", ""])
def test_some_answers_have_nothing_to_look_up(answer: str) -> None:
    assert not claims_of(answer)


def test_each_claim_may_stand_in_another_passage() -> None:
    claims = claims_of("10개월이며 Claims Team에 낸다")
    assert stand_in(claims, [PASSAGE, ENGLISH])
    assert not stand_in(claims, [PASSAGE]) and not stand_in(claims, [ENGLISH])
    assert not stand_in(claims, []) and stand_in(Claims(), [])


@pytest.mark.slow
def test_right_answers_of_people_s_labels_are_grounded_far_more_often() -> None:
    """Models' answers to FinanceBench from its gold pages, judged by people."""
    if not DATA:
        pytest.skip("HARNESS_DATA isn't set")
    pages = {line["id"]: line["text"] for line in lines_of("financebench/passages.jsonl")}
    questions = {line["id"]: line for line in lines_of("financebench/questions.jsonl")}
    grounded: dict[str, list[bool]] = {"Correct Answer": [], "Incorrect Answer": []}
    for line in lines_of("financebench/human_labelled_answers.jsonl"):
        if line["label"] not in grounded or "_oracle" not in line["config"]:
            continue
        question = questions[line["id"]]
        if claims := claims_of(line["response"], question["question"]):
            passages = [pages[each["passage_id"]] for each in question["gold"]]
            grounded[line["label"]].append(stand_in(claims, passages))
    right, wrong = (sum(values) / len(values) for values in grounded.values())
    assert len(grounded["Correct Answer"]) > 400 and right > 2 * wrong


DATA = os.environ.get("HARNESS_DATA", "")
CORPORA = (
    "ko_law/articles.jsonl",
    "insuranceqa/test200_passages.jsonl",
    "financebench/passages.jsonl",
)


def lines_of(name: str) -> list[dict[str, Any]]:
    text = (Path(DATA) / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.skipif(not DATA, reason="HARNESS_DATA isn't set")
@pytest.mark.parametrize("corpus", CORPORA)
def test_an_answer_copied_from_a_passage_stands_in_it(corpus: str) -> None:
    """No reading of an answer may differ from that of the passage that it was copied from."""
    for text in (line["text"] for line in lines_of(corpus)[:100]):
        head = text[:500].rpartition("\n" if "\n" in text[:500] else " ")[0]
        assert stand_in(claims_of(head), [text]), head
