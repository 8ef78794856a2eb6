"""Labels that differ by a sign, a comparison, a notch, case or a separator stay apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.metrics.parse import Mode, parse_label
from harness.metrics.score import Rules, score_row
from harness.types import Example, Output, Query, Row

SIGNS = ("1", "-1", "0")
GRADES = ("AAA", "AA+", "AA", "AA-", "A+", "A", "A-")
SHARES = ("10%", ">10%", "<10%", "≥10%")
SETS = (
    SIGNS,
    GRADES,
    SHARES,
    ("(1,000)", "1,000", "-1,000"),
    ("-3%", "3%", "0%"),
    ("△3%", "3%", "▲3%"),
    ("non-life", "non life", "non_life"),
    ("+", "-", "="),
    ("A", "a", "B", "b"),
    ("0", "0.0", "00"),
    ("positive", "not positive", "Positive"),
    ("긍정", "긍정 아님", "부정"),
    ("neutral", "very neutral"),
    ("중", "중요", "매우 중요"),
    ("C", "C++", "C#", "A*", "5*", "5"),
    ("yes", "yes!", "yes?", "'yes'"),
    ("１", "1", "①"),
    ("10% 이상", "10% 미만", "10%"),
    ("a.", "a", "(a)", "[a]"),
)


@pytest.mark.parametrize("mode", ["strict", "lenient"])
@pytest.mark.parametrize("labels", SETS, ids=" ".join)
def test_each_label_is_itself(labels: tuple[str, ...], mode: Mode) -> None:
    for label in labels:
        assert parse_label(label, labels, mode=mode) == label
        assert parse_label(f" {label}\n", labels, mode=mode) == label


@given(st.lists(st.text("aA1-+.()<% 긍", min_size=1, max_size=5).map(str.strip), min_size=1))
def test_any_label_is_itself(texts: list[str]) -> None:
    labels = tuple({text for text in texts if text})
    for label in labels:
        assert parse_label(label, labels) == label


@pytest.mark.parametrize(
    ("labels", "text", "expected"),
    [
        (SIGNS, "-1.", "-1"),
        (SIGNS, "'-1'", "-1"),
        (SIGNS, "−1", "-1"),
        (SIGNS, "–1", "-1"),
        (SIGNS, "-1\nbecause it fell", "-1"),
        (SIGNS, "The answer is -1.", "-1"),
        (SIGNS, "Label: -1", "-1"),
        (SIGNS, "**-1**", "-1"),
        (SIGNS, "+1", "1"),
        (SIGNS, "1.0", "1"),
        (SIGNS, "-1.00", "-1"),
        (SIGNS, "Label: 1", "1"),
        (SIGNS, "The label is 0", "0"),
        (GRADES, "The rating is AA-.", "AA-"),
        (GRADES, "The rating is AA.", "AA"),
        (GRADES, "Rating: AA+ (stable)", "AA+"),
        (GRADES, "aa-", "AA-"),
        (SHARES, "The change is >10%.", ">10%"),
        (SHARES, "Answer: ≥10%", "≥10%"),
        (SHARES, "Answer: 10%", "10%"),
        (("non-life", "non life"), "Non-Life", "non-life"),
        (("non-life", "life"), "The line is non life.", "non-life"),
        (("+", "-"), "Answer: -", "-"),
        (("+", "-"), "The sign is +.", "+"),
        (("A", "a"), "(a)", "a"),
        (("중", "상", "하"), "중입니다", "중"),
        (("중요", "중"), "정답: 중요", "중요"),
        (("C", "C++"), "The answer is C++.", "C++"),
        (("A*", "A"), "The grade is A*.", "A*"),
        (("1", "2", "3"), "(3)", "3"),
        (("positive", "negative"), "- positive", "positive"),
        (("ＡＢ", "CD"), "AB", "ＡＢ"),
        (("class 1", "class -1"), "It is Class -1.", "class -1"),
        (("class 1", "class -1"), "It is Class_1.", "class 1"),
        (("★★★", "★★★★"), "★★★★ since it is good", "★★★★"),
        (("👍", "👎"), "👎 because it fell", "👎"),
        (("0-10", "10-20"), "The range is 10-20.", "10-20"),
        (("1등급", "10등급"), "정답은 10등급입니다", "10등급"),
        (("1000", "2000"), "1,000", "1000"),
    ],
)
def test_a_lenient_reading_where_it_is_clear(
    labels: tuple[str, ...], text: str, expected: str
) -> None:
    assert parse_label(text, labels) == expected


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (("1", "0"), "-1"),
        (("1", "0"), "The answer is -1."),
        (("-1", "0"), "1"),
        (("-1", "0"), "The answer is 1"),
        (SIGNS, "(1)"),
        (SIGNS, "- 1"),
        (SIGNS, "minus 1"),
        (SIGNS, "△1"),
        (SIGNS, "▲1"),
        (SIGNS, "1-"),
        (("AA", "BB"), "AA-"),
        (("AA", "BB"), "The rating is AA-."),
        (("AA", "BB"), "The rating is AA−"),
        (("AA", "BB"), "등급은 AA(-)입니다"),
        (("AA", "A"), "AAA"),
        (("A", "B"), "The rating is A-1."),
        (("AA-", "BB"), "AA"),
        (("10%", "20%"), ">10%"),
        (("10%", "20%"), "Answer: > 10%"),
        (("10%", "20%"), "It is more than 10%"),
        (("10%", "20%"), "답: 10% 이상"),
        (("10%", "20%"), "10%p"),
        (("10", "20"), "10%"),
        (("1,000", "2,000"), "(1,000)"),
        (("1,000", "2,000"), "Answer: -1,000"),
        (("3%", "5%"), "-3%"),
        (("3%", "5%"), "△ 3%"),
        (("non-life", "non life"), "NON_LIFE"),
        (("A", "a"), "Ａ or ａ"),
        (("중", "상", "하"), "중요"),
        (("C", "D"), "The answer is C++."),
        (("C", "D"), "C#"),
        (("class 1", "class 2"), "It is class -1."),
        (("class 1", "class 2"), "It is class 1.5."),
        (("class 1", "class 2"), "class -1"),
        (("★★★", "★★★★"), "★★★★★ since it is good"),
        (("10%", "20%"), "10% or more"),
        (("1등급", "2등급"), "정답은 11등급입니다"),
    ],
)
def test_what_could_be_another_label_is_none(labels: tuple[str, ...], text: str) -> None:
    assert parse_label(text, labels) is None


def _row(choices: tuple[str, ...], target: str) -> Row:
    return Row(Example(Query("r", "?", choices), target, (target,)))


@pytest.mark.parametrize("choices", [("B", "A", "C"), ("2", "3", "1"), ("-3%", "3%", "0%")])
def test_an_option_that_was_chosen_is_compared_itself(choices: tuple[str, ...]) -> None:
    rules = Rules("multiple_choice")
    for target in choices:
        for answer in choices:
            scored = score_row(_row(choices, target), Output("r", answer, chosen=True), rules)
            assert (scored.outcome, scored.predicted) == ("ok", answer)
            assert scored.correct == (answer == target)


def test_a_letter_that_is_the_text_of_another_option_says_nothing() -> None:
    choices = ("B", "A", "C")
    assert parse_label("A", choices, letters=True) is None
    assert parse_label("C", choices, letters=True) == "C"  # letter and text are one option
    assert parse_label("b", ("x", "y"), letters=True) == "y"
    numbers = ("2", "3", "1")
    assert parse_label("2", numbers, letters=True) == "2"
    assert parse_label("C", numbers, letters=True) == "1"
