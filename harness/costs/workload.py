"""What a run consists of, in quantities, and what it would take on a GPU of the price book.

A workload names neither a GPU nor a model: the same one can be put on a larger model and a GPU
that nobody here has. **Nothing of it is measured.**
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Literal

from harness.costs.book import Gpu, Machine
from harness.costs.flops import FULL, decode_seconds, inference_flops, training_flops
from harness.costs.memory import (
    LORA_TARGETS,
    STATE_BYTES,
    Memory,
    TrainingSetup,
    gpus_needed,
    inference_memory,
    lora_parameters,
    training_memory,
    vera_parameters,
    weight_bytes,
)
from harness.costs.projection import MBU, MFU, RANGE, SMALL, GpuSpeed
from harness.records.model import Architecture

__all__ = ["OTHERS", "OnGpu", "Serving", "Training", "Workload", "in_other_tokens", "on_gpu"]


OTHERS = "vendors' tokenizers stand for the model's own, which may lie outside"


@dataclass(frozen=True, slots=True)
class Training:
    """The training of a run, in quantities."""

    method: str  # as in `harness.costs.flops.METHODS`
    tokens: float  # through the model, epochs included
    steps: float  # optimizer steps
    micro_batches: float  # forward and backward passes
    batch: int  # sequences of a micro-batch
    length: int  # positions of the longest sequence
    mean_length: float  # positions of a sequence
    scored_fraction: float = 1.0  # part of the positions whose logits are computed
    rank: int = 0  # of an adapter; 0: none
    targets: tuple[str, ...] = LORA_TARGETS  # projections that have an adapter
    # Trained ones, maybe by a model's sizes, where method, rank and targets don't tell.
    weights: int | Callable[[Architecture], int] | None = None
    quantization: str | None = None  # of the frozen weights
    kbit_prepared: bool = False  # what isn't quantised is in float32
    recompute: bool = False  # activations, in the backward pass

    def trainable(self, architecture: Architecture) -> int:
        """Returns how many weights are trained."""
        if self.weights is not None:
            return self.weights(architecture) if callable(self.weights) else self.weights
        if self.method in FULL:
            return architecture.parameters
        if self.method == "vera":
            return vera_parameters(architecture, self.rank, self.targets)
        return lora_parameters(architecture, self.rank, self.targets) if self.rank else 0

    def frozen(self, architecture: Architecture) -> int:
        """Returns the weights of frozen matrices that a position meets beside the model's own."""
        if self.method != "vera":
            return 0
        return lora_parameters(architecture, self.rank, self.targets)

    def flops(self, architecture: Architecture) -> float:
        """Returns the operations of the training."""
        return training_flops(
            architecture,
            tokens=self.tokens,
            method=self.method,
            trainable=self.trainable(architecture),
            frozen=self.frozen(architecture),
            recompute=self.recompute,
            scored_positions=self.scored_fraction * self.tokens,
            mean_length=self.mean_length,
        )

    def update_bytes(self, architecture: Architecture) -> float:
        """Returns the optimizer's traffic: each state is read and written, the gradient read."""
        stays, gradient = STATE_BYTES["full"]
        return self.steps * self.trainable(architecture) * (2 * stays + gradient)

    def scaled(self, factor: float) -> Training:
        """Returns the same texts, as a tokenizer reads them that makes so many tokens of one."""
        return replace(
            self,
            tokens=factor * self.tokens,
            length=round(factor * self.length),
            mean_length=factor * self.mean_length,
        )

    def seconds(self, architecture: Architecture, peak: float, bandwidth: float) -> float:
        """Returns the seconds at a peak in FLOP/s and a bandwidth in bytes a second.

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
    """The answering of a run, in quantities."""

    requests: int
    prompt: float  # mean positions of a prompt
    longest: int  # positions of the longest prompt
    generated: float = 0.0  # tokens a request; 0: read off likelihoods
    batch: int = 32  # requests at a time
    scored: float = 1.0  # positions a request whose logits are computed
    quantization: str | None = None  # of the weights
    shared: float = 0.0  # positions of the prefix of all prompts, read once

    def scaled(self, factor: float) -> Serving:
        """Returns the same, as another tokenizer reads it; what is generated has a limit of tokens."""
        return replace(
            self,
            prompt=factor * self.prompt,
            longest=round(factor * self.longest),
            shared=factor * self.shared,
        )

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
        """Returns the time at a peak in FLOP/s and a bandwidth in bytes a second."""
        read = inference_flops(
            architecture,
            tokens=self.read,
            scored_positions=self.requests * self.scored,
            mean_length=self.prompt,
        )
        if not self.generated:
            return read / peak
        batch = min(self.batch, self.requests)
        step = decode_seconds(
            architecture,
            batch=batch,
            context=self.prompt + self.generated / 2,
            peak=peak,
            bandwidth=bandwidth,
        )
        return read / peak + self.requests / batch * self.generated * step


@dataclass(frozen=True, slots=True)
class Workload:
    """A run in quantities."""

    training: Training | None  # None where nothing is trained
    serving: Serving  # answering the test rows
    pretraining: Training | None = None  # on plain text, before

    def scaled(self, factor: float) -> Workload:
        """Returns the same texts with so many tokens for one."""
        return Workload(
            self.training and self.training.scaled(factor),
            self.serving.scaled(factor),
            self.pretraining and self.pretraining.scaled(factor),
        )

    @property
    def trainings(self) -> tuple[Training, ...]:
        """All that is trained, one after another."""
        return tuple(each for each in (self.pretraining, self.training) if each)


@dataclass(frozen=True, slots=True)
class OnGpu:
    """A workload on a GPU of the price book. **Not measured.**"""

    gpu: str  # full name
    machine: str  # id of the price row
    usd_per_gpu_hour: float
    fits: bool  # whether training and serving each fit on one GPU
    gpus_train: int | None  # that training needs; None where nothing is trained
    gpus_serve: int  # that serving needs
    train_bytes: int | None  # memory of training
    serve_bytes: int  # memory of serving
    memory_bytes: int  # of one GPU
    train_hours: float  # wall hours, on those GPUs
    serve_hours: float  # wall hours of answering the test rows
    gpu_hours: float  # GPUs times hours
    gpu_hours_low: float  # by the best assumption
    gpu_hours_high: float  # by the worst
    usd: float  # for `gpu_hours`
    development_usd: float  # for the training
    usd_per_1k_requests: float  # as used
    usd_per_1k_requests_low: float  # by the best assumption
    usd_per_1k_requests_high: float  # by the worst
    requests_per_second: float  # of one set of GPUs
    mfu: float  # assumed share of the peak FLOP/s
    mbu: float  # assumed share of the memory bandwidth
    lower_bound: bool  # whether it is known to be too small
    notes: tuple[str, ...]  # assumptions
    kind: Literal["projection"] = "projection"

    def as_dict(self) -> dict[str, object]:
        """Returns the fields as JSON values."""
        return asdict(self) | {"notes": list(self.notes)}


@dataclass(frozen=True, slots=True)
class _Gpus:
    """How many GPUs train and how many serve; none trains where nothing is trained."""

    train: int
    serve: int

    def hours(
        self, workload: Workload, architecture: Architecture, speed: GpuSpeed
    ) -> tuple[float, float]:
        """Wall hours of training and of serving."""
        peak, bandwidth, train = speed.peak, speed.bandwidth, 0.0
        for each in workload.trainings:
            train += each.seconds(architecture, peak * self.train, bandwidth * self.train)
        serve = workload.serving.seconds(architecture, peak * self.serve, bandwidth * self.serve)
        return train / 3600, serve / 3600

    def gpu_hours(self, train: float, serve: float) -> float:
        return train * self.train + serve * self.serve


def in_other_tokens(
    workload: Workload,
    architecture: Architecture,
    ratio: tuple[float, float, str],  # as of `harness.costs.vendors.token_ratio`
    *,
    machine: Machine,
    gpu: Gpu,
) -> OnGpu:
    """Estimates the same where another model's tokenizer counted: its ranges hold both ends."""
    low, high = (
        on_gpu(workload.scaled(factor), architecture, machine=machine, gpu=gpu)
        for factor in ratio[:2]
    )
    made = on_gpu(workload, architecture, machine=machine, gpu=gpu)
    needs = f"; at most {high.gpus_serve} to serve" if high.gpus_serve > made.gpus_serve else ""
    return replace(
        made,
        gpu_hours_low=min(low.gpu_hours_low, made.gpu_hours_low),
        gpu_hours_high=max(high.gpu_hours_high, made.gpu_hours_high),
        usd_per_1k_requests_low=min(low.usd_per_1k_requests_low, made.usd_per_1k_requests_low),
        usd_per_1k_requests_high=max(high.usd_per_1k_requests_high, made.usd_per_1k_requests_high),
        notes=(*made.notes, f"{OTHERS}: {ratio[2]}{needs}"),
    )


def on_gpu(
    workload: Workload,
    architecture: Architecture,
    *,
    machine: Machine,
    gpu: Gpu,
    mfu: float = MFU,  # share of the peak FLOP/s that is reached
    mbu: float = MBU,  # share of the memory bandwidth that is reached
) -> OnGpu:
    """Estimates whether a workload fits on a GPU, how long it takes there and what it costs.

    Time is the longer of ``FLOPs / (peak MFU)`` and bytes over ``bandwidth MBU``, for a training
    plus what its optimizer moves. The model is assumed to be split over several GPUs without loss.
    """
    needed = [each.memory(architecture) for each in workload.trainings]
    memory = max(needed, key=lambda each: each.total, default=None)
    serve_bytes = workload.serving.memory(architecture).total
    gpus = _Gpus(
        gpus_needed(memory.total, gpu.memory) if memory else 0, gpus_needed(serve_bytes, gpu.memory)
    )
    return _estimate(workload, architecture, machine, GpuSpeed(gpu, mfu, mbu), gpus, memory)


def _estimate(
    workload: Workload,
    architecture: Architecture,
    machine: Machine,
    speed: GpuSpeed,
    gpus: _Gpus,
    memory: Memory | None,
) -> OnGpu:
    gpu, requests, rate = speed.gpu, workload.serving.requests, machine.usd_per_device_hour
    train, serve = gpus.hours(workload, architecture, speed)
    total = gpus.gpu_hours(train, serve)
    others = [gpus.hours(workload, architecture, GpuSpeed(gpu, *pair)) for pair in RANGE]
    hours = [total, *(gpus.gpu_hours(*pair) for pair in others)]
    answered = [serve, *(pair[1] for pair in others)]
    per_1k = 1000 * gpus.serve * rate / requests  # dollars, by hours of answering
    return OnGpu(
        gpu=gpu.name,
        machine=machine.id,
        usd_per_gpu_hour=rate,
        fits=max(gpus.train, gpus.serve) == 1,
        gpus_train=gpus.train or None,
        gpus_serve=gpus.serve,
        train_bytes=memory.total if memory else None,
        serve_bytes=workload.serving.memory(architecture).total,
        memory_bytes=int(gpu.memory),
        train_hours=train,
        serve_hours=serve,
        gpu_hours=total,
        gpu_hours_low=min(hours),
        gpu_hours_high=max(hours),
        usd=total * rate,
        development_usd=train * gpus.train * rate,
        usd_per_1k_requests=per_1k * serve,
        usd_per_1k_requests_low=per_1k * min(answered),
        usd_per_1k_requests_high=per_1k * max(answered),
        requests_per_second=requests / (serve * 3600),
        mfu=speed.mfu,
        mbu=speed.mbu,
        lower_bound=architecture.parameters < SMALL,
        notes=_notes(architecture, memory, max(gpus.train, gpus.serve)),
    )


def _notes(architecture: Architecture, memory: Memory | None, gpus: int) -> tuple[str, ...]:
    notes = ["16-bit operations; loading and saving left out; a tenth of each GPU kept free"]
    if gpus > 1:
        notes.append("the model is assumed to be split over the GPUs without loss")
    if memory and memory.note:
        notes.append(memory.note)
    if architecture.parameters < SMALL:
        notes.append("below 1 B parameters: hours and dollars are a lower bound")
    return tuple(notes)
