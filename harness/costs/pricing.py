"""Applies prices to the quantities of a run: two costs, never mixed.

Development is paid once: labels, index, search, training, validation, saving, and the loading
before them. Deployment is paid for every request: `serve`. Answering the test set is in neither;
its seconds and tokens give the unit cost. What has no price is None with a reason, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.costs.book import Machine, PriceBook, TokenPrice
from harness.costs.phases import EVALUATION, Totals, named
from harness.costs.projection import Projection, project
from harness.costs.tokens import api_price, token_usd, training_usd
from harness.ledger import PhaseTotal
from harness.models.base import ModelInfo

__all__ = ["Cost", "price"]

API = "api"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run cost, by a price book. None is unpriced or undefined; `notes` says why.

    Attributes:
        development_usd: Paid once: the priced part (see `unpriced`).
        usd_per_1k_requests: Dollars for 1,000 requests at the throughput of the run.
        usd_per_1k_tokens: Dollars for 1,000 tokens of input and output.
        usd_per_1k_output_tokens: Dollars for 1,000 generated tokens.
        by_phase: Dollars by name of the phase's row.
        gpu_hours: Allocated GPUs times wall hours of GPUs that really ran.
        device_hours: Device-hours of whatever ran.
        projected_gpu_hours: GPU-hours by `projection`. Not measured.
        projection: The same work on a GPU of the price book. Not measured.
        machine: The price row of the machine.
        tokens: The price row of an API's tokens.
        unpriced: Phases of development that have no price.
        notes: By field: the reason for a None, or what limits a figure.
    """

    development_usd: float | None
    usd_per_1k_requests: float | None
    usd_per_1k_tokens: float | None
    usd_per_1k_output_tokens: float | None
    by_phase: dict[str, float | None]
    gpu_hours: float
    device_hours: float
    projected_gpu_hours: float | None
    projection: Projection | None
    machine: Machine | None
    tokens: TokenPrice | None
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


@dataclass(frozen=True, slots=True)
class _Rates:
    """The prices that hold for one run."""

    device_class: str
    machine: Machine | None
    tokens: TokenPrice | None
    label_usd: float | None

    @property
    def api(self) -> bool:
        return self.device_class.partition(":")[0] == API

    @property
    def reason(self) -> str:
        """Why a phase has no price."""
        if self.api:
            return "the token price isn't known: add a row under `tokens` to a price book"
        return f"no price for {self.device_class}: name a row of the price book with --machine"

    def usd(self, phase: str, total: PhaseTotal) -> float | None:
        """Returns the dollars of a phase, or None where no price is known."""
        if phase == "label":
            rows = _labelled(total)
            return None if self.label_usd is None or not rows else rows * self.label_usd
        if self.api and (total.usage.input_tokens or total.usage.output_tokens):
            return self._vendor(phase, total)
        if self.machine is None:
            return None
        return total.device_seconds / 3600 * self.machine.usd_per_device_hour

    def _vendor(self, phase: str, total: PhaseTotal) -> float | None:
        if self.tokens is None:
            return None
        if phase == "train":
            return training_usd(total.usage.input_tokens, self.tokens)
        return token_usd(total.usage, self.tokens)


def price(
    *,
    development: Totals,
    deployment: Totals,
    device_class: str,
    model: ModelInfo | None,
    book: PriceBook,
    machine: str | None = None,
    project_to: str | None = None,
    label_usd: float | None = None,
    provider: str | None = None,
) -> Cost:
    """Prices a run.

    Args:
        development: What the artifact took, by phase; `harness.costs.phases.split` makes it from
            a ledger that holds both.
        deployment: What answering took, by phase; ``serve`` counts its ``requests``.
        device_class: As in the ledger (``cpu``, ``cuda:NVIDIA L4``), or ``api``.
        model: The model that ran, or None.
        book: Prices.
        machine: Row for this machine; by default the one of this device class.
        project_to: Row or GPU to project to; by default the book's, for runs on a CPU.
        label_usd: Dollars for one labelled row; labels are unpriced without it.
        provider: Vendor of an API; None lets the model's name decide.

    Returns:
        The cost.

    Raises:
        UsageError: The book has no such row.
    """
    rates = _rates(device_class, model, book, machine, label_usd, provider)
    by_phase = {
        name: rates.usd(phase, total) for name, phase, total in named(development, deployment)
    }
    notes: dict[str, str] = {}
    developed, unpriced = _development(development, by_phase, rates, notes)
    per_request, per_token, per_output = _units(deployment.get("serve"), rates, notes)
    hours = sum(total.device_seconds for _, _, total in named(development, deployment)) / 3600
    projection = _projection(development, deployment, rates, model, book, project_to, notes)
    _provenance(development, deployment, rates, notes)
    return Cost(
        development_usd=developed,
        usd_per_1k_requests=per_request,
        usd_per_1k_tokens=per_token,
        usd_per_1k_output_tokens=per_output,
        by_phase=by_phase,
        gpu_hours=0.0 if rates.api or device_class.startswith("cpu") else hours,
        device_hours=hours,
        projected_gpu_hours=projection.gpu_hours if projection else None,
        projection=projection,
        machine=rates.machine,
        tokens=rates.tokens,
        unpriced=unpriced,
        notes=notes,
    )


def _rates(
    device_class: str,
    model: ModelInfo | None,
    book: PriceBook,
    machine: str | None,
    label_usd: float | None,
    provider: str | None,
) -> _Rates:
    api = device_class.partition(":")[0] == API
    row = book.machine(machine) if machine else book.machine_for(device_class)
    tokens = api_price(model.name, provider, book) if api and model else None
    return _Rates(device_class, row, tokens, label_usd)


def _labelled(total: PhaseTotal) -> float:
    amounts = total.quantities
    return amounts.get("rows") or amounts.get("train_rows", 0) + amounts.get("dev_rows", 0)


def _development(
    development: Totals, by_phase: dict[str, float | None], rates: _Rates, notes: dict[str, str]
) -> tuple[float | None, tuple[str, ...]]:
    """Sums the priced part; with nothing priced at all, the sum is unknown, not 0."""
    phases = [phase for phase in development if phase not in EVALUATION]
    unpriced = tuple(phase for phase in phases if by_phase[phase] is None)
    if unpriced:
        reasons = ["labels have no price (--label-usd)"] if "label" in unpriced else []
        if set(unpriced) - {"label"}:
            reasons.append(rates.reason)
        notes["development_usd"] = f"without {', '.join(unpriced)}: {'; '.join(reasons)}"
    priced = [usd for phase in phases if (usd := by_phase[phase]) is not None]
    return (None if phases and not priced else sum(priced)), unpriced


def _units(
    serve: PhaseTotal | None, rates: _Rates, notes: dict[str, str]
) -> tuple[float | None, float | None, float | None]:
    """Divides what serving cost by requests, by tokens and by generated tokens."""
    names = ("usd_per_1k_requests", "usd_per_1k_tokens", "usd_per_1k_output_tokens")
    usd = rates.usd("serve", serve) if serve else None
    if serve is None or usd is None:
        notes.update(dict.fromkeys(names, rates.reason if serve else "nothing was served"))
        return None, None, None
    usage = serve.usage
    amounts = (
        serve.quantities.get("requests", 0),
        usage.input_tokens + usage.output_tokens,
        usage.output_tokens,
    )
    reasons = (
        "the record doesn't say how many requests were served",
        "no language model takes part: there are no tokens",
        "nothing is generated: the answer is read off likelihoods, or no language model answers",
    )
    rows = zip(names, amounts, reasons, strict=True)
    notes.update({name: reason for name, amount, reason in rows if not amount})
    if amounts[0] and not rates.api:
        notes[names[0]] = "throughput of a batch job, not an always-on machine"
    per = [1000 * usd / amount if amount else None for amount in amounts]
    return per[0], per[1], per[2]


def _projection(
    development: Totals,
    deployment: Totals,
    rates: _Rates,
    model: ModelInfo | None,
    book: PriceBook,
    project_to: str | None,
    notes: dict[str, str],
) -> Projection | None:
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


def _provenance(
    development: Totals, deployment: Totals, rates: _Rates, notes: dict[str, str]
) -> None:
    """Says what the hours are of, and which of them an earlier run paid for."""
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
