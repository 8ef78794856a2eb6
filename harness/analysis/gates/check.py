"""Thresholds for a comparison: a nightly job fails only on what is shown, never on noise.

A gate has three outcomes. It fails where the whole interval lies beyond the threshold, it passes
where the whole interval lies within, and between the two it is inconclusive, which says how many
rows would decide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from harness.analysis.compare import Side
from harness.analysis.gates.costs import Measured, cost_ratio, seconds_ratio
from harness.errors import UsageError, nearest
from harness.metrics.statistics.power import rows_needed

__all__ = ["Gate", "GateResult", "check_gates", "parse_gates"]

KINDS = {
    "quality": "difference of the metric, such as quality=-0.02",
    "cost": "counted cost of a request: FLOPs, or an API's tokens; such as cost=+10%",
    "flops": "FLOPs of a request, from counted positions",
    "tokens": "input and output tokens of a request",
    "seconds": "seconds of a request, on one class of machine with three repeats of each",
}
Verdict = Literal["passed", "failed", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Gate:
    """What a comparison must not exceed.

    Attributes:
        kind: One of `KINDS`.
        threshold: The worst change that is still accepted: of the metric, at most 0, or a share
            of the cost, at least 0.
    """

    kind: str
    threshold: float

    @property
    def text(self) -> str:
        """As the user writes it."""
        if self.kind == "quality":
            return f"quality={self.threshold:+g}"
        return f"{self.kind}={100 * self.threshold:+g}%"


@dataclass(frozen=True, slots=True)
class GateResult:
    """What became of a gate.

    Attributes:
        gate: As the user writes it.
        verdict: ``passed``, ``failed`` or ``inconclusive``.
        value: The change: of the metric, or the share that the cost rose by.
        low: Lower end of its 95 % interval.
        high: Upper end.
        reason: In words.
    """

    gate: str
    verdict: Verdict
    value: float | None
    low: float | None
    high: float | None
    reason: str

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields as JSON values."""
        return asdict(self)


def parse_gates(text: str) -> list[Gate]:
    """Reads ``quality=-0.02,cost=+10%``.

    Raises:
        UsageError: Another form, an unknown kind, or a threshold of the wrong sign.
    """
    gates = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"(\w+)\s*=\s*([+-]?\d*\.?\d+)(%?)", part)
        if match is None:
            raise UsageError(f"--fail-on {part!r} is no threshold", "Example: quality=-0.02")
        kind, number, percent = match[1], float(match[2]), bool(match[3])
        if kind not in KINDS:
            raise UsageError(f"--fail-on: there is no gate {kind!r}", nearest(kind, KINDS))
        if percent == (kind == "quality"):
            unit = "in the metric's unit, without %" if kind == "quality" else "a share, with %"
            raise UsageError(f"--fail-on {part!r}: {kind} is {unit}", f"It is the {KINDS[kind]}.")
        if number * (1 if kind == "quality" else -1) > 0:
            raise UsageError(
                f"--fail-on {part!r}: a threshold is a change for the worse",
                "quality is 0 or less, a cost 0 or more.",
            )
        gates.append(Gate(kind, number / 100 if percent else number))
    if not gates:
        raise UsageError("--fail-on names no threshold", "Example: quality=-0.02,cost=+10%")
    return gates


def check_gates(
    gates: Sequence[Gate], compared: dict[str, Any], left: Side, right: Side
) -> list[GateResult]:
    """Judges the first run against the second.

    Args:
        gates: What it must not exceed.
        compared: What `harness.analysis.compare.compare_runs` gave.
        left: The run to judge.
        right: What it is compared with.
    """
    return [_check(gate, compared, left, right) for gate in gates]


def _check(gate: Gate, compared: dict[str, Any], left: Side, right: Side) -> GateResult:
    if gate.kind == "quality":
        return _quality(gate, compared)
    measured = (
        seconds_ratio(left, right) if gate.kind == "seconds" else cost_ratio(gate.kind, left, right)
    )
    return _cost(gate, measured)


def _quality(gate: Gate, compared: dict[str, Any]) -> GateResult:
    sign = 1.0 if compared["higher_is_better"] else -1.0
    value = sign * compared["difference"]
    low, high = sorted((sign * compared["low"], sign * compared["high"]))
    name = compared["metric"]
    if high < gate.threshold:
        return GateResult(gate.text, "failed", value, low, high, f"{name} fell by more than this")
    if low >= gate.threshold:
        return GateResult(gate.text, "passed", value, low, high, f"{name} fell by less, if at all")
    return GateResult(
        gate.text, "inconclusive", value, low, high, _rows_missing(gate, compared, value)
    )


def _rows_missing(gate: Gate, compared: dict[str, Any], value: float) -> str:
    """Says how many rows would decide, should the difference be as it was seen."""
    error = (compared["high"] - compared["low"]) / 3.92
    apart = abs(value - gate.threshold)
    if apart < 0.1 * abs(gate.threshold) or not error:
        return "the difference is about the threshold: no number of rows is sure to decide"
    wanted = rows_needed(error, compared["n"], apart)
    return (
        f"{max(1, wanted - compared['n']):,} more rows would decide, if the difference is as seen"
    )


def _cost(gate: Gate, measured: Measured) -> GateResult:
    if measured.ratio is None or measured.low is None or measured.high is None:
        return GateResult(gate.text, "inconclusive", None, None, None, measured.reason)
    value, low, high = measured.ratio - 1, measured.low - 1, measured.high - 1
    if low > gate.threshold:
        verdict: Verdict = "failed"
    else:
        verdict = "passed" if high <= gate.threshold else "inconclusive"
    return GateResult(gate.text, verdict, value, low, high, measured.reason)
