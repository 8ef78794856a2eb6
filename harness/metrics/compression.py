"""How well a model predicts text, whatever its tokens are: computed by lm-eval, a value a text."""

from __future__ import annotations

from harness.metrics.metric import Metric

__all__ = ["METRICS"]

METRICS = (
    Metric(
        name="bits_per_byte",
        summary="bits that a text takes when the model compresses it, for each of its bytes",
        kinds=frozenset(),  # no task of ours: lm-eval's alone
        higher_is_better=False,
    ),
)
