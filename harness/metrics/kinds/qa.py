"""A short answer in words: a value, a name, yes or no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.metrics.abstention import is_abstention
from harness.metrics.kind import Kind, Read, Rules
from harness.metrics.parse import parse_answer
from harness.metrics.qa import exact_match
from harness.types import Outcome, Output, Row, Scored

__all__ = ["KIND", "read_answer"]


def _is_one(answer: str, row: Row) -> bool:
    return exact_match(answer, row.example.accepted or (row.example.target,), row.question)


def read_answer(
    row: Row,
    output: Output,
    rules: Rules,
    blank: Scored,
    *,
    is_right: Callable[[str, Row], bool] = _is_one,
    exact: bool = True,  # whether a right answer is no abstention, whatever it sounds like
) -> Read:
    """Reads the answer in a text, or that one doesn't know."""
    text = output.text or ""
    answer = parse_answer(text)
    if not answer:
        # Cut inside hidden reasoning or white space: there is no answer to read.
        outcome: Outcome = "truncated" if output.finish == "length" and text.strip() else "unparsed"
        return replace(blank, outcome=outcome), None
    if output.finish == "length" and "\n" not in parse_answer(text, stop_at_newline=False):
        return replace(blank, outcome="truncated", predicted=answer), None
    right = row.answerable and is_right(answer, row)
    own = (
        *rules.abstain,
        *(() if row.answerable else row.example.accepted or (row.example.target,)),
    )
    abstained = is_abstention(answer, own) and not (exact and right)
    if abstained or not row.answerable:
        right = abstained and not row.answerable
    return replace(blank, outcome="ok", predicted=answer, correct=right, abstained=abstained), None


KIND = Kind(
    name="qa",
    summary="a short answer; right if it is an accepted one, values compared as values",
    row="a question and its answer",
    read=read_answer,
    groups=frozenset({"text", "question"}),
    metrics=("exact_match", "token_f1"),
    instructions=("Answer the question briefly.", "질문에 짧게 답한다."),
)
