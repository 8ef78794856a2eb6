"""The gold passages before the question: what perfect retrieval would reach. A ceiling."""

from __future__ import annotations

from typing import ClassVar, Literal

from harness.strategy.base import Prompting, Renderer
from harness.strategy.context import Context
from harness.strategy.family import Family


class OracleRag(Prompting):
    """Puts the passages that answer a question before it.

    A question without an answer gets no passages, which gives its answer away: one more reason
    why such a run is a ceiling and never ranked.
    """

    name: ClassVar[str] = "oracle-rag"
    summary: ClassVar[str] = "the gold passages before the question (a ceiling, never ranked)"
    family: ClassVar[Family] = "retrieval"
    needs: ClassVar[frozenset[str]] = frozenset({"gold_passages"})
    stage: ClassVar[Literal["examples", "passages"]] = "passages"

    def renderer(self, context: Context) -> Renderer:
        """Adds each query's own gold passages; examples get theirs too."""
        from harness.retrieval.prompting import grounded

        return lambda query, prompt: grounded(
            prompt.with_passages(lambda each: each.passages), context.task
        )
