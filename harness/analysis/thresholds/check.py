"""Thresholds for a comparison: a nightly job fails only on what is shown, never on noise.

A threshold has three outcomes. It fails where the whole interval lies beyond it, it passes where
the whole interval lies within, and between the two it is inconclusive, which says how many rows
would decide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from harness.analysis.compare import Compared, Side
from harness.analysis.thresholds.costs import Measured, cost_ratio, seconds_ratio
from harness.errors import UsageError, nearest
from harness.metrics.statistics.paired import rows_needed

__all__ = ["Threshold", "ThresholdResult", "check_thresholds", "parse_thresholds"]

KINDS = {
    "quality": "difference of the metric, such as quality=-0.02",
    "cost": "counted cost of a request: FLOPs, or an API's tokens; such as cost=+10%",
    "flops": "FLOPs of a request, from counted positions",
    "tokens": "input and output tokens of a request",
    "seconds": "seconds of a request, on one class of machine with three repeats of each",
}
ThresholdVerdict = Literal["passed", "failed", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a comparison must not exceed."""

    kind: str  # one of `KINDS`
    limit: float  # the worst change that is accepted: of the metric, or a share of the cost

    @property
    def text(self) -> str:
        """As the user writes it."""
        if self.kind == "quality":
            return f"quality={self.limit:+g}"
        return f"{self.kind}={100 * self.limit:+g}%"


@dataclass(frozen=True, slots=True)
class ThresholdResult:
    """What became of a threshold."""

    threshold: str  # as the user writes it
    verdict: ThresholdVerdict  # ``passed``, ``failed`` or ``inconclusive``
    value: float | None  # the change: of the metric, or the share that the cost rose by
    low: float | None  # lower end of its 95 % interval
    high: float | None  # upper end
    reason: str  # in words

    def as_dict(self) -> dict[str, object]:
        """Returns the fields as JSON values."""
        values = asdict(self)
        return {"gate": values.pop("threshold"), **values}


def parse_thresholds(text: str) -> list[Threshold]:
    """Reads ``quality=-0.02,cost=+10%``.

    Raises:
        UsageError: Another form, an unknown kind, or a threshold of the wrong sign.
    """
    thresholds = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"(\w+)\s*=\s*([+-]?\d*\.?\d+)(%?)", part)
        if match is None:
            raise UsageError(f"--fail-on {part!r} is no threshold", "Example: quality=-0.02")
        kind, number, percent = match[1], float(match[2]), bool(match[3])
        if kind not in KINDS:
            raise UsageError(f"--fail-on: there is no threshold {kind!r}", nearest(kind, KINDS))
        if percent == (kind == "quality"):
            unit = "in the metric's unit, without %" if kind == "quality" else "a share, with %"
            raise UsageError(f"--fail-on {part!r}: {kind} is {unit}", f"It is the {KINDS[kind]}.")
        if number * (1 if kind == "quality" else -1) > 0:
            raise UsageError(
                f"--fail-on {part!r}: a threshold is a change for the worse",
                "quality is 0 or less, a cost 0 or more.",
            )
        thresholds.append(Threshold(kind, number / 100 if percent else number))
    if not thresholds:
        raise UsageError("--fail-on names no threshold", "Example: quality=-0.02,cost=+10%")
    return thresholds


def check_thresholds(
    thresholds: Sequence[Threshold], compared: Compared, left: Side, right: Side
) -> list[ThresholdResult]:
    """Judges the first run against the second."""
    return [_check(threshold, compared, left, right) for threshold in thresholds]


def _check(threshold: Threshold, compared: Compared, left: Side, right: Side) -> ThresholdResult:
    if threshold.kind == "quality":
        return _quality(threshold, compared)
    if threshold.kind == "seconds":
        return _cost(threshold, seconds_ratio(left, right))
    return _cost(threshold, cost_ratio(threshold.kind, left, right))


def _quality(threshold: Threshold, compared: Compared) -> ThresholdResult:
    sign = 1.0 if compared["higher_is_better"] else -1.0
    value = sign * compared["difference"]
    low, high = sorted((sign * compared["low"], sign * compared["high"]))
    verdict: ThresholdVerdict = "inconclusive"
    if high < threshold.limit:
        verdict, reason = "failed", f"{compared['metric']} fell by more than this"
    elif low >= threshold.limit:
        verdict, reason = "passed", f"{compared['metric']} fell by less, if at all"
    else:
        reason = _rows_missing(threshold, compared, value)
    return ThresholdResult(threshold.text, verdict, value, low, high, reason)


def _rows_missing(threshold: Threshold, compared: Compared, value: float) -> str:
    """Says how many rows would decide, should the difference be as it was seen."""
    error = (compared["high"] - compared["low"]) / 3.92
    apart = abs(value - threshold.limit)
    if apart < 0.1 * abs(threshold.limit) or not error:
        return "the difference is about the threshold: no number of rows is sure to decide"
    wanted = rows_needed(error, compared["n"], apart)
    return (
        f"{max(1, wanted - compared['n']):,} more rows would decide, if the difference is as seen"
    )


def _cost(threshold: Threshold, measured: Measured) -> ThresholdResult:
    if measured.ratio is None or measured.low is None or measured.high is None:
        return ThresholdResult(threshold.text, "inconclusive", None, None, None, measured.reason)
    value, low, high = measured.ratio - 1, measured.low - 1, measured.high - 1
    verdict: ThresholdVerdict = "passed" if high <= threshold.limit else "inconclusive"
    if low > threshold.limit:
        verdict = "failed"
    return ThresholdResult(threshold.text, verdict, value, low, high, measured.reason)
