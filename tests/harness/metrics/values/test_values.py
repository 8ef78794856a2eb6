"""What is written as a value reads back as that value, in every form; and nothing else does."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.metrics.qa import exact_match
from harness.metrics.values.equality import same_set
from harness.metrics.values.reading import find_values, whole
from tasks.insurer.en import values as english
from tasks.insurer.ko import values as korean
from tasks.insurer.world import Value, accepted

WON = st.integers(1, 999_999).map(lambda number: number * 1_000)
DOLLARS = st.integers(1, 5_000_000)
LENGTHS = st.integers(1, 400)
DAYS = st.tuples(st.integers(1950, 2090), st.integers(1, 12), st.integers(1, 28))
MINUS = ["-", "−", "–", "‒", "△", "▲", "▽", "minus ", "마이너스 "]


def same(left: str, right: str, question: str = "") -> bool:
    return bool(whole(left)) and same_set(whole(left), whole(right), question)


def reads_back(value: Value) -> None:
    """Every accepted text that is a value as a whole means the canonical one."""
    texts = accepted(value)
    # 01/02/1950 is the first of February for some: it is equal to itself alone.
    read = [text for text in texts if whole(text) and not comparison(text) and "/" not in text]
    assert len(read) > 1
    assert all(same(read[0], text) for text in read), [(text, whole(text)) for text in read]
    assert all(exact_match(text, texts[:1]) for text in read)


def comparison(text: str) -> str:
    return next(iter(whole(text))).comparison


@given(WON)
def test_won(won: int) -> None:
    reads_back(korean.Amount(won))
    assert not same(f"{won}원", f"{won * 10}원")


@given(DOLLARS)
def test_dollars(dollars: int) -> None:
    reads_back(english.Amount(dollars))
    assert not same(f"${dollars}", f"€{dollars}")


@given(LENGTHS, st.sampled_from(["일", "주", "개월", "년", "영업일", "시간"]))
def test_korean_periods(number: int, unit: str) -> None:
    reads_back(korean.Period(number, unit))


@given(
    st.integers(2, 99), st.sampled_from(["day", "week", "month", "year", "business day", "hour"])
)
def test_english_periods(number: int, unit: str) -> None:
    reads_back(english.Period(number, unit))


@given(DAYS)
def test_dates(day: tuple[int, int, int]) -> None:
    reads_back(korean.Day(*day))
    reads_back(english.Day(*day))
    year, month, number = day
    assert same(korean.Day(*day).text, english.Day(*day).text)
    assert not same(korean.Day(*day).text, f"{year}년 {month}월")
    if number > 12:
        assert same(korean.Day(*day).text, f"{number:02d}/{month:02d}/{year}")
    elif number != month:
        assert not same(korean.Day(*day).text, f"{number:02d}/{month:02d}/{year}")


@given(st.decimals(Decimal("0.01"), Decimal("99999"), places=2), st.sampled_from(["", "%", "원"]))
def test_a_sign_is_never_lost(number: Decimal, unit: str) -> None:
    text = f"{number:,}{unit}"
    for sign in MINUS:
        assert not same(text, sign + text)
        assert not exact_match(sign + text, [text])
        assert not exact_match(text, [sign + text])
        assert same("-" + text, sign + text), sign
    assert same(f"+{text}", text)
    assert same(f"({number:,}{unit})" if "," in text or unit else f"({text})", f"-{text}")


@given(st.integers(2, 9999))
def test_a_comparison_is_part_of_a_value(number: int) -> None:
    classes = [
        [f"{number}회"],
        [f"{number}회 이상", f"≥{number}회", f"최소 {number}회"],
        [f"{number}회 이하", f"≤ {number}회", f"최대 {number}회", f"{number}회 이내"],
        [f"{number}회 초과", f">{number}회"],
        [f"{number}회 미만", f"<{number}회"],
        [f"약 {number}회", f"{number}회 정도"],
    ]
    for i, left in enumerate(classes):
        for j, right in enumerate(classes):
            assert all(same(a, b) is (i == j) for a in left for b in right), (left, right)


@pytest.mark.parametrize(
    ("left", "right", "question", "equal"),
    [
        ("1,234", "1.234", "", False),
        ("1,234", "11,234", "", False),
        ("15%", "15", "", False),
        ("15%", "15", "몇 %인가요?", True),
        ("15%", "0.15", "", True),
        ("15%", "15%p", "", False),
        ("50bp", "0.5%p", "", True),
        ("90일", "3개월", "", False),
        ("1년", "365일", "", False),
        ("72 hours", "3 days", "", True),
        ("AA-", "AA", "", False),
        ("AA-", "AA+", "", False),
        ("A1", "A-1", "", False),
        ("K01", "K1", "", False),
        ("GF-37", "gf37", "", True),
        ("02-555-0134", "02)555-0134", "", True),
        ("0134", "134", "", False),
        ("01/02/2023", "1 February 2023", "", False),
        ("01/02/2023", "January 2, 2023", "", False),
        ("2027년 6월 15일", "27년 6월 15일", "", True),
        ("3~5년", "3년에서 5년", "", True),
        ("19세 이상 65세 이하", "19~65세", "", True),
        ("만 65세", "65세", "", True),
        ("4,500백만원", "45억 원", "", True),
        ("EUR 1.234.567,00", "€1,234,567", "", True),
        ("△1,234", "-1,234백만원", "영업이익은 몇 백만원인가요?", True),
        ("1,500", "$1.5 million", "How much, in thousands of dollars?", True),
        ("1,500", "$1.5 billion", "How much, in thousands of dollars?", False),
        ("2년 6개월", "30개월", "", True),
        ("a year and a half", "18 months", "", True),
    ],
)
def test_equality(left: str, right: str, question: str, equal: bool) -> None:
    assert same(left, right, question) is equal
    assert exact_match(right, [left], question) is equal


@pytest.mark.parametrize(
    "text", ["중요", "가입 후 2년", "연차, 병가", "제3조에 따라", "no", "", "만"]
)
def test_other_texts_are_no_values(text: str) -> None:
    assert not whole(text)


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    for found in find_values(text):
        assert 0 <= found.start <= found.core[0] < found.core[1] <= found.end
    whole(text)


def test_long_texts_are_read_quickly() -> None:
    started = time.perf_counter()
    for text in (
        "1,234 " * 500,
        "1" * 3_000,
        "최대 " * 999,
        "천백십" * 500,
        "one hundred and " * 300,
    ):
        find_values(text)
    assert time.perf_counter() - started < 3
