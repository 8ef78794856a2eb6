"""Opens an embedder by name."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.errors import UsageError
from harness.retrieval.embedders.base import Embedder
from harness.retrieval.embedders.cache import CachedEmbedder

__all__ = ["EmbedderConfig", "open_embedder"]


class EmbedderConfig(BaseModel):
    """What makes vectors of texts."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    model: str = Field(
        "e5-small",
        description="e5-small (embedded), hashed (no model), a hub id, a folder, or api:NAME.",
    )
    revision: str | None = Field(None, description="Revision of a hub model.")
    query_prefix: str | None = Field(
        None, description='Put before a query; by default "query: " for an E5 model, else nothing.'
    )
    passage_prefix: str | None = Field(
        None, description='Put before a passage; by default "passage: " for an E5 model.'
    )
    pooling: Literal["auto", "mean", "cls", "last"] = Field(
        "auto", description="How token vectors become one; auto reads the model's own setting."
    )
    max_tokens: int | None = Field(None, ge=8, description="Longer texts are cut.")
    batch_size: int = Field(32, ge=1, description="Texts in one call.")
    dimensions: int | None = Field(None, ge=1, description="Shorter vectors, of an API model.")
    base_url: str | None = Field(None, description="Of an OpenAI-compatible service.")
    key_env: str = Field("OPENAI_API_KEY", description="Environment variable with the key.")
    cache: bool = Field(True, description="Keep vectors on disk.")


def open_embedder(config: EmbedderConfig, cache: Path | None = None) -> Embedder:
    """Opens an embedder.

    Args:
        config: Which, and how.
        cache: Folder for vectors; by default in the harness's cache.

    Raises:
        UsageError: There is no such model, or its key isn't set.
        MissingDependency: Its package or its weights aren't there.
    """
    inner = _open(config)
    return CachedEmbedder(inner, cache) if config.cache else inner


def _open(config: EmbedderConfig) -> Embedder:
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

    return LocalEmbedder(config)
