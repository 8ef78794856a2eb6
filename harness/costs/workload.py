"""What a run is made of, in quantities, and what it would take on hardware of the price book.

A workload knows no hardware and no model: the same one can be put on a larger model and a GPU
that nobody here has. **Nothing of it is measured.**
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from harness.costs.book import Gpu, Machine
from harness.costs.flops import decode_step, inference_flops, training_flops
from harness.costs.memory import (
    LORA_TARGETS,
    STATE_BYTES,
    Memory,
    TrainingSetup,
    gpus_needed,
    inference_memory,
    lora_parameters,
    training_memory,
    weight_bytes,
)
from harness.costs.projection import MBU, MFU, RANGE, SMALL
from harness.records.model import Architecture

__all__ = ["OnHardware", "Serving", "Training", "Workload", "on_hardware"]


@dataclass(frozen=True, slots=True)
class Training:
    """The training of a run.

    Attributes:
        method: As in `harness.costs.flops.METHODS`.
        tokens: Positions that go through the model, epochs included.
        steps: Optimizer steps.
        micro_batches: Forward and backward passes.
        batch: Sequences of a micro-batch.
        length: Positions of the longest sequence.
        mean_length: Positions of a sequence, in the mean.
        scored_fraction: Part of the positions whose logits are computed.
        rank: Of an adapter; 0 where there is none.
        targets: Projections that have one.
        weights: Trained weights, where neither all of them nor rank and targets say it.
        quantization: Of the frozen weights.
        kbit_prepared: Whether what isn't quantised is in float32.
        recompute: Whether activations are recomputed.
    """

    method: str
    tokens: float
    steps: float
    micro_batches: float
    batch: int
    length: int
    mean_length: float
    scored_fraction: float = 1.0
    rank: int = 0
    targets: tuple[str, ...] = LORA_TARGETS
    weights: int | None = None
    quantization: str | None = None
    kbit_prepared: bool = False
    recompute: bool = False

    def trainable(self, architecture: Architecture) -> int:
        """Returns how many weights are trained."""
        if self.weights is not None:
            return self.weights
        if self.method in ("full", "continued-pretraining", "from-scratch"):
            return architecture.parameters
        return lora_parameters(architecture, self.rank, self.targets) if self.rank else 0

    def flops(self, architecture: Architecture) -> float:
        """Returns the operations of the training."""
        return training_flops(
            architecture,
            tokens=self.tokens,
            method=self.method,
            trainable=self.trainable(architecture),
            recompute=self.recompute,
            scored_positions=self.scored_fraction * self.tokens,
            mean_length=self.mean_length,
        )

    def update_bytes(self, architecture: Architecture) -> float:
        """Returns what the optimizer reads and writes: each state twice, and the gradient."""
        stays, gradient = STATE_BYTES["full"]
        return self.steps * self.trainable(architecture) * (2 * stays + gradient)

    def seconds(self, architecture: Architecture, peak: float, bandwidth: float) -> float:
        """Returns the time on something that reaches so many FLOP/s and bytes a second.

        A pass over few positions takes as long as reading the weights does.
        """
        passes = 3 if self.recompute else 2
        weights = weight_bytes(architecture, embeddings=False)
        read = self.micro_batches * passes * weights / bandwidth
        compute = self.flops(architecture) / peak
        return max(compute, read) + self.update_bytes(architecture) / bandwidth

    def memory(
        self,
        architecture: Architecture,
        *,
        process: float = 0.0,
        slack: float = 0.0,
        churn: float = 0.0,
    ) -> Memory:
        """Returns the bytes that the training needs."""
        full = self.trainable(architecture) == architecture.parameters
        method = "full" if full else "qlora" if self.quantization else self.method
        return training_memory(
            architecture,
            TrainingSetup(
                method=method,
                trainable=self.trainable(architecture),
                batch=self.batch,
                length=self.length,
                recompute=self.recompute,
                quantization=self.quantization,
                kbit_prepared=self.kbit_prepared,
                scored_fraction=self.scored_fraction,
                targets=self.targets,
                process=process,
                slack=slack,
                churn=churn,
            ),
        )


@dataclass(frozen=True, slots=True)
class Serving:
    """The answering of a run.

    Attributes:
        requests: How many.
        prompt: Positions of a prompt, in the mean.
        longest: Positions of the longest prompt.
        generated: Tokens generated a request; 0 where answers are read off likelihoods.
        batch: Requests at a time.
        scored: Positions a request whose logits are computed.
        quantization: Of the weights.
        shared: Positions that all prompts begin with: they go through the model once.
    """

    requests: int
    prompt: float
    longest: int
    generated: float = 0.0
    batch: int = 32
    scored: float = 1.0
    quantization: str | None = None
    shared: float = 0.0

    @property
    def read(self) -> float:
        """Positions of prompts that go through the model."""
        return self.shared + self.requests * (self.prompt - self.shared)

    def flops(self, architecture: Architecture) -> float:
        """Returns the operations of reading the prompts and generating the answers."""
        return inference_flops(
            architecture,
            tokens=self.read + self.requests * self.generated,
            scored_positions=self.requests * (self.scored + self.generated),
            mean_length=self.prompt + self.generated / 2,
        )

    def memory(
        self, architecture: Architecture, *, process: float = 0.0, slack: float = 0.0
    ) -> Memory:
        """Returns the bytes that serving needs."""
        return inference_memory(
            architecture,
            batch=self.batch,
            length=round(self.longest + self.generated),
            quantization=self.quantization,
            process=process,
            slack=slack,
        )

    def seconds(self, architecture: Architecture, peak: float, bandwidth: float) -> float:
        """Returns the time on something that reaches so many FLOP/s and bytes a second."""
        read = inference_flops(
            architecture,
            tokens=self.read,
            scored_positions=self.requests * self.scored,
            mean_length=self.prompt,
        )
        if not self.generated:
            return read / peak
        batch = min(self.batch, self.requests)
        step = decode_step(
            architecture,
            batch=batch,
            context=self.prompt + self.generated / 2,
            peak=peak,
            bandwidth=bandwidth,
            quantization=self.quantization,
        )
        return read / peak + self.requests / batch * self.generated * step.seconds


@dataclass(frozen=True, slots=True)
class Workload:
    """A run in quantities.

    Attributes:
        training: None where nothing is trained.
        serving: The answering of the test rows.
    """

    training: Training | None
    serving: Serving


@dataclass(frozen=True, slots=True)
class OnHardware:
    """A workload on a GPU of the price book. **Not measured.**

    Attributes:
        gpu: Full name of the GPU.
        machine: Id of the price row.
        usd_per_gpu_hour: US dollars for an hour of one GPU.
        fits: Whether training and serving each fit on one GPU.
        gpus_train: GPUs that training needs; None where nothing is trained.
        gpus_serve: GPUs that serving needs.
        train_bytes: Memory of training.
        serve_bytes: Memory of serving.
        memory_bytes: Memory of one GPU.
        train_hours: Wall hours of training, on those GPUs.
        serve_hours: Wall hours of answering the test rows.
        gpu_hours: GPUs times hours.
        gpu_hours_low: By the best assumption.
        gpu_hours_high: By the worst.
        usd: Dollars for `gpu_hours`.
        development_usd: Dollars for the training.
        usd_per_1k_requests: Dollars for a thousand requests, as used.
        requests_per_second: What one set of GPUs sustains.
        mfu: Assumed share of the peak FLOP/s.
        mbu: Assumed share of the memory bandwidth.
        lower_bound: Whether it is known to be too small.
        notes: What it takes for granted.
        kind: Always ``projection``.
    """

    gpu: str
    machine: str
    usd_per_gpu_hour: float
    fits: bool
    gpus_train: int | None
    gpus_serve: int
    train_bytes: int | None
    serve_bytes: int
    memory_bytes: int
    train_hours: float
    serve_hours: float
    gpu_hours: float
    gpu_hours_low: float
    gpu_hours_high: float
    usd: float
    development_usd: float
    usd_per_1k_requests: float
    requests_per_second: float
    mfu: float
    mbu: float
    lower_bound: bool
    notes: tuple[str, ...]
    kind: Literal["projection"] = "projection"

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields as JSON values."""
        return asdict(self) | {"notes": list(self.notes)}


def on_hardware(
    workload: Workload,
    architecture: Architecture,
    *,
    machine: Machine,
    gpu: Gpu,
    mfu: float | None = None,
    mbu: float | None = None,
) -> OnHardware:
    """Says whether a workload fits on a GPU, how long it takes there and what it costs.

    Time is the longer of ``FLOPs / (peak MFU)`` and bytes over ``bandwidth MBU``, for a training
    plus what its optimizer moves. With several GPUs the model is taken to be split without loss.

    Args:
        workload: The run in quantities.
        architecture: Sizes of the model, which needn't be the one that was counted with.
        machine: Price row.
        gpu: The GPU of that row.
        mfu: Share of the peak FLOP/s.
        mbu: Share of the memory bandwidth.
    """
    training, serving = workload.training, workload.serving
    memory = training.memory(architecture) if training else None
    serve_bytes = serving.memory(architecture).total
    gpus = _Gpus(
        gpu,
        gpus_needed(memory.total, gpu.memory) if memory else 0,
        gpus_needed(serve_bytes, gpu.memory),
    )
    mfu, mbu = mfu or MFU, mbu or MBU
    train, serve = gpus.hours(workload, architecture, mfu, mbu)
    total = gpus.sum(train, serve)
    others = [gpus.sum(*gpus.hours(workload, architecture, *pair)) for pair in RANGE]
    rate = machine.usd_per_device_hour
    return OnHardware(
        gpu=gpu.name,
        machine=machine.id,
        usd_per_gpu_hour=rate,
        fits=max(gpus.train, gpus.serve) == 1,
        gpus_train=gpus.train or None,
        gpus_serve=gpus.serve,
        train_bytes=memory.total if memory else None,
        serve_bytes=serve_bytes,
        memory_bytes=int(gpu.memory),
        train_hours=train,
        serve_hours=serve,
        gpu_hours=total,
        gpu_hours_low=min(total, *others),
        gpu_hours_high=max(total, *others),
        usd=total * rate,
        development_usd=train * gpus.train * rate,
        usd_per_1k_requests=1000 * serve * gpus.serve * rate / serving.requests,
        requests_per_second=serving.requests / (serve * 3600),
        mfu=mfu,
        mbu=mbu,
        lower_bound=architecture.parameters < SMALL,
        notes=_notes(architecture, memory, max(gpus.train, gpus.serve)),
    )


@dataclass(frozen=True, slots=True)
class _Gpus:
    """How many of a GPU train and serve; none trains where nothing is trained."""

    gpu: Gpu
    train: int
    serve: int

    def hours(
        self, workload: Workload, architecture: Architecture, mfu: float, mbu: float
    ) -> tuple[float, float]:
        """Wall hours of training and of serving."""
        peak, bandwidth = self.gpu.peak * mfu, self.gpu.bandwidth * mbu
        trained = 0.0
        if workload.training:
            trained = workload.training.seconds(
                architecture, peak * self.train, bandwidth * self.train
            )
        served = workload.serving.seconds(architecture, peak * self.serve, bandwidth * self.serve)
        return trained / 3600, served / 3600

    def sum(self, train: float, serve: float) -> float:
        """GPU-hours."""
        return train * self.train + serve * self.serve


def _notes(architecture: Architecture, memory: Memory | None, gpus: int) -> tuple[str, ...]:
    said = ["16-bit operations; loading and saving left out; a tenth of each GPU kept free"]
    if gpus > 1:
        said.append("the model is taken to be split over the GPUs without loss")
    if memory and memory.note:
        said.append(memory.note)
    if architecture.parameters < SMALL:
        said.append("below 1 B parameters: hours and dollars are a lower bound")
    return tuple(said)
