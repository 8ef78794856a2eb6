"""Opens a judge by its name: behind a server, or in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from harness.costs.book import PriceBook
from harness.costs.budget import Budget, price_of
from harness.models.endpoint import PREFIX, Endpoint, EndpointModel, Limits, is_endpoint
from harness.models.sources.catalog import ModelFolder
from harness.runs.judging.judge import Judge
from harness.runs.judging.local import LocalJudge
from harness.runs.models import fetched
from harness.strategy.context import Monitor

__all__ = ["judge_called", "open_judge"]

KEYS = ("HARNESS_JUDGE_API_KEY",)


def judge_called(
    name: str,
    url: str | None,
    masks: Mapping[str, str] | None = None,  # as of `Endpoint`
    *,
    offline: bool = False,
    monitor: Monitor | None = None,
) -> Endpoint | ModelFolder:
    """Returns the judge's model: behind a server where its name is ``endpoint:NAME``, else a folder.

    Raises:
        UsageError: There is no such model.
        MissingDependency: Its weights aren't here, and this is offline.
    """
    if is_endpoint(name):
        return Endpoint(name[len(PREFIX) :], url, masks=masks)
    return fetched(name, None, offline, monitor or Monitor())


def open_judge(
    named: Endpoint | ModelFolder,
    journal: Path,
    book: PriceBook,
    most_usd: float | None = None,
    deadline: float | None = None,
    *,
    unpriced: bool = False,
    limits: Limits | None = None,  # requests and tokens a minute; None: none
    notify: Callable[[str], None] = lambda text: None,  # told what its server refuses
) -> Judge:
    """Opens a judge that may cost ``most_usd`` dollars, and keeps its responses in a journal.

    A server's answer may take ``deadline`` seconds, by default as long as those of other endpoints.
    Its key is read from ``HARNESS_JUDGE_API_KEY``, then from other endpoints' variables.

    Raises:
        UsageError: There is a limit, but no price; or no price, and that isn't allowed (`unpriced`).
        MissingDependency: There is no key, or the package openai is missing.
    """
    if isinstance(named, ModelFolder):
        return LocalJudge(named, journal)
    price = price_of(named, book, unpriced=unpriced)
    budget = Budget(price, most_usd, flag="--judge-max-cost")
    return Judge(EndpointModel(named, journal, budget, KEYS, notify, deadline, limits))
