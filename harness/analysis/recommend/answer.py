"""The recommendation as values: everything that a sentence, a table or a program needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.analysis.configurations import Configuration
from harness.analysis.panels import ScoreTable
from harness.analysis.reasons import Reason
from harness.analysis.recommend.constraints import latency_of
from harness.analysis.recommend.decide import DecisionVerdict
from harness.analysis.recommend.flips import Flip
from harness.analysis.recommend.missing_rows import Missing
from harness.analysis.recommend.offers import Offer
from harness.analysis.recommend.question import Question
from harness.analysis.trials import Excluded
from harness.costs.ownership import Badge, total_cost
from harness.metrics.statistics.best import Bounds
from harness.metrics.statistics.resampling import wilson_of_error
from harness.metrics.statistics.seeds import student

__all__ = ["Candidate", "Recommendation", "make_candidate"]


PLAIN = (
    *("task", "model", "metric", "verdict", "best", "stability"),
    *("rows", "clusters", "synthetic", "share", "unit"),
)
"""Fields of a recommendation that are JSON values as they are."""


@dataclass(frozen=True)
class Candidate:
    """A configuration with what it costs and what it is worth. None is unknown."""

    name: str  # the configuration
    strategy: str  # its strategy
    parameters: Mapping[str, Any]  # its hyper-parameters
    seeds: int  # runs
    once_usd: float | None  # development
    monthly_usd: float | None  # all that comes every month
    usd_per_1k: float | None  # the same for 1,000 requests
    total_usd: float | None  # over all months, with development
    quality: float  # of the primary metric
    low: float  # lower end of its 95 % interval
    high: float  # upper end
    # by how much it is behind the best at most (one-sided, all configurations at once)
    behind: float
    p95_seconds: float | None  # within which 95 % of single requests are answered
    badges: Mapping[str, Badge]  # by field: ``measured``, ``projected``, ``quoted`` or ``assumed``
    prices: Mapping[str, Any]  # the deployment's own figures, as JSON values

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields as JSON values."""
        names = [name for name in self.__dataclass_fields__ if name not in ("badges", "prices")]
        value = {name: getattr(self, name) for name in names}
        return value | {"badges": dict(self.badges), "prices": dict(self.prices)}


@dataclass(frozen=True)
class Recommendation:
    """What is recommended for one model, with all that it rests on."""

    task: str  # name of the task
    model: str | None  # name of the model; None where only baselines were run
    metric: str  # the primary metric
    question: Question  # what was asked
    verdict: DecisionVerdict  # ``decided``, ``leaning`` or ``not enough evidence``
    reasons: tuple[Reason, ...] = ()  # why it isn't decided; empty if it is
    advice: Candidate | None = None  # what to take; None without enough evidence
    runner_up: Candidate | None = None  # what comes next
    baseline: Candidate | None = None  # the cheapest baseline
    best: str = ""  # name of the configuration with the highest score
    lines: tuple[Candidate, ...] = ()  # all configurations that could be taken
    flips: tuple[Flip, ...] = ()  # thresholds at which the answer turns
    missing: Missing | None = None  # rows and runs that would decide; None where it is decided
    # without advice: what would be taken at a level of 80 %, if anything
    nearest: Candidate | None = None
    # share of resamples in which the same rule takes the same configuration
    stability: float | None = None
    rows: int = 0  # test rows that all have
    clusters: int = 0  # clusters among them
    excluded: tuple[Excluded, ...] = ()  # what doesn't count, with the reason
    notes: tuple[Reason, ...] = ()  # what a reader has to know
    synthetic: bool = False  # whether the data are invented
    share: bool = True  # whether the metric is a share, so that differences are points
    unit: str = ""  # of a metric that is none, as the records have it (``KRW per 1,000 cases``)

    def shown(self) -> list[tuple[str, Candidate]]:
        """Returns the three rows that are shown of it, each with its role, each configuration once.

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
        rows: list[tuple[str, Candidate]] = []
        for role, line in wanted:
            if line is not None and len(rows) < 2 and all(line.name != row.name for _, row in rows):
                rows.append((role, line))
        cheapest = self.baseline
        if cheapest is not None and all(cheapest.name != row.name for _, row in rows):
            rows.append(("baseline", cheapest))
        return rows

    def as_dict(self) -> dict[str, Any]:
        """Returns everything as JSON values; reasons in English, with their codes."""

        def line(each: Candidate | None) -> dict[str, Any] | None:
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


def make_candidate(
    k: int,
    configuration: Configuration,
    offer: Offer,
    table: ScoreTable,
    bounds: Bounds,
    question: Question,
) -> Candidate:
    """Makes the line of a configuration."""
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
    return Candidate(
        name=configuration.name,
        strategy=configuration.strategy,
        parameters=configuration.record.strategy.parameters,
        seeds=len(configuration.runs),
        once_usd=once,
        monthly_usd=monthly,
        usd_per_1k=None if monthly is None or not asked else 1000 * monthly / asked,
        total_usd=total.usd,
        quality=table.sign * float(bounds.values[k]),
        low=low,
        high=high,
        behind=float(bounds.behind()[k]),
        p95_seconds=None if projected else latency_of(configuration),
        badges={
            "once_usd": deployment.badge("development_usd"),
            "monthly_usd": _monthly_badge(offer, question),
            "usd_per_1k": _monthly_badge(offer, question),
            "quality": "quoted" if configuration.record.source else "measured",
            "p95_seconds": "measured",
        },
        prices=deployment.as_dict() | {"label_rows": offer.label_rows},
    )


def _monthly_badge(offer: Offer, question: Question) -> Badge:
    """The weakest of what a month's costs are made of."""
    badge = offer.deployment.badge("usd_per_request")
    return "assumed" if question.updates_per_month and offer.deployment.update_usd else badge


def _interval(value: float, error: float, table: ScoreTable, clusters: int) -> tuple[float, float]:
    reach = student(0.95, max(1, clusters - 1))
    if table.share and table.sign > 0 and 0 <= value <= 1:
        return wilson_of_error(value, error**2, clusters, reach)
    ends = table.sign * (value - reach * error), table.sign * (value + reach * error)
    return min(ends), max(ends)
