"""Expressions that a model writes: what is computed, what is refused, and that nothing is run."""

from __future__ import annotations

import contextlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.strategy.tools.calculator import LONGEST, CalculationError, calculate


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("1,200,000 * 0.8", "960,000"),
        ("0.1 + 0.2", "0.3"),
        ("100 / 3", "33.3333333333"),
        ("2 + 3 * 4 ^ 2", "50"),
        ("(2 + 3) × 4 ÷ 8", "2.5"),
        ("-(3 - 5)", "2"),
        ("2^-3", "0.125"),
        ("sqrt(2)", "1.4142135624"),
        ("round(2.5) + round(1234.567, 2)", "1,237.57"),
        ("min(3, 50만원, 7) + max(1, 2)", "5"),
        ("100 * (1 + 5%)", "105"),
        ("100 / 30%", "333.3333333333"),
        ("100 / (10 + 20)%", "333.3333333333"),
        ("30% of 200", "60"),
        ("$1,200 x 12 =", "14,400"),
        ("120만원의 80%", "960,000"),
        ("1억 2,000만원 × 30퍼센트", "36,000,000"),
        ("2천만원 / 12개월", "1,666,666.6666666667"),
        ("3만5천원 * 4명", "140,000"),
        ("1조 - 1억", "999,900,000,000"),
        ("２×３", "6"),
        ("(1/3)^100", "0"),
        ("1000000^5", "1" + ",000" * 10),
    ],
)
def test_what_is_computed(expression: str, result: str):
    assert calculate(expression) == result


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('true')", "().__class__", "open('x')", "lambda: 1", "[1][0]",
        "1 if 2 else 3", "a", "'5' * 3", "True + 1", "1 == 1", "10 % 3", "f(1)", "1, 2", "",
        "9**9**9", "10^31", "1e400", "9" * 40, "(-8)^0.5", "1/0", "0^-1", "1.2.3", "max()",
        "min(*(1, 2))", "round(1, 0.5)", "1" + "+1" * LONGEST, "(" * 150 + "1" + ")" * 150, "30[0]",
        "2 ** 10j", "~5", "1 // 2",
    ],
)  # fmt: skip
def test_what_is_refused(expression: str):
    with pytest.raises(CalculationError):
        calculate(expression)


whole = st.integers(-(10**9), 10**9)


@given(whole, whole, whole)
def test_whole_numbers_are_exact(a: int, b: int, c: int):
    assert int(calculate(f"{a:,} * {b:,} - ({c})").replace(",", "")) == a * b - c


@given(st.decimals(-(10**6), 10**6, places=4), st.integers(1, 10**6))
def test_a_percentage_is_a_hundredth(share, amount: int):
    found = calculate(f"{amount:,}원의 {abs(share)}%")
    assert Fraction(found.replace(",", "")) == Fraction(abs(share)) * amount / 100


@given(st.text(max_size=LONGEST + 20))
def test_any_text_is_a_number_or_refused(text: str):
    try:
        found = calculate(text)
    except CalculationError:
        return
    assert Fraction(found.replace(",", "")) is not None


@given(st.text("0123456789.,+-*/^()% 만억원x", max_size=60))
def test_no_expression_takes_long_or_breaks(text: str):
    with contextlib.suppress(CalculationError):
        calculate(text)
