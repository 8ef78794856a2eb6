"""Entities of a text: pieces of it, each with a type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from harness.errors import nearest
from harness.metrics.answers.entities import Entity, entities_of, parse_entities, tagged
from harness.metrics.kind import Kind, Marked, Misread, Read, Rules, no_answer
from harness.metrics.lists import is_nothing, lines_in, listed, written_lines
from harness.metrics.parse import visible
from harness.types import Output, Row, Scored

__all__ = ["KIND", "marked_entities"]

_LIST = 'Write a list: [{"text": "Kim", "type": "PER"}]; [] where there is none.'


def _lines(entities: Iterable[Entity]) -> str:
    return written_lines([f"{kind}: {text}" for kind, text in entities if text.strip()])


def _read(row: Row, output: Output, rules: Rules, blank: Scored) -> Read:
    """Reads a list of entities; right are the same texts with the same types, as often."""
    found = parse_entities(visible(output.text or ""), rules.choices)
    if found is None or (output.finish == "length" and not output.chosen):
        return no_answer(output, blank), None
    said = _lines(found)
    right = sorted(lines_in(said)) == sorted(lines_in(row.example.target))
    return replace(blank, outcome="ok", predicted=said, correct=right), None


def marked_entities(marked: Marked) -> list[Entity]:
    """Returns a row's entities, their types as they stand there.

    Raises:
        Misread: The tags don't go with the tokens, or the cell is no list of entities.
    """
    if marked.tags is not None:
        try:
            return tagged(marked.tokens, marked.tags)
        except ValueError as error:
            hint = "A token has one tag: B-PER, I-PER or O; S-PER and E-PER are read, too."
            raise Misread(str(error), hint) from error
    cell = marked.cell
    if isinstance(cell, str):
        if is_nothing(cell):
            return []
        cell = listed(cell)[0]
    found = entities_of(cell)
    if found is None:
        raise Misread("the answer is no list of entities", _LIST)
    return found


def _right(marked: Marked) -> str:
    found = marked_entities(marked)
    for kind, _ in found:
        if marked.labels and kind not in marked.labels:
            raise Misread(
                f"unknown type {kind!r}",
                f"{nearest(kind, marked.labels)} Or declare it under labels.",
            )
    return _lines((marked.labels.get(kind, kind), text) for kind, text in found)


KIND = Kind(
    name="extraction",
    summary="pieces of the text, each with a type; right if all are the row's, scored by entity F1",
    row="tokens and their `tags` (BIO), or a text and a list of {text, type}",
    read=_read,
    needs=((("target", "tags"), "the answers are missing"),),
    takes={"tags": "tags of tokens"},
    right=_right,
    parts=lambda marked: [kind for kind, _ in marked_entities(marked)],
    metrics=("entity_f1", "exact_match", "example_f1"),
    instructions=(
        "List the entities in the text, one a line, as TYPE: text, or none. Types: {}.",
        "글에 나오는 개체를 한 줄에 하나씩 '유형: 텍스트'로 쓴다. 없으면 none이라고 쓴다. 유형: {}.",
    ),
    defaults={"max_tokens": 256, "stop": ("\n\n",)},
)
