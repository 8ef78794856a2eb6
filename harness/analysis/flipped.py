"""The rows that one of two runs has right and the other one wrong, with what each answer cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.analysis.compare import Side
from harness.analysis.summary import cost_of
from harness.costs.book import PriceBook
from harness.records.files import Json
from harness.records.predictions import row_name

__all__ = ["AnswerPrice", "Answered", "Flipped", "flipped_rows", "tokens_of"]

Line = Mapping[str, Any]  # JSON: a line of predictions.jsonl


def tokens_of(line: Line) -> tuple[int, int]:
    """Returns the tokens that a line of predictions read and wrote."""
    usage = line.get("usage") or {}
    return int(usage.get("input_tokens", 0)), int(usage.get("output_tokens", 0))


class AnswerPrice:
    """The price of each of some answers; of those without tokens all cost the same."""

    def __init__(self, usd_per_1k: float | None, lines: Sequence[Line]) -> None:
        tokens = sum(sum(tokens_of(line)) for line in lines)
        self._each = None if usd_per_1k is None else usd_per_1k / 1000
        self._per_token = self._each * len(lines) / tokens if self._each and tokens else None

    def of(self, line: Line) -> float | None:
        """Returns the dollars of an answer; None where answering has no price."""
        return self._each if self._per_token is None else self._per_token * sum(tokens_of(line))


@dataclass(frozen=True, slots=True)
class Answered:
    """A run's answer to a row. None where the record doesn't keep it, or it has no price."""

    text: str | None
    input_tokens: int
    output_tokens: int
    usd: float | None  # its share of what answering all rows took, by tokens


@dataclass(frozen=True, slots=True)
class Flipped:
    """A row that only one of two runs has right."""

    id: str
    name: str  # what a person calls it: its id, or its place in a table
    question: str  # empty where the record doesn't keep it
    target: str | None
    right: str  # ``a`` or ``b``
    a: Answered
    b: Answered


def flipped_rows(left: Side, right: Side, book: PriceBook) -> list[Flipped]:
    """Returns the rows that both runs answered and only one has right, in the order of the first."""
    lines = [side.lines() for side in (left, right)]
    prices = [
        AnswerPrice(cost_of(side.folder, book).usd_per_1k_requests, [*each.values()])
        for side, each in zip((left, right), lines, strict=True)
    ]
    rows = []
    for name, mine in lines[0].items():
        other = lines[1].get(name)
        if other is None or bool(mine["correct"]) == bool(other["correct"]):
            continue
        target = mine.get("target", other.get("target"))
        answers = (_answer(line, at) for line, at in zip((mine, other), prices, strict=True))
        question = str(mine.get("question") or other.get("question") or "")
        ahead = "a" if mine["correct"] else "b"
        rows.append(Flipped(name, row_name(mine), question, target, ahead, *answers))
    return rows


def _answer(line: Json, price: AnswerPrice) -> Answered:
    text = line.get("predicted") if line.get("text") is None else line["text"]
    return Answered(text, *tokens_of(line), price.of(line))
