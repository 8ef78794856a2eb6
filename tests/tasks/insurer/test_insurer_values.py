"""Canonical texts, and variants that mean the same."""

from __future__ import annotations

import pytest

from tasks.insurer.ko.values import Amount, Day, Items, Percentage, Period, YesNo
from tasks.insurer.world import Value, accepted


@pytest.mark.parametrize(
    ("value", "text", "also"),
    [
        (Amount(3_000_000), "300만원", ["3,000,000원", "300만 원", "3백만원"]),
        (Amount(23_000_000), "2,300만원", ["2천3백만원", "23000000원"]),
        (Amount(115_000_000), "1억 1,500만원", ["115,000,000원", "1억1천5백만원"]),
        (Amount(200_000_000), "2억원", ["200,000,000원"]),
        (Amount(25_000), "25,000원", ["2만5천원", "2만5000원"]),
        (Amount(5_000), "5,000원", ["5천원"]),
        (Period(2, "년"), "2년", ["24개월"]),
        (Period(18, "개월"), "18개월", ["1년 6개월", "1년 반"]),
        (Period(6, "개월"), "6개월", ["반년"]),
        (Period(14, "일", "before"), "14일", ["2주", "14일 전"]),
        (Period(3, "주"), "3주", ["21일", "3주일"]),
        (Period(10, "일", "within"), "10일", ["열흘", "10일 이내"]),
        (Percentage(35, "기본급"), "35%", ["35퍼센트", "기본급의 35%"]),
        (Day(2021, 3, 2), "2021년 3월 2일", ["2021-03-02"]),
        (Day(0, 3, 2), "3월 2일", ["03-02"]),
        (Day(0, 0, 21), "매월 21일", ["21일"]),
        (
            Items(("진단서", "사진")),
            "진단서, 사진",
            ["사진, 진단서", "사진과 진단서", "진단서와 사진"],
        ),
    ],
)
def test_canonical_text_and_variants(value: Value, text: str, also: list[str]) -> None:
    assert value.text == text
    assert accepted(value)[0] == text
    assert set(also) <= set(accepted(value))


def test_values_that_mean_the_same_share_a_key() -> None:
    assert Period(24, "개월").key == Period(2, "년").key
    assert Period(14, "일").key == Period(2, "주").key
    assert Items(("가", "나")).key == Items(("나", "가")).key


def test_values_that_differ_in_meaning_do_not() -> None:
    assert Period(5, "영업일").key != Period(5, "일").key
    assert Period(1, "개월").key != Period(30, "일").key
    assert "5일" not in accepted(Period(5, "영업일"))
    assert not set(accepted(YesNo(True))) & set(accepted(YesNo(False)))
