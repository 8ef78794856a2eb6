"""The passage that shares most with the question, word for word: the floor of retrieval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from pydantic import Field

from harness.context import Context
from harness.strategy import Strategy
from harness.types import Output, Query


class Bm25Answer(Strategy):
    """Answers with the best passage by BM25; no language model takes part."""

    name: ClassVar[str] = "bm25-answer"
    summary: ClassVar[str] = "the best passage by BM25, word for word; no model"
    needs: ClassVar[frozenset[str]] = frozenset({"corpus"})
    kinds: ClassVar[frozenset[str]] = frozenset({"qa", "description", "ranking"})

    k: int = Field(10, ge=1, le=100, description="Passages that are ranked.")
    chunk_size: int = Field(500, ge=20, description="Longest chunk, in characters.")

    @property
    def readout(self) -> str:
        """The passage is the answer."""
        return "passage"

    def prepare(self, context: Context) -> None:
        """Indexes the task's documents by their terms."""
        from harness.retrieval.corpus_index import build_index
        from harness.retrieval.index import IndexConfig
        from harness.retrieval.splitting import SplitConfig

        assert context.corpus is not None
        config = IndexConfig(split=SplitConfig(size=self.chunk_size), embedder=None)
        build_index(context.corpus, config, context.artifact, context.ledger, context.monitor)

    def predictor(self, context: Context) -> BestPassage:
        """Opens the index."""
        return BestPassage(self, context)


class BestPassage:
    """Looks each question up."""

    def __init__(self, strategy: Bm25Answer, context: Context) -> None:
        from harness.retrieval.corpus_index import open_index
        from harness.retrieval.retrievers import Retriever, RetrieverConfig

        self._task = context.task
        self._retriever = Retriever(
            open_index(context.artifact), RetrieverConfig(method="bm25", k=strategy.k)
        )

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields the best passage of each; where no term is shared, that nothing is known."""
        from harness.retrieval.retrievers import passages

        for query in queries:
            found = passages(self._retriever.search(self._task.searched(query)))
            text = " ".join(found[0].text.split()) if found else self._task.abstain or "?"
            yield Output(query.id, text, evidence=found)
