"""What of a run's options and of its strategy decides its work, for the keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from harness.config import RunConfig
from harness.strategy.base import TUNE, Strategy

if TYPE_CHECKING:
    from harness.models.sources.catalog import ModelFolder

__all__ = ["divided", "judging", "long_rows"]


def judging(config: RunConfig) -> dict[str, object]:
    """Returns what makes another key of a record by its judge; nothing where there is no choice."""
    choices: dict[str, object] = {} if config.ragas == "auto" else {"ragas": config.ragas}
    if config.judge is not None:
        from harness.runs.judging.judge import VERSION, endpoint_of

        endpoint = endpoint_of(config.judge, config.judge_url)
        choices["judge"] = {"digest": endpoint.digest, "version": VERSION}
    return choices


def long_rows(config: RunConfig, *rules: str) -> dict[str, str]:
    """Returns what makes another key by one of these rules; by default by any but the usual one."""
    rule = config.long_rows
    return {"long_rows": rule} if rule in (rules or ("cut", "fail")) else {}


def divided(
    strategy: Strategy, others: Mapping[str, ModelFolder] = {}
) -> tuple[dict[str, object], dict[str, object]]:
    """Divides a description into what `prepare` reads, and what is only read to answer."""
    description = strategy.describe()
    nested = description.get("parts")
    served = {}
    values_of_parts = nested if isinstance(nested, list) else [description]
    for part, values in zip(strategy.parts, values_of_parts, strict=True):
        for name in part.served:
            served[f"{part.name}.{name}"] = values.pop(name)
    if others:  # a name may stand for other weights tomorrow
        description["models"] = {name: other.digest for name, other in others.items()}
    if strategy.abstain == TUNE:  # the artifact has the dev rows' answers, no threshold
        served["abstain_error"] = description.pop("abstain_error")
    elif strategy.abstain is not None:
        served["abstain"] = description.pop("abstain")
    return description, served
