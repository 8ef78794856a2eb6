"""Fetches models by name: the run's, and those that parts of its strategy load beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import MissingDependency, needs
from harness.strategy.base import Strategy
from harness.strategy.context import Monitor

if TYPE_CHECKING:
    from harness.models.sources.catalog import ModelFolder

__all__ = ["fetched", "other_models"]


def fetched(name: str, revision: str | None, offline: bool, monitor: Monitor) -> ModelFolder:
    """Returns a model's folder, and fetches it first where it isn't here."""
    with needs("a local model", "local"):
        from harness.models.sources.fetch import resolve
    return resolve(name, revision=revision, offline=offline, notify=monitor.message)


def other_models(
    strategy: Strategy, offline: bool, fetch: bool, monitor: Monitor
) -> dict[str, ModelFolder]:
    """Returns the models that parts name; without `fetch`, those of them that are here."""
    others = {}
    for name in dict.fromkeys(name for part in strategy.parts for name in part.models):
        try:
            others[name] = fetched(name, None, offline or not fetch, monitor)
        except MissingDependency:
            if fetch:
                raise
    return others
