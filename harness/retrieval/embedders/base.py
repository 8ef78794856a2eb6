"""What every embedder is: texts in, unit vectors and a count of what it took out."""

from __future__ import annotations

import time
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from harness.errors import HarnessError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

__all__ = ["Embedder", "EmbedUsage", "Kind", "Progress"]

Kind = Literal["query", "passage"]
Progress = Callable[[int, int], None]
"""Told how many are done, of how many."""


@dataclass(slots=True)
class EmbedUsage:
    """What embedding took; the caller writes it to the ledger.

    Attributes:
        texts: Texts that were asked for.
        cached: The part of them whose vector was there already.
        tokens: Tokens of the texts that were computed, prefixes and special tokens included.
        requests: Calls of the model or of the vendor's service.
        seconds: Wall seconds in those calls.
    """

    texts: int = 0
    cached: int = 0
    tokens: int = 0
    requests: int = 0
    seconds: float = 0.0

    def add(self, other: EmbedUsage) -> None:
        """Adds another usage to this one, in place."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def as_dict(self) -> dict[str, float]:
        """Returns all counts by name."""
        return asdict(self)


class Embedder(ABC):
    """Makes vectors of texts.

    Attributes:
        name: Of the model.
        version: Of its weights and of the code that runs them.
        prefixes: What is put before a query and before a passage.
        batch_size: Texts in one call.
        usage: What this embedder took so far.
    """

    name: str
    version: str
    prefixes: dict[Kind, str]
    batch_size: int = 32

    def __init__(self) -> None:
        self.usage = EmbedUsage()

    @property
    @abstractmethod
    def dimension(self) -> int:
        """Length of a vector."""

    @abstractmethod
    def encode(self, texts: Sequence[str], kind: Kind) -> tuple[Vectors, int]:
        """Computes one batch.

        Args:
            texts: At most `batch_size` texts in NFC, none empty, without prefix.
            kind: What the texts are.

        Returns:
            Vectors of any length, float32 [n, d], and the tokens that went in.
        """

    def identity(self) -> dict[str, Any]:
        """Returns what decides the vectors, as JSON values: part of the cache's key."""
        return {"name": self.name, "version": self.version, "prefixes": dict(self.prefixes)}

    def embed_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Embeds questions.

        Args:
            texts: Questions; none empty.
            progress: Told after each batch.

        Returns:
            Unit vectors, float32 [n, d].

        Raises:
            HarnessError: A text is empty, or the model gave no proper vector.
        """
        return self._embed(texts, "query", progress)

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Embeds passages; arguments, result and errors as `embed_queries`."""
        return self._embed(texts, "passage", progress)

    def _embed(self, texts: Sequence[str], kind: Kind, progress: Progress | None) -> Vectors:
        import numpy as np

        clean = clean_texts(texts)
        vectors = np.empty((len(clean), self.dimension), np.float32)
        # Texts of like length together, so that little is padded.
        order = sorted(range(len(clean)), key=lambda at: len(clean[at]))
        for start in range(0, len(order), self.batch_size):
            batch = order[start : start + self.batch_size]
            began = time.perf_counter()
            found, tokens = self.encode([clean[at] for at in batch], kind)
            seconds = time.perf_counter() - began
            vectors[batch] = _unit(np.asarray(found, np.float32), self.name)
            self.usage.add(EmbedUsage(len(batch), 0, tokens, 1, seconds))
            if progress:
                progress(start + len(batch), len(order))
        return vectors


def clean_texts(texts: Sequence[str]) -> list[str]:
    """Brings texts into NFC and takes NUL characters out, at which C code would stop reading.

    Raises:
        HarnessError: A text is empty: it has no meaning to embed.
    """
    clean = [unicodedata.normalize("NFC", text).replace("\0", " ") for text in texts]
    for at, text in enumerate(clean):
        if not text.strip():
            raise HarnessError(f"text {at} is empty and can't be embedded", "Leave it out.")
    return clean


def _unit(vectors: Vectors, name: str) -> Vectors:
    import numpy as np

    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(norms).all() or not norms.all():
        raise HarnessError(f"{name} gave a vector that is zero or no number")
    unit: Vectors = vectors / norms
    return unit
