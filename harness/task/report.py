"""What loading a task's rows noticed, as counts and as sentences for the user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.task.splits import leaked, normalised
from harness.types import Row

__all__ = ["MAX_LABELS", "DataReport", "report_of"]

MAX_LABELS = 500


@dataclass(frozen=True)
class DataReport:
    """What loading noticed."""

    duplicates: int = 0  # rows whose normalised input stood in an earlier row
    leaked: tuple[str, ...] = ()  # ids of test rows whose input also stands in train
    labels: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()  # what was doubtful, and how it was read


def report_of(parts: Mapping[str, Sequence[Row]]) -> DataReport:
    """Returns the report on the rows of each split."""
    everything = [row for part in parts.values() for row in part]
    seen = Counter(normalised(row.example.query.text) for row in everything)
    train = [row.example.query.text for row in parts["train"]]
    leaks = leaked(train, {row.id: row.example.query.text for row in parts["test"]})
    labels = Counter(row.example.target for row in everything)
    few = dict(labels) if len(labels) <= MAX_LABELS else {}
    return DataReport(sum(count - 1 for count in seen.values()), tuple(leaks), few)
