"""load.json: how fast a prepared run answered while requests came at a steady rate."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.records.files import Json
from harness.records.machine import Machine

__all__ = ["LOAD", "Load", "OperatingPoint", "Percentile"]

LOAD = "load.json"
VERSION: Final = 1


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Percentile(_Part):
    """A percentile of latencies, in seconds; each bound holds by itself with 95 % confidence."""

    value: float = Field(description="Of the requests that were answered.")
    low: float | None = Field(description="What it is at least; null where that isn't known.")
    high: float | None = Field(description="What it is at most; null where that isn't known.")


class OperatingPoint(_Part):
    """A rate at which requests came, and how long they then took."""

    requests_per_second: float = Field(gt=0, description="Mean rate of the arrivals.")
    wanted: int = Field(gt=0, description="Requests that were to come.")
    requests: int = Field(description="Those that were answered; the percentiles are theirs.")
    errors: int = Field(description="Those that came to an error.")
    kept: bool = Field(description="Whether answers came as fast as requests, so no queue grew.")
    answered_per_second: float = Field(description="From the first arrival to the last answer.")
    batch_limit: int = Field(description="Most waiting requests that are answered together.")
    mean_batch: float = Field(description="Requests that were answered together, in the mean.")
    in_flight: int | None = Field(description="Most at once at a server; null: no server.")
    latency: dict[str, Percentile] = Field(description="p50, p95 and p99, from the arrival on.")
    independent: float = Field(
        description="How many independent requests the p95 is worth: those in one queue wait for "
        "one another."
    )
    seconds: tuple[float, ...] = Field(description="Of each answered request, in order.")
    tokens: dict[str, int] = Field(description="That all requests took.")
    seed: int = Field(description="Of the arrivals.")
    device_class: str = Field(description="cpu, cuda:NAME of the GPU, or api.")
    machine: Machine = Field(description="What it ran on.")
    shared: bool | None = Field(description="Whether another run was on the machine.")
    measured: str = Field(description="ISO 8601, UTC.")

    @property
    def place(self) -> tuple[object, ...]:
        """What a later measurement replaces."""
        return self.device_class, self.batch_limit, self.requests_per_second

    def shown(self) -> Json:
        """Returns what a summary has of it: all but the single requests, as JSON values."""
        return self.model_dump(mode="json", exclude={"seconds", "machine"})


class Load(_Part):
    """load.json: the rates that were tried, slowest first."""

    schema_version: Literal[1] = VERSION
    points: tuple[OperatingPoint, ...] = Field(description="By rate.")

    def with_points(self, points: tuple[OperatingPoint, ...]) -> Load:
        """Returns this with further points, in place of those at the same rate and batch limit."""
        every = {point.place: point for point in (*self.points, *points)}
        ordered = sorted(every.values(), key=lambda each: each.requests_per_second)
        return Load(points=tuple(ordered))
