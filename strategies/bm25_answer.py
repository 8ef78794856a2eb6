"""The best passage by BM25 as the answer: the least that a retrieval has to beat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from harness.retrieval.abstaining import ThresholdChoice
from harness.strategy.base import Strategy
from harness.strategy.context import Context
from harness.strategy.family import Family
from harness.strategy.space import Space
from harness.types import Output, Query

if TYPE_CHECKING:
    from harness.retrieval.retrievers import Retriever


class Bm25Answer(Strategy):
    """Answers with the best passage by BM25; no language model takes part."""

    name: ClassVar[str] = "bm25-answer"
    summary: ClassVar[str] = "the best passage by BM25, word for word; no model"
    family: ClassVar[Family] = "baseline"
    memory: ClassVar[str] = "no model: the terms of the documents"
    tried_first: ClassVar[bool] = True
    needs: ClassVar[frozenset[str]] = frozenset({"corpus"})
    kinds: ClassVar[frozenset[str]] = frozenset({"qa", "description", "spans", "ranking"})
    space: ClassVar[Space] = {"chunk_size": (150, 300, 500, 1000)}

    k: int = Field(10, ge=1, le=100, description="Passages that are ranked.")
    chunk_size: int = Field(500, ge=20, description="Longest chunk, in characters.")
    threshold: ThresholdChoice = Field(
        None, description="With a lower BM25 score the strategy abstains; tune: chosen on dev."
    )

    @property
    def readout(self) -> str:
        """The passage is the answer."""
        return "passage"

    def prepare(self, context: Context) -> None:
        """Indexes the task's documents by their terms."""
        from harness.retrieval.abstaining import TUNE, tune_threshold
        from harness.retrieval.corpus_index import build_index
        from harness.retrieval.index import IndexConfig
        from harness.retrieval.splitting import SplitConfig

        corpus, folder = context.corpus, context.artifact
        assert corpus is not None, "needs={'corpus'}"
        config = IndexConfig(split=SplitConfig(size=self.chunk_size), embedder=None)
        build_index(corpus, config, folder, context.ledger, context.monitor, context.details)
        if self.threshold == TUNE:
            tune_threshold(context, self.open(context))

    def open(self, context: Context, threshold: float | None = None) -> Retriever:
        """Returns what searches the index that `prepare` made."""
        from harness.retrieval.corpus_index import FOLDER
        from harness.retrieval.index import Index
        from harness.retrieval.retrievers import Retriever, RetrieverConfig

        config = RetrieverConfig(method="bm25", k=self.k, threshold=threshold)
        return Retriever(Index.load(context.artifact / FOLDER), config)

    def predictor(self, context: Context) -> BestPassage:
        """Opens the index."""
        return BestPassage(self, context)


class BestPassage:
    """Searches the index for each question."""

    def __init__(self, strategy: Bm25Answer, context: Context) -> None:
        from harness.retrieval.abstaining import threshold_of

        self._task = context.task
        self._retriever = strategy.open(context, threshold_of(context, strategy.threshold))

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields the best passage for each question; abstains where none is good enough."""
        from harness.retrieval.retrievers import passages

        for query in queries:
            evidence = passages(self._retriever.search(self._task.searched(query)))
            text = " ".join(evidence[0].text.split()) if evidence else self._task.abstain or "?"
            yield Output(query.id, text, evidence=evidence)
