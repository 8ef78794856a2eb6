"""A number, with or without its unit."""

from __future__ import annotations

from dataclasses import replace

from harness.metrics.abstention import is_abstention
from harness.metrics.answers.numbers import number_in, read_number, same_number
from harness.metrics.answers.yesno import read_yes_no
from harness.metrics.kind import Kind, Marked, Misread, Read, Rules, no_answer
from harness.metrics.parse import parse_answer
from harness.types import Output, Row, Scored

__all__ = ["KIND"]


def _read(row: Row, output: Output, rules: Rules, blank: Scored) -> Read:
    """Reads the one number that an answer gives; where the right answer is yes or no, that."""
    answer = parse_answer(output.text or "", stop_at_newline=False)
    first = answer.split("\n", 1)[0].strip()
    accepted = row.example.accepted or (row.example.target,)
    own = (*rules.abstain, *(() if row.answerable else accepted))
    cut = output.finish == "length" and "\n" not in answer
    if first and not cut and is_abstention(first, own):
        right = not row.answerable
        return replace(blank, outcome="ok", predicted=first, correct=right, abstained=True), None
    number, yes = number_in(answer), read_yes_no(first)
    said = number.text if number else first if yes is not None else None
    if cut or said is None:
        return no_answer(output, blank), None
    right = row.answerable and any(_is_right(each, said, row.question, rules) for each in accepted)
    return replace(blank, outcome="ok", predicted=said, correct=right), None


def _is_right(accepted: str, said: str, question: str, rules: Rules) -> bool:
    right, given = read_number(accepted), read_number(said)
    if right and given:
        return same_number(right, given, question, rules.tolerance)
    yes = read_yes_no(accepted)
    return not right and yes is not None and yes is read_yes_no(said)


def _right(marked: Marked) -> str:
    text = str(marked.cell).strip()
    if text and read_number(text) is None and read_yes_no(text) is None:
        raise Misread(
            f"the answer {text[:60]!r} is no number", "Correct it, or take another kind: qa."
        )
    return text


KIND = Kind(
    name="numeric_qa",
    summary="a number; right if it is the row's, 15.3 % as 0.153, rounded as that one is",
    row="a question and a number, with or without its unit",
    read=_read,
    groups=frozenset({"question"}),
    takes={"tolerance": "shares by which a number may be off"},
    right=_right,
    metrics=("numeric_accuracy", "within_1_percent", "scale_error"),
    instructions=("Answer with a number alone.", "숫자로만 답한다."),
)
