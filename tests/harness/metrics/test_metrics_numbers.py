"""A number is right whatever way it is written: percent, scale, rounding, tolerance."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.metrics.aggregate import aggregate
from harness.metrics.answers.numbers import number_in, read_number, same_number
from harness.metrics.score import Rules, score_row
from harness.types import Example, Output, Query, Row, Scored


def score(target: str, text: str, question: str = "How much?", **rules: float) -> Scored:
    row = Row(Example(Query("1", question), target))
    return score_row(row, Output("1", text, finish="stop"), Rules("numeric_qa", **rules))


@pytest.mark.parametrize(
    ("target", "text", "question"),
    [
        ("0.153", "15.3%", ""),
        ("15.3%", "0.153", ""),
        ("0.153", "15.32 %", ""),  # rounded as the right one is
        ("15.3", "15.3%", "By what percentage did it grow?"),
        ("15.3%", "15.3", "몇 퍼센트인가?"),
        ("-1234", "(1,234)", ""),
        ("-3.2%", "△3.2%", ""),
        ("5 million", "$5,000,000", ""),
        ("5", "$5 million", "What is revenue, in millions?"),
        ("5.2 million", "5,212,345", ""),  # is 5.2 million when rounded
        ("2억 5천만원", "250,000,000원", ""),
        ("300만 원", "3백만원", ""),
        ("1e-05", "0.00001", ""),
        ("995", "994.6", ""),
        ("127.4", "The answer is $127.4, up from $90.", ""),
        ("127.4", "(200.1 - 72.7) = 127.4", ""),
        ("127.4", "Answer: 127.40\nQuestion: and 3?", ""),
        ("12", "12 shares", ""),
        ("24 months", "2 years", ""),
        ("yes", "Yes, it is.", ""),
    ],
)
def test_a_number_is_right(target: str, text: str, question: str) -> None:
    scored = score(target, text, question)
    assert scored.outcome == "ok" and scored.correct, scored
    assert scored.values["numeric_accuracy"] == scored.values["within_1_percent"] == 1.0
    assert scored.values["scale_error"] == 0.0


@pytest.mark.parametrize(
    ("target", "text", "off_by_scale"),
    [
        ("0.153", "15.3", True),  # no percent sign, and the question asks for no percent
        ("5 million", "5", True),
        ("5억", "5만", True),
        ("1,234", "1,234 thousand", True),
        ("0.153", "0.16", False),
        ("0.153", "-0.153", False),
        ("$5", "€5", False),
        ("5%", "5 years", False),
        ("5", "more than 5", False),
        ("yes", "no", False),
        ("0", "100", False),
    ],
)
def test_a_number_is_wrong_and_a_scale_is_counted(
    target: str, text: str, off_by_scale: bool
) -> None:
    scored = score(target, text)
    assert scored.outcome == "ok" and not scored.correct
    assert scored.values["numeric_accuracy"] == 0.0
    assert scored.values["scale_error"] == float(off_by_scale)


@pytest.mark.parametrize("text", ["", "It rose from 10 to 15.", "no idea at all, really", "n.n."])
def test_no_number_and_several_are_unparsed(text: str) -> None:
    scored = score("10", text)
    assert scored.outcome == "unparsed" and scored.values["scale_error"] == 0.0


def test_a_cut_answer_is_truncated_and_an_abstention_is_none() -> None:
    row = Row(Example(Query("1", "?"), "10"))
    cut = score_row(row, Output("1", "10", finish="length"), Rules("numeric_qa"))
    assert cut.outcome == "truncated" and not cut.correct
    known = score("10", "I don't know")
    assert known.abstained and not known.correct and known.values["numeric_accuracy"] == 0.0


def test_the_tolerance_is_a_share_of_the_right_number() -> None:
    assert not score("0.60306", "60.3%").correct
    assert score("0.60306", "60.3%").values["within_1_percent"] == 1.0
    assert score("0.60306", "60.3%", tolerance=0.005).correct
    assert not score("200", "202.5", tolerance=0.01).correct
    assert score("200", "202", tolerance=0.01).correct


def test_the_mean_has_an_interval_over_clusters() -> None:
    rows = [score("10", "10" if n % 3 else "1000") for n in range(30)]
    found = aggregate(
        rows, kind="numeric_qa", labels=(), metrics=["numeric_accuracy", "scale_error"]
    )
    assert found["numeric_accuracy"].value == pytest.approx(2 / 3)
    assert found["scale_error"].value == pytest.approx(1 / 3)


figures = st.decimals(
    min_value=-(10**9), max_value=10**9, places=3, allow_nan=False, allow_infinity=False
)


@given(figures)
def test_every_way_to_write_a_number_is_that_number(value: Decimal) -> None:
    ways = [f"{value}", f"{value:,}", f"${value}", f"{value * 100}%", f"{value:f} dollars"]
    ways.append(f"({-value:,})" if value < 0 else f"+{value}")
    right = read_number(f"{value}")
    assert right is not None and right.amount == value
    for way in ways:
        number = number_in(way)
        assert number is not None and same_number(right, number), way


@given(figures, st.integers(0, 3))
def test_an_answer_that_rounds_to_the_right_one_is_right(value: Decimal, places: int) -> None:
    rounded = f"{value:.{places}f}"
    right, given_ = read_number(rounded), read_number(f"{value}")
    assert right and given_ and same_number(right, given_)
    step = Decimal(1).scaleb(-places)
    far = read_number(f"{Decimal(rounded) + step}")
    assert far and not same_number(right, far)
