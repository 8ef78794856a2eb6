"""What a request costs in one run against another: counted first, timed only where that is fair.

Tokens and operations are counted and don't depend on what else the machine did. Seconds do, so
they count only between repeats on one class of machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from harness.analysis.compare import Side
from harness.costs.flops import inference_flops
from harness.metrics.statistics.resampling import codes, interval, weights
from harness.records.ledger import read_ledger, totals
from harness.records.model import Architecture
from harness.records.reading import records_of
from harness.records.schema import RunRecord
from harness.records.store import FINISHED

__all__ = ["REPEATS", "Measured", "cost_ratio", "seconds_ratio"]

REPEATS = 3  # runs of each side that seconds are compared over


@dataclass(frozen=True, slots=True)
class Measured:
    """A ratio of two costs, the first run's over the second's."""

    ratio: float | None  # None where it isn't known; `reason` says why
    low: float | None  # lower end of its 95 % interval
    high: float | None  # upper end
    reason: str  # what was counted


def cost_ratio(kind: str, left: Side, right: Side) -> Measured:
    """Compares what was counted for the rows that both have, clusters resampled.

    ``cost`` is FLOPs where the sizes of both models are in the records, else tokens.
    """
    sizes = [_architecture(side) for side in (left, right)]
    if kind == "cost":
        kind = "flops" if all(sizes) else "tokens"
    if kind == "flops" and not all(sizes):
        return _unknown("the sizes of a model aren't in its record: FLOPs can't be counted")
    counters = [_flops(size) if kind == "flops" and size else _tokens for size in sizes]
    counts = [
        {id_: counter(line["usage"]) for id_, line in side.lines().items()}
        for side, counter in zip((left, right), counters, strict=True)
    ]
    common = sorted(counts[0].keys() & counts[1].keys())
    values = np.array([[count[name] for count in counts] for name in common], dtype=np.float64)
    if not len(common) or not values.sum(0).all():
        return _unknown("no tokens were counted in one of the two runs")
    clusters = {row.id: row.cluster or f"\0{row.id}" for row in left.rows}
    index = codes([clusters[name] for name in common])
    sums = np.stack([np.bincount(index, weights=column) for column in values.T], axis=1)
    drawn = np.concatenate([np.divide(*(drawn @ sums).T) for drawn in weights(len(sums), 2000, 0)])
    ratio = float(np.divide(*values.sum(0)))
    ends = interval(ratio, drawn, len(sums), 0.95, inside=False)
    low, high = (ratio, ratio) if ends.low is None else (ends.low, ends.high)
    what = "FLOPs" if kind == "flops" else "input and output tokens"
    return Measured(ratio, low, high, f"{what} of {len(common)} common rows, counted")


def _unknown(reason: str) -> Measured:
    return Measured(None, None, None, reason)


def _architecture(side: Side) -> Architecture | None:
    model = side.record.model
    return model.architecture if model else None


def _tokens(usage: Mapping[str, int]) -> float:
    return float(usage.get("input_tokens", 0) + usage.get("output_tokens", 0))


def _flops(size: Architecture) -> Callable[[Mapping[str, int]], float]:
    def count(usage: Mapping[str, int]) -> float:
        return inference_flops(
            size,
            tokens=usage.get("computed_tokens") or _tokens(usage),
            scored_positions=usage.get("scored_positions", 0),
            mean_length=_tokens(usage),
        )

    return count


def seconds_ratio(left: Side, right: Side) -> Measured:
    """Compares seconds of a request over repeats, on a logarithmic scale (Welch, 1947)."""
    classes = [_machine(side.record) for side in (left, right)]
    if classes[0] != classes[1]:
        return _unknown("the two ran on different machines: seconds don't compare")
    repeats = [_repeats(side) for side in (left, right)]
    times, shared = [each for each, _ in repeats], sum(number for _, number in repeats)
    if min(map(len, times)) < REPEATS:
        beside = f", {shared} more shared the machine with another run" if shared else ""
        return _unknown(
            f"{len(times[0])} and {len(times[1])} repeats{beside}: seconds need {REPEATS} of each "
            "(harness run ... --force)"
        )
    from scipy.stats import ttest_ind

    logs = [np.log(side) for side in times]
    ratio = math.exp(float(np.mean(logs[0]) - np.mean(logs[1])))
    if max(map(np.ptp, logs)) == 0:  # a test without any spread has no interval
        return Measured(ratio, ratio, ratio, "seconds without any spread")
    ends = ttest_ind(logs[0], logs[1], equal_var=False).confidence_interval(0.95)
    reason = f"seconds of a request, {len(times[0])} and {len(times[1])} repeats"
    return Measured(ratio, math.exp(ends.low), math.exp(ends.high), reason)


def _machine(record: RunRecord) -> tuple[str, str | None, int | None]:
    machine = record.provenance.machine
    return record.device.device_class, machine.cpu, machine.threads


def _repeats(side: Side) -> tuple[list[float], int]:
    """A request's seconds in each finished attempt alone on its machine; how many shared it."""
    seconds, shared = [], 0
    for folder, record in records_of(side.folder.parent):
        same = record.keys.result == side.record.keys.result
        if same and record.status == FINISHED and _machine(record) == _machine(side.record):
            serve = totals(read_ledger(folder / "ledger.jsonl")).get("serve")
            shared += bool(serve and serve.shared)
            if serve and not serve.shared:
                requests = serve.quantities.get("requests", 0)
                if serve.seconds and requests:
                    seconds.append(serve.seconds / requests)
    return seconds, shared
