"""What all embedders share: texts become unit vectors, and what that took is counted."""

from __future__ import annotations

import time
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from harness.errors import HarnessError
from harness.records.model import ModelInfo

__all__ = ["Embedder", "EmbedderConfig", "EmbedUsage", "OnProgress", "TextRole", "Vectors"]

Vectors = NDArray[np.float32]
TextRole = Literal["query", "passage"]
OnProgress = Callable[[int, int], None]
"""Called with how many are done, and of how many."""


class EmbedderConfig(BaseModel):
    """What makes vectors of texts."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    model: str = Field(
        "e5-small",
        description="e5-small (embedded), minilm (English), hashed (no model), a hub id, a folder, or "
        "api:NAME.",
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


@dataclass(slots=True)
class EmbedUsage:
    """What embedding took; the caller writes it to the ledger."""

    texts: int = 0
    cached: int = 0  # texts whose vector was there already
    tokens: int = 0  # of the texts that were computed, with prefixes and special tokens
    requests: int = 0  # calls of the model or of the vendor's service
    seconds: float = 0.0  # wall time in those calls
    cached_tokens: float = 0.0  # of the vectors that were there, when they were computed
    cached_seconds: float = 0.0

    def add(self, other: EmbedUsage) -> None:
        """Adds another usage to this one, in place."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def since(self, before: EmbedUsage) -> EmbedUsage:
        """Returns what came to it after an earlier copy."""
        return EmbedUsage(*(getattr(self, name) - getattr(before, name) for name in self.__slots__))

    def as_dict(self) -> dict[str, float]:
        """Returns all counts by name."""
        return asdict(self)


class Embedder(ABC):
    """Makes vectors of texts."""

    name: str
    version: str  # of the model's weights and of the code that runs them
    prefixes: dict[TextRole, str]  # put before a query and before a passage
    batch_size: int = 32

    def __init__(self) -> None:
        self.usage = EmbedUsage()

    @property
    @abstractmethod
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def info(self) -> ModelInfo:
        """Which model it is, for a record; without sizes where they aren't known."""
        return ModelInfo(self.name, digest=self.version)

    def excess(self, text: str, kind: TextRole) -> str:
        """Says how long a text is that will be cut; empty where all of it is read."""
        return ""

    @abstractmethod
    def encode(self, texts: Sequence[str], kind: TextRole) -> tuple[Vectors, int]:
        """Computes vectors of any length, float32 [n, d], and the tokens that went in."""
        # `texts` are at most `batch_size`, in NFC, none empty, without prefix.

    def identity(self) -> dict[str, Any]:
        """Returns what decides the vectors, as JSON values: part of the cache's key."""
        return {"name": self.name, "version": self.version, "prefixes": dict(self.prefixes)}

    def embed_queries(self, texts: Sequence[str], progress: OnProgress | None = None) -> Vectors:
        """Embeds questions into unit vectors, float32 [n, d]; calls `progress` after each batch.

        Raises:
            HarnessError: A text is empty, or the model gave no proper vector.
        """
        return self._embed(texts, "query", progress)

    def embed_passages(self, texts: Sequence[str], progress: OnProgress | None = None) -> Vectors:
        """Embeds passages; arguments, result and errors as `embed_queries`."""
        return self._embed(texts, "passage", progress)

    def _embed(self, texts: Sequence[str], kind: TextRole, progress: OnProgress | None) -> Vectors:
        clean = clean_texts(texts)
        vectors = np.empty((len(clean), self.dimension), np.float32)
        # Texts of like length together, so that little is padded.
        order = sorted(range(len(clean)), key=lambda at: len(clean[at]))
        for start in range(0, len(order), self.batch_size):
            batch = order[start : start + self.batch_size]
            began = time.perf_counter()
            raw, tokens = self.encode([clean[at] for at in batch], kind)
            seconds = time.perf_counter() - began
            vectors[batch] = _unit(np.asarray(raw, np.float32), self.name)
            self.usage.add(EmbedUsage(len(batch), 0, tokens, 1, seconds))
            if progress:
                progress(start + len(batch), len(order))
        return vectors


def clean_texts(texts: Sequence[str]) -> list[str]:
    """Brings texts into NFC without NUL, at which C code stops; HarnessError if one is empty."""
    clean = [unicodedata.normalize("NFC", text).replace("\0", " ") for text in texts]
    for at, text in enumerate(clean):
        if not text.strip():
            raise HarnessError(f"text {at} is empty and can't be embedded", "Leave it out.")
    return clean


def _unit(vectors: Vectors, name: str) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(norms).all() or not norms.all():
        raise HarnessError(f"{name} gave a vector that is zero or no number")
    unit: Vectors = vectors / norms
    return unit
