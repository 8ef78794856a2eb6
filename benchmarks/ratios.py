"""The ratio of two sides' seconds, with an interval over the rounds."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Ratio", "paired_ratio"]


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as long the peer took."""

    value: float  # geometric mean over the rounds
    low: float | None  # lower end of the 95 % interval; None after one round
    high: float | None  # upper end
    rounds: int


def paired_ratio(
    ours: Sequence[float],  # our seconds, one a round
    peer: Sequence[float],  # the peer's, in the same order
    level: float = 0.95,  # of the interval
) -> Ratio:
    """Compares seconds of rounds in which both sides ran one after the other.

    A ratio's logarithm is symmetric, and what slows the machine in a round slows both sides of
    it: so the interval is Student's t over the logarithms of the rounds' ratios.

    Raises:
        ValueError: No rounds, or not as many on both sides.
    """
    if not ours:
        raise ValueError("there are no rounds to compare")
    logs = [math.log(b / a) for a, b in zip(ours, peer, strict=True)]
    mean = statistics.fmean(logs)
    if len(logs) < 2:
        return Ratio(math.exp(mean), None, None, len(logs))
    from scipy.stats import t

    width = float(t.ppf((1 + level) / 2, len(logs) - 1))
    width *= statistics.stdev(logs) / math.sqrt(len(logs))
    return Ratio(math.exp(mean), math.exp(mean - width), math.exp(mean + width), len(logs))
