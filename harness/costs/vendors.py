"""A run's own prompts at the prices of vendors' models, without a key and without asking them.

How well such a model would answer isn't known: every row says "quality not measured" and can't
win. It states from which quality on it would win.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.costs.book import PriceBook
from harness.costs.rows import TokenPrice
from harness.costs.tokens import api_price, batch_factor, token_usd
from harness.types import Usage

__all__ = ["VendorRow", "token_ratio", "vendor_rows"]

NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class VendorRow:
    """A vendor's model at the measured prompts, in dollars."""

    model: str
    provider: str | None  # None where no price is known
    usd_per_1k_requests_low: float | None  # if its tokenizer makes few tokens
    usd_per_1k_requests_high: float | None  # if it makes many
    batch_usd_per_1k_requests_high: float | None  # requests that may wait
    quality: str  # always NOT_MEASURED
    wins_from: float | None  # quality from which on it wins; None: none is enough, or it is unknown
    note: str  # on the price, the tokens and `wins_from`


@dataclass(frozen=True, slots=True)
class Reference:
    """The run that a vendor's model would have to beat."""

    quality: float | None  # share of right answers
    usd_per_1k_requests: float | None
    margin: float = 0.02  # loss of quality accepted for a lower price
    cost_per_error: float = 0.0  # dollars; 0: unknown


def vendor_rows(
    usage: Usage,
    requests: float,
    models: Sequence[tuple[str, str | None]],  # name and vendor of each; None: the name decides
    book: PriceBook,
    *,
    reference: Reference,  # what they would have to beat
    language: str,  # of the text
    counted_by: str,  # model whose tokenizer counted
) -> list[VendorRow]:
    """Prices the tokens that a run read and generated at vendors' models."""
    ratio = token_ratio(book, language, counted_by)
    return [
        _row(usage, requests, model, api_price(model, provider, book), ratio, reference, book)
        for model, provider in models
    ]


def token_ratio(book: PriceBook, language: str | None, model: str) -> tuple[float, float, str]:
    """Returns the lowest and the highest number of another tokenizer's tokens for one of a model's.

    The third value says how that is known: of other tokenizers on texts of the language.
    """
    for row in book.tokenizers:
        if (row.language, row.model) == (language, model):
            return row.low, row.high, f"tokens {row.low:g} to {row.high:g} times ours, measured"
    rows = [row for row in book.tokenizers if row.language == language] or list(book.tokenizers)
    if not rows:
        return 1.0, 1.0, "tokens as counted by our tokenizer; the vendor's differs"
    low, high = min(row.low for row in rows), max(row.high for row in rows)
    return low, high, f"tokens {low:g} to {high:g} times ours, as with other models here"


def _row(
    usage: Usage,
    requests: float,
    model: str,
    price: TokenPrice | None,
    ratio: tuple[float, float, str],
    reference: Reference,
    book: PriceBook,
) -> VendorRow:
    if price is None or not requests:
        reason = "no price is known" if price is None else "no request was recorded"
        return VendorRow(model, None, None, None, None, NOT_MEASURED, None, reason)
    low, high = (_per_1k(_scaled(usage, factor), requests, price) for factor in ratio[:2])
    factor = batch_factor(price, book)
    waiting = None if factor is None or high is None else factor * high
    wins, why = _wins_from(high, reference)
    notes = (ratio[2], why, price.note, "nothing of it from the vendor's cache")
    note = "; ".join(filter(None, notes))
    return VendorRow(model, price.provider, low, high, waiting, NOT_MEASURED, wins, note)


def _scaled(usage: Usage, factor: float) -> Usage:
    """The tokens that a vendor would count, if its answers were as long as ours."""
    return Usage(
        input_tokens=round(usage.input_tokens * factor),
        output_tokens=round(max(usage.output_tokens, 0) * factor),
    )


def _per_1k(usage: Usage, requests: float, price: TokenPrice) -> float | None:
    usd = token_usd(usage, price)
    return None if usd is None else 1000 * usd / requests


def _wins_from(usd: float | None, reference: Reference) -> tuple[float | None, str]:
    """The quality that makes up for a price, and why: ``q = q_ref + (c - c_ref) / e``.

    Here e is the price of a wrong answer. Without it, a cheaper model wins from the reference's
    quality less the margin, and a dearer one never does.
    """
    own, cost = reference.quality, reference.usd_per_1k_requests
    if usd is None or own is None or cost is None:
        return None, "no quality or no price to compare with"
    if reference.cost_per_error:
        needed = max(0.0, own + (usd - cost) / 1000 / reference.cost_per_error)
        if needed > 1:
            return None, "no quality makes up for its price"
        return needed, f"at ${reference.cost_per_error:g} for a wrong answer"
    if usd >= cost:
        return None, "it is dearer, and a wrong answer has no price (--cost-per-error)"
    return max(0.0, own - reference.margin), f"it is cheaper: within {reference.margin:g} it wins"
