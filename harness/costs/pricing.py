"""Applies prices to the quantities of a run. Gives two costs that are never added up.

Development is paid once: labels, index, search, training, validation, saving, and the loading
before them. Deployment is paid as long as requests come: `serve`. Answering the test set belongs
to neither; its seconds and tokens give the cost of one more request. On a machine a month is
paid by whole machines, whatever they do, so its first figure is dollars a month at a volume. What
has no price is None with a reason, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from harness.costs.book import Machine, PriceBook, TokenPrice
from harness.costs.options import PriceOptions
from harness.costs.projection import Projection, Totals, bill_rows, project
from harness.costs.rates import Rates, rates_of
from harness.costs.rows import Expert
from harness.costs.serving import MeasuredSpeed, Month, ServingCost, months, serving_cost
from harness.records.ledger import PhaseTotal
from harness.records.model import ModelInfo
from harness.records.phases import phase_of
from harness.text import size

__all__ = ["Cost", "price"]

PER_TOKEN = ("usd_per_1k_tokens", "usd_per_1k_output_tokens")
PER_UNIT = ("usd_per_1k_requests", *PER_TOKEN)
PER_MACHINE = ("usd_per_machine_month", "machine_requests_per_month", "requests_per_second")
JOULES_PER_KWH = 3.6e6
NO_EXPERT = "no price of an expert's hour was named (--expert)"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run cost, by a price book. None is unpriced or undefined; `notes` says why."""

    development_usd: float | None  # of the phases that have a price (see `unpriced`)
    basis: str  # of `months`: always-on or as-used; per-token behind an API
    months: tuple[Month, ...]  # what serving costs a month, by rising volume
    usd_per_1k_requests: float | None  # of 1,000 more, by the seconds or tokens that they take
    usd_per_1k_tokens: float | None  # the same, of input and output
    usd_per_1k_output_tokens: float | None
    by_phase: dict[str, float | None]  # dollars, by row of the bill
    gpu_hours: float  # allocated GPUs times wall hours, of GPUs that really ran
    device_hours: float  # of whatever ran
    projected_gpu_hours: float | None  # by `projection`; not measured
    projection: Projection | None  # the same work on a GPU of the price book; not measured
    machine: Machine | None  # the price row of the machine that answers
    development_machine: Machine | None  # of the one that training and the like took
    tokens: TokenPrice | None  # the price row of an API's tokens
    expert: Expert | None = None  # the price row of people's work
    usd_per_machine_month: float | None = None  # one machine, always on
    machine_requests_per_month: float | None = None  # that one carries, at the busiest second
    requests_per_second: float | None = None  # that one machine sustains
    capacity_assumed: bool = False  # head-room is in it that nobody measured
    energy_kwh: float | None = None  # of all phases; None as soon as one has no counter
    energy_usd: float | None = None  # at the site; the price of a rented machine includes it
    unpriced: tuple[str, ...] = ()  # phases of development without a price
    notes: dict[str, str] = field(default_factory=dict)  # reason of a None, limits of a figure

    def as_dict(self) -> dict[str, object]:
        """Returns the fields as JSON values."""
        value = {name: getattr(self, name) for name in self.__slots__}
        return value | {
            "projection": self.projection.as_dict() if self.projection else None,
            "machine": self.machine.model_dump() if self.machine else None,
            "development_machine": self.development_machine
            and self.development_machine.model_dump(),
            "tokens": self.tokens.model_dump() if self.tokens else None,
            "expert": self.expert.model_dump() if self.expert else None,
            "months": [asdict(month) for month in self.months],
            "unpriced": list(self.unpriced),
        }


@dataclass(frozen=True, slots=True)
class _Bill:
    """A run and the prices that hold for it; `notes` takes the reasons, by figure."""

    development: Totals
    deployment: Totals
    model: ModelInfo | None
    book: PriceBook
    options: PriceOptions
    rates: Rates  # of deployment
    built: Rates  # of development, which may take a larger machine
    others: Mapping[str, ModelInfo] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> list[tuple[str, str, PhaseTotal]]:
        return list(bill_rows(self.development, self.deployment))

    @property
    def summed(self) -> list[tuple[str, str, PhaseTotal]]:
        """What hours and energy are made of: a probe is no work of the run."""
        return [row for row in self.rows if not phase_of(row[1]).apart]

    @property
    def on_cpu(self) -> bool:
        return self.rates.device_class.startswith("cpu")

    def usd(self, name: str, phase: str, total: PhaseTotal) -> float | None:
        """Returns the dollars of a row; people's work has a price of its own."""
        minutes = total.quantities.get("people_minutes")
        if phase == "label" or minutes is None:
            rates = self.built if name in self.development else self.rates
            return rates.usd(phase, total)
        if (usd := self.book.people_usd(minutes, self.options.expert)) is None:
            self.notes[name] = NO_EXPERT if minutes else "nobody noted the minutes that it took"
        return usd

    def note(self, figures: tuple[str, ...], reason: str) -> None:
        self.notes.update(dict.fromkeys(figures, reason))


def price(
    *,
    development: Totals,  # what the artifact took, by phase
    deployment: Totals,  # what answering took, by phase; ``serve`` counts its ``requests``
    device_class: str,  # as in the ledger (``cpu``, ``cuda:NVIDIA L4``), or ``api``
    model: ModelInfo | None,  # None: no model ran
    book: PriceBook,
    options: PriceOptions | None = None,
    measured: MeasuredSpeed | None = None,
    others: Mapping[str, ModelInfo] = {},  # other models than the run's, by phase
) -> Cost:
    """Prices a run. Raises `UsageError`: the book has no such row."""
    options = options or PriceOptions()
    served, built = (
        rates_of(device_class, model, book, options, _peak(phases))
        for phases in (deployment, development)
    )
    bill = _Bill(development, deployment, model, book, options, served, built, others)
    return _cost(bill, measured or MeasuredSpeed())


def _peak(phases: Totals) -> float | None:
    """The most memory that phases took, those left out that are no work of the run."""
    known = [
        total.peak_memory_bytes
        for phase, total in phases.items()
        if total.peak_memory_bytes and not phase_of(phase).apart
    ]
    return max(known, default=None)


def _note_memory(bill: _Bill) -> None:
    """Says where another machine than the usual one was taken, or nobody knows if it is enough."""
    usual = bill.book.defaults.cpu
    for name, rates, phases in (
        ("machine", bill.rates, bill.deployment),
        ("development_machine", bill.built, bill.development),
    ):
        row, peak = rates.machine, _peak(phases)
        if rates.api or row is None or row.kind == "gpu" or not peak:
            continue
        if row.memory_gb is None:
            text = f"{row.id} doesn't say its memory: whether it holds {size(peak)} isn't known"
            bill.notes[name] = text
        elif bill.options.machine is None and row.id != usual:
            bill.notes[name] = f"{usual} is too small for {size(peak)}: priced on {row.id}"


def _cost(bill: _Bill, measured: MeasuredSpeed) -> Cost:
    rates, serve = bill.rates, bill.deployment.get("serve")
    by_phase = {row[0]: bill.usd(*row) for row in bill.rows}
    development_usd, unpriced = _development(bill, by_phase)
    units = _unit_costs(bill, serve)
    served = None
    if serve and rates.machine and not rates.api:
        served = serving_cost(serve, rates.machine, bill.options, measured)
    _note_months(bill, served)
    hours = sum(total.device_seconds for _, _, total in bill.summed) / 3600
    projection = _projection(bill)
    energy_kwh, energy_usd = _energy(bill)
    _note_memory(bill)
    _note_hours(bill)
    _note_training(bill)
    return Cost(
        development_usd=development_usd,
        basis="per-token" if rates.api else bill.options.basis,
        months=months(served, bill.options, None if units[0] is None else units[0] / 1000),
        usd_per_1k_requests=units[0],
        usd_per_1k_tokens=units[1],
        usd_per_1k_output_tokens=units[2],
        by_phase=by_phase,
        gpu_hours=0.0 if rates.api or bill.on_cpu else hours,
        device_hours=hours,
        projected_gpu_hours=projection.gpu_hours if projection else None,
        projection=projection,
        machine=rates.machine,
        development_machine=bill.built.machine if bill.development else None,
        tokens=rates.tokens,
        expert=bill.book.expert(bill.options.expert) if bill.options.expert else None,
        usd_per_machine_month=served.usd_per_month if served else None,
        machine_requests_per_month=served.carries if served else None,
        requests_per_second=served.capacity.requests_per_second if served else None,
        capacity_assumed=served is not None and served.capacity.assumed,
        energy_kwh=energy_kwh,
        energy_usd=energy_usd,
        unpriced=unpriced,
        notes=bill.notes,
    )


def _note_training(bill: _Bill) -> None:
    """Notes what the price of a vendor's training doesn't hold."""
    if bill.model is not None and bill.model.tuned:
        row = bill.book.training_for(bill.model.name, bill.options.provider)
        bill.notes.update(row.limits if row else {})


def _development(
    bill: _Bill, by_phase: dict[str, float | None]
) -> tuple[float | None, tuple[str, ...]]:
    """Sums the phases that have a price; where none has one, the sum is unknown, not 0."""
    phases = [phase for phase in bill.development if phase_of(phase).development]
    unpriced = tuple(phase for phase in phases if by_phase[phase] is None)
    if unpriced:
        reasons = ["labels have no price (--label-usd)"] if "label" in unpriced else []
        if bill.built.api and "train" in unpriced:
            reasons.append("no price of training is known (a row under `training`), or its tokens")
        if set(unpriced) - ({"label", "train"} if bill.built.api else {"label"}):
            reasons.append(bill.built.reason)
        bill.notes["development_usd"] = f"without {', '.join(unpriced)}: {'; '.join(reasons)}"
    priced = [usd for phase in phases if (usd := by_phase[phase]) is not None]
    return (None if phases and not priced else sum(priced)), unpriced


def _unit_costs(bill: _Bill, serve: PhaseTotal | None) -> list[float | None]:
    """Dollars for 1,000 more requests, tokens and generated tokens, by what they take."""
    usd = bill.rates.usd("serve", serve) if serve else None
    uncounted = serve.quantities.get("unmetered_requests", 0) if serve else 0
    no_tokens = no_output = f"{uncounted:.0f} requests don't say how many tokens they took"
    if serve is None or usd is None or (uncounted and bill.rates.api):
        reason = "nothing was served" if serve is None else bill.rates.reason
        bill.note(PER_UNIT, no_tokens if uncounted else reason)
        return [None, None, None]
    if not uncounted:
        no_tokens = "no language model takes part: there are no tokens"
        no_output = (
            "nothing is generated: the answer is read off likelihoods, or no language model answers"
        )
    output = 0 if uncounted else serve.usage.output_tokens
    tokens = 0 if uncounted else serve.usage.input_tokens + output
    requests = serve.quantities.get("requests", 0)
    no_requests = "the record doesn't say how many requests were served"
    amounts, reasons = (requests, tokens, output), (no_requests, no_tokens, no_output)
    for figure, amount, reason in zip(PER_UNIT, amounts, reasons, strict=True):
        if not amount:
            bill.notes[figure] = reason
    return [1000 * usd / amount if amount else None for amount in amounts]


def _note_months(bill: _Bill, served: ServingCost | None) -> None:
    """Notes what a month's dollars rest on, and why they or a figure of a machine are unknown."""
    rates, notes, demand = bill.rates, bill.notes, bill.options.demand
    if served is None:
        reason = "a vendor's machines, not ours" if rates.api else rates.reason
        if rates.machine is not None and not rates.api:
            reason = "nothing was served"
        bill.note(PER_MACHINE, reason)
        notes["months"] = notes.get("usd_per_1k_requests", "each request at its tokens' price")
        return
    known = served.carries is not None
    notes["requests_per_second"] = served.capacity.note
    if not known:
        notes["machine_requests_per_month"] = served.capacity.note
    if bill.options.basis == "as-used":
        notes["months"] = "by the seconds that requests took, in a batch job"
    elif not known:
        notes["months"] = served.capacity.note
    else:
        peaks = f"peaks {demand.peak_factor:g} times the mean"
        notes["months"] = f"whole machines that are always on, for {peaks}, an assumption"
    if notes.get("usd_per_1k_requests") is None:
        notes["usd_per_1k_requests"] = "by the seconds that requests took, in a batch job"


def _projection(bill: _Bill) -> Projection | None:
    book, model, project_to = bill.book, bill.model, bill.options.project_to
    row = book.machine(project_to or book.defaults.projection)
    reason = ""
    if bill.rates.api:
        reason = "the vendor doesn't publish the sizes of its model"
    elif model is None:
        reason = "no language model takes part"
    elif model.architecture is None:
        reason = f"the sizes of {model.name} aren't in the record"
    elif row.gpu is None:
        reason = f"the price row {row.id} has no GPU"
    elif project_to is None and not bill.on_cpu:
        reason = "it ran on a GPU: the GPU-hours are measured"
    if reason or model is None or row.gpu is None:
        bill.notes["projected_gpu_hours"] = reason
        return None
    gpu = book.gpu(row.gpu)
    served = {name: total for name, total in bill.deployment.items() if not phase_of(name).apart}
    projection = project(bill.development, served, model, machine=row, gpu=gpu, others=bill.others)
    if projection:
        bound = ", a lower bound" if projection.lower_bound else ""
        note = f"projection{bound}, not measured: {projection.method}"
        bill.notes["projected_gpu_hours"] = note
    return projection


def _energy(bill: _Bill) -> tuple[float | None, float | None]:
    """Measured energy in kWh, and its price; a part of it would look like the whole."""
    joules = [total.energy_joules for _, phase, total in bill.summed if phase != "label"]
    if not joules or any(value is None for value in joules):
        reason = "not measured in every phase: there is no counter, or none readable"
        bill.note(("energy_kwh", "energy_usd"), reason)
        return None, None
    kwh = sum(value for value in joules if value is not None) / JOULES_PER_KWH
    electricity, pue = bill.options.electricity, bill.options.pue
    if electricity is None:
        bill.notes["energy_usd"] = "no price of electricity was named (--electricity)"
        return kwh, None
    note = f"at a PUE of {pue:g}; the price of a rented machine includes it"
    bill.notes["energy_usd"] = note
    return kwh, kwh * pue * bill.book.usd_per_kwh(electricity)


def _has_device(machine: Machine, device_class: str, book: PriceBook) -> bool:
    if machine.gpu is None:
        return device_class.startswith("cpu")
    return book.gpu(machine.gpu).is_called(device_class)


def _note_hours(bill: _Bill) -> None:
    """Notes whose hours they are, and which of them an earlier run paid for."""
    rates, notes = bill.rates, bill.notes
    device, machine = rates.device_class, rates.machine
    if machine and not rates.api and not _has_device(machine, device, bill.book):
        notes["machine"] = (
            f"the seconds were measured on {device}; {machine.id} would take another time "
            "(--project-to estimates it)"
        )
    if rates.api:
        notes["gpu_hours"] = "the vendor doesn't say which GPUs it used"
        notes["device_hours"] = "hours of waiting for the vendor"
    elif bill.on_cpu:
        notes["device_hours"] = "CPU-machine hours"
    if apart := [name for name, phase, _ in bill.rows if phase_of(phase).apart]:
        notes["apart"] = f"{', '.join(apart)}: not in the sums of hours and energy"
    for kind, words in (
        ("reused", "paid for by an earlier run, counted in full at this machine's price"),
        ("cached", "from a cache, counted with what it took when it was computed"),
    ):
        names = [name for name, _, total in bill.rows if total.paid.endswith(kind)]
        if names:
            notes[kind] = f"{', '.join(names)}: {words}"
