"""Every minus sign and triangle is read alike, whether a label, a text or a value is compared."""

import pytest

from harness.metrics.characters import FALLS, MINUS
from harness.metrics.korean import normalise
from harness.metrics.parse import parse_label
from harness.metrics.qa import exact_match


@pytest.mark.parametrize("sign", [*MINUS, *FALLS])
def test_a_sign_is_never_left_out(sign):
    assert exact_match(f"{sign}5%", ["-5%"]) and not exact_match(f"{sign}5%", ["5%"])
    assert normalise(f"{sign}5") != normalise("5")
    assert parse_label(f"{sign}5", ["5", "6"]) is None
    assert parse_label(f"The answer is {sign}5.", ["5", "6"]) is None


@pytest.mark.parametrize("sign", MINUS)
def test_a_minus_is_that_of_a_label(sign):
    assert parse_label(f"{sign}1", ["1", "-1", "0"]) == "-1"
