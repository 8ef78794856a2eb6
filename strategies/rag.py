"""Retrieval: the passages that seem to answer stand before the question (Lewis et al. 2020,
arXiv 2005.11401). With a way of changing weights, training sees retrieved passages too.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field

from harness.context import Context
from harness.strategy import Prompting, Renderer
from harness.types import Passage, Query

if TYPE_CHECKING:
    from harness.retrieval.index import IndexConfig
    from harness.retrieval.retrievers import RetrieverConfig


class Rag(Prompting):
    """Puts retrieved passages before the question and before each example."""

    name: ClassVar[str] = "rag"
    summary: ClassVar[str] = "retrieved passages before the question"
    needs: ClassVar[frozenset[str]] = frozenset({"corpus"})
    refreshes: ClassVar[bool] = True
    stage: ClassVar[Literal["examples", "passages"]] = "passages"
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        # A Korean insurer's published study: 300 characters, no overlap, Chroma, one passage.
        "reference": {
            "split": "recursive", "chunk_size": 300, "chunk_overlap": 0, "store": "chroma",
            "retriever": "dense", "k": 1,
        }
    }  # fmt: skip

    retriever: Literal["hybrid", "dense", "bm25"] = Field(
        "hybrid", description="By vectors and terms, by vectors, or by terms."
    )
    k: int = Field(3, ge=1, le=100, description="Passages in the prompt, at most.")
    threshold: float | None = Field(
        None, description="Passages with a lower score are left out; in the retriever's own unit."
    )
    split: Literal["auto", "recursive", "article", "row"] = Field(
        "auto", description="Chunks by length, by article or by row; auto: by what a file is."
    )
    chunk_size: int = Field(500, ge=20, description="Longest chunk, in characters.")
    chunk_overlap: int = Field(0, ge=0, description="Characters that neighbours share.")
    embedder: str = Field("e5-small", description="e5-small, a hub id, a folder, or api:NAME.")
    store: str = Field("memory", description="memory, faiss, chroma, or module:Class.")
    reranker: str | None = Field(None, description="A cross-encoder: hub id or folder.")
    generate: bool = Field(True, description="false: retrieve only, and score what was found.")

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

    @property
    def retriever_config(self) -> RetrieverConfig:
        """How it is searched."""
        from harness.retrieval.rerank import RerankConfig
        from harness.retrieval.retrievers import RetrieverConfig

        return RetrieverConfig(
            method=self.retriever, k=self.k, threshold=self.threshold,
            rerank=RerankConfig(model=self.reranker) if self.reranker else None,
        )  # fmt: skip

    @property
    def readout(self) -> str | None:
        """Retrieval alone answers nothing."""
        return None if self.generate else "retrieval"

    def draft(self) -> Self:
        """Returns one that searches by terms alone: no document has to be embedded."""
        update = {"retriever": "bm25", "store": "memory", "reranker": None}
        return self.model_copy(update=update)

    def fit(self, context: Context) -> None:
        """Indexes the task's documents."""
        from harness.retrieval.corpus_index import build_index

        assert context.corpus is not None
        build_index(
            context.corpus, self.index_config, context.artifact, context.ledger, context.monitor
        )

    def renderer(self, context: Context) -> Renderer:
        """Adds what is found for the question, and for each example."""
        from harness.retrieval.corpus_index import open_index
        from harness.retrieval.grounding import grounded
        from harness.retrieval.retrievers import Retriever, passages

        retriever = Retriever(open_index(context.artifact), self.retriever_config)

        @lru_cache(maxsize=256)  # the same examples come with every question
        def found(text: str) -> tuple[Passage, ...]:
            return passages(retriever.search(text))

        def find(query: Query) -> tuple[Passage, ...]:
            return found(context.task.searched(query))

        return lambda query, prompt: grounded(prompt.with_passages(find), context.task)
