"""Applies prices to the quantities of a run: two costs, never mixed.

Development is paid once: labels, index, search, training, validation, saving, and the loading
before them. Deployment is paid as long as requests come: `serve`. Answering the test set is in
neither; its seconds and tokens give the unit cost. On a machine that unit cost is by whole
machines that are always on, and by the seconds used beside it. What has no price is None with a
reason, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.costs.book import Machine, PriceBook, TokenPrice
from harness.costs.choices import Choices
from harness.costs.phases import Totals, named
from harness.costs.projection import Projection, project
from harness.costs.rates import Rates, rates_of
from harness.costs.serving import Measured, Serving, serving
from harness.records.ledger import PhaseTotal
from harness.records.model import ModelInfo
from harness.records.phases import phase_of

__all__ = ["Cost", "price"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run cost, by a price book. None is unpriced or undefined; `notes` says why.

    Attributes:
        development_usd: Paid once: the priced part (see `unpriced`).
        basis: What the three figures below stand for: ``always-on``, ``as-used``, or
            ``per-token`` behind an API.
        usd_per_1k_requests: Dollars for 1,000 requests.
        usd_per_1k_tokens: Dollars for 1,000 tokens of input and output.
        usd_per_1k_output_tokens: Dollars for 1,000 generated tokens.
        usd_per_1k_requests_as_used: Dollars for 1,000 requests by the seconds that they took.
        by_phase: Dollars by name of the phase's row.
        gpu_hours: Allocated GPUs times wall hours of GPUs that really ran.
        device_hours: Device-hours of whatever ran.
        projected_gpu_hours: GPU-hours by `projection`. Not measured.
        projection: The same work on a GPU of the price book. Not measured.
        machine: The price row of the machine.
        tokens: The price row of an API's tokens.
        usd_per_machine_month: Dollars a month for one machine, always on.
        machines: Machines that the chosen volume takes.
        requests_per_second: What one machine sustains.
        energy_kwh: Measured energy of all phases; None as soon as one has no counter.
        energy_usd: Dollars for it, at the site. A rented machine's price holds it already.
        unpriced: Phases of development that have no price.
        notes: By field: the reason for a None, or what limits a figure.
    """

    development_usd: float | None
    basis: str
    usd_per_1k_requests: float | None
    usd_per_1k_tokens: float | None
    usd_per_1k_output_tokens: float | None
    usd_per_1k_requests_as_used: float | None
    by_phase: dict[str, float | None]
    gpu_hours: float
    device_hours: float
    projected_gpu_hours: float | None
    projection: Projection | None
    machine: Machine | None
    tokens: TokenPrice | None
    usd_per_machine_month: float | None = None
    machines: int | None = None
    requests_per_second: float | None = None
    energy_kwh: float | None = None
    energy_usd: float | None = None
    unpriced: tuple[str, ...] = ()
    notes: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields as JSON values."""
        value = {name: getattr(self, name) for name in self.__slots__}
        return value | {
            "projection": self.projection.as_dict() if self.projection else None,
            "machine": self.machine.model_dump() if self.machine else None,
            "tokens": self.tokens.model_dump() if self.tokens else None,
            "unpriced": list(self.unpriced),
        }


def price(
    *,
    development: Totals,
    deployment: Totals,
    device_class: str,
    model: ModelInfo | None,
    book: PriceBook,
    choices: Choices | None = None,
    measured: Measured | None = None,
) -> Cost:
    """Prices a run.

    Args:
        development: What the artifact took, by phase; as `harness.records.ledger.totals` sums it.
        deployment: What answering took, by phase; ``serve`` counts its ``requests``.
        device_class: As in the ledger (``cpu``, ``cuda:NVIDIA L4``), or ``api``.
        model: The model that ran, or None.
        book: Prices.
        choices: Machine, basis, volume, and prices that are the reader's to say.
        measured: What the record says of speed beside its batch job.

    Returns:
        The cost.

    Raises:
        UsageError: The book has no such row.
    """
    choices = choices or Choices()
    rates = rates_of(device_class, model, book, choices)
    by_phase = {
        name: rates.usd(phase, total) for name, phase, total in named(development, deployment)
    }
    notes: dict[str, str] = {}
    developed, unpriced = _development(development, by_phase, rates, notes)
    serve = deployment.get("serve")
    used = _units(serve, rates, notes)
    served = None
    if serve and rates.machine and not rates.api:
        served = serving(serve, rates.machine, choices, measured or Measured())
    per_request, per_token, per_output = _scaled(used, _always_on(served, rates, choices, notes))
    _unknown(served, used[0], rates, notes)
    hours = sum(total.device_seconds for _, _, total in named(development, deployment)) / 3600
    projection = _projection(development, deployment, rates, model, book, choices, notes)
    energy, energy_usd = _energy(development, deployment, book, choices, notes)
    _provenance(development, deployment, rates, book, notes)
    return Cost(
        development_usd=developed,
        basis="per-token" if rates.api else choices.basis,
        usd_per_1k_requests=per_request,
        usd_per_1k_tokens=per_token,
        usd_per_1k_output_tokens=per_output,
        usd_per_1k_requests_as_used=used[0],
        by_phase=by_phase,
        gpu_hours=0.0 if rates.api or device_class.startswith("cpu") else hours,
        device_hours=hours,
        projected_gpu_hours=projection.gpu_hours if projection else None,
        projection=projection,
        machine=rates.machine,
        tokens=rates.tokens,
        usd_per_machine_month=served.usd_per_month if served else None,
        machines=served.machines if served else None,
        requests_per_second=served.capacity.requests_per_second if served else None,
        energy_kwh=energy,
        energy_usd=energy_usd,
        unpriced=unpriced,
        notes=notes,
    )


_Units = tuple[float | None, float | None, float | None]


def _scaled(units: _Units, factor: float | None) -> _Units:
    """Makes figures of seconds used into figures of whole machines."""
    first, second, third = (
        None if usd is None or factor is None else usd * factor for usd in units
    )
    return first, second, third


def _always_on(
    served: Serving | None, rates: Rates, choices: Choices, notes: dict[str, str]
) -> float | None:
    """By how much whole machines are dearer than the seconds used; None where nobody knows."""
    if rates.api or served is None or served.usd_per_request_as_used is None:
        return 1.0
    if choices.basis == "as-used":
        notes["usd_per_1k_requests"] = "by the seconds that requests took, in a batch job"
        return 1.0
    notes["usd_per_1k_requests"] = served.note
    if served.usd_per_request is None:
        names = ("usd_per_1k_tokens", "usd_per_1k_output_tokens")
        notes.update(dict.fromkeys(names, served.note))
        return None
    if served.usd_per_request_as_used == 0:
        return 1.0
    return served.usd_per_request / served.usd_per_request_as_used


def _unknown(
    served: Serving | None, as_used: float | None, rates: Rates, notes: dict[str, str]
) -> None:
    """Says why there is no machine to count, or no rate."""
    names = ("usd_per_machine_month", "requests_per_second", "machines")
    if served is None:
        reason = "a vendor's machines, not ours" if rates.api else rates.reason
        if rates.machine is not None and not rates.api:
            reason = "nothing was served"
        notes.update(dict.fromkeys(names, reason))
    elif served.machines is None:
        known = served.capacity.requests_per_second is not None
        reason = "no volume was named (--requests-per-month)" if known else served.note
        notes["machines"] = reason
        if not known:
            notes["requests_per_second"] = served.note
    if as_used is None:
        notes.setdefault("usd_per_1k_requests_as_used", notes["usd_per_1k_requests"])


def _energy(
    development: Totals,
    deployment: Totals,
    book: PriceBook,
    choices: Choices,
    notes: dict[str, str],
) -> tuple[float | None, float | None]:
    """Sums measured energy and prices it; a part of it would look like the whole."""
    worked = [total for _, phase, total in named(development, deployment) if phase != "label"]
    joules = [total.energy_joules for total in worked]
    if not joules or any(value is None for value in joules):
        reason = "not measured in every phase: there is no counter, or none readable"
        notes.update(energy_kwh=reason, energy_usd=reason)
        return None, None
    kwh = sum(value for value in joules if value is not None) / 3.6e6
    if choices.electricity is None:
        notes["energy_usd"] = "no price of electricity was named (--electricity)"
        return kwh, None
    notes["energy_usd"] = f"at a PUE of {choices.pue:g}; a rented machine's price holds it already"
    return kwh, kwh * choices.pue * book.usd_per_kwh(choices.electricity)


def _development(
    development: Totals, by_phase: dict[str, float | None], rates: Rates, notes: dict[str, str]
) -> tuple[float | None, tuple[str, ...]]:
    """Sums the priced part; with nothing priced at all, the sum is unknown, not 0."""
    phases = [phase for phase in development if phase_of(phase).development]
    unpriced = tuple(phase for phase in phases if by_phase[phase] is None)
    if unpriced:
        reasons = ["labels have no price (--label-usd)"] if "label" in unpriced else []
        if set(unpriced) - {"label"}:
            reasons.append(rates.reason)
        notes["development_usd"] = f"without {', '.join(unpriced)}: {'; '.join(reasons)}"
    priced = [usd for phase in phases if (usd := by_phase[phase]) is not None]
    return (None if phases and not priced else sum(priced)), unpriced


def _units(serve: PhaseTotal | None, rates: Rates, notes: dict[str, str]) -> _Units:
    """Divides what serving cost by requests, by tokens and by generated tokens."""
    names = ("usd_per_1k_requests", "usd_per_1k_tokens", "usd_per_1k_output_tokens")
    usd = rates.usd("serve", serve) if serve else None
    uncounted = serve.quantities.get("unmetered_requests", 0) if serve else 0
    unknown = f"{uncounted:.0f} requests don't say how many tokens they took"
    if serve is None or usd is None or (uncounted and rates.api):
        reason = "nothing was served" if serve is None else rates.reason
        notes.update(dict.fromkeys(names, unknown if uncounted else reason))
        return None, None, None
    usage = serve.usage
    amounts = (
        serve.quantities.get("requests", 0),
        0 if uncounted else usage.input_tokens + usage.output_tokens,
        0 if uncounted else usage.output_tokens,
    )
    reasons = (
        "the record doesn't say how many requests were served",
        unknown if uncounted else "no language model takes part: there are no tokens",
        unknown if uncounted else
        "nothing is generated: the answer is read off likelihoods, or no language model answers",
    )  # fmt: skip
    rows = zip(names, amounts, reasons, strict=True)
    notes.update({name: reason for name, amount, reason in rows if not amount})
    per = [1000 * usd / amount if amount else None for amount in amounts]
    return per[0], per[1], per[2]


def _projection(
    development: Totals,
    deployment: Totals,
    rates: Rates,
    model: ModelInfo | None,
    book: PriceBook,
    choices: Choices,
    notes: dict[str, str],
) -> Projection | None:
    project_to = choices.project_to
    row = book.machine(project_to or book.defaults.projection)
    reason = ""
    if rates.api:
        reason = "the vendor doesn't publish the sizes of its model"
    elif model is None:
        reason = "no language model takes part"
    elif model.architecture is None:
        reason = f"the sizes of {model.name} aren't in the record"
    elif row.gpu is None:
        reason = f"the price row {row.id} is no GPU"
    elif project_to is None and not rates.device_class.startswith("cpu"):
        reason = "it ran on a GPU: the GPU-hours are measured"
    if reason or model is None or row.gpu is None:
        notes["projected_gpu_hours"] = reason
        return None
    made = project(development, deployment, model, machine=row, gpu=book.gpu(row.gpu))
    if made:
        bound = ", a lower bound" if made.lower_bound else ""
        notes["projected_gpu_hours"] = f"projection{bound}, not measured: {made.method}"
    return made


def _is_on(machine: Machine, device_class: str, book: PriceBook) -> bool:
    """Whether a machine has the device that ran."""
    if machine.gpu is None:
        return device_class.startswith("cpu")
    return book.gpu(machine.gpu).is_called(device_class)


def _provenance(
    development: Totals,
    deployment: Totals,
    rates: Rates,
    book: PriceBook,
    notes: dict[str, str],
) -> None:
    """Says what the hours are of, and which of them an earlier run paid for."""
    if rates.machine and not rates.api and not _is_on(rates.machine, rates.device_class, book):
        notes["machine"] = (
            f"the seconds are those of {rates.device_class}; on {rates.machine.id} they would be "
            "others (--project-to says which, about)"
        )
    if rates.api:
        notes["gpu_hours"] = "the vendor doesn't say which GPUs it used"
        notes["device_hours"] = "hours of waiting for the vendor"
    elif rates.device_class.startswith("cpu"):
        notes["device_hours"] = "CPU-machine hours"
    for kind, words in (
        ("reused", "paid for by an earlier run, counted in full at this machine's price"),
        ("cached", "answered from a cache, counted as if it had been paid for"),
    ):
        rows = [name for name, _, total in named(development, deployment) if total.paid == kind]
        if rows:
            notes[kind] = f"{', '.join(rows)}: {words}"
