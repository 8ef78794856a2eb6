"""Spans of a context: sets of them are equal, or overlap as DROP's scorer has it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.metrics.kind import Marked
from harness.metrics.kinds.spans import KIND
from harness.metrics.score import Rules, score_row
from harness.metrics.spans import aligned_f1, same_spans
from harness.types import Example, Output, Query, Row, Scored

WORDS = ("cash", "trade receivables", "goodwill of 5 million", "net debt", "보험금")
spans = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True)


def score(target: str, text: str, *others: str, **given_: str) -> Scored:
    row = Row(Example(Query("1", "What?"), target, (target, *others)))
    return score_row(row, Output("1", text, **given_), Rules("spans", language="en"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "cash\nnet debt",
        "net debt\ncash",
        "cash | net debt",
        "Cash; net debt.",
        '["cash", "net debt"]',
        "1. cash\n2. net debt",
        "Answer: cash\nnet debt",
    ],
)
def test_a_set_of_spans_is_right_in_any_form_and_order(text: str) -> None:
    assert score("cash\nnet debt", text).correct


@pytest.mark.parametrize(
    ("text", "f1"),
    [
        ("cash", 0.5),
        ("cash\nnet debt\ngoodwill", 2 / 3),
        ("cash\ndebt", (1 + 2 / 3) / 2),
        ("goodwill", 0.0),
    ],
)
def test_spans_that_are_not_all_right_overlap(text: str, f1: float) -> None:
    scored = score("cash\nnet debt", text)
    assert not scored.correct and scored.values["exact_match"] == 0.0
    assert scored.values["span_f1"] == pytest.approx(f1)


def test_another_accepted_answer_and_another_figure() -> None:
    assert score("cash", "money", "money").correct
    assert score("5 million shares", "6 million shares").values["span_f1"] == 0.0
    assert score("3,000,000원", "300만 원").correct  # values are compared as values


def test_nothing_cut_and_not_known() -> None:
    assert score("cash", "").outcome == "unparsed"
    assert score("cash", "ca", finish="length").outcome == "truncated"
    known = score("cash", "I don't know.")
    assert known.abstained and known.values["span_f1"] == 0.0


@given(spans, spans)
def test_the_overlap_is_symmetric_in_order_and_1_of_equal_sets(
    right: list[str], said: list[str]
) -> None:
    mixed = random.Random(2).sample(said, len(said))
    assert aligned_f1(right, said) == pytest.approx(aligned_f1(right, mixed))
    assert aligned_f1(right, right) == 1.0
    assert same_spans(right, random.Random(3).sample(right, len(right)))
    assert same_spans(right, said) is (set(right) == set(said))


@given(spans)
def test_a_right_answer_reads_as_itself(texts: list[str]) -> None:
    assert KIND.right is not None
    right = KIND.right(Marked(texts))
    assert right == KIND.right(Marked("|".join(texts)))
    assert score(right, right).correct
