"""Rows that repeat others: within a table, and across its splits."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.task.near import near_texts, numbers_masked
from harness.task.splits import normalised
from harness.types import Row

__all__ = ["Twin", "Twins", "input_of", "without_twins"]

Kind = Literal["exact", "spelling", "near", "other_numbers"]


def input_of(row: Row) -> str:
    """Returns what a row asks: its text, and the options of a multiple choice."""
    query = row.example.query
    return unicodedata.normalize("NFC", "\n".join((query.text, *query.choices))).strip()


@dataclass(frozen=True)
class Twin:
    """A row, and the first one elsewhere that it repeats."""

    row: Row
    other: Row
    kind: Kind


class Twins:
    """Compares the rows of splits with each other, all at once."""

    def __init__(self, parts: Mapping[str, Sequence[Row]]) -> None:
        self.parts = parts
        rows = [row for part in parts.values() for row in part]
        self._input = {id(row): input_of(row) for row in rows}
        self._plain = {key: normalised(text) for key, text in self._input.items()}
        texts = list(dict.fromkeys(self._plain.values()))
        self._near = {
            texts[number]: [texts[other] for other in others]
            for number, others in enumerate(near_texts(texts))
            if others
        }

    def across(self, split: str, *others: str) -> list[Twin]:
        """Returns the rows of one split that repeat a row of others."""
        return list(
            self._twins(self.parts[split], [row for name in others for row in self.parts[name]])
        )

    def _twins(self, rows: Sequence[Row], others: Sequence[Row]) -> Iterator[Twin]:
        exact = {self._input[id(row)]: row for row in reversed(others)}
        plain = {self._plain[id(row)]: row for row in reversed(others)}
        masked = {numbers_masked(text): row for text, row in reversed(plain.items())}
        for row in rows:
            text = self._plain[id(row)]
            near = (plain[each] for each in self._near.get(text, ()) if each in plain)
            # "the golf cover was amended" and "the cancer cover ...": another answer, another fact
            near = (other for other in near if other.example.target == row.example.target)
            twins: dict[Kind, Row | None] = {
                "exact": exact.get(self._input[id(row)]),
                "spelling": plain.get(text),
                "near": next(near, None),
                "other_numbers": masked.get(numbers_masked(text)),
            }
            for kind, twin in twins.items():
                if twin is not None:
                    yield Twin(row, twin, kind)
                    break

    def repeated(self) -> tuple[int, int]:
        """Counts the rows whose input an earlier row has, and those whose input one nearly has."""
        inputs, answers, exact, near = set[str](), dict[str, str](), 0, 0
        for part in self.parts.values():
            for row in part:
                own, text, answer = self._input[id(row)], self._plain[id(row)], row.example.target
                if own in inputs:
                    exact += 1
                elif text in answers or any(
                    answers.get(each) == answer for each in self._near.get(text, ())
                ):
                    near += 1
                inputs.add(own)
                answers.setdefault(text, answer)
        return exact, near

    def conflicts(self) -> list[tuple[Row, Row]]:
        """Returns for each input with several answers the first two rows that differ."""
        first: dict[str, Row] = {}
        differing: dict[str, tuple[Row, Row]] = {}
        for part in self.parts.values():
            for row in part:
                text = self._input[id(row)]
                known = first.setdefault(text, row)
                if known.example.target != row.example.target and text not in differing:
                    differing[text] = known, row
        return list(differing.values())


def without_twins(
    parts: Mapping[str, Sequence[Row]],
) -> tuple[dict[str, list[Row]], dict[str, int]]:
    """Leaves out of train and dev what repeats a test row, exactly or nearly, and counts it."""
    twins = Twins(parts)
    kept = {name: list(rows) for name, rows in parts.items()}
    dropped: dict[str, int] = defaultdict(int)
    for name in ("train", "dev"):
        leaked = {
            id(twin.row) for twin in twins.across(name, "test") if twin.kind != "other_numbers"
        }
        kept[name] = [row for row in kept[name] if id(row) not in leaked]
        dropped[name] = len(leaked)
    return kept, dict(dropped)
