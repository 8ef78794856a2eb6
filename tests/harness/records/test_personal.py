"""Masking: what is found by its form, and what stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.records.personal import check_pattern, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("주민번호는 850631-1234568입니다", "주민번호는 [resident number]입니다"),
        ("8506311234568", "[resident number]"),
        ("850631 - 1234568번", "[resident number]번"),
        ("외국인 등록번호 900131-5234567", "외국인 등록번호 [resident number]"),
        ("번호는 010-0123-4567입니다", "번호는 [phone]입니다"),
        ("01001234567로", "[phone]로"),
        ("+82 10 0123 4567", "[phone]"),
        ("02-123-4567", "[phone]"),
        ("(312) 555-0142.", "[phone]."),
        ("call 312-555-0142", "call [phone]"),
        ("0412-3456-7890-1234, 이름", "[card], 이름"),
        ("000-21-483920 계좌로", "[account] 계좌로"),
        ("routing 990000017, account 000482910337", "routing [account], account [account]"),
        ("hana49@example.com으로", "[e-mail]으로"),
        ("SSN 666-12-3456)", "SSN [social security number])"),
    ],
)
def test_what_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "지급 1,250,000원", "1250000원", "2024-03-05", "24-03-05에", "2024. 3. 5.", "2024/3/5",
        "$1,250.00", "부지급", "약관 제12조 3항", "3-4주", "1,500,000원 - 250,000원", "ask for documents",
    ],
)  # fmt: skip
def test_what_stays(text: str) -> None:
    assert mask(text) == text


def test_patterns_of_a_task_go_first() -> None:
    own = {"policy number": r"[A-Z]{2}\d{2}-\d{4}-\d{6}"}
    assert mask("증권번호 GF24-0381-552907입니다", own) == "증권번호 [policy number]입니다"


def test_a_pattern_that_cannot_work_is_refused() -> None:
    with pytest.raises(ValueError, match="policy"):
        check_pattern("policy", "[A-Z")
    with pytest.raises(ValueError, match="empty"):
        check_pattern("policy", r"\d*")
    check_pattern("policy", r"[A-Z]{2}\d+")


@settings(deadline=None)
@given(st.text(max_size=80))
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


@settings(deadline=None)
@given(
    st.from_regex(r"010[- ]?[0-9]{4}[- ]?[0-9]{4}", fullmatch=True), st.sampled_from("은에 로.,입)")
)
def test_no_phone_survives(phone: str, after: str) -> None:
    assert phone not in mask(f"연락처 {phone}{after}")
