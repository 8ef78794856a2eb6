"""What serving costs a month on a machine: whole ones that are always on, at some volumes.

Capacity is the rate that one machine sustains: the highest that was measured under load and keeps
the latency target, or else a share of the rate at which the batch job answered the test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from harness.costs.deployment import Deployment
from harness.costs.options import PriceOptions
from harness.costs.rows import Machine
from harness.records.ledger import PhaseTotal
from harness.records.load import OperatingPoint

__all__ = [
    "HEADROOM",
    "VOLUMES",
    "Capacity",
    "MeasuredSpeed",
    "Month",
    "ServingCost",
    "capacity",
    "latency_steps",
    "months",
    "serving_cost",
]

VOLUMES = (10_000.0, 100_000.0, 1_000_000.0)
"""Requests a month at which serving is priced where none were named."""
HEADROOM = 0.7
"""Share of a batch job's rate that a service is taken to sustain; an assumption."""
UNLOADED = "no load was measured (harness predict RUN --rate)"
SHARED = "another run was on the machine when load was measured"


@dataclass(frozen=True, slots=True)
class MeasuredSpeed:
    """Latency that a record holds, beside its batch job."""

    p95_seconds: float | None = None  # 95 of 100 single requests are answered within it, at most
    points: tuple[OperatingPoint, ...] = ()  # rates at which requests came, on such a device


@dataclass(frozen=True, slots=True)
class Capacity:
    """What one machine sustains."""

    requests_per_second: float | None  # None where it isn't known, or misses the latency target
    note: str  # how it is known, or why it isn't
    assumed: bool = False  # head-room is in it that nobody measured


@dataclass(frozen=True, slots=True)
class Month:
    """What serving costs a month at a volume, in dollars. None is unknown."""

    requests: float  # a month
    usd: float | None
    machines: int | None = None  # always on; None: they are the vendor's, or aren't paid by month


@dataclass(frozen=True, slots=True)
class ServingCost:
    """What one machine costs, and carries."""

    usd_per_month: float  # one that is always on; of several where a copy needs several
    capacity: Capacity  # of all copies on it
    carries: float | None  # requests a month, at the busiest second; None: capacity isn't known


def capacity(serve: PhaseTotal | None, measured: MeasuredSpeed, target: float | None) -> Capacity:
    """Returns the rate that one machine sustains: as measured, or else of the batch job.

    95 of 100 requests must be answered within `target` seconds; None: any latency will do.
    """
    if points := [point for point in measured.points if not point.shared]:
        return _under_load(points, target)
    unloaded = SHARED if measured.points else UNLOADED
    single = measured.p95_seconds
    if target is not None and single is None:
        return Capacity(
            None, "no latency was measured of 59 single requests or more, for the target"
        )
    if target is not None and single is not None:
        if single > target:
            return Capacity(None, f"a single request takes {single:.3g} s, longer than the target")
        note = f"{HEADROOM:.0%} of one request at a time, an assumption; {unloaded}"
        return Capacity(HEADROOM / single, note, assumed=True)
    requests = serve.quantities.get("requests", 0) if serve else 0
    if serve is None or not requests or not serve.seconds:
        return Capacity(None, "the record doesn't say how many requests were served")
    note = f"{HEADROOM:.0%} of the batch job's rate, an assumption; latency isn't considered, {unloaded}"
    return Capacity(HEADROOM * requests / serve.seconds, note, assumed=True)


def _under_load(points: Sequence[OperatingPoint], target: float | None) -> Capacity:
    """The highest rate below the first one, with the same batches, at which the target is missed.

    One that is faster and keeps it had luck.
    """
    slowest_first = sorted(points, key=lambda point: point.requests_per_second)
    best: OperatingPoint | None = None
    for limit in {point.batch_limit for point in points}:
        row = [point for point in slowest_first if point.batch_limit == limit]
        for point in takewhile(lambda point: _keeps(point, target), row):
            if best is None or point.requests_per_second > best.requests_per_second:
                best = point
    wish = "" if target is None else f"; 95 % within {target:g} s is asked for"
    if best is not None:
        more = "" if best is not slowest_first[-1] else "; no higher rate was tried"
        note = f"measured under load at {_said(best)}{wish}{more}"
        return Capacity(best.requests_per_second, note)
    why = f"no rate is shown to be kept: at {_said(slowest_first[0])}{wish}"
    return Capacity(None, why)


def _keeps(point: OperatingPoint, target: float | None) -> bool:
    high = point.latency["p95"].high
    return point.kept and (target is None or (high is not None and high <= target))


def _said(point: OperatingPoint) -> str:
    high = point.latency["p95"].high
    most = "p95's bound not known" if high is None else f"p95 at most {high:.3g} s"
    queue = "" if point.kept else ", a queue grew"
    return f"{point.requests_per_second:g} a second, {most} of {point.requests} requests{queue}"


def latency_steps(measured: MeasuredSpeed) -> set[float]:
    """Returns the latency targets from which on `capacity` is another one."""
    known = (measured.p95_seconds, *(point.latency["p95"].high for point in measured.points))
    return {seconds for seconds in known if seconds is not None}


def serving_cost(
    serve: PhaseTotal, machine: Machine, options: PriceOptions, measured: MeasuredSpeed
) -> ServingCost:
    """Prices a machine of the price book, and says what it carries."""
    demand = options.demand
    copies, rented = _copies(serve, machine)
    month = machine.usd_per_hour * rented * demand.hours_per_month
    single = capacity(serve, measured, options.latency_target)
    if single.requests_per_second is None:
        return ServingCost(month, single, None)
    sustained = single.requests_per_second * copies
    carries = demand.requests_per_machine(sustained)
    return ServingCost(month, replace(single, requests_per_second=sustained), carries)


def months(
    served: ServingCost | None, options: PriceOptions, usd_per_request: float | None
) -> tuple[Month, ...]:
    """Prices months: at the volume that was named, or else at those of `VOLUMES`.

    Without machines (behind an API, or paid by the second) each request costs the same.
    """
    named = options.requests_per_month
    return tuple(
        _month(volume, served, options, usd_per_request)
        for volume in ((named,) if named is not None else VOLUMES)
    )


def _month(
    volume: float, served: ServingCost | None, options: PriceOptions, usd_per_request: float | None
) -> Month:
    if served is None or options.basis == "as-used":
        return Month(volume, None if usd_per_request is None else volume * usd_per_request)
    rate = served.capacity.requests_per_second
    machines = options.demand.machines(Deployment("", None, capacity=rate), volume)
    return Month(volume, None if machines is None else machines * served.usd_per_month, machines)


def _copies(serve: PhaseTotal, machine: Machine) -> tuple[int, int]:
    """Copies of the model that a rented machine holds, and machines that one copy needs."""
    if machine.kind != "gpu":
        return 1, 1
    devices = max(1, round(serve.device_seconds / serve.seconds)) if serve.seconds else 1
    return max(1, machine.gpus // devices), -(-devices // machine.gpus)
