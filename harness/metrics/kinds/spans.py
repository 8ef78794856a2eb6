"""One or several pieces of the row's context."""

from __future__ import annotations

from dataclasses import replace

from harness.metrics.abstention import is_abstention
from harness.metrics.kind import Kind, Marked, Misread, Read, Rules, no_answer
from harness.metrics.lists import lines_in, listed, written_lines
from harness.metrics.parse import parse_answer
from harness.metrics.spans import parse_spans, same_spans
from harness.types import Output, Row, Scored

__all__ = ["KIND"]


def _read(row: Row, output: Output, rules: Rules, blank: Scored) -> Read:
    """Reads one or several spans, or that the context doesn't say."""
    text = parse_answer(output.text or "", stop_at_newline=False)
    accepted = row.example.accepted or (row.example.target,)
    own = (*rules.abstain, *(() if row.answerable else accepted))
    first = text.split("\n", 1)[0].strip()
    if first and output.finish != "length" and is_abstention(first, own):
        right = not row.answerable
        return replace(blank, outcome="ok", predicted=first, correct=right, abstained=True), None
    given = parse_spans(text)
    if not given or output.finish == "length":
        return no_answer(output, blank), None
    said = written_lines(given)
    right = row.answerable and any(
        said == each or same_spans(lines_in(each), lines_in(said), row.question)
        for each in accepted
    )
    return replace(blank, outcome="ok", predicted=said, correct=right), None


def _right(marked: Marked) -> str:
    cell = marked.cell
    if isinstance(cell, str) and cell.lstrip().startswith("["):
        data, _ = listed(cell)
        cell = data if data is not None else cell
    parts = cell if isinstance(cell, list) else str(cell).split("|")
    if any(isinstance(part, (list, dict)) for part in parts):
        raise Misread("the answer is no list of texts", 'Write ["first", "second"].')
    texts = [str(part) for part in parts]
    return written_lines(texts) if any(text.strip() for text in texts) else ""


KIND = Kind(
    name="spans",
    summary="one or several pieces of the context; right if they are the row's, order aside",
    row="a `context`, a question, and the answer: a text, a list, or `first|second`",
    read=_read,
    groups=frozenset({"question"}),
    bound="pieces",
    right=_right,
    metrics=("exact_match", "span_f1"),
    instructions=(
        "Answer with the words of the text, one piece a line.",
        "글에 있는 말 그대로, 한 줄에 하나씩 답한다.",
    ),
    defaults={"max_tokens": 64, "stop": ("\n\n",)},
)
