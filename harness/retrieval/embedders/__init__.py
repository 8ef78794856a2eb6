"""Embedders: the embedded default, models on this machine, and services, behind one cache."""

from __future__ import annotations

from pathlib import Path

from harness.errors import UsageError
from harness.retrieval.embedders.base import Embedder, EmbedderConfig, EmbedUsage
from harness.retrieval.embedders.cache import CachedEmbedder

__all__ = ["EmbedUsage", "Embedder", "EmbedderConfig", "open_embedder"]


def open_embedder(
    config: EmbedderConfig, cache: Path | None = None, device: str | None = None
) -> Embedder:
    """Opens an embedder, with a cache on disk (by default the harness's) if it is to have one.

    `device` is torch's name of where one with torch runs; by default a GPU, if there is one.

    Raises:
        UsageError: There is no such model, or its key isn't set.
        MissingDependency: Its package or its weights aren't there.
    """
    inner = _open(config, device)
    return CachedEmbedder(inner, cache) if config.cache else inner


def _open(config: EmbedderConfig, device: str | None) -> Embedder:
    if config.model in ("e5-small", "hashed"):
        if config.query_prefix is not None or config.passage_prefix is not None:
            raise UsageError(f"{config.model} has prefixes of its own", "Leave them out.")
        if config.model == "hashed":
            from harness.retrieval.embedders.hashing import HashedNgrams

            return HashedNgrams(config.dimensions or 384)
        from harness.retrieval.embedders.e5 import E5Small

        return E5Small()
    if config.model.startswith("api:"):
        from harness.retrieval.embedders.api import ApiEmbedder

        return ApiEmbedder(config)
    from harness.retrieval.embedders.local import LocalEmbedder

    return LocalEmbedder(config, device)
