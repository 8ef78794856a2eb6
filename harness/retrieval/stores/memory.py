"""The default store: vectors in one array, exact cosine, two files on disk.

This module imports langchain-core: import it only where a store is opened.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore

from harness.errors import DataError
from harness.records.files import read_lines, whole, write_lines
from harness.retrieval.embedders.base import Vectors

__all__ = ["MemoryStore"]

BLOCK = 4096
FIELDS = {"id": str, "text": str, "metadata": dict}
AGAIN = "Delete the folder and index again."
"""Rows that are compared at once, so that a search takes little memory."""


class MemoryStore(VectorStore):
    """Holds vectors in memory and finds the nearest exactly; opens what `folder` holds already."""

    def __init__(self, embedding: Embeddings, folder: Path | str | None = None) -> None:
        self._embedding = embedding
        self._folder = Path(folder) if folder is not None else None
        self._ids: list[str] = []
        self._rows: dict[str, int] = {}
        self._lines: list[tuple[str, dict[str, Any]]] = []
        self._vectors: Vectors = np.empty((0, 0), np.float32)
        if self._folder is not None and (self._folder / "store.jsonl").exists():
            self._load(self._folder)

    @property
    def embeddings(self) -> Embeddings:
        """What makes its vectors."""
        return self._embedding

    def __len__(self) -> int:
        return len(self._ids)

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: Sequence[str | None] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Embeds texts, adds them with JSON metadata, and returns their ids.

        An id that is there already is replaced; a text without one gets a new one.
        """
        lines = list(texts)
        names = [name or uuid.uuid4().hex for name in (ids or [None] * len(lines))]
        if not lines:
            return names
        vectors = np.asarray(self._embedding.embed_documents(lines), np.float32)
        self.delete([name for name in names if name in self._rows])
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        self._append(vectors)
        self._lines += zip(lines, metadatas or [{} for _ in lines], strict=True)
        self._rows.update((name, len(self._ids) + at) for at, name in enumerate(names))
        self._ids += names
        return names

    def _append(self, vectors: Vectors) -> None:
        """Adds rows to the array, whose spare room grows by half, so that adding stays linear."""
        used, need = len(self._ids), len(self._ids) + len(vectors)
        if need > len(self._vectors):
            grown = np.empty((max(need, used * 3 // 2), vectors.shape[1]), np.float32)
            if used:
                grown[:used] = self._vectors[:used]
            self._vectors = grown
        self._vectors[used:need] = vectors

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        """Removes documents; all of them if no ids are given."""
        gone = set(self._ids if ids is None else ids)
        kept = [at for at, name in enumerate(self._ids) if name not in gone]
        if len(kept) < len(self._ids):
            self._vectors = self._vectors[kept]
            self._lines = [self._lines[at] for at in kept]
            self._ids = [self._ids[at] for at in kept]
            self._rows = {name: at for at, name in enumerate(self._ids)}
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Returns the documents with these ids, as far as they are there."""
        return [self._document(self._rows[name]) for name in ids if name in self._rows]

    def _document(self, row: int) -> Document:
        text, metadata = self._lines[row]
        return Document(text, id=self._ids[row], metadata=metadata)

    def search_vectors(self, queries: Vectors, k: int) -> list[list[tuple[str, float]]]:
        """Finds at most k ids and cosines for each unit vector, float32 [n, d], best first."""
        k = min(k, len(self._ids))
        if not k:
            return [[] for _ in queries]
        scores = np.empty((len(queries), 0), np.float32)
        rows = np.empty((len(queries), 0), np.int64)
        for start in range(0, len(self._ids), BLOCK):
            block = self._vectors[start : min(start + BLOCK, len(self._ids))]
            scores = np.hstack([scores, queries @ block.T])
            rows = np.hstack(
                [rows, np.broadcast_to(start + np.arange(len(block)), (len(queries), len(block)))]
            )
            best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
            scores, rows = np.take_along_axis(scores, best, 1), np.take_along_axis(rows, best, 1)
        return [
            [(self._ids[row], float(score)) for row, score in zip(nearest, values, strict=True)]
            for nearest, values in zip(rows, scores, strict=True)
        ]

    def similarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """Returns the nearest documents with their cosines."""
        vector = np.asarray([self._embedding.embed_query(query)], np.float32)
        vector /= max(float(np.linalg.norm(vector)), 1e-12)
        (matches,) = self.search_vectors(vector, k)
        return [(self._document(self._rows[name]), score) for name, score in matches]

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """Returns the nearest documents."""
        return [document for document, _ in self.similarity_search_with_score(query, k)]

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        return lambda cosine: cosine

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> MemoryStore:
        """Makes a store of texts; other arguments go to the class."""
        store = cls(embedding, **kwargs)
        store.add_texts(texts, metadatas, ids=ids)
        return store

    def save(self, folder: Path | None = None) -> None:
        """Writes ``vectors.npy`` and ``store.jsonl``, each renamed into its place.

        Raises:
            DataError: There is no folder.
        """
        folder = folder or self._folder
        if folder is None:
            raise DataError("this store has no folder", "Give it one: MemoryStore(..., folder=).")
        with whole(folder / "vectors.npy") as file:
            np.save(file, self._vectors[: len(self._ids)])
        lines = (
            {"id": name, "text": text, "metadata": metadata}
            for name, (text, metadata) in zip(self._ids, self._lines, strict=True)
        )
        write_lines(folder / "store.jsonl", lines)

    def _load(self, folder: Path) -> None:
        lines = read_lines(folder / "store.jsonl", fields=FIELDS)
        try:
            self._vectors = np.load(folder / "vectors.npy")
        except (OSError, ValueError, EOFError) as error:
            raise DataError(f"{folder}/vectors.npy can't be read: {error}", AGAIN) from error
        if len(lines) != len(self._vectors):
            raise DataError(
                f"{folder}: {len(lines)} documents and {len(self._vectors)} vectors",
                f"It was interrupted while it was written. {AGAIN}",
            )
        self._ids = [line["id"] for line in lines]
        self._rows = {name: at for at, name in enumerate(self._ids)}
        self._lines = [(line["text"], line["metadata"]) for line in lines]
