"""From a record to a `Deployment`: what that way of answering costs to build, keep and ask."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from harness.analysis.losses import charged, losses_of
from harness.analysis.summary import cost_of, sharing
from harness.costs.book import PriceBook
from harness.costs.deployment import Badge, Demand, Deployment
from harness.costs.options import PriceOptions
from harness.costs.pricing import Cost
from harness.errors import UsageError
from harness.metrics.scored_rows import by_column
from harness.records.predictions import scored_rows
from harness.records.reading import read_metrics, read_record
from harness.types import Scored

__all__ = ["answer_rates", "deployment_of", "deployment_of_run", "with_people"]

BADGED = (  # figures of a deployment that a run measured, or that were declared for it
    *("development_usd", "usd_per_request", "fixed_usd_per_month", "capacity"),
    *("error_rate", "handover_rate", "labels_usd", "loss_usd_per_request"),
)
NOTES = {  # by figure of a deployment: under which name a priced run says why it is unknown
    "development_usd": "development_usd",
    "usd_per_request": "usd_per_1k_requests",
    "capacity": "requests_per_second",
}


def deployment_of(
    cost: Cost,
    *,
    name: str,
    update_usd: float | None = None,  # for an update of the facts; None: not measured
    error_rate: float | None = None,
    handover_rate: float | None = None,  # share of answers that were left to a person
    declared: bool = False,  # quantities were declared instead of measured
) -> Deployment:
    """Makes a deployment of a priced run; what has no price, or no throughput, is None."""
    badges: dict[str, Badge] = dict.fromkeys(BADGED, "quoted" if declared else "measured")
    if update_usd is not None:
        badges["update_usd"] = "assumed"
    if cost.capacity_assumed:
        badges["capacity"] = "assumed"
    notes = {to: cost.notes[of] for to, of in NOTES.items() if of in cost.notes}
    fixed, per_request, capacity = _serving(cost)
    if fixed and per_request == 0:  # a request costs nothing beyond the machines
        notes.pop("usd_per_request", None)
    # a sum without its labels would look like the whole
    development = None if cost.unpriced else cost.development_usd
    return Deployment(
        name,
        development,
        update_usd=update_usd,
        fixed_usd_per_month=fixed,
        usd_per_request=per_request,
        capacity=capacity,
        labels_usd=cost.by_phase.get("label", 0.0),
        error_rate=error_rate,
        handover_rate=handover_rate,
        badges=badges,
        notes=notes,
    )


def _serving(cost: Cost) -> tuple[float | None, float | None, float | None]:
    """Fixed dollars a month, dollars a request, requests a second."""
    if cost.basis == "always-on":
        return cost.usd_per_machine_month, 0.0, cost.requests_per_second
    usd = cost.usd_per_1k_requests
    return 0.0, None if usd is None else usd / 1000, math.inf


def deployment_of_run(
    folder: Path,
    book: PriceBook,
    choices: PriceOptions | None = None,
    *,
    update_usd: float | None = None,
) -> Deployment:
    """Makes a deployment of a finished run, with its rates of wrong answers and handovers.

    Where its task declares what decisions lose, that is part of what a request costs.

    Raises:
        UsageError: The run isn't finished, or wrong answers have a price beside the declared one.
    """
    record, figures = read_record(folder), read_metrics(folder)
    if figures is None:
        raise UsageError(f"the run {record.run_id} isn't finished", "Run the same command again.")
    rows = scored_rows(folder, record)
    wrong, handed = answer_rates(rows)
    losses = losses_of(figures, choices.demand if choices else Demand(), book)
    deployment = deployment_of(
        cost_of(folder, book, choices),
        name=record.strategy.name,
        update_usd=update_usd,
        error_rate=wrong,
        handover_rate=handed,
        declared=record.source is not None,
    )
    answered = by_column(rows).answered
    charges = charged(deployment, [(loss, loss.mean(answered)) for loss in losses])
    notes = {}
    if losses and losses[0].declared:
        rate = losses[0].rate
        money = f"a dollar is {rate.per_usd:,g} {rate.id} ({rate.date})" if rate else "in dollars"
        notes["losses"] = f"as the task declares them; {money}"
    if shared := sharing(record):
        notes["seconds"] = shared
    return replace(charges, notes={**deployment.notes, **notes})


def answer_rates(rows: Iterable[Scored]) -> tuple[float | None, float | None]:
    """Returns the shares of wrong answers and of handovers, over the rows that have an outcome.

    An abstention is a handover, whether it was right to abstain or not: a person answers then.
    """
    counted = by_column(rows).answered
    if not counted:
        return None, None
    handed = int(counted.abstained.sum())
    wrong = int((~counted.correct & ~counted.abstained).sum())
    return wrong / len(counted), handed / len(counted)


def with_people(
    deployment: Deployment,
    *,
    setup_days: float = 0.0,
    ops_days_per_month: float = 0.0,
    day_rate: float | None = None,  # dollars; no default, since nobody's work is free
) -> Deployment:
    """Adds what people cost: days once, and days every month, at a rate in dollars a day.

    Raises:
        UsageError: Days without a rate, or amounts below 0.
    """
    days: Mapping[str, float] = {"set-up": setup_days, "operation": ops_days_per_month}
    if any(value < 0 for value in days.values()) or (day_rate is not None and day_rate < 0):
        raise UsageError("days and their rate are 0 or more")
    if not any(days.values()):
        return deployment
    if day_rate is None:
        raise UsageError("people's days need a rate", "Example: --day-rate 800")
    people = f"{setup_days:g} days once, {ops_days_per_month:g} a month, at ${day_rate:g}"
    development, base = deployment.development_usd, deployment.base_usd_per_month
    return replace(
        deployment,
        development_usd=None if development is None else development + setup_days * day_rate,
        base_usd_per_month=None if base is None else base + ops_days_per_month * day_rate,
        badges={
            **deployment.badges,
            **({"development_usd": "assumed"} if setup_days else {}),
            **({"base_usd_per_month": "assumed"} if ops_days_per_month else {}),
        },
        notes={**deployment.notes, "people": people},
    )
