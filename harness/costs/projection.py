"""What the recorded work would take on a GPU that didn't run it: a projection, never a measurement.

Work comes from the ledger's quantities and the model's sizes; time is operations over the share
of the GPU's peak that is assumed to be reached, and for decoding also bytes over bandwidth.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from harness.costs.book import Gpu, Machine
from harness.costs.flops import decode_step, inference_flops, training_flops
from harness.costs.phases import Totals, named
from harness.records.ledger import PhaseTotal
from harness.records.model import Architecture, ModelInfo
from harness.records.phases import phase_of

__all__ = ["MBU", "MFU", "Projection", "phase_flops", "project"]

MFU = 0.30
"""Share of the peak that is reached; 25 to 56 % have been reported for training (see RANGE)."""
MBU = 0.50
"""Share of the memory bandwidth that decoding reaches."""
RANGE = ((0.50, 0.80), (0.15, 0.30))
"""Best and worst assumption, each of MFU and MBU."""
SMALL = 1_000_000_000
"""Below this many parameters launching kernels dominates, which no formula here knows."""


@dataclass(frozen=True, slots=True)
class Projection:
    """GPU-hours and dollars on a GPU of the price book. **Not measured.**

    Attributes:
        gpu: Full name of the GPU.
        machine: Id of the price row.
        usd_per_gpu_hour: US dollars for an hour of one GPU.
        gpu_hours: All phases of the run, measuring included.
        gpu_hours_low: By the best assumption.
        gpu_hours_high: By the worst assumption.
        gpu_hours_by_phase: By name of the phase's row.
        usd: Dollars for `gpu_hours`.
        development_usd: Dollars for development; labels aren't in it.
        usd_per_1k_requests: Dollars for a thousand requests, at the batch size that was run.
        mfu: Assumed share of the peak FLOP/s.
        mbu: Assumed share of the memory bandwidth.
        lower_bound: Whether it is known to be too small.
        method: How it was made, in words.
        assumptions: What it takes for granted.
        kind: Always ``projection``.
    """

    gpu: str
    machine: str
    usd_per_gpu_hour: float
    gpu_hours: float
    gpu_hours_low: float
    gpu_hours_high: float
    gpu_hours_by_phase: dict[str, float]
    usd: float
    development_usd: float
    usd_per_1k_requests: float | None
    mfu: float
    mbu: float
    lower_bound: bool
    method: str
    assumptions: tuple[str, ...]
    kind: Literal["projection"] = "projection"

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields as JSON values."""
        return asdict(self) | {"assumptions": list(self.assumptions)}


@dataclass(frozen=True, slots=True)
class _Rates:
    """What a GPU is assumed to reach."""

    gpu: Gpu
    mfu: float
    mbu: float

    @property
    def peak(self) -> float:
        return self.gpu.peak * self.mfu

    @property
    def bandwidth(self) -> float:
        return self.gpu.bandwidth * self.mbu


def project(
    development: Totals,
    deployment: Totals,
    model: ModelInfo,
    *,
    machine: Machine,
    gpu: Gpu,
    mfu: float | None = None,
    mbu: float | None = None,
) -> Projection | None:
    """Projects a run to a GPU.

    Args:
        development: What the artifact took, by phase.
        deployment: What answering took, by phase.
        model: The model that ran; its sizes decide.
        machine: Price row.
        gpu: The GPU of that row.
        mfu: Share of the peak FLOP/s; from own records where there are some, else `MFU`.
        mbu: Share of the memory bandwidth, likewise.

    Returns:
        The projection, or None where the model's sizes aren't known.
    """
    if model.architecture is None:
        return None
    rates = _Rates(gpu, mfu or MFU, mbu or MBU)
    hours = _hours(development, deployment, model, rates)
    others = [
        sum(_hours(development, deployment, model, _Rates(gpu, *pair)).values()) for pair in RANGE
    ]
    total, usd = sum(hours.values()), machine.usd_per_device_hour
    serve = deployment.get("serve")
    requests = serve.quantities.get("requests", 0) if serve else 0
    developed = sum(hours.get(phase, 0.0) for phase in development if phase_of(phase).development)
    served = hours.get("serve serve" if "serve" in development else "serve")
    return Projection(
        gpu=gpu.name,
        machine=machine.id,
        usd_per_gpu_hour=usd,
        gpu_hours=total,
        gpu_hours_low=min(total, *others),
        gpu_hours_high=max(total, *others),
        gpu_hours_by_phase=hours,
        usd=total * usd,
        development_usd=developed * usd,
        usd_per_1k_requests=(
            1000 * served * usd / requests if requests and served is not None else None
        ),
        mfu=rates.mfu,
        mbu=rates.mbu,
        lower_bound=model.architecture.parameters < SMALL,
        method=f"FLOPs / (peak x {rates.mfu:g}); decoding also bytes / (bandwidth x {rates.mbu:g})",
        assumptions=_assumptions(development, deployment, model.architecture),
    )


def _hours(
    development: Totals, deployment: Totals, model: ModelInfo, rates: _Rates
) -> dict[str, float]:
    return {
        name: _seconds(phase, total, model, rates) / 3600
        for name, phase, total in named(development, deployment)
        if phase_of(phase).uses_model == "run" and _positions(total)
    }


def _positions(total: PhaseTotal) -> int:
    """Padding is computed on a GPU too, shared prefixes aren't computed again."""
    return total.usage.computed_tokens or total.usage.input_tokens


def _seconds(phase: str, total: PhaseTotal, model: ModelInfo, rates: _Rates) -> float:
    assert model.architecture is not None
    if phase in ("train", "tune") and (_trainable(total) or total.quantities.get("full")):
        return _training(total, model.architecture) / rates.peak
    return _inference(total, model.architecture, model.quantization, rates)


def _trainable(total: PhaseTotal) -> float:
    return total.quantities.get("trainable_parameters", 0)


def phase_flops(phase: str, total: PhaseTotal, architecture: Architecture) -> float:
    """Counts the operations of a phase from the quantities of a ledger.

    Args:
        phase: Its name.
        total: What the ledger says of it.
        architecture: Sizes of the model.

    Returns:
        Floating-point operations, decoding included; 0 where no tokens were recorded.
    """
    if not _positions(total):
        return 0.0
    if phase in ("train", "tune") and (_trainable(total) or total.quantities.get("full")):
        return _training(total, architecture)
    reading, decoding = _reading(total, architecture), total.usage.output_tokens
    if not decoding:
        return reading
    return reading + inference_flops(
        architecture,
        tokens=decoding,
        scored_positions=decoding,
        mean_length=_context(total),
    )


def _training(total: PhaseTotal, architecture: Architecture) -> float:
    amounts = total.quantities
    positions, sequences = _positions(total), amounts.get("sequences", 0)
    return training_flops(
        architecture,
        tokens=positions,
        method="full" if amounts.get("full") else "lora",
        # a training that was taken up again counted its weights once an attempt
        trainable=min(_trainable(total), architecture.parameters),
        recompute=bool(amounts.get("recompute")),
        scored_positions=total.usage.scored_positions,
        mean_length=positions / sequences if sequences else 0,
    )


def _reading(total: PhaseTotal, architecture: Architecture) -> float:
    """Operations of reading the prompts, without what is generated."""
    usage, requests = total.usage, _requests(total)
    generated = usage.output_tokens
    # generated positions stand in computed_tokens too, but not in input_tokens
    prompt = (
        max(0, usage.computed_tokens - generated) if usage.computed_tokens else usage.input_tokens
    )
    return inference_flops(
        architecture,
        tokens=prompt,
        scored_positions=max(0, usage.scored_positions - generated),
        mean_length=usage.input_tokens / requests if requests else 0,
    )


def _context(total: PhaseTotal) -> float:
    usage, requests = total.usage, _requests(total)
    return (usage.input_tokens + usage.output_tokens / 2) / requests if requests else 0.0


def _inference(
    total: PhaseTotal, architecture: Architecture, quantization: str | None, rates: _Rates
) -> float:
    """Reads the prompts at the compute limit, then decodes at whichever limit is lower."""
    usage = total.usage
    seconds = _reading(total, architecture) / rates.peak
    if not usage.output_tokens:
        return seconds
    steps = usage.decode_steps or usage.output_tokens  # not recorded: one sequence at a time
    step = decode_step(
        architecture,
        batch=usage.output_tokens / steps,
        context=_context(total),
        peak=rates.peak,
        bandwidth=rates.bandwidth,
        quantization=quantization,
    )
    return seconds + steps * step.seconds


def _requests(total: PhaseTotal) -> float:
    return total.quantities.get("requests") or total.quantities.get("sequences", 0)


def _assumptions(
    development: Totals, deployment: Totals, architecture: Architecture
) -> tuple[str, ...]:
    said = [
        "16-bit operations on one GPU, at the batch sizes that were run",
        "positions with padding and after sharing prefixes",
    ]
    rows = list(named(development, deployment))
    said += [
        f"{name}: another model's work, left out"
        for name, phase, _ in rows
        if phase_of(phase).uses_model == "another"
    ]
    for name, phase, total in rows:
        if phase_of(phase).uses_model == "run" and not _positions(total):
            said.append(f"{name}: no tokens were recorded, left out")
        elif phase_of(phase).uses_model == "run" and not _requests(total):
            said.append(f"{name}: lengths weren't recorded, attention left out")
    if any(phase in ("load", "save") for _, phase, _ in rows):
        said.append("loading and saving left out")
    if architecture.parameters < SMALL:
        said.append("below 1 B parameters: a lower bound")
    return tuple(said)
