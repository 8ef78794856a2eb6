"""What a strategy sees of a task."""

from __future__ import annotations

from dataclasses import dataclass

from harness.metrics.registry import kinds
from harness.task.options import LETTERS
from harness.types import Prompt, Query, Section

__all__ = ["TaskView"]


@dataclass(frozen=True)
class TaskView:
    """What a strategy sees of a task: no rows, and nothing that leads to them."""

    name: str
    kind: str
    language: str
    labels: tuple[str, ...]  # empty for free text; those of a decision are without the amount
    stop: tuple[str, ...]
    max_tokens: int
    instructions: str  # stands before all else; may be empty
    input_cue: str  # word before the input
    cue: str  # word before the answer
    abstain: str = ""  # the answer that one doesn't know; empty where a task has none

    def label_of(self, target: str) -> str:
        """Returns the label in a right answer: of a decision the one without its amount.

        A right answer of several labels is one text, see `labels_of`.
        """
        return target if self.several else self.labels_of(target)[0]

    def labels_of(self, target: str) -> tuple[str, ...]:
        """Returns the labels in a right answer, which may be none or several."""
        labels_of = kinds()[self.kind].labels_of
        return labels_of(target, self.labels) if labels_of else (target,)

    @property
    def several(self) -> bool:
        """Whether an answer is a set of labels; `harness.metrics.lists` then makes its text."""
        return kinds()[self.kind].several

    @property
    def brings_options(self) -> bool:
        """Whether a row brings the options that one is chosen of."""
        return kinds()[self.kind].lettered

    def base_prompt(self, query: Query) -> Prompt:
        """Returns instructions and question; options of a multiple choice are lettered."""
        head = (Section("instructions", self.instructions),) if self.instructions else ()
        question = Section("question", self.asked(query), query=query)
        return Prompt((*head, question), self.cue, self.input_cue)

    def searched(self, query: Query) -> str:
        """Returns the search query: the text, and the choices that a row brings."""
        return "\n".join([query.text, *query.choices])

    def asked(self, query: Query) -> str:
        """Returns a query's text, with the options of a multiple choice."""
        if not self.brings_options:
            return query.text
        options = zip(LETTERS, query.choices, strict=False)
        return "\n".join([query.text, *(f"{letter}. {choice}" for letter, choice in options)])
