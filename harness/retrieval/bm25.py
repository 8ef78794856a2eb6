"""BM25 over sparse counts, updated by chunk and kept on disk.

Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", section 3.4; the inverse
document frequency is ln(1 + (N - n + 0.5) / (n + 0.5)), which is never negative.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from harness.records.files import write_text
from harness.retrieval.terms import TERMS

__all__ = ["BM25"]


class BM25:
    """A lexical index: documents are added and removed, weights follow; `b` lies in 0-1."""

    def __init__(self, terms: str = "words", k1: float = 1.2, b: float = 0.75) -> None:
        self.terms, self.k1, self.b = terms, k1, b
        self.ids: list[str] = []
        self._cut = TERMS[terms]
        self._vocabulary: dict[str, int] = {}
        self._counts: Any = sparse.csr_matrix(np.zeros((0, 0), np.float32))
        self._weights: Any = None

    def add(self, ids: Sequence[str], texts: Iterable[str]) -> None:
        """Counts the terms of new documents; no id may be there already."""
        columns: list[int] = []
        values: list[int] = []
        ends = [0]
        for text in texts:
            counted = Counter(self._cut(text))
            columns += [self._vocabulary.setdefault(t, len(self._vocabulary)) for t in counted]
            values += counted.values()
            ends.append(len(columns))
        shape = (len(ends) - 1, len(self._vocabulary))
        data = np.asarray(values, np.float32)
        fresh = sparse.csr_matrix((data, np.asarray(columns, np.int32), ends), shape)
        self._counts.resize(len(self.ids), shape[1])
        self._counts = sparse.vstack([self._counts, fresh], format="csr")
        self.ids += ids
        self._weights = None

    def remove(self, ids: Iterable[str]) -> None:
        """Removes documents; ids that aren't there are no error."""
        gone = set(ids)
        kept = [at for at, name in enumerate(self.ids) if name not in gone]
        self._counts = self._counts[kept]
        self.ids = [self.ids[at] for at in kept]
        self._weights = None

    def _weigh(self) -> Any:
        """Computes the weight of each term in each document, by term."""
        counts = self._counts.tocoo()
        n = len(self.ids)
        lengths = np.asarray(self._counts.sum(axis=1)).ravel()
        average = lengths.mean() if n and lengths.any() else 1.0
        frequency = np.bincount(counts.col, minlength=len(self._vocabulary))
        idf = np.log1p((n - frequency + 0.5) / (frequency + 0.5))
        norm = self.k1 * (1 - self.b + self.b * lengths / average)
        data = idf[counts.col] * counts.data * (self.k1 + 1) / (counts.data + norm[counts.row])
        shape = (n, len(self._vocabulary))
        return sparse.csc_matrix((data.astype(np.float32), (counts.row, counts.col)), shape)

    def scores(self, query: str) -> NDArray[np.float32]:
        """Returns each document's score, float32 [n]; a repeated query term counts as often."""
        if self._weights is None:
            self._weights = self._weigh()
        weights = self._weights
        total = np.zeros(len(self.ids), np.float32)
        for term, times in Counter(self._cut(query)).items():
            column = self._vocabulary.get(term)
            if column is not None:
                part = slice(weights.indptr[column], weights.indptr[column + 1])
                total[weights.indices[part]] += times * weights.data[part]
        return total

    def search(self, query: str, k: int) -> list[tuple[str, float]]:
        """Returns ids and scores of at most k documents, best first.

        Documents that share no term with the query are left out; ties keep the order of adding.
        """
        scores = self.scores(query)
        order = np.argsort(-scores, kind="stable")[:k]
        return [(self.ids[at], float(scores[at])) for at in order if scores[at] > 0]

    def save(self, folder: Path) -> None:
        """Writes counts (npz) and vocabulary (JSON) into a folder."""
        sparse.save_npz(folder / "counts.npz", self._counts)
        state = {"terms": self.terms, "k1": self.k1, "b": self.b, "ids": self.ids}
        state["vocabulary"] = list(self._vocabulary)
        write_text(folder / "bm25.json", json.dumps(state, ensure_ascii=False))

    @classmethod
    def load(cls, folder: Path) -> BM25:
        """Reads what `save` wrote."""
        state = json.loads((folder / "bm25.json").read_text(encoding="utf-8"))
        index = cls(state["terms"], state["k1"], state["b"])
        index.ids = state["ids"]
        index._vocabulary = {term: at for at, term in enumerate(state["vocabulary"])}
        index._counts = sparse.csr_matrix(sparse.load_npz(folder / "counts.npz"))
        return index
