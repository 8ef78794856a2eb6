"""Peak memory and energy of a span of work.

Spans nest like a stack, and an inner one pauses the outer: peak and joules of a span exclude what
ran inside another, so that spans can be summed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from harness.devices import Device
from harness.records.gauges import CudaGauge, HostGauge

__all__ = ["CudaGauge", "Gauge", "HostGauge", "Meter", "NoMeter", "Reading", "SpanMeter", "meter"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter read over one span."""

    peak_memory_bytes: int | None  # Highest memory while the span ran, or None
    energy_joules: float | None  # From a real counter, or None
    energy_note: str  # Which counter, or why there is none


class Meter(Protocol):
    """Measures spans that nest like a stack."""

    def start(self) -> None:
        """Opens a span; the one that was open pauses."""

    def stop(self) -> Reading:
        """Closes the innermost span."""


class NoMeter:
    """Measures nothing, and says so."""

    def __init__(self, note: str = "not measured") -> None:
        self._note = note

    def start(self) -> None:
        """Opens a span."""

    def stop(self) -> Reading:
        """Closes it, with an empty reading."""
        return Reading(None, None, self._note)


class Gauge(Protocol):
    """The thin part of a meter that touches a device."""

    note: str  # Which energy counter there is, or why none

    def wake(self) -> None:
        """Called when the first span opens."""

    def rest(self) -> None:
        """Called when the last span has closed."""

    def peak(self) -> int | None:
        """Returns the highest memory since the last call, in bytes."""

    def joules(self) -> float | None:
        """Returns a counter of joules that only rises."""


@dataclass(slots=True)
class _Open:
    peak: int | None = None
    joules: float | None = None
    lost: bool = False


class SpanMeter:
    """A meter over a gauge."""

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self._stack: list[_Open] = []
        self._last: float | None = None

    def start(self) -> None:
        """Opens a span; the one that was open pauses."""
        if not self._stack:
            self._gauge.wake()
        self._settle()
        self._stack.append(_Open())

    def stop(self) -> Reading:
        """Closes the innermost span."""
        self._settle()
        span = self._stack.pop()
        if not self._stack:
            self._gauge.rest()
        return Reading(span.peak, None if span.lost else span.joules, self._gauge.note)

    def _settle(self) -> None:
        """Gives what was used since the last change to the span that ran in it."""
        peak, now = self._gauge.peak(), self._gauge.joules()
        if self._stack:
            span = self._stack[-1]
            if peak is not None:
                span.peak = max(span.peak or 0, peak)
            if now is None or self._last is None:
                span.lost = True
            else:
                span.joules = (span.joules or 0.0) + now - self._last
        self._last = now


def meter(device: Device) -> Meter:
    """Returns what measures memory and energy on a device."""
    if device.kind == "cuda":
        return SpanMeter(CudaGauge(device.index))
    if device.kind == "mps":
        return NoMeter("MPS has no peak counter")
    return SpanMeter(HostGauge())
