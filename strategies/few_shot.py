"""Labelled examples in the prompt, drawn once for a run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar, Literal

from pydantic import Field

from harness.records.files import write_json
from harness.strategy.base import Prompting, Renderer
from harness.strategy.context import Context
from harness.strategy.family import Family
from harness.strategy.space import Range, Space
from harness.task.view import TaskView
from harness.types import Example, Prompt, Query, Section, query_from

FILE = "examples.json"
Choice = Literal["balanced", "random"]


class FewShot(Prompting):
    """Puts the same k training examples before each question."""

    name: ClassVar[str] = "few-shot"
    summary: ClassVar[str] = "k labelled examples before the question"
    family: ClassVar[Family] = "prompting"
    paper: ClassVar[str] = "Brown et al. 2020, arXiv 2005.14165"
    tried_first: ClassVar[bool] = True
    version: ClassVar[int] = 2
    needs: ClassVar[frozenset[str]] = frozenset({"train"})
    space: ClassVar[Space] = {"k": Range(1, 32, log=True), "choose": ("balanced", "random")}

    k: int = Field(8, ge=1, le=200, description="Examples in the prompt.")
    choose: Choice = Field(
        "balanced", description="As many of each label as possible, or any rows at random."
    )

    def fit(self, context: Context) -> None:
        """Draws the examples; only rows whose label was read count as labelled."""
        lines = written(drawn(context, self.k, self.choose, "examples"))
        write_json(context.artifact / FILE, lines, indent=None)

    def renderer(self, context: Context) -> Renderer:
        """Adds the examples; a training row is never its own example."""
        lines = json.loads((context.artifact / FILE).read_text(encoding="utf-8"))
        return shows(lines, context.task)


def drawn(context: Context, k: int, choose: Choice, stream: str) -> list[Example]:
    """Draws k examples by a random stream."""
    order = context.rng(stream).permutation(len(context.train)).tolist()
    if choose == "balanced" and context.task.labels:
        return _balanced(context, order, k)
    return [context.train[index] for index in order[:k]]


def _balanced(context: Context, order: Sequence[int], k: int) -> list[Example]:
    """Reads rows in this order until each label has its share."""
    labels = context.task.labels
    share = -(-k // len(labels))
    taken: dict[str, list[Example]] = {label: [] for label in labels}
    for index in order:
        if sum(map(len, taken.values())) == share * len(labels):
            break
        row = context.train[index]
        label = context.task.label_of(row.target)
        if len(taken.setdefault(label, [])) < share:
            taken[label].append(row)
    rounds = [
        taken[label][turn] for turn in range(share) for label in taken if len(taken[label]) > turn
    ]
    return rounds[:k]


def written(rows: Sequence[Example]) -> list[dict[str, Any]]:
    """Returns examples as JSON values."""
    return [{"query": asdict(row.query), "answer": row.target} for row in rows]


def shows(lines: Sequence[Mapping[str, Any]], task: TaskView) -> Renderer:
    """Returns the renderer that adds written examples."""
    queries = [query_from(line["query"]) for line in lines]
    examples = [
        Section("example", task.asked(query), line["answer"], query)
        for query, line in zip(queries, lines, strict=True)
    ]

    def render(query: Query, prompt: Prompt) -> Prompt:
        others = (each for each in examples if each.query and each.query.id != query.id)
        return prompt.with_sections(*others)

    return render
