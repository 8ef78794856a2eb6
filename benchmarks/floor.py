"""The physical floor: operations that have to be done, at the rate of a large matrix product."""

from __future__ import annotations

import statistics
import time
from typing import Any

__all__ = ["floor_share", "matmul_rate"]

SIZE = 2048  # a product of three such squares is 17 GFLOP: 20 ms to 100 ms on two cores
REPEATS = 5


def matmul_rate(dtype: str, *, size: int = SIZE, device: str = "cpu") -> float:
    """Measures what the hardware gives: FLOP/s of a square product, the median of some.

    Args:
        dtype: Type of both factors (``bfloat16``).
        size: Rows and columns.
        device: Where.
    """
    import torch

    torch.manual_seed(0)
    kind = getattr(torch, dtype)
    one, other = (torch.randn(size, size, device=device).to(kind) for _ in range(2))
    with torch.inference_mode():
        one @ other
        seconds = [_timed(torch, one, other) for _ in range(REPEATS)]
    return 2.0 * size**3 / statistics.median(seconds)


def _timed(torch: Any, one: Any, other: Any) -> float:
    since = time.perf_counter()
    product = one @ other
    if product.device.type == "cuda":
        torch.cuda.synchronize(product.device)
    return time.perf_counter() - since


def floor_share(least_flops: float, rate: float, seconds: float) -> float:
    """Returns the share of the time that the necessary operations would take at full rate.

    Args:
        least_flops: Operations that the work can't be done without.
        rate: FLOP/s of a large matrix product in the same type, measured in the same run.
        seconds: What the work took.
    """
    return least_flops / rate / seconds
