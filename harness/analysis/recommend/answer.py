"""The recommendation as values: everything that a sentence, a table or a program needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from harness.analysis.configurations import Configuration
from harness.analysis.panels import ScoreTable
from harness.analysis.reasons import Reason
from harness.analysis.recommend.constraints import latency_of, timed
from harness.analysis.recommend.decide import DecisionVerdict
from harness.analysis.recommend.flips import Flip
from harness.analysis.recommend.missing_rows import Missing
from harness.analysis.recommend.offers import Offer
from harness.analysis.recommend.question import Question
from harness.analysis.trials import Excluded
from harness.costs.ownership import Badge
from harness.metrics.statistics.best import Bounds
from harness.metrics.statistics.quantiles import upper_bound
from harness.metrics.statistics.seeds import student

__all__ = ["Candidate", "Recommendation", "make_candidate"]


PLAIN = (  # fields of a recommendation that are JSON values as they are
    *("task", "model", "metric", "verdict", "best", "stability"),
    *("rows", "clusters", "synthetic", "share", "higher", "unit"),
)


@dataclass(frozen=True)
class Candidate:
    """A configuration with what it costs and what it is worth. None is unknown."""

    name: str  # of the configuration
    strategy: str
    parameters: Mapping[str, object]
    seeds: int  # runs
    once_usd: float | None  # development
    monthly_usd: float | None  # all that comes every month, at the volume that was asked for
    total_usd: float | None  # over all months, with development
    least: tuple[str, ...]  # which of these sums lack labels without a price: at least that
    quality: float  # of the primary metric
    low: float  # lower end of its 95 % interval
    high: float  # upper end
    behind: float  # the best, at most (one-sided, 95 %, all configurations at once)
    p95_seconds: float | None  # within which 95 % of single requests are answered
    p95_high: float | None  # what that is at most, with 95 % confidence; None: too few were timed
    badges: Mapping[
        str, Badge
    ]  # by field that is known: ``measured``, ``projected``, ``quoted``, ``assumed``
    prices: Mapping[str, object]  # the deployment's own figures, as JSON values

    def as_dict(self) -> dict[str, object]:
        """Returns the fields as JSON values."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True)
class Recommendation:
    """What is recommended, with all that it rests on."""

    task: str
    model: str | None  # None where there are several, or only baselines were run
    metric: str  # the primary one
    question: Question
    verdict: DecisionVerdict
    reasons: tuple[Reason, ...] = ()  # why it isn't decided; empty if it is
    advice: Candidate | None = None  # what to take; None without enough evidence
    runner_up: Candidate | None = None  # what comes next
    baseline: Candidate | None = None  # the cheapest baseline
    best: str = ""  # name of the configuration with the highest score
    lines: tuple[Candidate, ...] = ()  # all configurations that could be taken
    flips: tuple[Flip, ...] = ()  # what would change the advice
    missing: Missing | None = None  # rows and runs that would decide; None where it is decided
    nearest: Candidate | None = None  # without advice: what a level of 80 % would take, if any
    stability: float | None = None  # share of resamples in which the rule takes the same one
    rows: int = 0  # test rows that all have
    clusters: int = 0  # among them
    excluded: tuple[Excluded, ...] = ()  # what doesn't count, with the reason
    notes: tuple[Reason, ...] = ()  # what a reader has to know
    synthetic: bool = False  # whether the data are invented
    share: bool = True  # whether the metric is a share, so that differences are points
    higher: bool = True  # whether the metric is better when higher
    unit: str = ""  # of a metric that is none, as the records have it (``KRW per 1,000 cases``)

    def shown(self) -> list[tuple[str, Candidate]]:
        """Returns up to three candidates with their roles, no configuration twice.

        They are what is advised, what comes next and the cheapest baseline; without advice what is
        nearest to being advised, and the best.
        """
        ordered = sorted(self.lines, key=lambda line: line.behind)
        if self.advice is not None:
            first = "advice" if self.verdict == "decided" else "leaning"
            roles = [(first, self.advice), ("runner_up", self.runner_up)]
        else:
            best = next((line for line in ordered if line.name == self.best), None)
            roles = [("nearest", self.nearest), ("best", best)]
            roles += [("runner_up", line) for line in ordered]
        shown: dict[str, tuple[str, Candidate]] = {}
        for role, line in roles:
            if line is not None and len(shown) < 2:
                shown.setdefault(line.name, (role, line))
        if self.baseline is not None:
            shown.setdefault(self.baseline.name, ("baseline", self.baseline))
        return list(shown.values())

    def as_dict(self) -> dict[str, object]:
        """Returns everything as JSON values; reasons in English, with their codes."""

        def value(each: Candidate | Missing | None) -> dict[str, object] | None:
            return each.as_dict() if each else None

        return {
            **{name: getattr(self, name) for name in PLAIN},
            "question": self.question.model_dump(mode="json"),
            "reasons": [reason.as_dict() for reason in self.reasons],
            "advice": value(self.advice),
            "runner_up": value(self.runner_up),
            "baseline": value(self.baseline),
            "nearest": value(self.nearest),
            "lines": [line.as_dict() for line in self.lines],
            "flips": [flip.as_dict() for flip in self.flips],
            "missing": value(self.missing),
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
    """Says what the configuration at position `k` costs and is worth."""
    deployment, total = offer.deployment, offer.usd(question)
    once, monthly = deployment.development_usd, None
    if total is not None and once is not None:
        monthly = (total - once) / question.months
    value, error = float(bounds.values[k]), float(bounds.errors[k])
    quantile = student(0.95, max(1, bounds.clusters - 1))
    low, high = table.interval(value, error**2, bounds.clusters, quantile)
    projected = deployment.badge("usd_per_request") == "projected"
    p95 = None if projected else latency_of(configuration)
    badges: dict[str, tuple[float | None, Badge]] = {
        "once_usd": (once, deployment.badge("development_usd")),
        "monthly_usd": (monthly, _monthly_badge(offer, question)),
        "quality": (value, "quoted" if configuration.record.source else "measured"),
        "p95_seconds": (p95, "measured"),
    }
    return Candidate(
        name=configuration.name,
        strategy=configuration.strategy,
        parameters=configuration.record.strategy.parameters,
        seeds=len(configuration.runs),
        once_usd=once,
        monthly_usd=monthly,
        total_usd=total,
        least=offer.least,
        quality=table.sign * value + 0.0,  # never -0
        low=low,
        high=high,
        behind=float(bounds.far[k]),
        p95_seconds=p95,
        p95_high=None if projected else upper_bound(timed(configuration)),
        badges={name: badge for name, (known, badge) in badges.items() if known is not None},
        prices=deployment.as_dict() | {"label_rows": offer.label_rows},
    )


def _monthly_badge(offer: Offer, question: Question) -> Badge:
    """The weakest of what a month's costs are made of."""
    badge = offer.deployment.badge("usd_per_request")
    return "assumed" if question.updates_per_month and offer.deployment.update_usd else badge
