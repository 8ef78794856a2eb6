"""The floor: always the most frequent answer of the training rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import ClassVar

from harness.records.files import write_json
from harness.strategy.base import Predictor, Strategy
from harness.strategy.context import Context
from harness.strategy.family import Family
from harness.types import Output, Query

FILE = "majority.json"


class Majority(Strategy):
    """Answers with the most frequent target; ties go to the first in alphabetical order.

    Where a target is a decision with an amount, decisions are counted and the amount left out.
    """

    name: ClassVar[str] = "majority"
    summary: ClassVar[str] = "always the most frequent training answer: the floor"
    family: ClassVar[Family] = "baseline"
    trains: ClassVar[str] = "counts of labels"
    memory: ClassVar[str] = "no model"
    needs: ClassVar[frozenset[str]] = frozenset({"train"})
    constant: ClassVar[bool] = True
    tried_first: ClassVar[bool] = True

    @property
    def readout(self) -> str:
        """The answer is a constant, neither likelihood nor text."""
        return "classifier"

    def prepare(self, context: Context) -> None:
        """Counts the training answers."""
        with context.ledger.phase("train"):
            counts = Counter(context.task.label_of(row.target) for row in context.train)
            answer = min(counts, key=lambda target: (-counts[target], target))
        write_json(context.artifact / FILE, answer)

    def predictor(self, context: Context) -> Predictor:
        """Reads the answer."""
        return Constant(json.loads((context.artifact / FILE).read_text(encoding="utf-8")))


class Constant:
    """Gives one answer to everything."""

    def __init__(self, answer: str) -> None:
        self._answer = answer

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields the same text for each query."""
        return (Output(query.id, self._answer, chosen=True) for query in queries)
