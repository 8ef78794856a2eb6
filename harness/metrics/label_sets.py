"""Answers that are several: F1 over labels or entities, over all rows and by row.

`mean_label_f1` and `micro_f1` are scikit-learn's ``f1_score`` of indicators with ``average="macro"``
and ``"micro"``, over the labels that occur among the right answers. `mean_weighted_f1` is what the
gold-news headlines of Sinha and Khandait (2021, FICC 589-601) are scored by: for each label F1 of
its presence and of its absence, weighted by how often each is right; then the mean over labels.
`example_f1` is ``average="samples"``; two empty sets are equal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.metrics.classification import answers, figure_metric
from harness.metrics.lists import labels_in, lines_in
from harness.metrics.metric import Answered, Metric
from harness.types import Scored

if TYPE_CHECKING:
    from harness.metrics.statistics.counts import Metric as Figure

__all__ = ["ENTITIES", "METRICS", "SETS", "figure_of_several"]

SETS, ENTITIES = frozenset({"multi_label"}), frozenset({"extraction"})


def figure_of_several(name: Figure, scored: Sequence[Scored]) -> float:
    """Computes a figure of all rows, 0-1; rows with an error are left out."""
    import numpy as np

    from harness.metrics.statistics.counts import classes, statistic, tabled

    targets, predicted = answers(scored)
    names = classes(name, targets, predicted)
    found = tabled(targets, [predicted], np.zeros(len(targets), dtype=np.int64), names, name)
    return float(statistic(found.sums, name)[0])


def _several(name: Figure, summary: str, kinds: frozenset[str]) -> Metric:
    return figure_metric(name, summary, kinds, lambda rows, labels: figure_of_several(name, rows))


def _example_f1(answered: Answered) -> float:
    split = labels_in if answered.kind.among(SETS) else lines_in
    right = Counter(split(answered.row.example.target))
    given = Counter(split(answered.scored.predicted or ""))
    total = right.total() + given.total()
    return 2 * (right & given).total() / total if total else 1.0


METRICS = (
    _several("mean_label_f1", "F1 of each label, the mean over the labels that occur", SETS),
    _several(
        "mean_weighted_f1",
        "F1 of each label's presence and absence, weighted, the mean over the labels that occur",
        SETS,
    ),
    _several("micro_f1", "F1 over all labels of all rows together", SETS),
    _several(
        "entity_f1", "F1 over all entities of all rows: text and type have to be right", ENTITIES
    ),
    Metric(
        "example_f1",
        "F1 of a row's labels or entities, the mean over rows",
        SETS | ENTITIES,
        answer=_example_f1,
        needs=frozenset({"response", "reference"}),
    ),
)
