"""What a run would take on this machine: at the rates of earlier runs, else roughly."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping, Sequence
from typing import Any

import psutil

from harness import devices
from harness.analysis.calibration import Observation, calibrated_rate, work_of
from harness.costs.workload import Workload
from harness.devices import Device
from harness.records.model import Architecture
from harness.records.schema import Machine
from harness.runs.plan import Plan

__all__ = ["here"]

UTILISATION = 0.25
"""Share of a large matrix product's speed that training and scoring reach, roughly."""
HOST_SLACK = 0.5
HOST_CHURN = 0.55
HOST_LIBRARIES = 200e6
"""On a CPU the C library holds more than tensors use, measured with two models, three ways of
training and two lengths: half of what comes and goes in a step, and half of what recomputing
makes again; and the kernels' own buffers are 200 MB."""


def here(
    plan: Plan,
    workload: Workload,
    architecture: Architecture,
    history: Sequence[Observation],
    notes: dict[str, str],
) -> dict[str, Any]:
    """Estimates seconds and bytes on this machine.

    Args:
        plan: The run.
        workload: The run in quantities.
        architecture: Sizes of the model.
        history: What earlier runs took.
        notes: Takes how good the figures are, by field.
    """
    host = plan.device.kind == "cpu"
    flops = {"serve": workload.serving.flops(architecture)}
    # what is loaded now is what the run's process holds before any weight
    process = psutil.Process().memory_info().rss + HOST_LIBRARIES if host else 0.0
    slack = HOST_SLACK if host else 0.0
    needed = [workload.serving.memory(architecture, process=process, slack=slack).total]
    if workload.training:
        flops["train"] = workload.training.flops(architecture)
        churn = HOST_CHURN if host else 0.0
        memory = workload.training.memory(architecture, process=process, slack=slack, churn=churn)
        needed.append(memory.total)
    if host:
        notes["memory_bytes"] = "with the program itself, and what the allocator holds beyond use"
    full = workload.training is not None and workload.training.method == "full"
    quantization = workload.serving.quantization
    works = {phase: _work(plan, phase, full, quantization) for phase in flops}
    seconds, notes["seconds"] = _seconds(plan.device, flops, works, history)
    return {"seconds": round(seconds, 4), "memory_bytes": max(needed)}


def _seconds(
    device: Device,
    flops: Mapping[str, float],
    works: Mapping[str, tuple[str, ...]],
    history: Sequence[Observation],
) -> tuple[float, str]:
    """Seconds of training and answering, at the rates of one's own records where there are any."""
    total, rough = 0.0, []
    for phase, amount in flops.items():
        rate = calibrated_rate(history, works[phase])
        if rate is None:
            rough.append(phase)
            rate = _matrix_speed(device) * UTILISATION
        total += amount / rate
    if not rough:
        return total, "at the rates of earlier runs; without loading and latency"
    return total, (
        f"{' and '.join(rough)} rough: a matrix product's speed measured now, {UTILISATION:.0%} of "
        "it reached; generating short texts one by one takes longer"
    )


def _work(plan: Plan, phase: str, full: bool, quantization: str | None) -> tuple[str, ...]:
    """The kind of work that a phase of the run is, as earlier runs are told apart."""
    dtype = "float32" if full and phase == "train" else plan.device.dtype
    return work_of(
        phase,
        readout=plan.readout,
        weights=quantization or dtype,
        device=plan.device.device_class,
        machine=Machine(cpu=devices.cpu_name(), threads=devices.threads()),
    )


@functools.cache
def _matrix_speed(device: Device) -> float:
    """FLOP/s of a large product in the run's own type, measured for a fraction of a second."""
    import torch

    n = 8192 if device.is_gpu else 1024  # a small product is over before a GPU is asked for more
    a = torch.ones(n, n, dtype=device.torch_dtype, device=device.torch)
    _ = (a @ a)[0, 0].item()
    since, count = time.perf_counter(), 0
    while time.perf_counter() - since < 0.2:
        _ = (a @ a)[0, 0].item()
        count += 1
    return count * 2 * n**3 / (time.perf_counter() - since)
