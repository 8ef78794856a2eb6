"""What becomes of a query, and whether the answer is right."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.metrics.score import Rules, score_row
from harness.types import Example, Output, Query, Row, Scored

LABELS = Rules("classification", choices=("yes", "no"))
QA_VALUES = ("exact_match", "value_match", "contains", "token_f1")
QA = Rules("qa", language="ko", abstain=("모른다",))


def row(target: str, *accepted: str, answerable: bool = True, choices: Any = ()) -> Row:
    query = Query("r1", "?", choices=choices)
    example = Example(query, target, accepted or (target,), cluster="c")
    return Row(example, {"kind": "x"}, answerable)


def score(target: Row, text: str | None, rules: Rules, **more: Any) -> Scored:
    return score_row(target, Output("r1", text, **more), rules)


def test_a_right_and_a_wrong_label() -> None:
    right = score(row("yes"), "Yes.", LABELS)
    assert (right.outcome, right.correct, right.predicted) == ("ok", True, "yes")
    assert right.values == {"accuracy": 1.0}
    assert (right.cluster, right.columns) == ("c", {"kind": "x"})
    wrong = score(row("yes"), "no", LABELS)
    assert (wrong.outcome, wrong.correct, wrong.values) == ("ok", False, {"accuracy": 0.0})


@pytest.mark.parametrize(("finish", "outcome"), [("stop", "unparsed"), ("length", "truncated")])
def test_a_label_that_is_not_there(finish: Any, outcome: str) -> None:
    scored = score(row("yes"), "let me think", LABELS, finish=finish)
    assert (scored.outcome, scored.correct, scored.predicted) == (outcome, False, None)
    assert scored.values == {"accuracy": 0.0}


def test_a_label_before_the_cut_counts() -> None:
    assert score(row("yes"), "Answer: yes\nBecause the", LABELS, finish="length").correct


def test_the_strict_parser() -> None:
    strict = Rules("classification", choices=("yes", "no"), parser="strict")
    assert score(row("yes"), "Answer: yes", strict).outcome == "unparsed"


def test_options_of_the_row() -> None:
    rules = Rules("multiple_choice")
    target = row("second", choices=("first", "second"))
    assert score(target, "B", rules).correct
    assert not score(target, "A", rules).correct
    assert score(row("B", choices=("A", "B")), "정답은 B입니다", rules).correct


@pytest.mark.parametrize("rules", [LABELS, QA])
def test_errors_have_no_values_and_refusals_are_wrong(rules: Rules) -> None:
    broken = score(row("yes"), None, rules, error="timeout")
    assert (broken.outcome, broken.correct, broken.values) == ("error", False, {})
    # An error's text is never an answer, even if it happens to be the right one.
    assert score(row("yes"), "yes", rules, error="late").outcome == "error"
    assert score(row("yes"), None, rules).outcome == "error"
    refused = score(row("yes"), "yes", rules, finish="refused")
    assert (refused.outcome, refused.correct) == ("refused", False)
    assert set(refused.values.values()) == {0.0}


@pytest.mark.parametrize("rules", [LABELS, QA])
def test_what_was_too_long_to_ask_is_wrong_and_in_n(rules: Rules) -> None:
    unread = score(row("yes"), None, rules, finish="too_long", excess="900 tokens, 512 fit")
    assert (unread.outcome, unread.correct, unread.predicted) == ("truncated", False, None)
    assert set(unread.values.values()) == {0.0}
    cut = score(row("yes"), "yes", rules, excess="900 tokens, 512 fit")
    assert (cut.outcome, cut.correct) == ("ok", True)


def test_answers() -> None:
    exact = score(row("2년", "2년", "24개월"), "24개월입니다.\n질문:", QA, finish="stop")
    assert (exact.correct, exact.predicted) == (True, "24개월입니다.")
    assert exact.values == dict.fromkeys(QA_VALUES, 1.0)
    near = score(row("2년"), "휴직은 2년", QA)
    assert (near.outcome, near.correct) == ("ok", False)
    assert near.values["exact_match"] == 0 < near.values["token_f1"] < 1
    assert score(row("2년"), " \n", QA).outcome == "unparsed"


@pytest.mark.parametrize(
    ("text", "outcome", "right"),
    [
        ("2년", "truncated", False),
        ("답변:\n2년", "truncated", False),
        ("2년\n질문: 다음", "ok", True),
        ("<think>생각하면\n2년", "truncated", False),
    ],
)
def test_an_answer_that_was_cut(text: str, outcome: str, right: bool) -> None:
    scored = score(row("2년"), text, QA, finish="length")
    assert (scored.outcome, scored.correct) == (outcome, right)
    assert set(scored.values.values()) == {float(right)}


def test_an_answer_that_was_cut_may_hold_the_right_one() -> None:
    for text, held in (
        ("휴직은 2년이고 연장은", 1.0),
        ("휴직은 12년이고", 0.0),
        ("휴직은 2년", 0.0),
    ):
        scored = score(row("2년"), text, QA, finish="length")
        assert scored.outcome == "truncated"
        assert (scored.values["contains"], scored.values["value_match"]) == (held, 0.0)


WORDS = [
    "2년",
    "24개월",
    "12년",
    "이내",
    "아니다",
    "기간은",
    "네",
    "모른다",
    "또는",
    "중요",
    "(3)",
    ".",
]


@given(st.lists(st.sampled_from(WORDS), max_size=6), st.sampled_from(["stop", "length"]))
def test_what_is_exact_is_said_and_what_is_said_is_held(words: list[str], finish: str) -> None:
    for target in ("2년", "네", "중", "모른다", "기간"):
        values = score(row(target), " ".join(words), QA, finish=finish).values
        assert values["exact_match"] <= values["value_match"] <= values["contains"]


def test_abstaining() -> None:
    unknown = row("모른다", answerable=False)
    right = score(unknown, "문서에 나와 있지 않습니다.", QA)
    assert (right.outcome, right.correct, right.abstained) == ("ok", True, True)
    assert right.values == dict.fromkeys(QA_VALUES, 1.0)
    invented = score(unknown, "2년", QA)
    assert (invented.outcome, invented.correct, invented.abstained) == ("ok", False, False)
    assert set(invented.values.values()) == {0.0}
    timid = score(row("2년"), "모른다", QA)
    assert (timid.outcome, timid.correct, timid.abstained) == ("ok", False, True)
    assert set(timid.values.values()) == {0.0}


def test_an_accepted_answer_is_no_abstention() -> None:
    scored = score(row("알 수 없음"), "알 수 없음", QA)
    assert (scored.correct, scored.abstained) == (True, False)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="poetry"):
        score(row("2년"), "2년", Rules("poetry"))
