"""Amounts of money in answers."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.metrics.amounts import find_amounts, parse_amount, write_amount

MILLION = 1_250_000


@pytest.mark.parametrize(
    ("text", "won"),
    [
        ("1,250,000원", MILLION),
        ("1250000원", MILLION),
        ("지급1,250,000원입니다", MILLION),
        ("125만원", MILLION),
        ("125만 원", MILLION),
        ("1억 2천만원", 120_000_000),
        ("1억2,000만 원", 120_000_000),
        ("1.5억 원", 150_000_000),
        ("125.5만원", 1_255_000),
        ("125만5000원", 1_255_000),
        ("12만 5천원", 125_000),
        ("삼백만원", 3_000_000),
        ("이천삼백원", 2_300),
        ("십이만 오천 원", 125_000),
        ("백만 원", 1_000_000),
        ("만원", 10_000),
        ("₩1,250,000", MILLION),
        ("KRW 1,250,000", MILLION),
        ("1250000 won", MILLION),
        ("1,250,000원(125만원)", MILLION),
        ("1,250,000", MILLION),
        ("0원", 0),
        ("1,25,000원", None),
        ("$1,250", 1_250),  # a bare number, where no amount of the currency is named
        ("100원 또는 200원", None),
        ("병원에 직원이 갔다", None),
        ("2024년 3월 5일", None),
        ("010-0123-4567", None),
        ("", None),
    ],
)
def test_won(text: str, won: int | None) -> None:
    found = parse_amount(text, "KRW")
    assert found == (None if won is None else Decimal(won))


@pytest.mark.parametrize(
    ("text", "dollars"),
    [
        ("$1,250", "1250"),
        ("$1,250.00", "1250"),
        ("pay $1250.50.", "1250.50"),
        ("US$1,250", "1250"),
        ("USD 1,250", "1250"),
        ("1,250 dollars", "1250"),
        ("1,250 USD", "1250"),
        ("$1.25k", "1250"),
        ("$2 million", "2000000"),
        ("1250", "1250"),
        ("$1,25", None),
        ("$3 or $4", None),
        ("on 2024-03-05", None),
        ("nothing", None),
    ],
)
def test_dollars(text: str, dollars: str | None) -> None:
    found = parse_amount(text, "USD")
    assert found == (None if dollars is None else Decimal(dollars))


def test_places_of_amounts() -> None:
    text = "손해 1,500,000원에서 25만 원을 빼면 1,250,000원"
    found = find_amounts(text, "KRW")
    assert [text[one.start : one.end] for one in found] == ["1,500,000원", "25만 원", "1,250,000원"]


def forms(won: int) -> list[str]:
    """The same amount as people write it."""
    eok, rest = divmod(won, 100_000_000)
    man, small = divmod(rest, 10_000)
    mixed = [f"{eok}억"] * bool(eok) + [f"{man:,}만"] * bool(man) + [f"{small:,}"] * bool(small)
    texts = [f"{won:,}원", f"{won}원", f"₩{won:,}", f"{won:,} 원"]
    if mixed:
        texts += [f"{' '.join(mixed)}원", f"{' '.join(mixed)} 원", f"{''.join(mixed)}원"]
    if won % 1_000 == 0 and small:
        texts.append(" ".join([*mixed[:-1], f"{small // 1_000}천"]) + "원")
    return texts


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=10**12), st.sampled_from(["", "지급 ", "합계: "]))
def test_every_form_of_an_amount_in_won_is_read(won: int, before: str) -> None:
    for text in forms(won):
        assert parse_amount(f"{before}{text}", "KRW") == won, text
        assert parse_amount(f"{before}{text}을 지급", "KRW") == won, text


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_every_form_of_an_amount_in_dollars_is_read(value: Decimal) -> None:
    for text in (f"${value:,.2f}", f"${value:.2f}", f"{value:,.2f} dollars", f"USD {value:.2f}"):
        assert parse_amount(f"pay {text}", "USD") == value, text
    assert parse_amount(write_amount(value, "USD"), "USD") == value


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=10**12))
def test_what_is_written_is_read_again(won: int) -> None:
    assert parse_amount(write_amount(Decimal(won), "KRW"), "KRW") == won


@settings(deadline=None)
@given(st.text(alphabet="0123456789,.원만천백억 $지급paykmilon-", max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    for currency in ("KRW", "USD"):
        for found in find_amounts(text, currency):
            assert found.value >= 0
            assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize("text", ["천 " * 2000, "1" * 4000, "1,000 " * 600, "일천" * 2000])
def test_a_long_text_takes_no_long_time(text: str) -> None:
    since = time.process_time()
    for currency in ("KRW", "USD"):
        find_amounts(text[:4000], currency)
    assert time.process_time() - since < 2
