"""Measures how long single requests take: one at a time, never derived from batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from itertools import cycle, islice
from typing import TYPE_CHECKING

from harness.records.schema import Latency

if TYPE_CHECKING:
    from harness.records.ledger import Ledger
    from harness.strategy.base import Predictor
    from harness.strategy.context import Monitor
    from harness.types import Query

__all__ = ["REQUESTS", "measure_latency"]

REQUESTS = 100
"""Below 59 nothing bounds the slowest one in twenty; of 100 the bound is the second slowest."""
WARM_UP = 2
SECONDS = 120.0
"""Time after which no further request is measured; the record has how many were."""


def measure_latency(
    predictor: Predictor,
    queries: Sequence[Query],  # Repeated from the first where there are too few
    ledger: Ledger,
    *,
    requests: int = REQUESTS,
    limit: float = SECONDS,  # After so many no further request begins
    monitor: Monitor | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Latency | None:
    """Asks one query at a time, with the KV cache of the prefix, as the phase ``latency``.

    Queries are repeated from the first where there are too few. Answers are thrown away. After
    ``limit`` seconds no further request begins.
    """
    # Here, as `REQUESTS` is read by commands that ask nothing and start quickly.
    from harness.strategy.base import WarmsUp
    from harness.strategy.context import Monitor

    if not queries:
        return None
    monitor, seconds, began = monitor or Monitor(), list[float](), clock()
    warm = predictor.warm(queries) if isinstance(predictor, WarmsUp) else nullcontext(0)
    with ledger.phase("latency") as spend, warm as held:
        for number, query in enumerate(islice(cycle(queries), WARM_UP + requests)):
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
    return Latency(
        requests=len(seconds),
        p50_seconds=middle,
        p95_seconds=slow,
        held_tokens=held,
        stopped_by="requests" if len(seconds) == wanted else "time",
        seconds=tuple(round(each, 6) for each in seconds),
    )
