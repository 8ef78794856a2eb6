"""Limits on what a model's tokens may cost, and how long a server may be asked."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from harness.costs.book import PriceBook, TokenPrice
from harness.costs.tokens import api_price, token_usd, training_price
from harness.errors import BudgetExceeded, UsageError
from harness.models.endpoint import Endpoint
from harness.models.endpoint.address import address_of, is_loopback
from harness.models.endpoint.names import server_of
from harness.types import Usage

__all__ = ["Budget", "price_of", "price_of_training"]


def price_of(endpoint: Endpoint, book: PriceBook, *, unpriced: bool) -> TokenPrice | None:
    """Returns the price of a model's tokens; None where nobody knows it, and that is allowed.

    A server on this machine is priced as the machine is, or not at all.

    Raises:
        UsageError: The price isn't known, and ``unpriced`` isn't set.
    """
    price, parts = api_price(endpoint.asked, book=book), address_of(server_of(endpoint.base_url))
    known = price is not None and price.output_usd_per_1m is not None
    if not (known or unpriced or is_loopback(parts)):
        raise UsageError(
            f"nobody knows what the tokens of {endpoint.asked} at {parts.hostname} cost",
            "Add a row under `tokens` to a price book and name it with --prices, or allow it with "
            "--allow-unpriced.",
        )
    return price


def price_of_training(endpoint: Endpoint, book: PriceBook, *, unpriced: bool) -> float | None:
    """Returns the dollars of a million tokens that a vendor trains a model on; None as `price_of`.

    Raises:
        UsageError: The price isn't known, and ``unpriced`` isn't set.
    """
    usd, parts = training_price(endpoint.name, None, book), address_of(server_of(endpoint.base_url))
    if usd is None and not (unpriced or is_loopback(parts)):
        raise UsageError(
            f"nobody knows what training {endpoint.name} at {parts.hostname} costs",
            "Add a row under `training` to a price book and name it with --prices, or allow it with "
            "--allow-unpriced.",
        )
    return usd


@dataclass
class Budget:
    """The most that may be spent on tokens, and what was spent so far; how long may be asked."""

    price: TokenPrice | None
    most_usd: float | None = None  # None: no limit
    spent_usd: float = 0.0
    unknown: int = 0  # responses that don't say what they took
    share: float = 1.0  # of the price, where requests may wait
    flag: str = "--max-cost"  # the option that sets the limit, for messages
    most_seconds: float | None = None  # from its making on, after which no request begins
    training: float | None = None  # dollars of a million tokens that a vendor trains on
    trained_usd: float = 0.0  # what its jobs cost, those of earlier attempts too
    _since: float = field(default_factory=time.monotonic, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        self.reprice(self.price)

    def reprice(self, price: TokenPrice | None) -> None:
        """Takes the price of another model, the one that a vendor made. Raises `UsageError`."""
        self.price = price
        unpriced = self.price is None or self.price.output_usd_per_1m is None
        if self.most_usd is not None and unpriced:
            raise UsageError(
                f"{self.flag} needs a price for this model's tokens",
                "Add a row under `tokens` to a price book, and name it with --prices.",
            )

    @property
    def limited(self) -> bool:
        """Whether there is a limit."""
        return self.most_usd is not None

    def add(self, usage: Usage, unknown: int = 0) -> None:
        """Adds what responses cost; of some of them the server doesn't say what they took."""
        with self._lock:
            self.unknown += unknown
            self.spent_usd += self._usd(usage)

    def trained(self, tokens: int, unknown: int) -> None:
        """Takes what all jobs trained on; some of them don't say how much that was."""
        with self._lock:
            self.trained_usd = tokens * (self.training or 0.0) / 1e6
            self.unknown += unknown

    def _usd(self, usage: Usage) -> float:
        usd = None if self.price is None else token_usd(usage, self.price, batch=self.share)
        return usd or 0.0

    def afford(self, usage: Usage) -> None:
        """Raises `BudgetExceeded` where what is left doesn't pay for what may be taken at most."""
        self._afford(self._usd(usage), self.spent_usd + self.trained_usd, "these requests")

    def afford_training(self, tokens: int) -> None:
        """Raises where the limit doesn't pay for training on so many tokens.

        Raises:
            BudgetExceeded: It doesn't.
            UsageError: The price of training isn't known.
        """
        if self.most_usd is not None and self.training is None:
            raise UsageError(
                f"{self.flag} needs a price for training this model",
                "Add a row under `training` to a price book, and name it with --prices.",
            )
        self._afford(tokens * (self.training or 0.0) / 1e6, self.spent_usd, "training")

    def _afford(self, usd: float, spent: float, what: str) -> None:
        if self.most_usd is not None and spent + usd > self.most_usd:
            raise BudgetExceeded(
                f"{what} may cost ${usd:.4f}, and of {self.flag} ${self.most_usd:g} are left "
                f"${self.most_usd - spent:.4f}",
                f"Nothing was submitted: run the same command with a higher {self.flag}, or fewer rows.",
            )

    def check_time(self) -> None:
        """Raises `BudgetExceeded` once the time is over."""
        if self.most_seconds is not None and time.monotonic() - self._since >= self.most_seconds:
            raise BudgetExceeded(
                f"the {self.most_seconds:g} s of --run-deadline are over",
                "What was answered is kept: run the same command, and it goes on.",
            )

    def check(self) -> None:
        """Raises once the limit is spent, or it can't be known whether it is.

        Raises:
            BudgetExceeded: The limit is spent, or the time is over.
            UsageError: The server doesn't say how many tokens a response took.
        """
        self.check_time()
        if self.most_usd is not None and self.unknown:
            raise UsageError(
                f"the server doesn't say how many tokens a response took ({self.unknown} of them), "
                f"so {self.flag} can't be kept",
                f"What was answered is kept: leave {self.flag} out, or use a server that says it.",
            )
        spent = self.spent_usd + self.trained_usd
        if self.most_usd is not None and spent >= self.most_usd:
            raise BudgetExceeded(
                f"${spent:.4f} of {self.flag} ${self.most_usd:g} are spent",
                f"What was answered is kept: run the same command with a higher {self.flag}.",
            )
