"""Other examples for each question: the labelled ones that are most like it (Liu et al. 2022,
arXiv 2101.06804), found by terms as Rubin et al. 2022 (arXiv 2112.08633) do for comparison.
"""

from __future__ import annotations

import json
from typing import ClassVar

from pydantic import Field

from harness.records.files import write_json
from harness.strategy.base import Prompting, Renderer
from harness.strategy.context import Context
from harness.strategy.family import Family
from harness.strategy.space import Range, Space
from harness.task.view import TaskView
from harness.types import Prompt, Query, Section, query_from

from .few_shot import written

FILE = "similar.json"


class SimilarExamples(Prompting):
    """Puts the k training examples before a question that share most terms with it."""

    name: ClassVar[str] = "similar-examples"
    summary: ClassVar[str] = "before each question the labelled examples most like it"
    family: ClassVar[Family] = "prompting"
    paper: ClassVar[str] = "Liu et al. 2022, arXiv 2101.06804"
    needs: ClassVar[frozenset[str]] = frozenset({"train"})
    space: ClassVar[Space] = {"k": Range(1, 32, log=True)}

    k: int = Field(8, ge=1, le=200, description="Examples in the prompt, the most alike last.")

    def fit(self, context: Context) -> None:
        """Keeps all training rows, in a random order that decides between equals."""
        order = context.rng("similar").permutation(len(context.train)).tolist()
        lines = written([context.train[index] for index in order])
        write_json(context.artifact / FILE, lines, indent=None)

    def renderer(self, context: Context) -> Renderer:
        """Adds the examples; a training row is never its own example."""
        lines = json.loads((context.artifact / FILE).read_text(encoding="utf-8"))
        answers = [line["answer"] for line in lines]
        return _nearest(
            [query_from(line["query"]) for line in lines], answers, self.k, context.task
        )


def _nearest(rows: list[Query], answers: list[str], k: int, task: TaskView) -> Renderer:
    import numpy as np

    from harness.retrieval.bm25 import BM25
    from harness.retrieval.terms import resolve_terms

    index = BM25(resolve_terms("auto", task.language))
    index.add([str(number) for number in range(len(rows))], map(task.searched, rows))

    def render(query: Query, prompt: Prompt) -> Prompt:
        # Stable: where nothing is shared the first ones stand in, the same for all such questions.
        order = np.argsort(-index.scores(task.searched(query)), kind="stable")
        others = [int(number) for number in order[: k + 1] if rows[int(number)].id != query.id]
        return prompt.with_sections(
            *(
                Section("example", task.asked(rows[number]), answers[number], rows[number])
                for number in reversed(others[:k])
            )
        )

    return render
