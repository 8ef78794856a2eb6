"""Vectors of hashed character n-grams: no model, no download, for dry runs and as a floor.

Weinberger et al. 2009 (arXiv 0902.2206): each n-gram adds +1 or -1 at a place that its hash
chooses. Texts are near where they share spelling; nothing here knows a meaning.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence

import numpy as np

from harness.retrieval.embedders.base import Embedder, TextRole, Vectors
from harness.retrieval.terms import bigrams

__all__ = ["HashedNgrams"]


class HashedNgrams(Embedder):
    """Embeds by spelling."""

    name = "hashed-bigrams"
    batch_size = 256

    def __init__(self, dimension: int = 384) -> None:
        super().__init__()
        self._dimension = dimension
        self.version = f"1/{dimension}"
        self.prefixes = {"query": "", "passage": ""}

    @property
    def dimension(self) -> int:
        """As it was asked for."""
        return self._dimension

    def encode(self, texts: Sequence[str], kind: TextRole) -> tuple[Vectors, int]:
        """Embeds one batch; an n-gram counts as a token."""
        vectors = np.zeros((len(texts), self._dimension), np.float32)
        tokens = 0
        for row, text in enumerate(texts):
            grams = Counter(bigrams(text)) or Counter([text])
            tokens += grams.total()
            for gram, times in grams.items():
                place, sign = divmod(zlib.crc32(gram.encode()), 2)
                vectors[row, place % self._dimension] += (2 * sign - 1) * np.sqrt(times)
        empty = ~vectors.any(axis=1)
        vectors[empty, 0] = 1.0  # its n-grams cancelled each other
        return vectors, tokens
