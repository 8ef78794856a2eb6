"""Sizes of well-known models by their hub id, without loading or fetching anything."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml

from harness.records.model import Architecture

__all__ = ["known_architecture", "known_models"]

FILE = Path(__file__).with_name("architectures.yaml")


@functools.cache
def known_models() -> dict[str, Architecture]:
    """Returns the table: sizes by hub id, and by every other name of the same model."""
    models = {}
    for name, row in yaml.safe_load(FILE.read_text(encoding="utf-8")).items():
        sizes = _architecture(row)
        models.update(dict.fromkeys([name, *row.get("aliases", [])], sizes))
    return models


def known_architecture(name: str) -> Architecture | None:
    """Returns a model's sizes by hub id or alias, whatever its case; None if it isn't known."""
    wanted = name.lower()
    return next((sizes for key, sizes in known_models().items() if key.lower() == wanted), None)


def _architecture(row: dict[str, Any]) -> Architecture:
    hidden, inner = row["hidden"], row["intermediate"]
    query, pair = row["heads"] * row["head_dim"], 2 * row["kv_heads"] * row["head_dim"]
    matrices = 3 if row.get("gated", True) else 2
    layer = hidden * (2 * query + pair + matrices * inner)
    return Architecture(
        parameters=row["parameters"],
        trunk_parameters=row["layers"] * layer,
        layers=row["layers"],
        hidden=hidden,
        kv_heads=row["kv_heads"],
        head_dim=row["head_dim"],
        vocabulary=row["vocabulary"],
        heads=row["heads"],
        intermediate=inner,
        normed=row.get("norms", 2) * hidden + (query + pair // 2 if row.get("qk_norm") else 0),
    )
