"""What an API's tokens cost: the user's price book first, then the bundled table."""

from __future__ import annotations

from datetime import UTC, datetime

from harness.costs.book import PriceBook, TokenPrice
from harness.types import Usage

__all__ = ["NO_BATCH_PRICE", "TUNED", "api_price", "batch_factor", "token_usd", "training_price"]

TUNED = "ft:"
"""How names of tuned models begin, at the vendor whose protocol others follow."""
NO_BATCH_PRICE = (
    "no price of requests that may wait is known: counted in full; declare `batch_factor` in a row "
    "under `tokens` of a price book"
)


def token_usd(usage: Usage, price: TokenPrice, *, batch: float = 1.0) -> float | None:
    """Prices tokens in US dollars, at a share `batch` of the price for requests that may wait.

    ``[(input - cached) p_in + cached p_cached + output p_out] / 10^6``; cached tokens are a part
    of the input and reasoning a part of the output, so neither is billed twice. None where tokens
    were generated that have no price.
    """
    if usage.output_tokens and price.output_usd_per_1m is None:
        return None
    cached = min(usage.cached_tokens, usage.input_tokens)
    # a vendor without a price for cached tokens gives no discount on them
    cached_price = price.cached_usd_per_1m
    if cached_price is None:
        cached_price = price.input_usd_per_1m
    usd = (
        (usage.input_tokens - cached) * price.input_usd_per_1m
        + cached * cached_price
        + usage.output_tokens * (price.output_usd_per_1m or 0.0)
    )
    return batch * usd / 1e6


def batch_factor(price: TokenPrice, book: PriceBook) -> float | None:
    """Returns the share of a price that requests cost which may wait; None where nobody says."""
    return price.batch_factor or book.batch_factor(price.provider)


def training_price(model: str, provider: str | None, book: PriceBook) -> float | None:
    """Returns the dollars of a million tokens trained on, epochs included; None: nobody knows.

    A row of the user's under `tokens` comes before those under `training`.
    """
    own, row = api_price(model, provider, book), book.training_for(model, provider)
    if own is not None and own.training_usd_per_1m is not None:
        return own.training_usd_per_1m
    return row.usd_per_1m if row else None


def api_price(
    model: str, provider: str | None = None, book: PriceBook | None = None
) -> TokenPrice | None:
    """Looks up the token price of a model behind an API; the name decides where no vendor is given.

    Rows of the book come before the bundled table of genai-prices. None also for a listed price of
    0, since such a row is a free tier or a gap in the table.
    """
    for row in book.tokens if book else ():
        if row.is_for(model, provider):
            return row
    return _bundled(model, provider)


def _bundled(model: str, provider: str | None) -> TokenPrice | None:
    import genai_prices
    from genai_prices.data_snapshot import get_snapshot

    if provider is None and model.startswith(TUNED):  # the vendor is that of what it was made of
        base = _bundled(model.removeprefix(TUNED).partition(":")[0], None)
        provider = base.provider if base else None
    try:
        vendor, row = get_snapshot().find_provider_model(model, None, provider, None)
    except LookupError:
        return None
    listed = row.get_prices(datetime.now(tz=UTC))
    into, out = _base(listed, "input_mtok"), _base(listed, "output_mtok")
    embeds = out is None and "embed" in row.id
    if not into or not (out or embeds):
        return None
    tiered = any(hasattr(value, "tiers") for value in vars(listed).values())
    return TokenPrice(
        model=model,
        provider=vendor.id,
        input_usd_per_1m=into,
        cached_usd_per_1m=_base(listed, "cache_read_mtok"),
        output_usd_per_1m=out,
        date="unknown",
        source=f"genai-prices {genai_prices.__version__}, bundled table, row {row.id}",
        note="lowest tier: long prompts cost more" if tiered else "",
    )


def _base(listed: object, name: str) -> float | None:
    """Returns a price, of its lowest tier; None where the table has none."""
    value = getattr(listed, name, None)
    value = getattr(value, "base", value)
    return None if value is None else float(value)
