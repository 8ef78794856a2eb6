"""What a benchmark says of itself, and what its two sides have to do.

A module ``benchmarks/NAME.py`` holds a `Benchmark` called ``BENCHMARK``. Its sides are classes,
named as ``module:Class`` and made in a process of their own from the `Options` alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

__all__ = ["CLOCKS", "Agreement", "Benchmark", "Done", "Options", "Side"]

CLOCKS: Mapping[str, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.process_time}


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for; both sides get the same."""

    workload: str  # which of the benchmark's workloads
    model: str  # catalogue name or folder
    peer: str  # the other side's name
    dtype: str = "bfloat16"  # type of the weights
    items: int | None = None  # items of the workload; None for as many as it names
    # of torch, kept; None for all that this process may use, of which our side takes fewer where
    # others are busy
    threads: int | None = None
    # ``wall``, or ``cpu`` for the processor time of each side's process: on a machine that others
    # use too it is what can be compared, with one thread
    clock: str = "wall"

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Done:
    """What one round of work gave."""

    answers: Any  # what both sides should agree on, as JSON values
    # operations that the work took, by token counts; None where they aren't counted
    flops: float | None = None
    least_flops: float | None = None  # operations that it can't be done without, by the same counts
    # anything else worth showing (tokens, batch size, losses)
    figures: Mapping[str, Any] = field(default_factory=dict)


class Side(Protocol):
    """One side of a benchmark. Its constructor takes `Options`, and loads what it needs.

    `run` is timed. What doesn't belong to the work (loading, compiling, looking for the best
    batch size) is done in the constructor or in `warm_up`.
    """

    def warm_up(self) -> Mapping[str, Any]:
        """Runs a little of the work; returns settings that were found, to be shown."""
        ...

    def run(self) -> Done:
        """Does the work once."""
        ...


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether both sides gave the same answers, in float32."""

    share: float  # share of the items that agree, 0 to 1
    items: int  # how many were compared
    largest_difference: float  # of the numbers behind the answers
    rule: str  # what had to hold for an item, in words


@dataclass(frozen=True)
class Benchmark:
    """A benchmark."""

    name: str  # what the user types
    summary: str
    unit: str  # what `Options.items` counts ("items")
    workloads: Mapping[str, int]  # names with the number of items of each; the first is the default
    # ``ours`` and the peers, as ``module:Class``; the first peer is the default
    sides: Mapping[str, str]
    agree: Callable[[Any, Any], Agreement]  # compares the answers of our side with the peer's
    # items of each workload that are compared in float32, which is slow
    agreement_items: Mapping[str, int]

    @property
    def peers(self) -> tuple[str, ...]:
        """Names of the sides that aren't ours."""
        return tuple(name for name in self.sides if name != "ours")
