"""What a thousand requests cost: by whole machines that are always on, or as used.

Capacity is the rate that one machine sustains: a measured throughput that keeps the latency
target, or else the rate of the batch job that answered the test.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.costs.choices import Choices
from harness.costs.deployment import Deployment
from harness.costs.rows import Machine
from harness.records.ledger import PhaseTotal
from harness.records.schema import Throughput

__all__ = ["Capacity", "Measured", "Serving", "capacity", "serving"]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a record says of speed beside its batch job.

    Attributes:
        p95_seconds: Within which 95 of 100 single requests were answered; None: not measured.
        throughput: Rates that a service sustained.
    """

    p95_seconds: float | None = None
    throughput: tuple[Throughput, ...] = ()


@dataclass(frozen=True, slots=True)
class Capacity:
    """What one machine sustains.

    Attributes:
        requests_per_second: The rate; None where it isn't known, or misses the target.
        note: How it is known, or why not.
        measured: Whether it is a throughput measured for its own sake.
    """

    requests_per_second: float | None
    note: str
    measured: bool = False


@dataclass(frozen=True, slots=True)
class Serving:
    """What serving on a machine costs.

    Attributes:
        usd_per_month: One machine, always on.
        capacity: What it sustains.
        machines: How many are bought; None where no volume was named, or no capacity is known.
        usd_per_request: By whole machines that are always on; None where that isn't known.
        usd_per_request_as_used: By the seconds that requests took.
        note: What the figure takes for granted.
    """

    usd_per_month: float
    capacity: Capacity
    machines: int | None
    usd_per_request: float | None
    usd_per_request_as_used: float | None
    note: str


def capacity(serve: PhaseTotal | None, measured: Measured, target: float | None) -> Capacity:
    """Finds the rate that one machine sustains.

    Args:
        serve: What answering the test set took.
        measured: What the record says beside it.
        target: Seconds within which 95 of 100 requests are answered, or None.
    """
    single = measured.p95_seconds
    if target is not None and single is not None and single > target:
        return Capacity(None, f"a single request takes {single:.3g} s, longer than the target")
    best: Capacity | None = None
    for row in measured.throughput:
        rate, p95 = row.requests_per_second, row.p95_seconds
        if target is not None and (p95 is None or p95 > target):
            continue
        if best is None or rate > (best.requests_per_second or 0.0):
            batch = f" at batch size {row.batch_size:.0f}" if row.batch_size else ""
            best = Capacity(rate, f"measured throughput{batch}{_kept(target)}", measured=True)
    if best is not None:
        return best
    if target is not None:
        if single is None:
            return Capacity(None, "no latency was measured to hold against the target")
        return Capacity(1 / single, f"one request at a time{_kept(target)}", measured=True)
    requests = serve.quantities.get("requests", 0) if serve else 0
    if serve is None or not requests or not serve.seconds:
        return Capacity(None, "the record doesn't say how many requests were served")
    return Capacity(
        requests / serve.seconds, "throughput of the batch job; no latency was looked at"
    )


def _kept(target: float | None) -> str:
    return "" if target is None else f", 95 % within {target:g} s"


def serving(serve: PhaseTotal, machine: Machine, choices: Choices, measured: Measured) -> Serving:
    """Prices serving on a machine of the price book.

    Args:
        serve: What answering the test set took.
        machine: Its price row.
        choices: Volume, peaks, redundancy and latency target.
        measured: Latency and throughput of the record.
    """
    devices = max(1, round(serve.device_seconds / serve.seconds)) if serve.seconds else 1
    # a machine is rented whole: with more GPUs than the model needs, it holds it several times
    copies = max(1, machine.gpus // devices) if machine.kind == "gpu" else 1
    rented = -(-devices // machine.gpus) if machine.kind == "gpu" else 1
    month = machine.usd_per_hour * rented * choices.terms.hours_per_month
    found = capacity(serve, measured, choices.latency_target)
    rate = found.requests_per_second
    requests = serve.quantities.get("requests", 0)
    used = serve.device_seconds / 3600 * machine.usd_per_device_hour
    as_used = used / requests if requests else None
    if rate is None:
        return Serving(month, found, None, None, as_used, found.note)
    rate *= copies
    found = Capacity(rate, found.note, found.measured)
    terms, volume = choices.terms, choices.requests_per_month
    if volume is None:
        carried = terms.requests_per_machine(rate)
        note = (
            f"a machine that is always on and carries {carried:,.0f} requests a month, "
            f"with peaks {terms.peak_factor:g} times the mean; {found.note}"
        )
        return Serving(month, found, None, month / carried, as_used, note)
    machines = terms.machines(Deployment("", None, capacity=rate), volume)
    assert machines is not None
    note = (
        f"{machines} {'machine' if machines == 1 else 'machines'}, always on, for "
        f"{volume:,.0f} requests a month, with peaks {terms.peak_factor:g} times the mean; "
        f"{found.note}"
    )
    return Serving(month, found, machines, machines * month / volume, as_used, note)
