"""What candidates lose by wrong answers and hand-overs, with its bounds: the part that rows decide.

Bounds are in the losses' own units and are made once. Money is a straight line on top: a price for
a unit, and a number of requests. Of two kinds of losses each has half of what the level leaves for
error, so that their bounds may be added (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from harness.analysis.configurations import Configuration
from harness.analysis.losses import Loss, charged, losses_of, tail
from harness.analysis.panels import ScoreTable, line_up, most_lost
from harness.analysis.recommend.question import Question
from harness.analysis.rows import by_id
from harness.costs.book import PriceBook
from harness.costs.deployment import Deployment
from harness.errors import UsageError
from harness.metrics.statistics.best import Bounds, compare_with_best
from harness.metrics.statistics.resampling import Floats
from harness.metrics.statistics.seeds import student

__all__ = ["Objective", "Part", "make_objective"]

LEVEL = 0.95


@dataclass(frozen=True)
class Part:
    """One kind of loss of K candidates. Scores are `top` minus the loss: higher is better."""

    loss: Loss
    table: ScoreTable
    bounds: Bounds

    @property
    def mean(self) -> Floats:
        """Mean loss of a request, in the loss's unit, shape (K,)."""
        return np.asarray(self.bounds.top - self.bounds.values)

    @property
    def interval(self) -> tuple[Floats, Floats]:
        """Ends of its 95 % interval; the upper one allows for rare losses that weren't seen."""
        low, high = self.bounds.interval(student(LEVEL, max(1, self.bounds.clusters - 1)))
        return self.bounds.top - high, self.bounds.top - low


@dataclass(frozen=True)
class Objective:
    """The losses of K candidates, in dollars a request."""

    parts: tuple[Part, ...]
    tails: tuple[float, ...]  # of each candidate: mean loss of the worst 5 % of cases

    @cached_property
    def mean(self) -> Floats:
        """Mean loss of a request, shape (K,)."""
        return np.asarray(sum(part.loss.usd * part.mean for part in self.parts))

    @cached_property
    def interval(self) -> tuple[Floats, Floats]:
        """Ends of its 95 % interval. Those of two kinds are added, as if both went together."""
        ends = [(part.loss.usd, part.interval) for part in self.parts]
        low, high = (sum(usd * each[side] for usd, each in ends) for side in (0, 1))
        return np.asarray(low), np.asarray(high)

    @cached_property
    def slack(self) -> Floats:
        """By how much more each may lose against each other one than was seen, shape (K, K)."""
        return np.asarray(sum(part.loss.usd * part.bounds.slack for part in self.parts))

    @cached_property
    def resampled(self) -> Floats | None:
        """Mean losses in each resample of clusters and seeds, shape (draws, K)."""
        drawn = [(part, part.bounds.resamples) for part in self.parts]
        losses = [part.loss.usd * (part.bounds.top - each.values) for part, each in drawn if each]
        return np.asarray(sum(losses)) if len(losses) == len(drawn) else None

    def charge(self, deployment: Deployment, k: int) -> Deployment:
        """Returns the deployment of the candidate at position `k` with what it loses."""
        return charged(deployment, [(part.loss, float(part.mean[k])) for part in self.parts])


def make_objective(
    configurations: Sequence[Configuration],
    question: Question,
    book: PriceBook,
    draw: tuple[int, int],
) -> Objective | None:
    """Bounds what candidates lose; None where nobody says what a wrong answer costs.

    Raises:
        UsageError: Wrong answers have a price beside the declared one, or the book has no rate.
    """
    runs = [run for each in configurations for run in each.runs]
    losses = losses_of(runs[0].derived, question.demand, book)
    if not losses:
        return None
    if question.cost_per_error and question.cost_per_handover is None:
        _refuse_handovers(configurations)
    level = 1 - (1 - LEVEL) / len(losses)
    values = [[by_id(run.rows, loss.of_rows(run.rows)) for run in runs] for loss in losses]
    parts = tuple(
        _part(loss, each, configurations, level, draw)
        for loss, each in zip(losses, values, strict=True)
    )
    return Objective(parts, tuple(_tails(configurations, losses)))


def _refuse_handovers(configurations: Sequence[Configuration]) -> None:
    """What hands everything over would win, were that free because nobody says its price."""
    loss = Loss("handovers", 1.0)
    names = [each.name for each in configurations if any(loss.mean(run.rows) for run in each.runs)]
    if names:
        raise UsageError(
            "wrong answers have a price, and those that are left to a person have none: "
            f"{names[0]} leaves some ({len(names)} of {len(configurations)} do)",
            "Give --cost-per-handover too; 0 says that they cost nothing.",
        )


def _part(
    loss: Loss,
    values: Sequence[Mapping[str, float]],
    configurations: Sequence[Configuration],
    level: float,
    draw: tuple[int, int],
) -> Part:
    """Scores are rights of 1 - the rate; of amounts the loss turned round."""
    amounts = loss.name == "losses"
    top = 0.0 if amounts else 1.0
    panel, groups = line_up(configurations, values, sign=-1.0, top=top)
    scale, rare, seen = most_lost(configurations, values, 1) if amounts else (1.0, (), False)
    table = ScoreTable(panel, groups, -1.0, scale, loss.name, "", rare, top, seen)
    bounds = compare_with_best(
        panel,
        groups,
        scale=scale,
        rare=rare or None,
        top=top,
        confidence=level,
        draws=draw[0],
        seed=draw[1],
    )
    return Part(loss, table, bounds)


def _tails(configurations: Sequence[Configuration], losses: Sequence[Loss]) -> Iterator[float]:
    for each in configurations:
        usd = [sum(loss.usd * loss.of_rows(run.rows) for loss in losses) for run in each.runs]
        known = np.concatenate(usd)
        yield tail(known[np.isfinite(known)])
