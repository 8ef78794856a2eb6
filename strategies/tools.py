"""A search of the documents and a calculator, which the model calls while it answers, in a bounded
loop (Schick et al. 2023, arXiv 2302.04761; Yao et al. 2023, arXiv 2210.03629).

A model calls by writing a line ("Search: parental leave", "Calculate: 1,200,000 * 80%"), or in the
form that it was tuned for: a server's by OpenAI's function calling, a local one's by its chat
template. Its expression is parsed, never run.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar, Literal

from pydantic import Field

from harness.retrieval.prompting import Indexed
from harness.strategy.base import Renderer
from harness.strategy.context import Context
from harness.strategy.family import Family
from harness.strategy.space import Range, Space
from harness.strategy.tools.calls import wording
from harness.strategy.tools.loop import Search, Toolbox
from harness.types import Passage, Prompt, Query


class Tools(Indexed):
    """Lets the model search and calculate before it answers."""

    name: ClassVar[str] = "tools"
    summary: ClassVar[str] = "the model searches the documents and calculates, in a bounded loop"
    family: ClassVar[Family] = "tools"
    paper: ClassVar[str] = "Yao et al. 2022, arXiv 2210.03629"
    space: ClassVar[Space] = {
        "steps": Range(1, 5),
        "k": Range(1, 10, log=True),
        "chunk_size": (150, 300, 500, 1000),
        "examples": (True, False),
    }

    steps: int = Field(3, ge=1, le=20, description="Most calls for a question.")
    search: bool = Field(True, description="false: a calculator only, no documents needed.")
    calling: Literal["auto", "text", "native"] = Field(
        "auto",
        description="Calls as lines of text, or as the model was tuned to; auto: a server's.",
    )
    examples: bool = Field(True, description="Shows each tool once, on an invented question.")
    turn_tokens: int = Field(
        64, ge=8, description="Most tokens of a call; the task limits answers."
    )

    @property
    def readout(self) -> str:
        """Answers are generated, since calls are text."""
        return "generate"

    @property
    def required(self) -> frozenset[str]:
        """Documents only where they are searched."""
        return self.needs if self.search else frozenset()

    def fit(self, context: Context) -> None:
        """Indexes the documents that can be searched."""
        if self.search:
            super().fit(context)

    def toolbox(self, context: Context) -> Toolbox:
        """Opens the index; a server's model calls by its interface."""
        words, search = wording(context.task.language), self._search(context)
        return Toolbox(words, self.steps, self.turn_tokens, search, self._native(context))

    def _native(self, context: Context) -> bool:
        return self.calling == "native" or (self.calling == "auto" and context.remote)

    def _search(self, context: Context) -> Search | None:
        if not self.search:
            return None
        from harness.retrieval.retrievers import passages

        retriever = self.open(context)

        @lru_cache(maxsize=1024)  # many questions lead to the same search
        def search(text: str) -> tuple[Passage, ...]:
            return passages(retriever.search(text))

        return search

    def renderer(self, context: Context) -> Renderer:
        """Adds instructions for calling the tools, and a worked example of each."""
        words = wording(context.task.language)
        tools = Toolbox(words, 1, 1, (lambda _: ()) if self.search else None).tools
        rule = words.close if self._native(context) else words.instructions(tools)

        def render(query: Query, prompt: Prompt) -> Prompt:
            prompt = prompt.with_instructions(rule)
            shows = self.examples and not self._native(context)
            return prompt.with_sections(*words.examples(tools)) if shows else prompt

        return render
