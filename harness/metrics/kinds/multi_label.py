"""Several of the task's labels, or none of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from harness.errors import nearest
from harness.metrics.kind import Kind, Marked, Misread, Read, Rules, no_answer
from harness.metrics.lists import is_nothing, labels_in, listed, written_labels
from harness.metrics.mentions import Finder, finder
from harness.metrics.parse import visible
from harness.metrics.spellings import written
from harness.types import Output, Row, Scored

__all__ = ["KIND", "label_set", "parts_of"]

_BETWEEN = re.compile(r"[;|\n]")
_COMMA = re.compile(r"[;|\n,]|\s(?:and|및|그리고)\s")


def label_set(labels: Iterable[str], known: Sequence[str]) -> str:
    """Writes labels as one text, each once, in the task's order."""
    given = set(labels)
    return written_labels([label for label in known if label in given])


def parts_of(cell: object) -> list[str]:
    """Divides a cell of a table into labels: a list, JSON, or a text with ``|`` or ``;``."""
    if isinstance(cell, str) and cell.lstrip().startswith("["):
        data, _ = listed(cell)
        cell = data if data is not None else cell
    parts = cell if isinstance(cell, list) else _BETWEEN.split(str(cell))
    texts = [written(str(part)) for part in parts]
    return [text for text in texts if text and not is_nothing(text)]


def _read(row: Row, output: Output, rules: Rules, blank: Scored) -> Read:
    """Reads a set of labels, in any order and form of list."""
    text = visible(output.text or "")
    given = _given(text, finder(rules.choices, tuple(rules.aliases.items())))
    if given is None or (output.finish == "length" and not output.chosen):
        return no_answer(output, blank), None
    said = label_set(given, rules.choices)
    return replace(blank, outcome="ok", predicted=said, correct=said == row.example.target), None


def _given(text: str, labels: Finder) -> list[str] | None:
    """Returns the labels that an answer gives; None where none can be read."""
    data, lines = listed(text)
    if isinstance(data, dict):  # {"labels": [...]}, or {"up": 1, "down": 0}
        data = _of_object(data)
    if isinstance(data, list):
        return _all([str(part) for part in data], labels)
    if not lines or is_nothing(lines[0]):
        return [] if lines else None
    for parts in (lines, _BETWEEN.split(lines[0]), _COMMA.split(lines[0])):
        if (found := _all(parts, labels)) is not None:
            return found
    return [mention.label for mention in labels.find(lines[0])] or None


def _of_object(data: Mapping[str, object]) -> list[object]:
    lists = [value for value in data.values() if isinstance(value, list)]
    if lists:
        return lists[0]
    return [name for name, value in data.items() if value in (1, True, "1", "yes", "true")]


def _all(parts: Iterable[str], labels: Finder) -> list[str] | None:
    """Returns the label of each part; None where a part is none."""
    found = [labels.exact(part) for part in parts if part.strip() and not is_nothing(part)]
    named = [label for label in found if label is not None]
    return named if len(named) == len(found) else None


_YES, _NO = ("1", "true", "yes", "y"), ("0", "false", "no", "n", "")


def _right(marked: Marked) -> str:
    if marked.flags:
        said = [label for label, cell in marked.flags.items() if _is_flagged(label, cell)]
        return label_set(said, _order(marked))
    parts = parts_of(marked.cell)
    for part in parts:
        if part not in marked.labels:
            raise Misread(
                f"unknown label {part!r}",
                f"{nearest(part, marked.labels)} Or declare it under labels.",
            )
    return label_set((marked.labels[part] for part in parts), _order(marked))


def _order(marked: Marked) -> list[str]:
    return list(dict.fromkeys(marked.labels.values()))


def _is_flagged(label: str, cell: str) -> bool:
    said = cell.strip().casefold()
    if said not in (*_YES, *_NO):
        raise Misread(f"{cell!r} for the label {label!r} is neither 1 nor 0", "Write 1 or 0.")
    return said in _YES


KIND = Kind(
    name="multi_label",
    summary="none, one or several of the task's labels; right if the set is the row's",
    row="a text and its labels: `up|past`, a list, or a 0/1 column for each (`flags`)",
    read=_read,
    needs=((("target", "flags"), "the answers are missing"),),
    takes={"flags": "0/1 columns of labels"},
    labelled=True,
    chosen=True,
    several=True,
    bound="several",
    right=_right,
    parts=lambda marked: parts_of(marked.cell),
    labels_of=lambda target, labels: labels_in(target),
    metrics=("mean_label_f1", "mean_weighted_f1", "micro_f1", "exact_match", "example_f1"),
    instructions=(
        "Name every label that fits, with semicolons between, or none. Labels: {}.",
        "맞는 라벨을 모두 세미콜론으로 나누어 쓴다. 없으면 none이라고 쓴다. 라벨: {}.",
    ),
    defaults={"max_tokens": 64},
)
