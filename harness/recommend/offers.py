"""What a setting costs to build, to keep and to ask: a `Deployment` made of its records."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from harness.costs.book import Machine, PriceBook
from harness.costs.choices import Choices
from harness.costs.ownership import HOURS_PER_MONTH, Badge, Deployment, total_cost
from harness.costs.phases import EVALUATION
from harness.costs.pricing import Cost
from harness.ledger import totals
from harness.recommend.question import Question
from harness.recommend.records import Run
from harness.recommend.settings import Setting
from harness.results import cost_of, spends

__all__ = ["Offer", "make_offer", "ran_on"]

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
    if run.record["device"]["class"].partition(":")[0] == API:
        return _vendor(cost_of(run.folder, book), run)
    wanted = book.machine(question.hardware) if question.hardware else None
    if wanted is not None and run.model is not None and not ran_on(run, question, book):
        return _projected(run, wanted, question, book)
    named = wanted.id if wanted is not None and ran_on(run, question, book) else None
    choices = Choices(machine=named, latency_target=question.max_latency)
    return _measured(run, cost_of(run.folder, book, choices), question)


def ran_on(run: Run, question: Question, book: PriceBook) -> bool:
    """Says whether a run was on the machine that is asked for; any is, where none is named.

    Raises:
        UsageError: The book has no such machine.
    """
    if question.hardware is None:
        return True
    machine, device = book.machine(question.hardware), str(run.record["device"]["class"])
    if machine.gpu is None:
        return device.startswith("cpu")
    return book.gpu(machine.gpu).is_called(device)


def _vendor(cost: Cost, run: Run) -> _Priced:
    compute, update = _compute(run, cost.by_phase)
    request, test = _thousandth(cost.usd_per_1k_requests), cost.by_phase.get("serve")
    note = "the vendor's token prices"
    return _Priced(compute, update, 0.0, request, math.inf, test, _badge(run), note)


def _measured(run: Run, cost: Cost, question: Question) -> _Priced:
    """Whole machines, by the rate that they sustain within the latency that is asked for."""
    machine = cost.machine
    compute, update = _compute(run, cost.by_phase)
    note = f"{machine.provider} {machine.id}, {machine.date}" if machine else "no price"
    made = _Priced(
        compute, update, cost.usd_per_machine_month, 0.0, cost.requests_per_second,
        cost.by_phase.get("serve"), _badge(run), note,
    )  # fmt: skip
    return _as_used(made, _thousandth(cost.usd_per_1k_requests_as_used), question)


def _projected(run: Run, machine: Machine, question: Question, book: PriceBook) -> _Priced:
    """The same work on a GPU that didn't run it; how fast a single answer is there isn't known."""
    projection = cost_of(run.folder, book, Choices(project_to=machine.id)).projection
    if projection is None:
        return _Priced(None, None, None, None, None, None, "projected", "no projection")
    usd, unit = projection.usd_per_gpu_hour, projection.usd_per_1k_requests
    hours = {name: each * usd for name, each in projection.gpu_hours_by_phase.items()}
    compute, update = (_sum_of(run, hours, skip) for skip in (frozenset({"label"}), ONCE))
    request = _thousandth(unit)
    capacity = machine.gpus * usd / (3600 * request) if request else None
    note = f"projected to {projection.gpu}, {machine.provider} {machine.id}, {machine.date}"
    made = _Priced(
        compute, update, machine.usd_per_hour * HOURS_PER_MONTH, 0.0, capacity,
        None if request is None else request * len(run.rows), "projected", note,
    )  # fmt: skip
    return _as_used(made, request, question)


def _as_used(made: _Priced, request: float | None, question: Question) -> _Priced:
    if question.serving == "as-used":
        return replace(made, fixed=0.0, request=request, capacity=math.inf)
    return made


def _thousandth(usd: float | None) -> float | None:
    return None if usd is None else usd / 1000


def _sum_of(run: Run, usd: Mapping[str, float], skip: frozenset[str]) -> float:
    """Sums development; loading and saving aren't in a projection."""
    return sum(usd.get(name, 0.0) for name in _developed(run) if name not in skip)


def _developed(run: Run) -> list[str]:
    return [name for name in totals(spends(run.folder)[0]) if name not in EVALUATION]


def _compute(run: Run, by_phase: Mapping[str, float | None]) -> tuple[float | None, float | None]:
    """Dollars of development without labels, and of the part that an update repeats."""
    usd = {name: by_phase.get(name) for name in _developed(run) if name != "label"}
    return _sum(usd), _sum({name: value for name, value in usd.items() if name not in ONCE})


def _sum(usd: Mapping[str, float | None]) -> float | None:
    known = [value for value in usd.values() if value is not None]
    return sum(known) if len(known) == len(usd) else None


def _badge(run: Run) -> Badge:
    return "quoted" if run.record.get("source") else "measured"
