"""Labelled examples in the prompt, drawn once for a run."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import ClassVar, Literal

from pydantic import Field

from harness.records.files import write_json
from harness.strategy.base import Family, Prompting, Renderer
from harness.strategy.context import Context
from harness.types import Example, Prompt, Query, Section, query_from

FILE = "examples.json"


class FewShot(Prompting):
    """Puts the same k training examples before each question."""

    name: ClassVar[str] = "few-shot"
    summary: ClassVar[str] = "k labelled examples before the question"
    family: ClassVar[Family] = "prompting"
    paper: ClassVar[str] = "Brown et al. 2020, arXiv 2005.14165"
    version: ClassVar[int] = 2
    needs: ClassVar[frozenset[str]] = frozenset({"train"})

    k: int = Field(8, ge=1, le=200, description="Examples in the prompt.")
    choose: Literal["balanced", "random"] = Field(
        "balanced", description="As many of each label as possible, or any rows at random."
    )

    def fit(self, context: Context) -> None:
        """Draws the examples; only rows whose label was read count as labelled."""
        order = context.rng("examples").permutation(len(context.train)).tolist()
        if self.choose == "balanced" and context.task.labels:
            chosen = self._balanced(context, order)
        else:
            chosen = [context.train[index] for index in order[: self.k]]
        lines = [{"query": asdict(row.query), "answer": row.target} for row in chosen]
        write_json(context.artifact / FILE, lines, indent=None)

    def _balanced(self, context: Context, order: list[int]) -> list[Example]:
        """Reads rows in random order until each label has its share."""
        labels = context.task.labels
        share = -(-self.k // len(labels))
        taken: dict[str, list[Example]] = {label: [] for label in labels}
        for index in order:
            if sum(map(len, taken.values())) == share * len(labels):
                break
            row = context.train[index]
            label = context.task.label_of(row.target)
            if len(taken.setdefault(label, [])) < share:
                taken[label].append(row)
        rounds = [
            taken[label][turn]
            for turn in range(share)
            for label in taken
            if len(taken[label]) > turn
        ]
        return rounds[: self.k]

    def renderer(self, context: Context) -> Renderer:
        """Adds the examples; a training row is never its own example."""
        lines = json.loads((context.artifact / FILE).read_text(encoding="utf-8"))
        queries = [query_from(line["query"]) for line in lines]
        examples = [
            Section("example", context.task.asked(query), line["answer"], query)
            for query, line in zip(queries, lines, strict=True)
        ]

        def render(query: Query, prompt: Prompt) -> Prompt:
            others = (each for each in examples if each.query and each.query.id != query.id)
            return prompt.with_sections(*others)

        return render
