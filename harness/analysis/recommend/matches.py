"""Says when the choice, or the order of two configurations, hangs on how strictly answers match."""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.panels import make_table
from harness.analysis.recommend.decide import Decision, decide
from harness.analysis.recommend.offers import Comparison
from harness.analysis.words import Reason
from harness.errors import UsageError
from harness.metrics.metric import MATCHES
from harness.metrics.statistics.best import Bounds, compare_with_best

__all__ = ["metric_note"]


@dataclass(frozen=True)
class _Sides:
    """The same configurations by the metric that decides, and by another one."""

    compared: Comparison
    other: str
    bounds: Bounds  # by the other metric

    def turns(self, a: int, b: int) -> bool:
        """Says whether the configuration ahead by one metric is behind by the other."""
        first, second = self.compared.bounds.values, self.bounds.values
        return bool((first[a] - first[b]) * (second[a] - second[b]) < 0)

    def reason(self, code: str, a: int, b: int) -> Reason:
        """Names two configurations with the figures of both metrics."""
        first, second = self.compared.bounds.values, self.bounds.values
        names = [each.name for each in self.compared.configurations]
        figures = {"a_value": first[a], "b_value": first[b]}
        figures |= {"a_other": second[a], "b_other": second[b]}
        words = {"metric": self.compared.table.metric, "other": self.other}
        words |= {"a": names[a], "b": names[b]}
        return Reason(code, words | {name: f"{value:.3f}" for name, value in figures.items()})


def metric_note(compared: Comparison, decision: Decision, runner_up: int | None) -> Reason | None:
    """Returns what another of `MATCHES` would change; None where it changes nothing.

    A record that lacks a metric is no evidence: then nothing is said of that metric.
    """
    metric = compared.table.metric
    for other in MATCHES if metric in MATCHES else ():
        if other == metric or (sides := _sides(compared, other)) is None:
            continue
        if (reason := _choice(sides, decision) or _order(sides, decision, runner_up)) is not None:
            return reason
    return None


def _sides(compared: Comparison, other: str) -> _Sides | None:
    try:
        table = make_table(compared.configurations, other)
    except UsageError:
        return None
    bounds = compare_with_best(table.panel, table.groups, draws=compared.bounds.draws)
    return _Sides(compared, other, bounds)


def _choice(sides: _Sides, decision: Decision) -> Reason | None:
    question = sides.compared.question
    if decision.chosen is None:
        return None
    again = decide(
        sides.bounds, sides.compared.usd, margin=question.margin, floor=question.min_quality
    )
    if again.chosen is None or again.chosen == decision.chosen:
        return None
    return sides.reason("metric_choice", decision.chosen, again.chosen)


def _order(sides: _Sides, decision: Decision, runner_up: int | None) -> Reason | None:
    """Compares what is chosen, or the best, with the runner-up and the best by the other metric."""
    values = sides.compared.bounds.values
    first = int(values.argmax()) if decision.chosen is None else decision.chosen
    for k in (runner_up, int(sides.bounds.values.argmax())):
        if k is not None and sides.turns(first, k):
            a, b = (first, k) if values[first] > values[k] else (k, first)
            return sides.reason("metric_order", a, b)
    return None
