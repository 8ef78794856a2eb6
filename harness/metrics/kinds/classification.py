"""One of the task's labels."""

from __future__ import annotations

from dataclasses import replace

from harness.metrics.kind import Kind, Read, Rules
from harness.metrics.parse import parse_label
from harness.types import Outcome, Output, Row, Scored

__all__ = ["KIND", "read_label"]


def read_label(
    row: Row, output: Output, rules: Rules, blank: Scored, *, letters: bool = False
) -> Read:
    """Reads which label, or option of the row, an answer gives."""
    choices = row.example.query.choices or rules.choices
    text = output.text or ""
    if output.chosen:
        predicted = text if text in choices else None
    else:
        predicted = parse_label(
            text, choices, mode=rules.parser, aliases=rules.aliases, letters=letters
        )
    if predicted is None:
        outcome: Outcome = "truncated" if output.finish == "length" else "unparsed"
        return replace(blank, outcome=outcome), None
    right = predicted == row.example.target or predicted in row.example.accepted
    return replace(blank, outcome="ok", predicted=predicted, correct=right), None


KIND = Kind(
    name="classification",
    summary="one of the task's labels; right if it is the row's",
    row="a text and its label",
    read=read_label,
    groups=frozenset({"choice"}),
    readout="loglikelihood",
    labelled=True,
    chosen=True,
    bound="one",
    metrics=("accuracy", "macro_f1", "weighted_f1", "mcc"),
    instructions=("Answer with one of: {}.", "다음 중 하나로 답한다: {}."),
)
