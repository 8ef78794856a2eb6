"""FAISS: exact, or approximate by a graph for very many chunks (Malkov and Yashunin 2018).

This module imports langchain-core: import it only where a store is opened.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from langchain_core.embeddings import Embeddings

from harness.errors import needs
from harness.retrieval.embedders.base import Vectors
from harness.retrieval.stores.memory import MemoryStore

__all__ = ["FaissStore"]


class FaissStore(MemoryStore):
    """Searches with FAISS; keeps and saves documents and vectors as `MemoryStore` does.

    The index is built from the vectors when it is first asked after a change (20,000 vectors of
    384 numbers: well under a second flat, some seconds as a graph). Nothing is pickled.

    Args:
        links: Neighbours of a node in the graph.
        effort: How many nodes a search of the graph keeps in view.

    Raises:
        MissingDependency: faiss-cpu isn't installed.
    """

    def __init__(
        self,
        embedding: Embeddings,
        folder: Path | str | None = None,
        *,
        kind: Literal["flat", "hnsw"] = "flat",
        links: int = 32,
        effort: int = 64,
    ) -> None:
        with needs("the store faiss", "stores"):
            import faiss
        self._faiss = faiss
        self._kind, self._links, self._effort = kind, links, effort
        self._index: Any = None
        super().__init__(embedding, folder)

    def _append(self, vectors: Vectors) -> None:
        self._index = None
        super()._append(vectors)

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        """Takes documents out; the index is built anew at the next search."""
        self._index = None
        return super().delete(ids, **kwargs)

    def search_vectors(self, queries: Vectors, k: int) -> list[list[tuple[str, float]]]:
        """Finds the nearest documents of each query, as `MemoryStore.search_vectors` does."""
        k = min(k, len(self._ids))
        if not k:
            return [[] for _ in queries]
        if self._index is None:
            self._index = self._build()
        scores, rows = self._index.search(queries, k)
        return [
            [(self._ids[row], float(s)) for row, s in zip(nearest, values, strict=True) if row >= 0]
            for nearest, values in zip(rows, scores, strict=True)
        ]

    def _build(self) -> Any:
        vectors = self._vectors[: len(self._ids)]
        dimension = vectors.shape[1]
        index: Any
        if self._kind == "flat":
            index = self._faiss.IndexFlatIP(dimension)
        else:
            metric = self._faiss.METRIC_INNER_PRODUCT
            index = self._faiss.IndexHNSWFlat(dimension, self._links, metric)
            index.hnsw.efSearch = self._effort
        index.add(vectors)
        return index
