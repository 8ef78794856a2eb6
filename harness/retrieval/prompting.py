"""The base of strategies that search a task's documents: an index, and how it is searched."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from harness.records.keys import digest
from harness.strategy.base import Prompting
from harness.strategy.context import Context
from harness.task.view import TaskView
from harness.types import Prompt

if TYPE_CHECKING:
    from harness.retrieval.index import IndexConfig
    from harness.retrieval.retrievers import Retriever, RetrieverConfig

__all__ = ["Indexed", "grounded"]

_FROM = {"ko": "번호가 붙은 자료를 근거로 답한다.", "en": "Answer from the numbered passages."}
_ELSE = {
    "ko": '자료에 답이 없으면 "{abstain}"라고 답한다.',
    "en": 'If they do not say, answer "{abstain}".',
}


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
    embedder: str = Field(
        "e5-small", description="e5-small, minilm (English), a hub id, a folder, or api:NAME."
    )
    store: str = Field("memory", description="memory, faiss, chroma, or module:Class.")
    reranker: str | None = Field(None, description="A cross-encoder: hub id or folder.")

    def describe(self) -> dict[str, object]:
        """Adds digests of what a parameter only names: models in folders, a store's own class."""
        from harness.models.sources.encoders import digests

        contents = digests(embedder=self.embedder, reranker=self.reranker)
        module, colon, _ = self.store.partition(":")
        found = find_spec(module) if colon else None
        if found and found.origin:
            contents["store_digest"] = digest(Path(found.origin).read_text(encoding="utf-8"))
        return super().describe() | contents

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
        """How it is searched; passages with a score below the threshold are left out."""
        from harness.retrieval.rerank import RerankConfig
        from harness.retrieval.retrievers import RetrieverConfig

        rerank = RerankConfig(model=self.reranker) if self.reranker else None
        return RetrieverConfig(method=self.retriever, k=self.k, threshold=threshold, rerank=rerank)

    def fit(self, context: Context) -> None:
        """Indexes the task's documents."""
        from harness.retrieval.corpus_index import build_index

        corpus, folder, details = context.corpus, context.artifact, context.details
        assert corpus is not None
        build_index(corpus, self.index_config, folder, context.ledger, context.monitor, details)

    def open(self, context: Context, threshold: float | None = None) -> Retriever:
        """Opens the index that `fit` built, for searching."""
        from harness.retrieval.corpus_index import FOLDER
        from harness.retrieval.index import Index
        from harness.retrieval.retrievers import Retriever

        return Retriever(Index.load(context.artifact / FOLDER), self.retriever_config(threshold))


def grounded(prompt: Prompt, task: TaskView) -> Prompt:
    """Adds the rule to the prompt's instructions, in the task's language."""
    language = task.language if task.language in _FROM else "en"
    rule = _FROM[language]
    if task.abstain:
        rule = f"{rule} {_ELSE[language].format(abstain=task.abstain)}"
    return prompt.with_instructions(rule)
