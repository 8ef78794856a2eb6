"""What recorded work would take on a GPU that didn't run it: a projection, never a measurement.

Time is operations over the share of the GPU's peak that is assumed to be reached, and for decoding
also bytes over bandwidth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from harness.costs.book import Gpu, Machine
from harness.costs.flops import decode_seconds, inference_flops, training_flops
from harness.records.ledger import PhaseTotal
from harness.records.model import Architecture, ModelInfo
from harness.records.phases import TRAINING, phase_of

__all__ = [
    "MBU",
    "MFU",
    "RANGE",
    "SMALL",
    "GpuSpeed",
    "Projection",
    "Totals",
    "bill_rows",
    "phase_flops",
    "project",
]

MFU = 0.30
"""Share of the peak that is reached; 25 to 56 % have been reported for training (see RANGE)."""
MBU = 0.50
"""Share of the memory bandwidth that decoding reaches."""
RANGE = ((0.50, 0.80), (0.15, 0.30))
"""Best and worst assumption, each of MFU and MBU."""
SMALL = 1_000_000_000
"""Below so many parameters the time to launch kernels dominates, which no formula here knows."""


@dataclass(frozen=True, slots=True)
class Projection:
    """GPU-hours and dollars on a GPU of the price book. **Not measured.**"""

    gpu: str  # full name
    machine: str  # id of the price row
    usd_per_gpu_hour: float
    gpu_hours: float  # of all phases of the run, measuring included
    gpu_hours_low: float  # by the best assumption
    gpu_hours_high: float  # by the worst assumption
    gpu_hours_by_phase: dict[str, float]  # by row of the bill
    usd: float  # for `gpu_hours`
    development_usd: float  # without labels
    usd_per_1k_requests: float | None  # at the batch size that was run
    mfu: float  # assumed share of the peak FLOP/s
    mbu: float  # assumed share of the memory bandwidth
    lower_bound: bool  # whether it is known to be too small
    method: str  # the formula, in words
    assumptions: tuple[str, ...]
    kind: Literal["projection"] = "projection"

    def as_dict(self) -> dict[str, object]:
        """Returns the fields as JSON values."""
        return asdict(self) | {"assumptions": list(self.assumptions)}


@dataclass(frozen=True, slots=True)
class GpuSpeed:
    """What a GPU is assumed to reach."""

    gpu: Gpu
    mfu: float = MFU
    mbu: float = MBU

    @property
    def peak(self) -> float:
        """Operations a second (FLOP/s)."""
        return self.gpu.peak * self.mfu

    @property
    def bandwidth(self) -> float:
        """Bytes a second."""
        return self.gpu.bandwidth * self.mbu


@dataclass(frozen=True, slots=True)
class _Models:
    """Whose forward passes a phase is."""

    run: ModelInfo
    others: Mapping[str, ModelInfo]

    def of(self, phase: str) -> ModelInfo | None:
        """Returns the model of a phase; None where there is none, or its sizes aren't known."""
        uses = phase_of(phase).uses_model
        model = self.run if uses == "run" else self.others.get(phase) if uses else None
        return model if model and model.architecture else None


def project(
    development: Totals,
    deployment: Totals,
    model: ModelInfo,
    *,
    machine: Machine,
    gpu: Gpu,
    mfu: float = MFU,  # share of the peak FLOP/s that is reached
    mbu: float = MBU,  # share of the memory bandwidth that is reached
    others: Mapping[str, ModelInfo] = {},  # other models, by the phase that they ran in
) -> Projection | None:
    """Projects a run to a GPU; None where the model's sizes aren't known."""
    sizes = model.architecture
    if sizes is None:
        return None
    bill = bill_rows(development, deployment)
    rows = [(name, work, part) for name, phase, row in bill for work, part in row.parts(phase)]
    ran = _Models(model, others)
    hours = _hours(rows, ran, GpuSpeed(gpu, mfu, mbu))
    bounds = [sum(_hours(rows, ran, GpuSpeed(gpu, *pair)).values()) for pair in RANGE]
    total, rate = sum(hours.values()), machine.usd_per_device_hour
    developed = sum(hours.get(phase, 0.0) for phase in development if phase_of(phase).development)
    return Projection(
        gpu=gpu.name,
        machine=machine.id,
        usd_per_gpu_hour=rate,
        gpu_hours=total,
        gpu_hours_low=min(total, *bounds),
        gpu_hours_high=max(total, *bounds),
        gpu_hours_by_phase=hours,
        usd=total * rate,
        development_usd=developed * rate,
        usd_per_1k_requests=_per_1k(development, deployment, hours, rate),
        mfu=mfu,
        mbu=mbu,
        lower_bound=sizes.parameters < SMALL,
        method=f"FLOPs / (peak x {mfu:g}); decoding also bytes / (bandwidth x {mbu:g})",
        assumptions=_assumptions(rows, sizes, ran),
    )


def _per_1k(
    development: Totals, deployment: Totals, hours: dict[str, float], rate: float
) -> float | None:
    serve = deployment.get("serve")
    served = hours.get("serve serve" if "serve" in development else "serve")
    requests = serve.quantities.get("requests", 0) if serve else 0
    return 1000 * served * rate / requests if requests and served is not None else None


def _hours(
    rows: Sequence[tuple[str, str, PhaseTotal]], models: _Models, speed: GpuSpeed
) -> dict[str, float]:
    hours: dict[str, float] = {}
    for name, phase, total in rows:
        model = models.of(phase)
        if model is None or model.architecture is None or not _positions(total):
            continue
        if _trains(phase, total):
            seconds = _training(total, model.architecture) / speed.peak
        else:
            seconds = _inference_seconds(total, model.architecture, speed)
        hours[name] = hours.get(name, 0.0) + seconds / 3600
    return hours


def _positions(total: PhaseTotal) -> int:
    """Padding is computed on a GPU too; a shared prefix isn't computed again."""
    return total.usage.computed_tokens or total.usage.input_tokens


def _trains(phase: str, total: PhaseTotal) -> bool:
    amounts = total.quantities
    trains = amounts.get("trainable_parameters") or amounts.get("full")
    return phase in (*TRAINING, "tune") and bool(trains)


def phase_flops(phase: str, total: PhaseTotal, architecture: Architecture) -> float:
    """Counts a phase's operations, decoding included; 0 where no tokens were recorded."""
    if total.works:
        parts = total.parts(phase)
        own = [(work, part) for work, part in parts if phase_of(work).uses_model == "run"]
        return sum(phase_flops(work, part, architecture) for work, part in own)
    if not _positions(total):
        return 0.0
    if _trains(phase, total):
        return _training(total, architecture)
    reading, decoding = _reading(total, architecture), total.usage.output_tokens
    if not decoding:
        return reading
    return reading + inference_flops(
        architecture, tokens=decoding, scored_positions=decoding, mean_length=_context(total)
    )


def _training(total: PhaseTotal, architecture: Architecture) -> float:
    amounts = total.quantities
    positions, sequences = _positions(total), amounts.get("sequences", 0)
    return training_flops(
        architecture,
        tokens=positions,
        method="full" if amounts.get("full") else "lora",
        # a training that was resumed counted its weights once an attempt
        trainable=amounts.get(
            "trained_matrices", min(amounts.get("trainable_parameters", 0), architecture.parameters)
        ),
        frozen=amounts.get("frozen_matrices", 0),
        recompute=bool(amounts.get("recompute")),
        scored_positions=total.usage.scored_positions,
        mean_length=positions / sequences if sequences else 0,
    )


def _reading(total: PhaseTotal, architecture: Architecture) -> float:
    """Operations of reading the prompts, without what is generated."""
    usage, requests = total.usage, _requests(total)
    generated = usage.output_tokens
    # generated positions are part of computed_tokens too, but not of input_tokens
    prompt = usage.input_tokens
    if usage.computed_tokens:
        prompt = max(0, usage.computed_tokens - generated)
    return inference_flops(
        architecture,
        tokens=prompt,
        scored_positions=max(0, usage.scored_positions - generated),
        mean_length=usage.input_tokens / requests if requests else 0,
    )


def _context(total: PhaseTotal) -> float:
    usage, requests = total.usage, _requests(total)
    return (usage.input_tokens + usage.output_tokens / 2) / requests if requests else 0.0


def _inference_seconds(total: PhaseTotal, architecture: Architecture, speed: GpuSpeed) -> float:
    """Reading the prompts is limited by the peak, decoding by the slower of both limits."""
    usage = total.usage
    seconds = _reading(total, architecture) / speed.peak
    if not usage.output_tokens:
        return seconds
    steps = usage.decode_steps or usage.output_tokens  # not recorded: one sequence at a time
    return seconds + steps * decode_seconds(
        architecture,
        batch=usage.output_tokens / steps,
        context=_context(total),
        peak=speed.peak,
        bandwidth=speed.bandwidth,
    )


def _requests(total: PhaseTotal) -> float:
    return total.quantities.get("requests") or total.quantities.get("sequences", 0)


def _assumptions(
    rows: Sequence[tuple[str, str, PhaseTotal]], architecture: Architecture, models: _Models
) -> tuple[str, ...]:
    texts = [
        "16-bit operations and weights on one GPU, at the batch sizes that were run",
        "positions with padding and after sharing prefixes",
    ]
    texts += [
        f"{name}: another model's work, left out"
        for name, phase, _ in rows
        if phase_of(phase).uses_model == "another" and models.of(phase) is None
    ]
    texts += [
        f"{name}: by the sizes of {model.name}"
        for name, phase, _ in rows
        if phase_of(phase).uses_model == "another" and (model := models.of(phase))
    ]
    for name, phase, total in rows:
        if phase_of(phase).uses_model == "run" and not _positions(total):
            texts.append(f"{name}: no tokens were recorded, left out")
        elif phase_of(phase).uses_model == "run" and not _requests(total):
            texts.append(f"{name}: lengths weren't recorded, attention left out")
    if any(phase in ("load", "save") for _, phase, _ in rows):
        texts.append("loading and saving left out")
    if architecture.parameters < SMALL:
        texts.append("below 1 B parameters: a lower bound")
    return tuple(dict.fromkeys(texts))


Totals = Mapping[str, PhaseTotal]


def bill_rows(development: Totals, deployment: Totals) -> Iterator[tuple[str, str, PhaseTotal]]:
    """Yields the name of each row, its phase and its total.

    A phase that both have is called ``serve load`` in the deployment.
    """
    for phase, total in development.items():
        yield phase, phase, total
    for phase, total in deployment.items():
        yield (f"serve {phase}" if phase in development else phase), phase, total
