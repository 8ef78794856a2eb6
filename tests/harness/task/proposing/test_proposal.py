"""What is proposed of a table, by its names and its values, and what is left to a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from harness.errors import UsageError
from harness.task.proposing.hints import language_suffix, option_columns, roles_of
from harness.task.proposing.profile import amount_like, language_of, profiles
from harness.task.proposing.proposal import propose
from harness.task.tables import Line
from tests.harness.task.invented import moods, 후기


def drafted(rows: Sequence[Mapping[str, object]], **wishes: object) -> Any:
    lines = [Line(row, f"rows.csv, line {n}") for n, row in enumerate(rows, 2)]
    return propose(lines, wishes).draft


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("question", "question"), ("Question_Text", "input"), ("question_type", "label"),
        ("question_id", "id"), ("Class Index", "label"), ("PolicyNo", "id"), ("상담유형", "label"),
        ("문의내용", "input"), ("고객번호", "id"), ("정답", "answer"), ("doc_name", "group"),
        ("지문", "context"), ("review_rating", "label"),
    ],
)  # fmt: skip
def test_the_last_word_of_a_name_says_what_a_column_is(name: str, role: str) -> None:
    assert role in roles_of(name)
    assert name != "상담유형" or "input" not in roles_of(name)


def test_options_are_columns_that_count_on() -> None:
    assert option_columns(["id", "A", "B", "C", "D", "E note"]) == ("A", "B", "C", "D")
    assert option_columns(["opa", "opb", "opc"]) == ("opa", "opb", "opc")
    assert option_columns(["보기3", "보기1", "보기2"]) == ("보기1", "보기2", "보기3")
    assert option_columns(["A", "B"]) == option_columns(["A", "C", "D"]) == ()
    assert language_suffix("sentence_ko") == ("sentence", "ko")
    assert language_suffix("korean") == ("korean", "")


@pytest.mark.parametrize(
    "text", ["12", "-3.5%", "$1,577.00", "1,234원", "3조 2,100억원", "(12.5)", "△3.2%", "20 days"]
)
def test_an_amount_is_a_number_with_its_unit(text: str) -> None:
    assert amount_like(text)


@pytest.mark.parametrize("text", ["", "plan 3", "3 plans of 7 or 9", "yes", "제3조"])
def test_other_texts_are_no_amounts(text: str) -> None:
    assert not amount_like(text)


def test_the_language_is_that_of_the_letters() -> None:
    assert [language_of([text]) for text in ("보험금 claim", "the claim", "保険金は", "保险金额")] == [
        "ko", "en", "ja", "zh",
    ]  # fmt: skip


def test_a_profile_counts_what_is_there() -> None:
    found = profiles(
        [
            Line({"n": k, "flag": k % 2, "day": "2024-01-02", "few": "ab"[k % 2], "none": ""}, "x")
            for k in range(40)
        ]
    )
    assert found["n"].is_unique and found["n"].numeric == 1 and not found["n"].is_class_like
    assert found["flag"].is_binary and not found["few"].is_binary
    assert found["few"].is_class_like and found["day"].is_constant and found["day"].dates == 1
    assert found["none"].filled == 0


def test_whole_numbers_with_few_values_are_labels_and_many_are_amounts() -> None:
    few = [
        {"text": f"the office answered letter {k} of the week", "label": k % 3} for k in range(90)
    ]
    draft = drafted(few)
    assert (draft.kind, draft.labels) == ("classification", {"0": "0", "1": "1", "2": "2"})
    assert [guess.field for guess in draft.doubts] == ["labels"]
    many = [
        {"question": f"how much is claim {k} of the year?", "answer": k * 37} for k in range(90)
    ]
    assert drafted(many).kind == "numeric_qa"


def test_a_year_is_no_label() -> None:
    draft = drafted([{**row, "year": 2020 + k % 3} for k, row in enumerate(moods())])
    assert draft.columns["target"] == "mood"


def test_a_column_that_spells_codes_out_is_the_target() -> None:
    names = list(dict.fromkeys(row["mood"] for row in moods()))
    rows = [
        {"text": r["review"], "label": names.index(r["mood"]), "label_text": r["mood"]}
        for r in moods()
    ]
    draft = drafted(rows)
    assert draft.columns["target"] == "label_text" and set(draft.labels) == set(names)


def test_names_for_codes_are_taken() -> None:
    rows = [{"text": r["review"], "label": k % 3} for k, r in enumerate(moods())]
    draft = drafted(rows, labels={"0": "bad", "1": "fair", "2": "good"})
    assert draft.labels["1"] == "fair" and not draft.doubts


def test_two_columns_that_could_be_the_answer_are_a_doubt() -> None:
    rows = [
        {"review": r["review"], "category": "ab"[k % 2], "sentiment": r["mood"]}
        for k, r in enumerate(moods())
    ]
    draft = drafted(rows)
    target = next(guess for guess in draft.guesses if guess.field == "target")
    assert target.doubtful and {target.value, *target.options} == {"category", "sentiment"}
    assert drafted(rows, target="category").columns["target"] == "category"


def test_two_columns_without_a_hint_are_refused_with_both_named() -> None:
    rows = [
        {"review": r["review"], "v1": "ab"[k % 2], "v2": "xyz"[k // 5 % 3]}
        for k, r in enumerate(moods())
    ]
    with pytest.raises(UsageError, match="v2.*v1|v1.*v2"):
        drafted(rows)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([{"id": k, "text": f"a document about plan {k} and its rules"} for k in range(50)], "no column looks like the answer"),
        ([{"amount": k, "label": "ab"[k % 2]} for k in range(50)], "no column holds text"),
        ([{"text": f"some words on plan {k}", "label": "same"} for k in range(50)], "no column looks like the answer"),
    ],
)  # fmt: skip
def test_what_cant_be_decided_is_refused(rows: Any, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        drafted(rows)


def test_short_answers_of_few_values_are_labels_and_sentences_are_free_text() -> None:
    asked = [
        {"question": f"is plan {k} valid abroad for a year?", "answer": ["yes", "no"][k % 2]}
        for k in range(60)
    ]
    assert drafted(asked).kind == "classification"
    long = [
        {
            "question": f"what about plan {k} in year two?",
            "answer": f"Please call the office in district {k}.",
        }
        for k in range(60)
    ]
    draft = drafted(long)
    assert (draft.kind, draft.primary) == ("qa", "token_f1")


def test_rows_without_an_answer_are_left_out_and_counted() -> None:
    rows: list[dict[str, object]] = [dict(row) for row in moods()]
    rows[4]["mood"] = rows[9]["review"] = ""
    draft = drafted(rows)
    assert len(draft.lines) == 118
    assert "2 of 120 rows" in draft.copied[0] and "line 6 first" in draft.copied[0]


def test_personal_data_and_unbalanced_labels_are_said() -> None:
    rows = [
        {"문의": f"{r['문의내용']} 연락처 010-1234-{k:04d}", "구분": "가" if k > 5 else "나"}
        for k, r in enumerate(후기())
    ]
    lines = [Line(row, f"rows.csv, line {n}") for n, row in enumerate(rows, 2)]
    warnings = "\n".join(propose(lines).warnings)
    assert "phone in 120 of 120 rows" in warnings
    assert "unbalanced: 95% of the rows" in warnings and "too little: 나" in warnings


def test_a_column_that_names_splits_divides_and_one_without_a_test_doesnt() -> None:
    rows = [
        {**row, "fold": ["학습", "학습", "검증", "평가"][k % 4]} for k, row in enumerate(moods())
    ]
    assert drafted(rows).columns["split"] == "fold"
    none = drafted([{**row, "fold": ["train", "val"][k % 2]} for k, row in enumerate(moods())])
    assert "split" not in none.columns and [guess.field for guess in none.doubts] == ["split"]


def test_an_unknown_column_or_kind_is_named() -> None:
    with pytest.raises(UsageError, match="no column 'moood'") as refused:
        drafted(moods(), target="moood")
    assert "mood" in refused.value.hint
    with pytest.raises(UsageError, match="unknown --kind"):
        drafted(moods(), kind="quiz")
