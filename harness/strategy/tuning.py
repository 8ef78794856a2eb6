"""What a run is asked to search for: what decides which hyper-parameters are found."""

from __future__ import annotations

from harness.config import RunConfig
from harness.errors import UsageError
from harness.strategy.registry import open_space
from harness.strategy.space import plain

__all__ = ["wanted"]

VERSION = 1
"""Raised when the same search would find something else."""


def wanted(config: RunConfig) -> dict[str, object]:
    """Returns the space and the limits of a search, for a key.

    Raises:
        UsageError: There is nothing to search.
    """
    if config.tune_rows and not config.tunes:
        raise UsageError("--tune-rows limits a search", "Name --tune N or --tune-usd X.")
    space = open_space(config.strategy, config.set)
    if not space:
        why = "all that can be tuned is set" if config.set else "it has no parameters to tune"
        raise UsageError(
            f"{config.strategy} can't be tuned: {why}",
            "Leave --tune and --tune-usd out; `harness list strategies NAME` shows what is tuned.",
        )
    limits = {"trials": config.tune, "usd": config.tune_usd}
    if config.tune_rows:
        limits["rows"] = config.tune_rows
    return {"version": VERSION, "space": plain(space), **limits}
