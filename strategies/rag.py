"""Retrieval: the passages that seem to answer stand before the question (Lewis et al. 2020,
arXiv 2005.11401). Combined with weights, as in ``lora+rag``, training sees retrieved passages too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, ClassVar, Literal, Self

from pydantic import Field

from harness.retrieval.abstaining import ThresholdChoice
from harness.retrieval.prompting import Indexed
from harness.strategy.base import Renderer
from harness.strategy.context import Context
from harness.strategy.family import Family
from harness.strategy.space import Range, Space
from harness.types import Passage, Prompt, Query


class Rag(Indexed):
    """Puts retrieved passages before the question and before each example."""

    name: ClassVar[str] = "rag"
    summary: ClassVar[str] = "retrieved passages before the question"
    family: ClassVar[Family] = "retrieval"
    memory: ClassVar[str] = "the model, the vectors of the documents"
    paper: ClassVar[str] = "Lewis et al. 2020, arXiv 2005.11401"
    tried_first: ClassVar[bool] = True
    version: ClassVar[int] = 2
    stage: ClassVar[Literal["examples", "passages"]] = "passages"
    space: ClassVar[Space] = {
        "k": Range(1, 10, log=True),
        "chunk_size": (150, 300, 500, 1000),
        "split": ("auto", "recursive"),
        "retriever": ("hybrid", "dense", "bm25"),
    }
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        # A Korean insurer's published study: 300 characters, no overlap, Chroma, one passage.
        "reference": {
            "split": "recursive",
            "chunk_size": 300,
            "chunk_overlap": 0,
            "store": "chroma",
            "retriever": "dense",
            "k": 1,
        }
    }

    # Small models answer better from one passage than from three: docs/retrieval.md, "Tuning".
    k: int = Field(1, ge=1, le=100, description="Passages in the prompt, at most.")
    threshold: ThresholdChoice = Field(
        None,
        description="Passages with a lower score are left out, and where none is left the "
        "strategy abstains; in the retriever's own unit, or tune: chosen on dev.",
    )
    generate: bool = Field(True, description="false: only retrieve, and score the passages.")

    @property
    def readout(self) -> str | None:
        """``retrieval`` where no answer is generated."""
        return None if self.generate else "retrieval"

    @property
    def required(self) -> frozenset[str]:
        """The dev rows too, where the threshold is tuned on them."""
        return self.needs | {"dev"} if self.threshold == "tune" else self.needs

    def draft(self) -> Self:
        """Returns one that searches by terms alone: no document has to be embedded."""
        return self.model_copy(update={"retriever": "bm25", "store": "memory", "reranker": None})

    def fit(self, context: Context) -> None:
        """Indexes the task's documents, and tunes the threshold where it is ``tune``."""
        from harness.retrieval.abstaining import TUNE, tune_threshold

        super().fit(context)
        if self.threshold == TUNE:
            tune_threshold(context, self.open(context))

    def renderer(self, context: Context) -> Renderer:
        """Adds the passages retrieved for the question and for each example."""
        from harness.retrieval.abstaining import threshold_of
        from harness.retrieval.prompting import grounded
        from harness.retrieval.retrievers import passages

        task, limit = context.task, threshold_of(context, self.threshold)
        retriever = self.open(context, limit)

        @lru_cache(maxsize=256)  # the same examples come with every question
        def search(text: str) -> tuple[Passage, ...]:
            before = retriever.index.usage
            found = passages(retriever.search(text))
            context.ledger.from_cache(retriever.index.usage.since(before).cached_seconds)
            return found

        def retrieve(query: Query) -> tuple[Passage, ...]:
            return search(task.searched(query))

        def render(query: Query, prompt: Prompt) -> Prompt:
            prompt = grounded(prompt.with_passages(retrieve), task)
            abstains = limit is not None and not retrieve(query)
            return replace(prompt, settled=task.abstain) if abstains else prompt

        return render
