"""The servers that a run asks: its model's and its judge's, their prices, and what is masked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from harness.config import RunConfig
from harness.errors import UsageError
from harness.metrics.registry import kinds
from harness.models.endpoint import PREFIX, Endpoint, is_endpoint
from harness.models.endpoint.address import address_of
from harness.models.endpoint.names import server_of
from harness.models.endpoint.parameters import request_of
from harness.strategy.adaptation import Adaptation
from harness.strategy.base import Prompting, Strategy
from harness.strategy.context import Monitor
from harness.task.task import Task

if TYPE_CHECKING:
    from harness.models.sources.catalog import ModelFolder

__all__ = [
    "by_vendor",
    "check_masking",
    "check_prices",
    "check_structured",
    "check_weights",
    "model_endpoint",
    "named_judge",
    "refuse_changes",
]


def model_endpoint(config: RunConfig, task: Task) -> Endpoint:
    """Returns the model behind a server; before anything is sent, the address is looked at.

    Raises:
        UsageError: The address is none, or may not be asked; or a parameter isn't for the user.
    """
    address_of(server_of(config.base_url))
    name = str(config.model).removeprefix(PREFIX)
    return Endpoint(name, config.base_url, request_of(config.request), _masks(config, task))


def named_judge(
    config: RunConfig, task: Task, monitor: Monitor | None = None
) -> Endpoint | ModelFolder:
    """Returns the judge's model; errors are those of `judge_called`."""
    from harness.runs.judging.opening import judge_called

    masks, offline = _masks(config, task), config.offline
    return judge_called(
        str(config.judge), config.judge_url, masks, offline=offline, monitor=monitor
    )


def _masks(config: RunConfig, task: Task) -> Mapping[str, str] | None:
    return dict(task.spec.masks) if config.mask_pii else None


def check_masking(config: RunConfig, strategy: Strategy) -> None:
    """Raises `UsageError` where texts would go to a server that aren't masked."""
    for part in strategy.parts if config.mask_pii else ():
        if str(getattr(part, "embedder", "")).startswith("api:"):
            raise UsageError(
                f"--mask-pii doesn't mask what {part.name} sends to its embedder's server",
                f"Use an embedder on this machine: --set {part.name}.embedder=minilm",
            )


def check_structured(
    config: RunConfig, strategy: Strategy, task: Task, model: object, readout: str
) -> None:
    """Raises `UsageError` where answers are to be bound to a form, and can't be."""
    if not config.structured:
        return
    calls = isinstance(strategy, Adaptation) and any(
        type(part).toolbox is not Prompting.toolbox for part in strategy.prompting
    )
    why = {
        "it is a server that binds answers": not isinstance(model, Endpoint),
        "likelihoods are of given answers": readout != "generate",
        f"{config.strategy} calls tools by what it writes": calls,
        f"the answers of {task.name} ({task.kind}) have no such form": kinds()[task.kind].bound
        is None,
        "--request sets response_format, too": "response_format" in config.request,
        "--mask-pii masks no options that an answer is bound to": config.mask_pii,
    }
    for reason, holds in why.items():
        if holds:
            raise UsageError(f"--structured has no place here: {reason}", "Leave it out.")


def by_vendor(strategy: Strategy) -> bool:
    """Whether a vendor trains the model that answers."""
    return isinstance(strategy, Adaptation) and strategy.weights.by_vendor


def check_weights(config: RunConfig, strategy: Strategy) -> None:
    """Raises `UsageError` where weights would be trained that aren't where they have to be."""
    vendor, behind = by_vendor(strategy), is_endpoint(config.model or "")
    if vendor and not behind:
        raise UsageError(
            f"{strategy.parts[0].name} has a vendor train a model behind its server",
            "Name it with --model endpoint:NAME, or take a strategy that trains on this machine.",
        )
    if behind and not vendor and isinstance(strategy, Adaptation) and strategy.changes_weights:
        refuse_changes({strategy.parts[0].name: True})


def check_prices(
    config: RunConfig, strategy: Strategy, task: Task, model: object, tell: Callable[[str], None]
) -> None:
    """Raises `UsageError` where a run's model or judge is behind a server of unknown price.

    `tell` is told what a vendor's price of training doesn't hold.
    """
    from harness.costs.book import load_book
    from harness.costs.budget import Budget, price_of, price_of_training

    book, unpriced = load_book(config.prices), config.allow_unpriced
    servers = [model] if isinstance(model, Endpoint) else []
    if servers and by_vendor(strategy):
        usd = price_of_training(servers[0], book, unpriced=unpriced)
        price = price_of(servers[0], book, unpriced=unpriced)
        Budget(price, config.max_cost, training=usd).afford_training(0)
        row = book.training_for(servers[0].name)
        for limit in row.limits.values() if row else ():
            tell(limit)
    if config.judge is not None and is_endpoint(config.judge):
        judge = named_judge(config, task)
        assert isinstance(judge, Endpoint)
        servers.append(judge)
    for each in servers:
        price_of(each, book, unpriced=unpriced)


def refuse_changes(changes: Mapping[str, object]) -> None:
    """Raises `UsageError` where a strategy would change weights that are behind a server."""
    if any(changes.values()):
        raise UsageError(
            "the weights behind an endpoint can't be changed",
            "Use zero-shot, few-shot, rag or api-finetune with it, or a local model.",
        )
