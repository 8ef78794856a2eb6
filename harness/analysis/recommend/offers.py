"""What a configuration costs to build, to keep and to ask: a `Deployment` made of its records."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from harness.analysis.configurations import Configuration, mean_of_all
from harness.analysis.deployment import deployment_of, with_people
from harness.analysis.panels import ScoreTable
from harness.analysis.recommend.objective import Objective
from harness.analysis.recommend.question import Question
from harness.analysis.repeats import Repeats, from_seconds, ranges
from harness.analysis.summary import price_of
from harness.analysis.trials import Trial
from harness.analysis.words import Reason
from harness.costs.book import PriceBook
from harness.costs.options import PriceOptions
from harness.costs.ownership import HOURS_PER_MONTH, Badge, Deployment, TotalCost, total_cost
from harness.costs.serving import HEADROOM
from harness.metrics.statistics.best import Bounds
from harness.records.ledger import PhaseTotal, labelled_rows, totals
from harness.records.load import Load
from harness.records.phases import PHASES, phase_of

__all__ = ["Comparison", "Offer", "machine_notes", "make_offer", "ran_on", "shared_runs"]

API = "api"
ONCE = frozenset(name for name, phase in PHASES.items() if not phase.repeats_on_update)
AVERAGED = ("update_usd", "fixed_usd_per_month", "usd_per_request", "capacity")
"""Figures of a deployment that are the mean over a configuration's runs."""


@dataclass(frozen=True)
class Offer:
    """What a configuration costs, and what that is known from."""

    # labels at the price that the question gives, or 0 where it gives none
    deployment: Deployment
    compute_usd: float | None  # dollars of development without labels
    label_rows: float  # labelled rows that it takes
    least: tuple[str, ...]  # sums of a `Candidate` in which some labels have no price
    test_usd: float | None  # dollars for answering the test rows once
    test_rows: int  # how many those were
    repeats: Repeats | None = None  # how far dollars from seconds lie apart; None where none are

    def total(self, question: Question) -> TotalCost:
        """Returns the total cost of ownership, by part."""
        return total_cost(
            self.deployment,
            months=question.months,
            requests_per_month=question.requests_per_month,
            updates_per_month=question.updates_per_month,
            demand=question.demand,
        )

    def usd(self, question: Question) -> float | None:
        """Returns the same in all; None where a part has no price."""
        return self.total(question).usd


@dataclass(frozen=True)
class Comparison:
    """The configurations that could be taken, with prices and scores in the same order."""

    configurations: list[Configuration]
    offers: list[Offer]
    table: ScoreTable
    bounds: Bounds
    question: Question
    objective: Objective | None = None  # what answers lose, where that decides together with costs

    @property
    def usd(self) -> list[float | None]:
        """The total cost of each; None where a part has no price."""
        return [offer.usd(self.question) for offer in self.offers]


@dataclass(frozen=True)
class _PricedTrial:
    """One run's prices: the deployment, and what it doesn't hold. None is unpriced."""

    deployment: Deployment
    compute: float | None
    test: float | None
    seconds: Mapping[str, float | None] | None = None  # figures made of it; None: not of seconds


_UNKNOWN = _PricedTrial(Deployment("", None, None, None, None, None), None, None)


def make_offer(configuration: Configuration, question: Question, book: PriceBook) -> Offer:
    """Prices a configuration; of several runs the mean.

    Costs on a machine that the runs didn't have are a projection; an update of the facts is assumed
    to repeat everything but search, and of the labels the share that the question names. Seconds of
    a shared machine set no price.

    Raises:
        UsageError: The book has no such machine.
    """
    shared = [] if question.count_shared else shared_runs(configuration, question, book)
    alone = [run for run in configuration.runs if run not in shared]
    load = next((run.load for run in alone if run.load), None)  # one seed's stands for all
    priced = [_price(run, question, book, load) for run in alone] or [_UNKNOWN]
    spent = [totals(run.spent[0]).get("label", PhaseTotal()) for run in configuration.runs]
    rows = fmean(labelled_rows(each.quantities) for each in spent)
    priced_labels = not rows or question.label_cost is not None
    relabelled = rows and question.updates_per_month and question.update_labels != 0
    priced_updates = not relabelled or (
        question.label_cost is not None and question.update_labels is not None
    )
    compute = mean_of_all([each.compute for each in priced])
    deployments = [each.deployment for each in priced]
    labels = rows * (question.label_cost or 0.0)
    averaged: dict[str, Any] = {
        name: mean_of_all([getattr(each, name) for each in deployments]) for name in AVERAGED
    }
    if averaged["update_usd"] is not None:  # what changed is labelled anew
        averaged["update_usd"] += labels * (question.update_labels or 0.0)
    deployment = replace(
        deployments[0],
        name=configuration.name,
        development_usd=None if compute is None else compute + labels,
        labels_usd=labels if priced_labels else None,
        badges=_with_labels(deployments[0].badges, labels),
        **averaged,
    )
    setup, operation = question.days_of(configuration.strategy)
    deployment = with_people(
        deployment, setup_days=setup, ops_days_per_month=operation, day_rate=question.day_rate
    )
    return Offer(
        deployment,
        compute,
        rows,
        _at_least(once=priced_labels, monthly=priced_updates),
        mean_of_all([each.test for each in priced]),
        round(fmean(len(run.rows) for run in configuration.runs)),
        ranges(timed) if (timed := [each.seconds for each in priced if each.seconds]) else None,
    )


def _with_labels(badges: Mapping[str, Badge], usd: float) -> dict[str, Badge]:
    """By the price of a label, development is assumed."""
    assumed = usd and badges.get("development_usd") == "measured"
    return {**badges, **({"development_usd": "assumed"} if assumed else {})}


def _at_least(*, once: bool, monthly: bool) -> tuple[str, ...]:
    """Names the sums that lack labels, by whether those of the two parts have a price."""
    known = {"once_usd": once, "monthly_usd": monthly, "total_usd": once and monthly}
    return tuple(name for name, priced in known.items() if not priced)


def shared_runs(configuration: Configuration, question: Question, book: PriceBook) -> list[Trial]:
    """Returns the runs that would be priced by seconds in which another run was on their machine.

    Tokens of a vendor, and operations that are projected to another machine, don't suffer by that.
    """
    return [
        run
        for run in configuration.runs
        if run.record.shared and not _is_vendor(run)
        if run.model is None or ran_on(run, question, book)
    ]


def _price(run: Trial, question: Question, book: PriceBook, load: Load | None) -> _PricedTrial:
    if not ran_on(run, question, book) and run.model is not None:
        return _projected(run, question, book)
    # An API has no machine, and a baseline without a language model stays where it ran.
    named = question.hardware if ran_on(run, question, book) and not _is_vendor(run) else None
    choices = PriceOptions(
        machine=named, basis=question.serving, label_usd=0.0, latency_target=question.max_latency
    )
    cost = price_of(run.record, *run.spent, book, choices, load=run.load or load)
    compute, update = _compute(run, cost.by_phase)
    deployment = deployment_of(cost, name="", update_usd=update, declared=bool(run.record.source))
    seconds = None if _is_vendor(run) else from_seconds(run.record, cost)
    return _PricedTrial(deployment, compute, cost.by_phase.get("serve"), seconds)


def ran_on(run: Trial, question: Question, book: PriceBook) -> bool:
    """Says whether a run was on the machine that is asked for; any is, where none is named.

    Raises:
        UsageError: The book has no such machine.
    """
    if question.hardware is None or _is_vendor(run):
        return True
    machine, device = book.machine(question.hardware), run.record.device.device_class
    if machine.gpu is None:
        return device.startswith("cpu")
    return book.gpu(machine.gpu).is_called(device)


def _is_vendor(run: Trial) -> bool:
    return run.record.device.device_class.partition(":")[0] == API


def _projected(run: Trial, question: Question, book: PriceBook) -> _PricedTrial:
    """The same work on a GPU that didn't run it; how fast a single answer is there isn't known."""
    machine = book.machine(str(question.hardware))
    choices = PriceOptions(project_to=machine.id)
    projection = price_of(run.record, *run.spent, book, choices).projection
    if projection is None:
        return _UNKNOWN
    usd, unit = projection.usd_per_gpu_hour, projection.usd_per_1k_requests
    hours = {name: each * usd for name, each in projection.gpu_hours_by_phase.items()}
    developed = _developed(run)  # loading and saving aren't in a projection
    compute = sum(hours.get(name, 0.0) for name in developed if name != "label")
    update = sum(hours.get(name, 0.0) for name in developed if name not in ONCE)
    request = None if unit is None else unit / 1000
    serving: dict[str, float | None] = {"usd_per_request": request}
    if question.serving == "always-on":
        serving = {
            "usd_per_request": 0.0,
            "fixed_usd_per_month": machine.usd_per_hour * HOURS_PER_MONTH,
            "capacity": HEADROOM * machine.gpus * usd / (3600 * request) if request else None,
        }
    badges: dict[str, Badge] = dict.fromkeys(("development_usd", *AVERAGED), "projected")
    note = f"projected to {projection.gpu}, {machine.provider} {machine.id}, {machine.date}"
    deployment = Deployment(
        "",
        compute,
        update_usd=update,
        badges=badges | {"update_usd": "assumed"},
        notes={"development_usd": note},
        **serving,
    )
    return _PricedTrial(deployment, compute, None if request is None else request * len(run.rows))


def _developed(run: Trial) -> list[str]:
    return [name for name in totals(run.spent[0]) if phase_of(name).development]


def _compute(run: Trial, by_phase: Mapping[str, float | None]) -> tuple[float | None, float | None]:
    """Dollars of development without labels, and of the part that an update repeats."""
    usd = {name: by_phase.get(name) for name in _developed(run) if name != "label"}
    return _sum(usd), _sum({name: value for name, value in usd.items() if name not in ONCE})


def _sum(usd: Mapping[str, float | None]) -> float | None:
    known = [value for value in usd.values() if value is not None]
    return sum(known) if len(known) == len(usd) else None


def machine_notes(offers: Sequence[Offer]) -> list[Reason]:
    """Says by which operating points machines are priced, and how far seconds lie apart."""
    return [*_capacity(offers), *_seconds(offers)]


def _seconds(offers: Sequence[Offer]) -> list[Reason]:
    """Says once how far dollars from seconds lie apart, and of how many nobody can know."""
    notes = []
    timed = [(offer.repeats, offer.deployment.name) for offer in offers if offer.repeats]
    (factor, figure), name = max(
        ((repeats.widest, name) for repeats, name in timed), default=((1.0, ""), "")
    )
    if figure:
        notes.append(Reason("seconds_range", {"factor": factor, "figure": figure, "name": name}))
    if once := sum(not repeats.ranges for repeats, _ in timed):
        notes.append(Reason("seconds_once", {"count": once}))
    return notes


def _capacity(offers: Sequence[Offer]) -> list[Reason]:
    """Says which machines are priced by a measured operating point, and which by none at all."""
    notes = []
    for deployment in (offer.deployment for offer in offers):
        capacity, why = deployment.capacity, deployment.notes.get("capacity")
        measured = deployment.badge("capacity") == "measured" and capacity != math.inf
        if why and deployment.fixed_usd_per_month and (measured or capacity is None):
            notes.append(Reason("capacity", {"name": deployment.name, "why": why}))
    return notes
