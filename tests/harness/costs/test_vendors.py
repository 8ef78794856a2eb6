"""A run's own prompts at vendors' prices: a range, no quality, and what it would take to win."""

import pytest

from harness.costs.book import load_book
from harness.costs.vendors import Reference, VendorRow, vendor_rows
from harness.types import Usage

BOOK = load_book()
USAGE = Usage(input_tokens=200_000, output_tokens=10_000)


def row(model: str = "gpt-4o-mini", reference: Reference | None = None, **more: str) -> VendorRow:
    asked = {"language": "ko", "counted_by": "gemma-3-270m", **more}
    (found,) = vendor_rows(
        USAGE, 100, [(model, None)], BOOK, reference=reference or Reference(0.8, 5.0), **asked
    )
    return found


def test_a_range_by_measured_tokenizers() -> None:
    found = row()
    usd = (200_000 * 0.15 + 10_000 * 0.6) / 1e6 / 100 * 1000
    assert found.usd_per_1k_requests_low == pytest.approx(0.99 * usd)
    assert found.usd_per_1k_requests_high == pytest.approx(1.84 * usd)
    assert found.quality == "not measured" and "0.99 to 1.84 times ours, measured" in found.note
    assert "cache" in found.note


def test_another_model_s_tokens_get_the_range_of_all() -> None:
    found = row(counted_by="some-7b")
    assert "0.3 to 1.84" in found.note and "other models" in found.note
    assert row(language="fr", counted_by="x").usd_per_1k_requests_high == pytest.approx(
        found.usd_per_1k_requests_high
    )


def test_requests_that_may_wait_are_cheaper_where_the_discount_is_known() -> None:
    for found in (row("gemini-2.5-flash"), row()):
        assert found.batch_usd_per_1k_requests_high == pytest.approx(
            0.5 * (found.usd_per_1k_requests_high or 0)
        )
    assert row("mistral-small-latest").usd_per_1k_requests_high is not None
    assert row("mistral-small-latest").batch_usd_per_1k_requests_high is None  # not in the book


def test_a_cheaper_model_wins_within_the_margin_and_a_dearer_one_never() -> None:
    cheap = row(reference=Reference(0.8, 5.0, margin=0.03))
    assert cheap.wins_from == pytest.approx(0.77) and "cheaper" in cheap.note
    dear = row(reference=Reference(0.8, 0.01))
    assert dear.wins_from is None and "dearer" in dear.note


def test_a_price_of_a_wrong_answer_decides_otherwise() -> None:
    cost = row().usd_per_1k_requests_high or 0
    found = row(reference=Reference(0.8, 0.01, cost_per_error=0.01))
    # the same cost a request, wrong answers included, at exactly that quality
    assert found.wins_from is not None
    mine = 0.01 / 1000 + 0.01 * (1 - 0.8)
    assert cost / 1000 + 0.01 * (1 - found.wins_from) == pytest.approx(mine)
    hopeless = row(reference=Reference(0.999, 0.01, cost_per_error=0.00001))
    assert hopeless.wins_from is None and "no quality makes up" in hopeless.note


def test_what_isn_t_known_stays_unknown() -> None:
    nobody = row("nobody-knows-it")
    assert nobody.usd_per_1k_requests_low is None and nobody.wins_from is None
    assert nobody.note == "no price is known"
    assert row(reference=Reference(None, 5.0)).wins_from is None
