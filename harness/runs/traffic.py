"""Requests that come at a steady rate, whether or not earlier ones are answered.

Arrivals are open-loop: their times are drawn beforehand, and a latency counts from the time at
which a request was to come. So one that waits for others counts its waiting, and a slow answer
can't keep later requests from coming (no coordinated omission).
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from harness.strategy.base import Predictor
from harness.strategy.own import answers
from harness.types import Output, Query, Usage

__all__ = [
    "IN_FLIGHT",
    "MOST_WAIT",
    "Clock",
    "Driven",
    "arrivals",
    "in_flight",
    "named",
    "one_machine",
]

IN_FLIGHT = 64
"""Most requests at once at a server; one more waits, and that counts."""
MOST_WAIT = 60.0
"""Seconds that a request may be late when it begins; then a rate is given up."""

SOON = 1e-6  # seconds that are no waiting


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is, and waiting; tests have their own."""

    now: Callable[[], float] = time.perf_counter
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class Driven:
    """What became of requests."""

    latencies: dict[int, float] = field(default_factory=dict)  # by number, of those answered
    periods: dict[int, int] = field(default_factory=dict)  # by number: between two idle moments
    errors: dict[int, str] = field(default_factory=dict)
    calls: int = 0  # of the predictor
    finished: float = 0.0  # when the last answer came, in seconds from the start
    usage: Usage = field(default_factory=Usage)

    def note(self, number: int, output: Output, latency: float) -> None:
        """Keeps one answer, or its error."""
        self.usage.add(output.usage)
        if output.error is not None:
            self.errors[number] = output.error
        else:
            self.latencies[number] = latency


def arrivals(rate: float, requests: int, seed: int) -> list[float]:
    """Draws when requests come, in seconds from the start: a Poisson process of a rate a second.

    A seed gives the same pattern at every rate, in other units.
    """
    import numpy as np

    gaps = np.random.default_rng(seed).exponential(size=requests) / rate
    return [float(at) for at in np.cumsum(gaps)]


def named(queries: Sequence[Query], count: int, name: str) -> list[Query]:
    """Repeats queries from the first; each has an id of its own, since no kept answer shall do."""
    return [
        replace(queries[number % len(queries)], id=f"{name} {number}") for number in range(count)
    ]


def one_machine(
    predictor: Predictor,
    queries: Sequence[Query],  # as of `named`
    due: Sequence[float],  # when each comes, as of `arrivals`
    *,
    batch: int = 1,  # most that are answered together
    clock: Clock | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> Driven:
    """Answers what waits, up to a limit at a time, in the order of arrival.

    It ends early where a request would begin `MOST_WAIT` seconds late.
    """
    clock = clock or Clock()
    made, began, at, period, idle = Driven(), clock.now(), 0, 0, True
    while at < len(due):
        late = clock.now() - began - due[at]
        if late < -SOON:
            idle = True
            clock.sleep(-late)
            continue
        if late > MOST_WAIT:
            break
        period, idle = period + idle, False
        waiting = bisect_right(due, clock.now() - began + SOON) - at
        numbers = {queries[k].id: k for k in range(at, at + min(waiting, batch))}
        for output in answers(predictor, [queries[k] for k in numbers.values()]):
            made.finished = clock.now() - began
            number = numbers.pop(output.id)
            made.note(number, output, made.finished - due[number])
            made.periods[number] = period
        made.errors |= dict.fromkeys(numbers.values(), "the strategy gave no answer")
        made.calls += 1
        at += min(waiting, batch)
        progress(at)
    return made


def in_flight(
    predictor: Predictor,
    queries: Sequence[Query],
    due: Sequence[float],
    *,
    most: int = IN_FLIGHT,
    clock: Clock | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> Driven:
    """Sends each request to a server when it comes, up to `most` at once.

    Raises:
        HarnessError: The server refuses all requests; no further one is sent.
    """
    clock, made, lock = clock or Clock(), Driven(), threading.Lock()
    began, places = clock.now(), threading.Semaphore(most)
    failures: list[BaseException] = []

    def ask(number: int) -> None:
        try:
            for output in answers(predictor, [queries[number]]):
                with lock:
                    made.finished = clock.now() - began
                    made.note(number, output, made.finished - due[number])
                    made.periods[number] = number
        except BaseException as error:  # shown by the thread that waits
            failures.append(error)
        finally:
            places.release()

    threads = []
    for number in _when_due(due, began, clock):
        places.acquire()
        if failures or clock.now() - began - due[number] > MOST_WAIT:
            break
        # one that is interrupted waits for nothing
        threads.append(threading.Thread(target=ask, args=(number,), daemon=True))
        threads[-1].start()
        made.calls += 1
        progress(number + 1)
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return made


def _when_due(due: Sequence[float], began: float, clock: Clock) -> Iterator[int]:
    for number, at in enumerate(due):
        while (early := at - (clock.now() - began)) > SOON:
            clock.sleep(early)
        yield number
