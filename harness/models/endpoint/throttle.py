"""How many requests run at once: one more after each round that went well, half after an overload.

A server that says it has too much is overloaded, and one that fails at a quarter of the last requests. A
single failure says nothing of that: half as many after each would be a few at last.

A server that queues takes longer, not shorter, with more at once. So no more are added while the
usual request takes over twice as long as it once did.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["AT_ONCE", "MOST_AT_ONCE", "Throttle"]

AT_ONCE = 8
MOST_AT_ONCE = 64
SLOWER = 2.0
SMOOTHING = 1 / 16
LOOK_BACK, FAILING = 32, 0.25
"""Requests that are looked at, and the share of failures from which on they are too many."""


class Throttle:
    """Lets requests begin."""

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self.most = most
        self.limit = float(min(AT_ONCE, most))
        self._running = 0
        self._from = self._halved = 0.0  # when the next may begin; when it was halved last
        self._usual = self._quickest = 0.0
        self._failed = deque[bool](maxlen=LOOK_BACK)
        self._wake = threading.Condition()

    @contextmanager
    def slot(self, until: float | None) -> Iterator[float]:
        """Waits until a request may begin, gives the time, and counts it as running inside.

        Raises:
            TimeoutError: It may not before ``until`` (monotonic seconds; None: there is no such).
        """
        with self._wake:
            while (pause := self._pause()) is not None:
                now = time.monotonic()
                if until is not None and now + (pause or 0.0) >= until:
                    raise TimeoutError
                left = None if until is None else until - now
                self._wake.wait(min(filter(None, (pause, left)), default=None))
            self._running += 1
            began = time.monotonic()
        try:
            yield began
        finally:
            with self._wake:
                self._running -= 1
                self._wake.notify_all()

    def _pause(self) -> float | None:
        """Returns None where one may begin, else for how long to wait; 0: until one has ended."""
        left = self._from - time.monotonic()
        if left > 0:
            return left
        return None if self._running < int(self.limit) else 0.0

    def hold(self, seconds: float) -> None:
        """Lets none begin for so long."""
        with self._wake:
            self._from = max(self._from, time.monotonic() + seconds)

    def well(self, began: float) -> None:
        """Notes that a request was answered."""
        seconds = time.monotonic() - began
        with self._wake:
            self._failed.append(False)
            self._usual += (seconds - self._usual) * (SMOOTHING if self._usual else 1)
            self._quickest = min(self._quickest or self._usual, self._usual)
            full = self._running >= int(self.limit) - 1
            if full and self._usual <= SLOWER * self._quickest:
                self.limit = min(float(self.most), self.limit + 1 / self.limit)
                self._wake.notify()

    def failed(self, began: float) -> None:
        """Notes that the server failed at a request."""
        with self._wake:
            self._failed.append(True)
            many = sum(self._failed) > FAILING * LOOK_BACK
        if many:
            self.overloaded(began)

    def overloaded(self, began: float) -> None:
        """Notes that a request was too much, or in vain; those of one round count once."""
        with self._wake:
            if began >= self._halved:
                self.limit = max(1.0, self.limit / 2)
                self._halved = time.monotonic()
