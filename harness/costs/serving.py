"""What a thousand requests cost: by whole machines that are always on, or as used.

Capacity is the rate that one machine sustains: a measured throughput that keeps the latency
target, or else the rate of the batch job that answered the test.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.costs.deployment import Deployment
from harness.costs.options import PriceOptions
from harness.costs.rows import Machine
from harness.records.ledger import PhaseTotal
from harness.records.schema import Throughput

__all__ = ["Capacity", "MeasuredSpeed", "ServingCost", "capacity", "serving_cost"]


@dataclass(frozen=True, slots=True)
class MeasuredSpeed:
    """Latency and throughput that a record holds, beside its batch job."""

    p95_seconds: float | None = None  # 95 of 100 single requests were answered within it
    throughput: tuple[Throughput, ...] = ()  # rates that a service sustained


@dataclass(frozen=True, slots=True)
class Capacity:
    """What one machine sustains."""

    requests_per_second: float | None  # None where it isn't known, or misses the latency target
    note: str  # how it is known, or why it isn't


@dataclass(frozen=True, slots=True)
class ServingCost:
    """What serving on a machine costs, in dollars."""

    usd_per_month: float  # one machine, always on
    capacity: Capacity
    machines: int | None  # None where no volume was named, or no capacity is known
    usd_per_request: float | None  # by whole machines that are always on
    usd_per_request_as_used: float | None  # by the seconds that requests took
    note: str  # what the figure assumes


def capacity(serve: PhaseTotal | None, measured: MeasuredSpeed, target: float | None) -> Capacity:
    """Returns the rate that one machine sustains: as measured, or else of the batch job.

    95 of 100 requests must be answered within `target` seconds; None: any latency will do.
    """
    single = measured.p95_seconds
    if target is not None and single is not None and single > target:
        return Capacity(None, f"a single request takes {single:.3g} s, longer than the target")
    within = "" if target is None else f", 95 % within {target:g} s"
    rows = [
        row
        for row in measured.throughput
        if target is None or (row.p95_seconds is not None and row.p95_seconds <= target)
    ]
    best = max(rows, key=lambda row: row.requests_per_second, default=None)
    if best is not None:
        batch = f" at batch size {best.batch_size:.0f}" if best.batch_size else ""
        return Capacity(best.requests_per_second, f"measured throughput{batch}{within}")
    if target is not None:
        if single is None:
            return Capacity(None, "no latency was measured to hold against the target")
        return Capacity(1 / single, f"one request at a time{within}")
    requests = serve.quantities.get("requests", 0) if serve else 0
    if serve is None or not requests or not serve.seconds:
        return Capacity(None, "the record doesn't say how many requests were served")
    note = "throughput of the batch job; latency isn't considered"
    return Capacity(requests / serve.seconds, note)


def serving_cost(
    serve: PhaseTotal, machine: Machine, options: PriceOptions, measured: MeasuredSpeed
) -> ServingCost:
    """Prices serving on a machine of the price book, from what answering the test set took."""
    demand, volume = options.demand, options.requests_per_month
    copies, rented = _copies(serve, machine)
    month = machine.usd_per_hour * rented * demand.hours_per_month
    single = capacity(serve, measured, options.latency_target)
    requests = serve.quantities.get("requests", 0)
    used = serve.device_seconds / 3600 * machine.usd_per_device_hour
    as_used = used / requests if requests else None
    if single.requests_per_second is None:
        return ServingCost(month, single, None, None, as_used, single.note)
    sustained = Capacity(single.requests_per_second * copies, single.note)
    peaks = f"with peaks {demand.peak_factor:g} times the mean; {sustained.note}"
    if volume is None:
        carried = demand.requests_per_machine(single.requests_per_second * copies)
        note = f"a machine that is always on and carries {carried:,.0f} requests a month, {peaks}"
        return ServingCost(month, sustained, None, month / carried, as_used, note)
    machines = demand.machines(Deployment("", None, capacity=sustained.requests_per_second), volume)
    assert machines is not None
    count = f"{machines} {'machine' if machines == 1 else 'machines'}"
    note = f"{count}, always on, for {volume:,.0f} requests a month, {peaks}"
    return ServingCost(month, sustained, machines, machines * month / volume, as_used, note)


def _copies(serve: PhaseTotal, machine: Machine) -> tuple[int, int]:
    """Copies of the model that a rented machine holds, and machines that one copy needs."""
    if machine.kind != "gpu":
        return 1, 1
    devices = max(1, round(serve.device_seconds / serve.seconds)) if serve.seconds else 1
    return max(1, machine.gpus // devices), -(-devices // machine.gpus)
