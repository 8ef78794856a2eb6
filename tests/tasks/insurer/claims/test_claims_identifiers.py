"""What looks like an identifier can be nobody's, and masking finds every one of them."""

from __future__ import annotations

import re
from datetime import date
from random import Random

import pytest

from harness.records.personal import mask
from harness.task.task import load_task
from tasks.insurer.claims import identifiers as ids
from tasks.insurer.claims import rows

RNG = Random(1)
LOOKS = {
    "ko": (r"\d{6}-\d{7}", r"010-\d{4}-\d{4}", r"000-\d{2}-\d{6}", r"\d{4}-\d{4}-\d{4}-\d{4}",
           r"\S+@\S+\.\w+", r"[A-Z]{2}\d{2}-\d{4}-\d{6}"),
    "en": (r"\d{3}-\d{2}-\d{4}", r"\(?\d{3}\)?[ -]\d{3}-\d{4}", r"routing \d+", r"account \d+",
           r"\d{4}-\d{4}-\d{4}-\d{4}", r"\S+@\S+\.\w+", r"[A-Z]{2}\d{2}-\d{4}-\d{6}"),
}  # fmt: skip


def test_a_resident_number_has_an_impossible_day_and_a_wrong_check_digit():
    for _ in range(300):
        number = ids.resident_number(RNG.randint(60, 99), "1", RNG).replace("-", "")
        with pytest.raises(ValueError, match="day"):
            date(1900 + int(number[:2]), int(number[2:4]), int(number[4:6]))
        weights = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]
        total = sum(w * int(d) for w, d in zip(weights, number[:12], strict=True))
        assert int(number[12]) != (11 - total % 11) % 10


def test_check_digits_of_known_valid_numbers():
    assert ids.luhn_digit("453201511283036") == 6  # a test number of the networks
    assert ids.check_digit("000000000000") == 1


def test_a_card_fails_luhn_and_no_scheme_begins_with_its_digit():
    for _ in range(300):
        number = ids.card(RNG).replace("-", "")
        doubled = [int(d) * (1 + at % 2) for at, d in enumerate(reversed(number))]
        assert sum(value - 9 * (value > 9) for value in doubled) % 10
        assert number[0] == "0"


def test_phones_social_security_numbers_and_routing_numbers_are_of_no_use():
    for _ in range(300):
        assert re.fullmatch(r"010-[01]\d{3}-\d{4}", ids.korean_phone(RNG))
        assert re.fullmatch(r"\(?\d{3}\)?[ -]555-01\d\d", ids.american_phone(RNG))
        assert ids.social_security_number(RNG)[:3] in ("000", "666")
        routing = re.search(r"routing (\d{9})", ids.american_account(RNG))[1]
        total = sum(w * int(d) for w, d in zip((3, 7, 1) * 3, routing, strict=True))
        assert total % 10
        assert routing.startswith("99")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_identifier_in_every_report_is_masked(language):
    masks = load_task(f"insurer-claims-{language}").spec.masks
    found = dict.fromkeys(LOOKS[language], 0)
    for row in rows(7, 1, language):
        hidden = mask(row["input"], masks)
        for pattern in found:
            matches = re.findall(rf"(?<![\d-]){pattern}(?![\d-])", row["input"])
            found[pattern] += len(matches)
            assert not [text for text in matches if text in hidden], hidden
    assert min(found.values()) > 20


@pytest.mark.parametrize("language", ["ko", "en"])
def test_masking_leaves_terms_dates_amounts_and_answers_alone(language):
    masks = load_task(f"insurer-claims-{language}").spec.masks
    for row in rows(7, 1, language):
        assert mask(row["answer"], masks) == row["answer"]
        terms = row["input"].split("\n\n")[0]
        assert mask(terms, masks) == terms
