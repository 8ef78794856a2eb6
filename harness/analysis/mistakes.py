"""The rows that a run got wrong or not at all, the most frequent confusions first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.records.predictions import row_name, stored_predictions
from harness.records.schema import RunRecord

__all__ = ["GROUPS", "Mistake", "mistakes_of"]

GROUPS = ("wrong", "abstained", "unparsed", "truncated", "refused", "error")
"""What became of a row that isn't right: two kinds of answers, then the outcomes without one."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A row that isn't right. Texts are None where the record keeps none."""

    id: str
    name: str  # what a person calls it: its id, or its place in a table
    question: str | None  # of one's own rows; the record has no other
    group: str  # one of `GROUPS`
    target: str | None
    answer: str | None  # as it was read, or as it was written where it couldn't be read
    error: str | None
    alike: int  # rows of the group with the same right and given answer, this one counted


def mistakes_of(folder: Path, record: RunRecord) -> dict[str, list[Mistake]]:
    """Returns the rows that aren't right by group, groups without one left out.

    Within a group the most frequent pair of right and given answer comes first.

    Raises:
        DataError: The file of answers is damaged.
    """
    lines: dict[str, list[Mapping[str, object]]] = defaultdict(list)
    for line in stored_predictions(folder, record):
        if group := _group(line):
            lines[group].append(line)
    return {name: _ordered(name, lines[name]) for name in GROUPS if name in lines}


def _group(line: Mapping[str, object]) -> str | None:
    if line["outcome"] != "ok":
        return str(line["outcome"])
    if line["correct"]:
        return None
    return "abstained" if line["abstained"] else "wrong"


def _ordered(group: str, lines: list[Mapping[str, object]]) -> list[Mistake]:
    pairs = [(_text(line, "target"), _given(line)) for line in lines]
    counts = Counter(pairs)
    first = {pair: number for number, pair in reversed([*enumerate(pairs)])}
    found = [
        Mistake(
            str(line["id"]),
            row_name(line),
            _text(line, "question"),
            group,
            *pair,
            _text(line, "error"),
            counts[pair],
        )
        for line, pair in zip(lines, pairs, strict=True)
    ]
    order = sorted(range(len(found)), key=lambda at: (-counts[pairs[at]], first[pairs[at]], at))
    return [found[at] for at in order]


def _given(line: Mapping[str, object]) -> str | None:
    predicted = _text(line, "predicted")
    return _text(line, "text") if predicted is None else predicted


def _text(line: Mapping[str, object], name: str) -> str | None:
    value = line.get(name)
    return None if value is None else str(value)
