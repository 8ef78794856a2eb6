"""Sums too little to matter are said to be little, the same everywhere: no row of zeros."""

from __future__ import annotations

import pytest

from harness.analysis.recommend.sentences import money
from harness.analysis.words import phrase
from harness.cli.output import usd
from harness.costs.money import Money
from harness.report.format import money as on_the_page

TINY = 7.3e-8


@pytest.mark.parametrize(
    ("value", "least", "english", "korean", "screen", "page"),
    [
        (TINY, False, "less than $0.0001", "0.0001달러 미만", "< $0.0001", "< $0.0001"),
        (TINY, True, "at least $0.00", "최소 0.00달러", "at least $0.00", "≥ $0"),
        (0.0042, False, "$0.0042", "0.0042달러", "$0.0042", "$0.0042"),
        (0.0042, True, "at least $0.0042", "최소 0.0042달러", "at least $0.0042", "≥ $0.0042"),
        (73.58, False, "$73.58", "73.58달러", "$73.58", "$73.58"),
        (1234.5, False, "$1,234", "1,234달러", "$1,234.50", "$1,234"),
        (0.0, False, "$0.00", "0.00달러", "$0.00", "$0"),
        (None, False, "unpriced", "가격 미상", "unpriced", "unpriced"),
    ],
)
def test_a_sum_is_written_for_a_reader(value, least, english, korean, screen, page):
    assert money(value, least=least) == english
    assert money(value, "ko", least=least) == korean
    assert usd(value, least=least) == screen
    assert on_the_page(value, least=least) == page


def test_a_tiny_sum_within_a_sentence_is_rounded_up_and_in_another_currency_converted_first():
    said = phrase("reason.margin_total", usd=TINY, months=12)
    assert "$0.0001 over 12 months" in said.en and "0.00000" not in said.ko
    assert Money("KRW", 1400.0).text(TINY) == "KRW 0.00010"
