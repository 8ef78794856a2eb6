"""Estimates what a run would take on this machine: at the rates of earlier runs, else roughly."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import psutil

from harness import devices
from harness.analysis.calibration import Observation, calibrated_rate, work_of
from harness.costs.memory import HOST_CHURN, HOST_LIBRARIES, HOST_SLACK
from harness.costs.workload import Workload
from harness.devices import Device, free_memory_bytes
from harness.errors import UsageError
from harness.records.keys import SEARCH_SEED
from harness.records.model import Architecture
from harness.records.schema import Machine
from harness.runs.plan import Plan
from harness.runs.tuning.tries import dev_rows
from harness.text import size
from harness.training.room import ACCURACY

__all__ = ["alone", "here", "memory_bytes", "searched", "verdict"]

UTILISATION = 0.25
"""Share of a large matrix product's speed that training and scoring reach, roughly."""


def here(
    plan: Plan,
    workload: Workload,
    architecture: Architecture,
    history: Sequence[Observation],
    notes: dict[str, str],
) -> dict[str, float]:
    """Estimates seconds and bytes on this machine, and adds to the notes how good they are."""
    host = plan.device.kind == "cpu"
    flops = {"serve": workload.serving.flops(architecture)}
    works = {"serve": _work(plan, "serve", False, workload.serving.quantization)}
    for name, training in (("pretrain", workload.pretraining), ("train", workload.training)):
        if training:
            flops[name] = training.flops(architecture)
            full = training.method == "full"
            works[name] = _work(plan, "train", full, training.quantization)
    beyond = "with the program itself, and what the allocator holds beyond use" if host else ""
    said = verdict(plan.device, workload, architecture)
    notes["memory_bytes"] = "; ".join(filter(None, [said, beyond]))
    seconds, notes["seconds"] = _seconds(plan.device, flops, works, history)
    needed = memory_bytes(plan.device, workload, architecture)
    return {"seconds": round(seconds, 4), "memory_bytes": needed}


def memory_bytes(device: Device, workload: Workload, architecture: Architecture) -> int:
    """Returns the bytes that a run needs on a device: the more of training and answering."""
    host = device.kind == "cpu"
    # This process has loaded what the run's process will have loaded before any weight.
    process = _own(device) + HOST_LIBRARIES if host else 0.0
    slack, churn = (HOST_SLACK, HOST_CHURN) if host else (0.0, 0.0)
    needed = [workload.serving.memory(architecture, process=process, slack=slack)]
    needed += [
        training.memory(architecture, process=process, slack=slack, churn=churn)
        for training in workload.trainings
    ]
    # The formulas take 16 bits for weights that are neither quantised nor all trained.
    wide = device.dtype == "float32" and workload.serving.quantization is None
    return max(round(each.total + (each.weights if wide else 0)) for each in needed)


def verdict(
    device: Device, workload: Workload, architecture: Architecture, there: float | None = None
) -> str:
    """Says whether a workload fits into so many bytes (by default a device's free ones)."""
    if there is None:
        there = free_memory_bytes(device) + _own(device)
    whole, least = (
        memory_bytes(device, each, architecture) for each in (workload, alone(workload))
    )
    figures = f"about {size(whole)} of {size(there)}"
    if whole * ACCURACY <= there:
        return f"fits ({figures})"
    if least <= there * ACCURACY:
        return f"tight ({figures}, {size(least)} with one row at a time)"
    return f"doesn't fit: with one row at a time it needs about {size(least)} of {size(there)}"


def alone(workload: Workload) -> Workload:
    """Returns a workload with one row at a time."""
    training, before = (
        each and replace(each, batch=1) for each in (workload.training, workload.pretraining)
    )
    return Workload(training, replace(workload.serving, batch=1), before)


def _own(device: Device) -> float:
    """Returns what this process has taken of the memory that the formula counts from nothing."""
    return psutil.Process().memory_info().rss if device.kind == "cpu" else 0.0


def _seconds(
    device: Device,
    flops: Mapping[str, float],
    works: Mapping[str, tuple[str, ...]],
    history: Sequence[Observation],
) -> tuple[float, str]:
    """Returns the seconds of training and answering, and how good the figure is."""
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


def searched(
    plan: Plan,
    workload: Workload,
    architecture: Architecture,
    history: Sequence[Observation],
    usd_per_hour: float,
    notes: dict[str, str],
) -> float:
    """Estimates the seconds of a search, and of answering with what it finds.

    A setting is taken to be as long as the defaults; the best one isn't trained again but for
    another seed.
    """
    serving, config = workload.serving, plan.config
    tried = replace(workload, serving=replace(serving, requests=len(dev_rows(plan))))
    final = workload if config.seed != SEARCH_SEED else Workload(None, serving)
    one, answering = (
        here(plan, each, architecture, history, {})["seconds"] for each in (tried, final)
    )
    limits = [one * config.tune] if config.tune else []
    if config.tune_usd and usd_per_hour:
        limits.append(max(one, config.tune_usd / usd_per_hour * 3600))
    if not limits:
        raise UsageError("nothing says how long the search takes", "Name --tune N, or --machine.")
    notes["tune"] = f"about {min(limits) / one:.1f} settings, each as long as the defaults"
    return min(limits) + answering


def _work(plan: Plan, phase: str, full: bool, quantization: str | None) -> tuple[str, ...]:
    """Returns the kind of work of a phase, by which earlier runs are compared."""
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
    """Measures the FLOP/s of a large product in the run's own type, for 0.2 seconds."""
    import torch

    n = 8192 if device.is_gpu else 1024  # a GPU would wait between small products
    a = torch.ones(n, n, dtype=device.torch_dtype, device=device.torch)
    _ = (a @ a)[0, 0].item()
    since, count = time.perf_counter(), 0
    while time.perf_counter() - since < 0.2:
        _ = (a @ a)[0, 0].item()
        count += 1
    return count * 2 * n**3 / (time.perf_counter() - since)
