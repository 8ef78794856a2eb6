"""Which embedder, and how it is used."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["EmbedderConfig"]


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
