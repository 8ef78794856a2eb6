"""The recommendation as values: everything that a sentence, a table or a program needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Literal

from harness.analysis.recommend.cascade import Cascade
from harness.analysis.recommend.constraints import latency_of, timed
from harness.analysis.recommend.decide import DecisionVerdict
from harness.analysis.recommend.flips import Flip
from harness.analysis.recommend.missing_rows import Missing
from harness.analysis.recommend.offers import Comparison, Offer
from harness.analysis.recommend.question import Question
from harness.analysis.recommend.total import TotalDecision
from harness.analysis.trials import Excluded
from harness.analysis.words import Reason
from harness.costs.ownership import Badge
from harness.metrics.statistics.quantiles import upper_bound
from harness.metrics.statistics.seeds import student

__all__ = ["Candidate", "Recommendation", "make_candidate"]


PLAIN = (  # fields of a recommendation that are JSON values as they are
    *("task", "model", "metric", "verdict", "best", "stability"),
    *("rows", "clusters", "synthetic", "share", "higher", "unit"),
    *("objective", "probability", "expected_regret_usd"),
)


@dataclass(frozen=True)
class Candidate:
    """A configuration with what it costs and what it is worth. None is unknown."""

    name: str  # of the configuration
    strategy: str
    parameters: Mapping[str, object]
    seeds: int  # runs
    once_usd: float | None  # development
    monthly_usd: float | None  # what is paid every month, at the volume that was asked for
    total_usd: float | None  # over all months, with development and what is lost
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
    # Where the lowest total cost decides: what wrong answers and hand-overs lose over all months,
    lost_usd: float | None = None
    total_low: float | None = None  # ends of the 95 % interval that this gives to `total_usd`,
    total_high: float | None = None
    regret_usd: float | None = None  # how much dearer than the cheapest, at most (as `behind`),
    worst_usd: float | None = None  # and mean loss of the worst 5 % of cases: CVaR, for one case

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
    objective: Literal["quality", "total"] = "quality"  # what the advice has the best of
    probability: float | None = None  # of total cost: share of resamples in which it is the lowest
    expected_regret_usd: float | None = None  # mean over resamples of what the lowest is below it
    cascade: Cascade | None = None  # of several of them; None where nobody asked for one
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
            "flips": [asdict(flip) for flip in self.flips],
            "missing": value(self.missing),
            **({"cascade": self.cascade.as_dict()} if self.cascade else {}),
            "excluded": [{"name": each.name, **each.reason.as_dict()} for each in self.excluded],
            "notes": [note.as_dict() for note in self.notes],
        }


def make_candidate(k: int, compared: Comparison, decision: TotalDecision | None) -> Candidate:
    """Says what the configuration at position `k` costs and is worth.

    `decision` is that by total cost, where this decides.
    """
    configuration, offer = compared.configurations[k], compared.offers[k]
    table, bounds, question = compared.table, compared.bounds, compared.question
    deployment, costs = offer.deployment, offer.total(question)
    once, total, lost, monthly = deployment.development_usd, costs.usd, costs.lost, None
    if total is not None and lost is not None and once is not None:
        monthly = (total - lost - once) / question.months
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
        prices=deployment.as_dict()
        | {
            "label_rows": offer.label_rows,
            "repeats": offer.repeats.as_dict() if offer.repeats else None,
        },
        **_of_total(k, compared, decision),
    )


def _of_total(
    k: int, compared: Comparison, decision: TotalDecision | None
) -> dict[str, float | None]:
    """Returns what is known only where total cost decides: losses, their interval and regret."""
    objective = compared.objective
    if objective is None or decision is None:
        return {}
    total, cases = compared.offers[k].total(compared.question), compared.question.requests
    low, high = (cases * float(end[k] - objective.mean[k]) for end in objective.interval)
    regret = decision.regrets[k]
    return {
        "lost_usd": total.lost,
        "total_low": None if total.usd is None else total.usd + low,
        "total_high": None if total.usd is None else total.usd + high,
        "regret_usd": regret.usd if regret else None,
        "worst_usd": objective.tails[k],
    }


def _monthly_badge(offer: Offer, question: Question) -> Badge:
    """The weakest of what a month's costs are made of."""
    badge = offer.deployment.badge("usd_per_request")
    if offer.deployment.base_usd_per_month:
        return "assumed"  # people's days are declared
    return "assumed" if question.updates_per_month and offer.deployment.update_usd else badge
