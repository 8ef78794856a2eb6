"""How many threads torch computes with on a CPU that others may use, too.

Threads that share a product wait for the slowest: beside a busy neighbour fewer can be faster
than all. All are taken where the processors are free; elsewhere a small product is timed with
fewer threads, and again later, since neighbours come and go. How the threads wait for
each other is set before torch is loaded, in `harness/__init__.py`.

In bfloat16 no score, text or loss that was tried depends on the number. In float32 a library may
divide a product otherwise, which moves a log-likelihood by some 1e-6: the record says which
numbers of threads a run computed with.
"""

from __future__ import annotations

import functools
import statistics
import time
from collections.abc import Callable, Mapping, Sequence

from harness.devices import cpu_has_bf16, physical_cores

__all__ = ["Threads", "candidates", "fastest", "keep", "settle", "used"]

PARTED = 0.85
"""Share of the wall time that the calling thread computes; with less, others take processors."""
FASTER = 1.1
"""How many times as fast fewer threads must be."""
LOOK_SECONDS = 0.25  # between two looks at the clocks
CHECKS, ROUNDS = 3, 5  # products timed with all threads, and with each number
MOST_SECONDS = 0.15  # after which no further round begins
PAUSE = 20  # times what a measurement took, until the next: they cost at most a twentieth


def candidates(most: int) -> list[int]:
    """Returns the numbers of threads to try: the most, and halves of it down to one."""
    numbers = [most]
    while numbers[-1] > 1:
        numbers.append(numbers[-1] // 2)
    return numbers


def fastest(seconds: Mapping[int, Sequence[float]]) -> int:
    """Returns the number of threads to take; `seconds` has a value a round for each number.

    Fewer than the most win where they are faster in the median and in all rounds but a quarter: a
    disturbance of one round decides nothing.
    """
    best, *fewer = sorted(seconds, reverse=True)
    for number in fewer:
        ratios = [long / short for long, short in zip(seconds[best], seconds[number], strict=True)]
        wins = sum(ratio > 1 for ratio in ratios)
        if statistics.median(ratios) > FASTER and wins > 0.75 * len(ratios):
            best = number
    return best


class Threads:
    """Chooses the number of threads at the start, and again when wall and processor time part."""

    def __init__(
        self,
        most: int,
        apply: Callable[[int], object],  # sets the number
        work: Callable[[], object],  # some milliseconds, with the number that is set
        *,
        wall: Callable[[], float] = time.perf_counter,  # seconds that pass
        own: Callable[[], float] = time.thread_time,  # processor seconds of the calling thread
    ) -> None:
        self._most, self._apply, self._work = most, apply, work
        self._wall, self._own = wall, own
        self._looked = self._due = 0.0
        self._computed = 0.0
        self._kept = False
        self.number = 0
        self.used: set[int] = set()

    def keep(self, number: int) -> None:
        """Sets the number for good: nothing is measured any more."""
        self._kept = True
        self._take(number)

    def settle(self) -> None:
        """Sets the number if it is time to; called before each batch."""
        if self._kept:
            return
        if self._most == 1:
            return self.keep(1)
        now = self._wall()
        if self.number and now - self._looked < LOOK_SECONDS:
            return
        if not self.number or (now >= self._due and self._crowded(now)):
            self._measure(now)
        self._looked, self._computed = self._wall(), self._own()

    def _crowded(self, now: float) -> bool:
        """Whether others took processors lately, or did when the number was chosen."""
        share = (self._own() - self._computed) / (now - self._looked)
        return self.number < self._most or share < PARTED

    def _measure(self, since: float) -> None:
        self._take(self._most if self._free() else fastest(self._race()))
        self._due = self._wall() + PAUSE * (self._wall() - since)

    def _take(self, number: int) -> None:
        self._apply(number)
        self.number = number
        self.used.add(number)

    def _free(self) -> bool:
        """Whether all threads get their processors; then nothing else is tried."""
        self._seconds(self._most)  # starts the threads
        since, computed = self._wall(), self._own()
        for _ in range(CHECKS):
            self._work()
        return self._own() - computed >= PARTED * (self._wall() - since)

    def _race(self) -> dict[int, list[float]]:
        """Times the work with each number in turns; what slows a round slows all of it."""
        numbers, since = candidates(self._most), self._wall()
        for number in numbers:
            self._seconds(number)  # the first product with a number prepares it
        seconds: dict[int, list[float]] = {number: [] for number in numbers}
        for rounds in range(ROUNDS):
            if rounds and self._wall() - since > MOST_SECONDS:
                break
            for number in numbers:
                seconds[number].append(self._seconds(number))
        return seconds

    def _seconds(self, number: int) -> float:
        self._apply(number)
        since = self._wall()
        self._work()
        return self._wall() - since


@functools.cache
def _of_torch() -> Threads:
    import torch

    return Threads(physical_cores(), torch.set_num_threads, _product())


def _product() -> Callable[[], object]:
    """Returns work like a layer's, 0.8 GFLOP: two products, and what stands between them."""
    import torch

    kind = torch.bfloat16 if cpu_has_bf16() else torch.float32
    rows, wide = (torch.linspace(-1, 1, n * 512).reshape(n, 512).to(kind) for n in (256, 1536))

    def work() -> object:
        with torch.no_grad():
            inner = torch.nn.functional.silu(rows @ wide.T)
            return torch.nn.functional.rms_norm(inner @ wide + rows, (512,))

    return work


def settle(kind: str) -> None:
    """Sets torch's threads before a batch, if it is time to; on a GPU nothing is set."""
    if kind == "cpu":
        _of_torch().settle()


def keep(number: int) -> None:
    """Sets torch's threads for good."""
    _of_torch().keep(number)


def used() -> list[int]:
    """Returns the numbers of threads that this process computed with; none where it didn't."""
    return sorted(_of_torch().used) if _of_torch.cache_info().currsize else []
