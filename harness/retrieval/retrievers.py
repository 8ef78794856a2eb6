"""Finds the chunks that answer a question: by vectors, by terms, by both, and reordered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.errors import UsageError
from harness.retrieval.fusion import Ranking, linear, reciprocal_rank
from harness.retrieval.places import cite
from harness.retrieval.rerank import RerankConfig, Reranker
from harness.retrieval.splitting import searchable
from harness.types import Passage

if TYPE_CHECKING:
    from langchain_core.documents import Document

    from harness.retrieval.index import Index

__all__ = ["Hit", "Retriever", "RetrieverConfig", "passages"]


class RetrieverConfig(BaseModel):
    """How chunks are found."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Literal["hybrid", "dense", "bm25"] = Field(
        "hybrid", description="By both, by vectors, or by terms."
    )
    k: int = Field(5, ge=1, le=1000, description="At most so many chunks.")
    threshold: float | None = Field(
        None,
        description="Chunks with a lower score are left out. Scores are cosines (dense), BM25's "
        "sums (bm25), at most 1 (hybrid), or the reranker's probability.",
    )
    # Chosen on training questions only (docs/retrieval.md, "Tuning").
    fusion: Literal["linear", "rrf"] = Field(
        "linear", description="Hybrid: by a mean of the spread scores, or by reciprocal ranks."
    )
    dense_weight: float = Field(
        0.5, ge=0, le=1, description="Hybrid: what vectors count; terms count the rest."
    )
    rrf_constant: float = Field(60, gt=0, description="Hybrid by rrf: dampens the first ranks.")
    candidates: int = Field(50, ge=1, description="Hybrid: chunks that each ranking gives.")
    rerank: RerankConfig | None = Field(None, description="A cross-encoder for the candidates.")


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that a search returned."""

    chunk: Document
    score: float  # as the method gives it, see `RetrieverConfig.threshold`
    ranks: Mapping[str, int] = field(default_factory=dict)  # from 1, in each ranking that had it

    @property
    def passage(self) -> Passage:
        """The chunk as evidence: text, file and span."""
        about = self.chunk.metadata
        span = (about["start"], about["end"])
        return Passage(self.chunk.page_content, about["source"], span, self.citation)

    @property
    def citation(self) -> str:
        """Its place, for a person."""
        return cite(self.chunk.metadata)


def passages(hits: Iterable[Hit]) -> tuple[Passage, ...]:
    """Returns hits as passages, in their order."""
    return tuple(hit.passage for hit in hits)


class Retriever:
    """Searches an index; UsageError where that lacks what the method needs."""

    def __init__(self, index: Index, config: RetrieverConfig | None = None) -> None:
        self.index = index
        self.config = config or RetrieverConfig()
        self.reranker = Reranker(self.config.rerank) if self.config.rerank else None
        wants = {"hybrid": ("dense", "bm25")}.get(self.config.method, (self.config.method,))
        if "dense" in wants and index.embedder is None:
            raise UsageError("the index has no vectors", "Set method=bm25, or name an embedder.")
        if "bm25" in wants and index.config.terms is None:
            raise UsageError("the index has no terms", "Set method=dense, or name the terms.")
        self._wants: tuple[str, ...] = wants

    def search(self, query: str) -> list[Hit]:
        """Finds chunks for one question, best first."""
        return self.search_many([query])[0]

    def search_many(self, queries: Sequence[str]) -> list[list[Hit]]:
        """Finds at most `k` chunks a question, best first; questions are embedded together."""
        config = self.config
        depth = max(config.k, config.rerank.candidates if config.rerank else 0)
        if config.method == "hybrid":
            depth = max(depth, config.candidates)
        rankings: dict[str, list[Ranking]] = {}
        if "dense" in self._wants:
            rankings["dense"] = self.index.nearest(queries, depth)
        if "bm25" in self._wants:
            rankings["bm25"] = self.index.matching(queries, depth)
        return [
            self._hits(query, {name: lists[at] for name, lists in rankings.items()})
            for at, query in enumerate(queries)
        ]

    def _hits(self, query: str, rankings: Mapping[str, Ranking]) -> list[Hit]:
        config = self.config
        ranked = self._fuse(rankings)
        if self.reranker is not None and ranked:
            ranked = self._rerank(query, [name for name, _ in ranked])
        ranks = {
            name: {chunk: rank for rank, (chunk, _) in enumerate(ranking, 1)}
            for name, ranking in rankings.items()
        }
        return [
            Hit(
                self.index.chunks[chunk],
                score,
                {name: places[chunk] for name, places in ranks.items() if chunk in places},
            )
            for chunk, score in ranked[: config.k]
            if config.threshold is None or score >= config.threshold
        ]

    def _fuse(self, rankings: Mapping[str, Ranking]) -> Ranking:
        if len(rankings) == 1:
            return list(next(iter(rankings.values())))
        config = self.config
        weights = {"dense": config.dense_weight, "bm25": 1 - config.dense_weight}
        if config.fusion == "linear":
            return linear(rankings, weights)
        return reciprocal_rank(rankings, weights, config.rrf_constant)

    def _rerank(self, query: str, names: Sequence[str]) -> Ranking:
        assert self.reranker is not None
        first = list(names[: self.reranker.config.candidates])
        texts = [searchable(self.index.chunks[name]) for name in first]
        scores = self.reranker.scores(query, texts)
        return sorted(zip(first, scores, strict=True), key=lambda pair: -pair[1])
