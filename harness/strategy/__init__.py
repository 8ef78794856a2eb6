"""The contract that every way of adapting a model fulfils, its parts, and how they combine."""

from harness.strategy.base import (
    Frozen,
    Pairs,
    Part,
    Predictor,
    Prompting,
    Strategy,
    TrainingPlan,
    Weights,
)
from harness.strategy.context import Context

__all__ = [
    "Context",
    "Frozen",
    "Pairs",
    "Part",
    "Predictor",
    "Prompting",
    "Strategy",
    "TrainingPlan",
    "Weights",
]
