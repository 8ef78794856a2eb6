"""The physical floor: operations that have to be done, at the rate of a large matrix product."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

__all__ = ["floor_share", "matmul_rate"]

Clock = Callable[[], float]
SIZE = 2048  # a product of three such squares is 17 GFLOP: 20 ms to 100 ms on two cores
REPEATS = 5


def matmul_rate(
    dtype: str,  # type of both factors (``bfloat16``)
    *,
    size: int = SIZE,  # rows and columns
    device: str = "cpu",
    clock: Clock = time.perf_counter,  # what seconds are read from
) -> float:
    """Measures what the hardware gives: FLOP/s of a square product, the median of some."""
    import torch

    torch.manual_seed(0)
    kind = getattr(torch, dtype)
    one, other = (torch.randn(size, size, device=device).to(kind) for _ in range(2))
    with torch.inference_mode():
        one @ other
        seconds = [_timed(torch, one, other, clock) for _ in range(REPEATS)]
    return 2.0 * size**3 / statistics.median(seconds)


def _timed(torch: Any, one: Any, other: Any, clock: Clock) -> float:
    since = clock()
    product = one @ other
    if product.device.type == "cuda":
        torch.cuda.synchronize(product.device)
    return clock() - since


def floor_share(
    least_flops: float,  # operations that the work can't be done without
    rate: float,  # FLOP/s of a large matrix product in the same type, measured in the same run
    seconds: float,  # what the work took
) -> float:
    """Returns the share of the time that the necessary operations would take at full rate."""
    return least_flops / rate / seconds
