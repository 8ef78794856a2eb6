"""What strategies that search a task's documents share: an index, and how it is searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from harness.strategy.base import Prompting
from harness.strategy.context import Context

if TYPE_CHECKING:
    from harness.retrieval.index import IndexConfig
    from harness.retrieval.retrievers import Retriever, RetrieverConfig

__all__ = ["Indexed"]


class Indexed(Prompting):
    """A prompting with an index of the task's documents in its artifact."""

    needs: ClassVar[frozenset[str]] = frozenset({"corpus"})
    refreshes: ClassVar[bool] = True

    retriever: Literal["hybrid", "dense", "bm25"] = Field(
        "hybrid", description="By vectors and terms, by vectors, or by terms."
    )
    k: int = Field(3, ge=1, le=100, description="Passages in the prompt, at most.")
    split: Literal["auto", "recursive", "article", "row"] = Field(
        "auto", description="Chunks by length, by article or by row; auto: by what a file is."
    )
    chunk_size: int = Field(500, ge=20, description="Longest chunk, in characters.")
    chunk_overlap: int = Field(0, ge=0, description="Characters that neighbours share.")
    embedder: str = Field("e5-small", description="e5-small, a hub id, a folder, or api:NAME.")
    store: str = Field("memory", description="memory, faiss, chroma, or module:Class.")
    reranker: str | None = Field(None, description="A cross-encoder: hub id or folder.")

    @property
    def index_config(self) -> IndexConfig:
        """What is indexed, and how."""
        from harness.retrieval.embedders import EmbedderConfig
        from harness.retrieval.index import IndexConfig
        from harness.retrieval.splitting import SplitConfig
        from harness.retrieval.stores import StoreConfig

        return IndexConfig(
            split=SplitConfig(method=self.split, size=self.chunk_size, overlap=self.chunk_overlap),
            embedder=None if self.retriever == "bm25" else EmbedderConfig(model=self.embedder),
            store=StoreConfig(kind=self.store),
            terms=None if self.retriever == "dense" else "auto",
        )

    def retriever_config(self, threshold: float | None = None) -> RetrieverConfig:
        """How it is searched.

        Args:
            threshold: Passages with a lower score are left out.
        """
        from harness.retrieval.rerank import RerankConfig
        from harness.retrieval.retrievers import RetrieverConfig

        return RetrieverConfig(
            method=self.retriever, k=self.k, threshold=threshold,
            rerank=RerankConfig(model=self.reranker) if self.reranker else None,
        )  # fmt: skip

    def fit(self, context: Context) -> None:
        """Indexes the task's documents."""
        from harness.retrieval.corpus_index import build_index

        assert context.corpus is not None
        build_index(
            context.corpus, self.index_config, context.artifact, context.ledger, context.monitor,
            context.details,
        )  # fmt: skip

    def open(self, context: Context, threshold: float | None = None) -> Retriever:
        """Returns what searches the index that `fit` made."""
        from harness.retrieval.corpus_index import open_index
        from harness.retrieval.retrievers import Retriever

        return Retriever(open_index(context.artifact), self.retriever_config(threshold))
