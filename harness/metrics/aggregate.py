"""Makes figures with intervals out of scored rows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from harness.errors import UsageError, nearest
from harness.metrics import classification
from harness.metrics.ragas import METRICS
from harness.metrics.retrieval import DEFAULT_KS
from harness.metrics.statistics.counts import cluster_bootstrap_counts
from harness.metrics.statistics.resampling import cluster_bootstrap, wilson
from harness.types import Estimate, Outcome, Scored

__all__ = [
    "ABSTENTION",
    "EVALUATED",
    "FOUND",
    "KNOWN",
    "RETRIEVAL",
    "SOURCE",
    "MetricInfo",
    "aggregate",
    "check_metrics",
    "outcomes",
    "row_value",
    "sign_of",
    "slices",
]

_CHOICE = frozenset({"classification", "multiple_choice"})
_QA = frozenset({"qa"})
_TEXT = frozenset({"qa", "description"})
_DECISION = frozenset({"decision"})
_ANY = frozenset({"ranking"}) | _CHOICE | _TEXT | _DECISION


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """What a metric is.

    Attributes:
        summary: One line for a list.
        higher_is_better: The direction.
        kinds: Kinds of task that it is for.
        level: ``row`` a mean over rows, ``corpus`` a figure of all rows together.
        partial: Whether rows may lack it, and are then left out.
        money: Whether it is an amount in the task's currency, shown for 1,000 cases; else a share.
    """

    summary: str
    higher_is_better: bool
    kinds: frozenset[str]
    level: Literal["row", "corpus"]
    partial: bool = False
    money: bool = False

    @property
    def scale(self) -> int:
        """What the mean over rows is multiplied by: money is shown for 1,000 cases."""
        return 1_000 if self.money else 1


ABSTENTION = frozenset({"abstention_precision", "abstention_recall", "false_abstention"})

KNOWN: dict[str, MetricInfo] = {
    "accuracy": MetricInfo("share of right answers", True, _CHOICE | _QA | _DECISION, "row"),
    "macro_f1": MetricInfo("F1, the mean over the labels that occur", True, _CHOICE, "corpus"),
    "weighted_f1": MetricInfo("F1, labels weighted by their rows", True, _CHOICE, "corpus"),
    "mcc": MetricInfo("Matthews' correlation coefficient", True, _CHOICE, "corpus"),
    "exact_match": MetricInfo(
        "share of answers that are an accepted one; of decisions, with the right amount",
        True, _QA | _DECISION, "row",
    ),
    "token_f1": MetricInfo("word overlap with the closest accepted answer", True, _TEXT, "row"),
    "key_fact_recall": MetricInfo(
        "share of a description's key facts that are said", True, frozenset({"description"}), "row"
    ),
    "abstention_recall": MetricInfo(
        "share of unanswerable rows that got no answer", True, _TEXT, "row"
    ),
    "abstention_precision": MetricInfo(
        "share of rows without an answer that are unanswerable", True, _TEXT, "row"
    ),
    "false_abstention": MetricInfo(
        "share of answerable rows that got no answer", False, _TEXT, "row"
    ),
    "decision_accuracy": MetricInfo(
        "share of right decisions, whatever the amount", True, _DECISION, "row"
    ),
    "expected_loss": MetricInfo(
        "what wrong decisions and hand-overs cost, for 1,000 cases", False, _DECISION, "row",
        money=True,
    ),
    "wrong_pay": MetricInfo(
        "share paid of the cases in which nothing was to be paid", False, _DECISION, "row",
        partial=True,
    ),
    "wrong_deny": MetricInfo(
        "share denied of the cases that were to be paid", False, _DECISION, "row", partial=True
    ),
    "handover": MetricInfo(
        "share that a person has to decide: no readable decision, or no amount", False, _DECISION,
        "row",
    ),
    "amount_error": MetricInfo(
        "relative error of the amount, 1 at most, where it was right to pay and is paid", False,
        _DECISION, "row", partial=True,
    ),
    "mrr": MetricInfo(
        "mean of 1 / rank of the first gold passage", True, _ANY, "row", partial=True
    ),
    **{
        f"{name}@{k}": MetricInfo(summary.format(k=k), True, _ANY, "row", partial=True)
        for name, summary in {
            "hit": "share of rows with a gold passage among the first {k}",
            "recall": "share of a row's gold passages among the first {k}",
            "precision": "share of the first {k} that hit a gold passage",
            "ndcg": "normalised discounted gain of the first {k}, binary relevance",
        }.items()
        for k in DEFAULT_KS
    },
    "source_correctness": MetricInfo(
        "share of answers whose sources are documents that say it", True, _TEXT, "row", partial=True
    ),
    **{
        name: MetricInfo(metric.summary, True, _TEXT, "row", partial=True)
        for name, metric in METRICS.items()
    },
}  # fmt: skip
SOURCE = "source_correctness"
FOUND = frozenset(name for name in KNOWN if "@" in name or name in ("mrr", SOURCE))
"""Metrics of what was retrieved; not defined for a row without evidence or gold passages."""
EVALUATED = frozenset(METRICS)
"""Metrics that ragas computes."""
RETRIEVAL = ("hit@1", "hit@5", "mrr", "ndcg@10")
"""What is shown of a strategy that retrieves, where the task has gold passages."""


def sign_of(metric: str) -> float:
    """Returns -1.0 for a metric that is better when lower, else 1.0; an unknown one is a score."""
    return 1.0 if metric not in KNOWN or KNOWN[metric].higher_is_better else -1.0


def check_metrics(
    metrics: Sequence[str], *, kind: str | None = None, plugins: Collection[str] = ()
) -> None:
    """Checks names of metrics before anything is spent.

    Args:
        metrics: The names.
        kind: The task's kind; None leaves it out of the check.
        plugins: Names of plug-in metrics, which go with every kind.

    Raises:
        UsageError: A name is unknown, or the metric is for another kind of task.
    """
    for name in metrics:
        if name in plugins:
            continue
        if name not in KNOWN:
            raise UsageError(f"unknown metric {name!r}", nearest(name, {*KNOWN, *plugins}))
        if kind is not None and kind not in KNOWN[name].kinds:
            fitting = [known for known, info in KNOWN.items() if kind in info.kinds]
            raise UsageError(
                f"metric {name!r} is not for tasks of kind {kind!r}",
                f"For this kind: {', '.join(fitting) or 'none'}.",
            )


def aggregate(
    scored: Sequence[Scored],
    *,
    kind: str,
    labels: Sequence[str],
    metrics: Sequence[str],
    seed: int = 0,
) -> dict[str, Estimate]:
    """Computes each metric with its 95 % interval.

    Args:
        scored: Rows; those with an error are outside n.
        kind: The task's kind.
        labels: The task's labels, for F1.
        metrics: Names, of `KNOWN` or of a plug-in that left values in the rows.
        seed: Of the bootstrap.

    Returns:
        Estimates by name, in the order of `metrics`. The interval is Wilson's where each cluster
        has one row and every value is 0 or 1, else clusters are resampled.

    Raises:
        UsageError: A name is unknown, or the metric is for another kind of task.
    """
    rows = _check(scored, kind, metrics)
    return {name: _estimate(name, rows, labels, seed) for name in metrics}


def _check(scored: Sequence[Scored], kind: str, metrics: Sequence[str]) -> list[Scored]:
    """Returns the rows that count; without any it isn't known which plug-ins there are."""
    rows = [row for row in scored if row.outcome != "error"]
    if rows:
        check_metrics(metrics, kind=kind, plugins={name for row in rows for name in row.values})
    return rows


def slices(
    scored: Sequence[Scored],
    columns: Sequence[str],
    *,
    kind: str,
    labels: Sequence[str],
    metrics: Sequence[str],
    seed: int = 0,
) -> dict[str, dict[str, Estimate]]:
    """Computes the metrics over the rows of each value of each column.

    Args:
        scored: Rows.
        columns: Names of columns; a row without the column is in none of its slices.
        kind: The task's kind.
        labels: The task's labels.
        metrics: Names of the metrics.
        seed: Of the bootstrap.

    Returns:
        Estimates by metric, by ``column=value``.

    Raises:
        UsageError: As `aggregate` does.
    """
    _check(scored, kind, metrics)
    groups: dict[str, list[Scored]] = {}
    for column in columns:
        values = sorted({row.columns[column] for row in scored if row.columns.get(column)})
        for value in values:
            chosen = [row for row in scored if row.columns.get(column) == value]
            groups[f"{column}={value}"] = chosen
    return {
        name: {
            metric: _estimate(metric, [row for row in rows if row.outcome != "error"], labels, seed)
            for metric in metrics
        }
        for name, rows in groups.items()
    }


def outcomes(scored: Sequence[Scored]) -> dict[str, int]:
    """Counts what became of the queries.

    Args:
        scored: Rows.

    Returns:
        Rows by outcome, all five named, and ``abstained`` (which are ``ok`` as well).
    """
    counts = Counter(row.outcome for row in scored)
    named: dict[str, int] = {name: counts[name] for name in get_args(Outcome)}
    return {**named, "abstained": sum(row.abstained for row in scored)}


def _estimate(name: str, rows: Sequence[Scored], labels: Sequence[str], seed: int) -> Estimate:
    if name in KNOWN and KNOWN[name].level == "corpus":
        return _corpus(name, rows, labels, seed)
    found = [(row, value) for row in rows if (value := row_value(name, row)) is not None]
    if name in KNOWN and KNOWN[name].money:
        return _money(found, KNOWN[name].scale, seed)
    return _mean(found, seed)


def row_value(name: str, row: Scored) -> float | None:
    """Returns a row's value of a metric of rows; None where it isn't defined for the row."""
    if name == "accuracy":
        return float(row.correct)
    if name in ABSTENTION:
        return _abstention(name, row)
    value = row.values.get(name)
    if name in KNOWN and not KNOWN[name].partial:
        return value if value is not None else 0.0
    return value if value is not None and math.isfinite(value) else None


def _abstention(name: str, row: Scored) -> float | None:
    if name == "abstention_precision":
        return float(not row.answerable) if row.abstained else None
    return float(row.abstained) if row.answerable == (name == "false_abstention") else None


def _clusters(rows: Sequence[Scored]) -> list[str]:
    """Returns each row's cluster; a row without one is its own."""
    return [row.cluster or f"\0{row.id}" for row in rows]


def _nothing(why: str, n: int = 0) -> Estimate:
    return Estimate(None, None, None, n, why)


def _mean(found: Sequence[tuple[Scored, float]], seed: int) -> Estimate:
    if not found:
        return _nothing("no rows")
    values = [value for _, value in found]
    clusters = _clusters([row for row, _ in found])
    n = len(values)
    if len(set(clusters)) == n and set(values) <= {0.0, 1.0}:
        right = sum(values)
        return Estimate(right / n, *wilson(right, n), n, "wilson")
    made = cluster_bootstrap(values, clusters, seed=seed)
    return Estimate(made.value, made.low, made.high, n, made.method)


def _money(found: Sequence[tuple[Scored, float]], scale: int, seed: int) -> Estimate:
    """A mean amount for so many rows. Its interval has no width where all rows cost the same."""
    if not found:
        return _nothing("no rows")
    values = [value for _, value in found]
    made = cluster_bootstrap(values, _clusters([row for row, _ in found]), seed=seed, share=False)
    low, high = (None if end is None else end * scale for end in (made.low, made.high))
    return Estimate(made.value * scale, low, high, len(values), made.method)


def _corpus(name: str, rows: Sequence[Scored], labels: Sequence[str], seed: int) -> Estimate:
    if not rows:
        return _nothing("no rows")
    if any(not row.target for row in rows):
        return _nothing("labels not stored", len(rows))
    targets, predicted = classification.answers(rows)
    made = cluster_bootstrap_counts(
        targets,
        predicted,
        _clusters(rows),
        metric=cast("Literal['macro_f1', 'weighted_f1', 'mcc']", name),
        seed=seed,
    )
    value = {
        "macro_f1": lambda: classification.macro_f1(rows, labels),
        "weighted_f1": lambda: classification.weighted_f1(rows, labels),
        "mcc": lambda: classification.mcc(rows),
    }[name]()
    return Estimate(value, made.low, made.high, len(rows), made.method)
