"""What a strategy sees of a task."""

from __future__ import annotations

from dataclasses import dataclass

from harness.types import Prompt, Query, Section

__all__ = ["TaskView"]

LETTERS = "ABCDEFGHIJ"


@dataclass(frozen=True)
class TaskView:
    """What a strategy sees of a task: no rows, and nothing that leads to them.

    Attributes:
        name: Of the task.
        kind: ``classification``, ``multiple_choice``, ``qa``, ``description``, ``decision`` or
            ``ranking``.
        language: Two-letter code.
        labels: The labels to choose from; empty for free text. Of a decision without the amount.
        stop: Strings at which a generated answer ends.
        max_tokens: Longest answer in tokens.
        instructions: What stands before all else; may be empty.
        input_cue: Word before the input.
        cue: Word before the answer.
        abstain: What is answered where nothing is known; empty where a task has no such answer.
    """

    name: str
    kind: str
    language: str
    labels: tuple[str, ...]
    stop: tuple[str, ...]
    max_tokens: int
    instructions: str
    input_cue: str
    cue: str
    abstain: str = ""

    def label_of(self, target: str) -> str:
        """Returns the label in a right answer: of a decision the one without its amount."""
        if self.kind != "decision":
            return target
        fitting = [label for label in self.labels if f"{target} ".startswith(f"{label} ")]
        return max(fitting, key=len, default=target)

    def base_prompt(self, query: Query) -> Prompt:
        """Returns instructions and question; options of a multiple choice are lettered."""
        head = (Section("instructions", self.instructions),) if self.instructions else ()
        question = Section("question", self.asked(query), query=query)
        return Prompt((*head, question), self.cue, self.input_cue)

    def searched(self, query: Query) -> str:
        """Returns what is searched for: the text, and the options that a row brings."""
        return "\n".join([query.text, *query.choices])

    def asked(self, query: Query) -> str:
        """Returns a query's text, with the options of a multiple choice."""
        if self.kind != "multiple_choice":
            return query.text
        options = zip(LETTERS, query.choices, strict=False)
        return "\n".join([query.text, *(f"{letter}. {choice}" for letter, choice in options)])
