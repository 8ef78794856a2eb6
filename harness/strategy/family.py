"""Kinds of adapting, as overviews and comparisons at equal effort group them."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["FAMILIES", "Family"]

Family = Literal[
    "baseline",  # no language model
    "encoder",  # a text encoder with a classifier
    "prompting",
    "retrieval",
    "tools",
    "soft prompts",
    "adapters",
    "low-rank",
    "full",  # every weight
    "third-party",  # a vendor's training, which doesn't say what it trains
    "pre-training",  # of given weights on plain text, before anything else
    "from scratch",  # of weights that are made here
    "distillation",
]
FAMILIES: tuple[Family, ...] = get_args(Family)
