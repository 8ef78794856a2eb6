"""What each candidate takes and costs on each machine of the price book that holds the work."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.analysis.configurations import Configuration
from harness.analysis.recommend.constraints import timed
from harness.analysis.recommend.offers import make_offer, ran_on
from harness.analysis.recommend.question import Question
from harness.analysis.summary import measured_speed
from harness.costs.book import PriceBook
from harness.costs.rows import Machine
from harness.costs.serving import latency_steps
from harness.metrics.statistics.quantiles import upper_bound

__all__ = ["OnMachine", "machines_of"]


@dataclass(frozen=True)
class OnMachine:
    """What the candidates cost, and how fast they are known to be, on a machine."""

    row: Machine | None  # None: the one that each run was on
    timed: tuple[int, ...]  # single requests of each candidate that were timed there
    p95: tuple[float | None, ...]  # what their 95 % quantile is at most; None: not known
    offers: tuple[list[object], ...]  # of each candidate, as `_offer` has it

    @property
    def priced(self) -> tuple[bool, ...]:
        """Which of the candidates it can build and serve."""
        return tuple(each[0] is not None and each[5] is not None for each in self.offers)

    def value(self) -> dict[str, object]:
        """Returns it as JSON values."""
        row, text = self.row, ""
        if row is not None:
            text = f"{row.provider} {row.id} · ${row.usd_per_hour:.4g}/h"
        return {
            "id": "" if row is None else row.id,
            "text": text,
            "timed": self.timed,
            "p95": self.p95,
            "offers": self.offers,
        }


def machines_of(
    candidates: Sequence[Configuration], question: Question, book: PriceBook
) -> list[OnMachine]:
    """The machines that can be chosen: those that hold some candidate with a model of ours."""
    high = [(len(timed(each)), upper_bound(timed(each))) for each in candidates]

    def on(row: Machine | None) -> OnMachine:
        asked = question.model_copy(update={"hardware": row and row.id})
        here = [all(ran_on(run, asked, book) for run in each.runs) for each in candidates]
        return OnMachine(
            row,
            tuple(count if there else 0 for there, (count, _) in zip(here, high, strict=True)),
            tuple(bound if there else None for there, (_, bound) in zip(here, high, strict=True)),
            tuple(
                _offer(each, there, asked, book)
                for each, there in zip(candidates, here, strict=True)
            ),
        )

    measured = on(None)
    models = [each.runs[0].model is not None for each in candidates]
    others = [on(row) for row in book.machines if row.gpu is None or any(models)]
    counted = models if any(models) else [True] * len(models)
    return [
        measured,
        *(
            machine
            for machine in others
            if any(a and b for a, b in zip(machine.priced, counted, strict=True))
        ),
    ]


def _offer(
    configuration: Configuration, here: bool, question: Question, book: PriceBook
) -> list[object]:
    """Dollars of development, an update, a machine's month, a request and a month, and capacity.

    Labels are in none of them. Capacity is ``inf`` without a limit. A list of latencies comes last,
    each with the capacity from there on.
    """
    free = question.model_copy(update={"label_cost": None, "max_latency": None})
    deployment = make_offer(configuration, free, book).deployment
    steps = set()
    if here:
        load = next((run.load for run in configuration.runs if run.load), None)
        speeds = (measured_speed(run.record, run.load or load) for run in configuration.runs)
        steps = set().union(*map(latency_steps, speeds))
    limited = (
        (most, make_offer(configuration, free.model_copy(update={"max_latency": most}), book))
        for most in sorted(steps)
    )
    return [
        deployment.development_usd,
        deployment.update_usd,
        deployment.fixed_usd_per_month,
        deployment.usd_per_request,
        deployment.base_usd_per_month,
        _capacity(deployment.capacity),
        [[most, _capacity(offer.deployment.capacity)] for most, offer in limited],
    ]


def _capacity(value: float | None) -> float | str | None:
    return "inf" if value == math.inf else value
