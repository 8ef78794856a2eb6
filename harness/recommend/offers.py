"""What a setting costs to build, to keep and to ask: a `Deployment` made of its records."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from harness.costs.book import Machine, PriceBook
from harness.costs.ownership import HOURS_PER_MONTH, Badge, Deployment, total_cost
from harness.costs.phases import EVALUATION
from harness.costs.pricing import Cost
from harness.ledger import PhaseTotal, totals
from harness.recommend.question import Question
from harness.recommend.records import Run
from harness.recommend.settings import Setting
from harness.results import cost_of, spends

__all__ = ["Offer", "make_offer"]

API = "api"
ONCE = frozenset({"label", "tune"})
"""Phases of development that an update of the facts doesn't repeat."""


@dataclass(frozen=True)
class Offer:
    """What a setting costs, and what that is known from.

    Attributes:
        deployment: Its prices; labels at the price that was asked for, or 0 where there was none.
        compute_usd: Dollars of development without labels.
        label_rows: Labelled rows that it takes.
        labels_priced: Whether the labels are in the price.
        test_usd: Dollars for answering the test rows once.
        test_rows: How many those were.
    """

    deployment: Deployment
    compute_usd: float | None
    label_rows: float
    labels_priced: bool
    test_usd: float | None
    test_rows: int

    def usd(self, question: Question) -> float | None:
        """Returns the total cost of ownership; None where a part has no price."""
        return total_cost(
            self.deployment,
            months=question.months,
            requests_per_month=question.requests_per_month,
            updates_per_month=question.updates_per_month,
            terms=question.terms,
        ).usd


@dataclass(frozen=True)
class _Priced:
    """One run's prices. None is unpriced."""

    compute: float | None
    update: float | None
    fixed: float | None
    request: float | None
    capacity: float | None
    test: float | None
    badge: Badge
    note: str


def make_offer(setting: Setting, question: Question, book: PriceBook) -> Offer:
    """Prices a setting; of several runs the mean.

    Args:
        setting: Runs that differ by seed.
        question: Machine, price of a label, whether whole machines are paid.
        book: Prices.

    Returns:
        The offer. Costs on a machine that the runs didn't have are a projection; an update of the
        facts is assumed to repeat everything but labelling and search.

    Raises:
        UsageError: The book has no such machine.
    """
    priced = [_price(run, question, book) for run in setting.runs]
    rows = fmean(_label_rows(run) for run in setting.runs)
    label_usd = question.label_cost
    labels = rows * (label_usd or 0.0)
    compute = _mean(priced, lambda each: each.compute)
    badge = priced[0].badge
    deployment = Deployment(
        setting.name,
        development_usd=None if compute is None else compute + labels,
        update_usd=_mean(priced, lambda each: each.update),
        fixed_usd_per_month=_mean(priced, lambda each: each.fixed),
        usd_per_request=_mean(priced, lambda each: each.request),
        capacity=_mean(priced, lambda each: each.capacity),
        labels_usd=labels if label_usd is not None or not rows else None,
        badges={
            "development_usd": badge if not labels else "assumed" if badge == "measured" else badge,
            "update_usd": "assumed",
            **dict.fromkeys(("fixed_usd_per_month", "usd_per_request", "capacity"), badge),
        },
        notes={"development_usd": priced[0].note},
    )
    return Offer(
        deployment,
        compute,
        rows,
        label_usd is not None or not rows,
        _mean(priced, lambda each: each.test),
        round(fmean(len(run.rows) for run in setting.runs)),
    )


def _mean(priced: Sequence[_Priced], get: Callable[[_Priced], float | None]) -> float | None:
    values = [get(each) for each in priced]
    known = [value for value in values if value is not None]
    return fmean(known) if len(known) == len(values) else None


def _label_rows(run: Run) -> float:
    label = totals(spends(run.folder)[0]).get("label")
    amounts = label.quantities if label else {}
    return amounts.get("rows") or amounts.get("train_rows", 0) + amounts.get("dev_rows", 0)


def _price(run: Run, question: Question, book: PriceBook) -> _Priced:
    device = str(run.record["device"]["class"])
    wanted = book.machine(question.hardware) if question.hardware else None
    own = wanted is None or _is(wanted, device, book)
    if device.partition(":")[0] == API:
        return _vendor(cost_of(run.folder, book), run)
    if not own and wanted is not None and run.model is not None:
        return _projected(run, wanted, question, book)
    named = {"machine": wanted.id} if own and wanted is not None else {}
    return _measured(run, cost_of(run.folder, book, named), question)


def _is(machine: Machine, device: str, book: PriceBook) -> bool:
    """Whether a run on a device class was on such a machine."""
    if machine.gpu is None:
        return device.startswith("cpu")
    return book.gpu(machine.gpu).is_called(device)


def _vendor(cost: Cost, run: Run) -> _Priced:
    compute, update = _compute(run, cost.by_phase)
    unit = cost.usd_per_1k_requests
    request = None if unit is None else unit / 1000
    test = cost.by_phase.get("serve")
    return _Priced(
        compute, update, 0.0, request, math.inf, test, _badge(run), "the vendor's token prices"
    )


def _measured(run: Run, cost: Cost, question: Question) -> _Priced:
    machine, serve = cost.machine, totals(spends(run.folder)[1]).get("serve")
    compute, update = _compute(run, cost.by_phase)
    unit = cost.usd_per_1k_requests
    devices = serve.device_seconds / serve.seconds if serve and serve.seconds else 1.0
    hourly = machine.usd_per_device_hour * devices if machine else None
    note = f"{machine.provider} {machine.id}, {machine.date}" if machine else "no price"
    made = _Priced(
        compute, update, None if hourly is None else hourly * HOURS_PER_MONTH, 0.0,
        _capacity(serve), cost.by_phase.get("serve"), _badge(run), note,
    )  # fmt: skip
    if question.serving == "as-used":
        request = None if unit is None else unit / 1000
        return replace(made, fixed=0.0, request=request, capacity=math.inf)
    return made


def _projected(run: Run, machine: Machine, question: Question, book: PriceBook) -> _Priced:
    projection = cost_of(run.folder, book, {"project_to": machine.id}).projection
    serve = totals(spends(run.folder)[1]).get("serve")
    requests = serve.quantities.get("requests", 0) if serve else 0
    if projection is None:
        return _Priced(None, None, None, None, None, None, "projected", "no projection")
    hours = projection.gpu_hours_by_phase
    usd = projection.usd_per_gpu_hour
    developed, _ = spends(run.folder)
    phases = [name for name in totals(developed) if name not in EVALUATION | {"label"}]
    compute = sum(hours.get(name, 0.0) for name in phases) * usd
    update = sum(hours.get(name, 0.0) for name in phases if name not in ONCE) * usd
    unit, seconds = projection.usd_per_1k_requests, 0.0
    if unit is not None and requests:
        seconds = unit / usd * 3600 / 1000
    request = None if unit is None else unit / 1000
    note = f"projected to {projection.gpu}, {machine.provider} {machine.id}, {machine.date}"
    made = _Priced(
        compute, update, usd * HOURS_PER_MONTH, 0.0, 1 / seconds if seconds else None,
        None if request is None else request * requests, "projected", note,
    )  # fmt: skip
    if question.serving == "as-used":
        return replace(made, fixed=0.0, request=request, capacity=math.inf)
    return made


def _compute(run: Run, by_phase: Mapping[str, float | None]) -> tuple[float | None, float | None]:
    """Dollars of development without labels, and of the part that an update repeats."""
    developed, _ = spends(run.folder)
    phases = [name for name in totals(developed) if name not in EVALUATION | {"label"}]
    usd = {name: by_phase.get(name) for name in phases}
    return _sum(usd), _sum({name: value for name, value in usd.items() if name not in ONCE})


def _sum(usd: Mapping[str, float | None]) -> float | None:
    known = [value for value in usd.values() if value is not None]
    return sum(known) if len(known) == len(usd) else None


def _capacity(serve: PhaseTotal | None) -> float | None:
    requests = serve.quantities.get("requests", 0) if serve else 0
    return requests / serve.seconds if serve and serve.seconds and requests else None


def _badge(run: Run) -> Badge:
    return "quoted" if run.record.get("source") else "measured"


def describe(offer: Offer) -> dict[str, Any]:
    """Returns the offer as JSON values."""
    return {
        "deployment": offer.deployment.as_dict(),
        "label_rows": offer.label_rows,
        "labels_priced": offer.labels_priced,
    }
