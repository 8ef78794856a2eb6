"""How long a single request takes: measured apart, one at a time, never derived from batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from typing import Any

from harness.records.ledger import Ledger
from harness.strategy.base import Predictor, WarmsUp
from harness.strategy.context import Monitor
from harness.types import Query

__all__ = ["REQUESTS", "Latency", "measure_latency"]

REQUESTS = 32
"""Fewer say little about the slowest one in twenty."""
WARM_UP = 2
SECONDS = 30.0
"""Longest time that measuring may take; what was measured by then is said with its number."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds of single requests.

    Attributes:
        requests: How many were measured, after a few that warm up.
        p50_seconds: The median.
        p95_seconds: What one in twenty exceeds (linear between the two nearest).
        held_tokens: Tokens that all prompts begin with and that were computed before, as a
            server's prefix cache has them.
        stopped_by: ``requests`` where all were measured, ``time`` where that would take too long.
        seconds: Of each request, in order.
    """

    requests: int
    p50_seconds: float
    p95_seconds: float
    held_tokens: int
    stopped_by: str
    seconds: tuple[float, ...]

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields as JSON values."""
        return asdict(self) | {"seconds": [round(value, 6) for value in self.seconds]}


def measure_latency(
    predictor: Predictor,
    queries: Sequence[Query],
    ledger: Ledger,
    *,
    requests: int = REQUESTS,
    limit: float = SECONDS,
    monitor: Monitor | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Latency | None:
    """Asks one query at a time, the prefix warm, and bills it to the phase ``latency``.

    Answers are thrown away: what is scored comes from the test alone.

    Args:
        predictor: What answers.
        queries: Asked in turn, again from the first where there are too few.
        ledger: Of the run.
        requests: How many to measure.
        limit: Seconds after which no further one is begun.
        monitor: Told about progress.
        clock: Seconds; replaced in tests.

    Returns:
        The figures, or None where there is nothing to ask.
    """
    if not queries:
        return None
    monitor, seconds, began = monitor or Monitor(), list[float](), clock()
    asked = islice(cycle(queries), WARM_UP + requests)
    warm = predictor.warm(queries) if isinstance(predictor, WarmsUp) else nullcontext(0)
    with ledger.phase("latency") as spend, warm as held:
        for number, query in enumerate(asked):
            since = clock()
            if len(seconds) and since - began > limit:
                break
            for output in predictor.predict([query]):
                spend.usage.add(output.usage)
            spend.count(requests=1)
            if number >= WARM_UP:
                seconds.append(clock() - since)
                monitor.progress("latency", len(seconds), requests)
    return _figures(seconds, held, requests)


def _figures(seconds: Sequence[float], held: int, wanted: int) -> Latency:
    import numpy as np

    middle, slow = (float(value) for value in np.quantile(seconds, [0.5, 0.95]))
    reason = "requests" if len(seconds) == wanted else "time"
    return Latency(len(seconds), middle, slow, held, reason, tuple(seconds))
