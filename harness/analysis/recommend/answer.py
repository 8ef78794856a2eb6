"""The recommendation as values: everything that a sentence, a table or a program needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.analysis.panels import Table
from harness.analysis.reasons import Reason
from harness.analysis.recommend.constraints import latency_of
from harness.analysis.recommend.decide import Verdict
from harness.analysis.recommend.evidence import Missing
from harness.analysis.recommend.flips import Flip
from harness.analysis.recommend.offers import Offer
from harness.analysis.recommend.question import Question
from harness.analysis.runs import Excluded
from harness.analysis.settings import Setting
from harness.costs.ownership import Badge, total_cost
from harness.metrics.statistics.best import Bounds
from harness.metrics.statistics.resampling import wilson_of_error
from harness.metrics.statistics.seeds import student

__all__ = ["Line", "Recommendation", "make_line"]


PLAIN = (
    *("task", "model", "metric", "verdict", "best", "stability"),
    *("rows", "clusters", "synthetic", "share", "unit"),
)
"""Fields of a recommendation that are JSON values as they are."""


@dataclass(frozen=True)
class Line:
    """A setting with what it costs and what it is worth. None is unknown.

    Attributes:
        name: The setting.
        strategy: Its strategy.
        parameters: Its hyper-parameters.
        seeds: Runs.
        once_usd: Development.
        monthly_usd: All that comes every month.
        usd_per_1k: The same for 1,000 requests.
        total_usd: Over all months, with development.
        quality: Of the primary metric.
        low: Lower end of its 95 % interval.
        high: Upper end.
        behind: By how much it is behind the best at most (one-sided, all settings at once).
        p95_seconds: Within which 95 % of single requests are answered.
        badges: By field: ``measured``, ``projected``, ``quoted`` or ``assumed``.
        prices: The deployment's own figures, as JSON values.
    """

    name: str
    strategy: str
    parameters: Mapping[str, Any]
    seeds: int
    once_usd: float | None
    monthly_usd: float | None
    usd_per_1k: float | None
    total_usd: float | None
    quality: float
    low: float
    high: float
    behind: float
    p95_seconds: float | None
    badges: Mapping[str, Badge]
    prices: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields as JSON values."""
        names = [name for name in self.__dataclass_fields__ if name not in ("badges", "prices")]
        value = {name: getattr(self, name) for name in names}
        return value | {"badges": dict(self.badges), "prices": dict(self.prices)}


@dataclass(frozen=True)
class Recommendation:
    """What is recommended for one model, with all that it rests on.

    Attributes:
        task: Name of the task.
        model: Name of the model; None where only baselines were run.
        metric: The primary metric.
        question: What was asked.
        verdict: ``decided``, ``leaning`` or ``not enough evidence``.
        reasons: Why it isn't decided; empty if it is.
        advice: What to take; None without enough evidence.
        runner_up: What comes next.
        baseline: The cheapest baseline.
        best: Name of the setting with the highest score.
        lines: All settings that could be taken.
        flips: Thresholds at which the answer turns.
        missing: Rows and runs that would decide; None where it is decided.
        nearest: Without advice: what would be taken at a level of 80 %, if anything.
        stability: Share of resamples in which the same rule takes the same setting.
        rows: Test rows that all have.
        clusters: Clusters among them.
        excluded: What doesn't count, with the reason.
        notes: What a reader has to know.
        synthetic: Whether the data are invented.
        share: Whether the metric is a share, so that differences are points.
        unit: Of a metric that is none, as the records have it (``KRW per 1,000 cases``).
    """

    task: str
    model: str | None
    metric: str
    question: Question
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    advice: Line | None = None
    runner_up: Line | None = None
    baseline: Line | None = None
    best: str = ""
    lines: tuple[Line, ...] = ()
    flips: tuple[Flip, ...] = ()
    missing: Missing | None = None
    nearest: Line | None = None
    stability: float | None = None
    rows: int = 0
    clusters: int = 0
    excluded: tuple[Excluded, ...] = ()
    notes: tuple[Reason, ...] = ()
    synthetic: bool = False
    share: bool = True
    unit: str = ""

    def shown(self) -> list[tuple[str, Line]]:
        """Returns the three rows that are shown of it, each with its role, each setting once.

        They are what is advised, what comes next and the cheapest baseline; without advice what is
        nearest to being advised, and the best.
        """
        nearly = sorted(self.lines, key=lambda line: line.behind)
        if self.advice is not None:
            first = "advice" if self.verdict == "decided" else "leaning"
            wanted = [(first, self.advice), ("runner_up", self.runner_up)]
        else:
            best = next((line for line in nearly if line.name == self.best), None)
            wanted = [("nearest", self.nearest), ("best", best)]
            wanted += [("runner_up", line) for line in nearly]
        rows: list[tuple[str, Line]] = []
        for role, line in wanted:
            if line is not None and len(rows) < 2 and all(line.name != row.name for _, row in rows):
                rows.append((role, line))
        cheapest = self.baseline
        if cheapest is not None and all(cheapest.name != row.name for _, row in rows):
            rows.append(("baseline", cheapest))
        return rows

    def as_dict(self) -> dict[str, Any]:
        """Returns everything as JSON values; reasons in English, with their codes."""

        def line(each: Line | None) -> dict[str, Any] | None:
            return each.as_dict() if each else None

        return {
            **{name: getattr(self, name) for name in PLAIN},
            "question": self.question.model_dump(mode="json"),
            "reasons": [reason.as_dict() for reason in self.reasons],
            "advice": line(self.advice),
            "runner_up": line(self.runner_up),
            "baseline": line(self.baseline),
            "nearest": line(self.nearest),
            "lines": [each.as_dict() for each in self.lines],
            "flips": [flip.as_dict() for flip in self.flips],
            "missing": self.missing.as_dict() if self.missing else None,
            "excluded": [{"name": each.name, **each.reason.as_dict()} for each in self.excluded],
            "notes": [note.as_dict() for note in self.notes],
        }


def make_line(
    k: int, setting: Setting, offer: Offer, table: Table, bounds: Bounds, question: Question
) -> Line:
    """Makes the line of a setting.

    Args:
        k: Its position.
        setting: The setting.
        offer: Its prices.
        table: Direction and scale of the metric.
        bounds: Scores of all settings.
        question: Volume and months.
    """
    total = total_cost(
        offer.deployment,
        months=question.months,
        requests_per_month=question.requests_per_month,
        updates_per_month=question.updates_per_month,
        demand=question.terms,
    )
    once, monthly = offer.deployment.development_usd, None
    if total.usd is not None and once is not None:
        monthly = (total.usd - once) / question.months
    asked = question.requests_per_month
    low, high = _interval(float(bounds.values[k]), float(bounds.errors[k]), table, bounds.clusters)
    deployment = offer.deployment
    projected = deployment.badge("usd_per_request") == "projected"
    return Line(
        name=setting.name,
        strategy=setting.strategy,
        parameters=setting.record.strategy.parameters,
        seeds=len(setting.runs),
        once_usd=once,
        monthly_usd=monthly,
        usd_per_1k=None if monthly is None or not asked else 1000 * monthly / asked,
        total_usd=total.usd,
        quality=table.sign * float(bounds.values[k]),
        low=low,
        high=high,
        behind=float(bounds.behind()[k]),
        p95_seconds=None if projected else latency_of(setting),
        badges={
            "once_usd": deployment.badge("development_usd"),
            "monthly_usd": _monthly_badge(offer, question),
            "usd_per_1k": _monthly_badge(offer, question),
            "quality": "quoted" if setting.record.source else "measured",
            "p95_seconds": "measured",
        },
        prices=deployment.as_dict() | {"label_rows": offer.label_rows},
    )


def _monthly_badge(offer: Offer, question: Question) -> Badge:
    """The weakest of what a month's costs are made of."""
    badge = offer.deployment.badge("usd_per_request")
    return "assumed" if question.updates_per_month and offer.deployment.update_usd else badge


def _interval(value: float, error: float, table: Table, clusters: int) -> tuple[float, float]:
    reach = student(0.95, max(1, clusters - 1))
    if table.share and table.sign > 0 and 0 <= value <= 1:
        return wilson_of_error(value, error**2, clusters, reach)
    ends = table.sign * (value - reach * error), table.sign * (value + reach * error)
    return min(ends), max(ends)
