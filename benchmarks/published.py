"""Trainings that others published, predicted by the formulas of `harness.costs`.

The utilisation of a prediction never comes from the row itself: with its own figure any training
can be predicted. ``python -m benchmarks published`` prints the tables of the documentation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from harness.costs.book import PriceBook, load_book
from harness.costs.flops import training_flops
from harness.costs.known import known_architecture
from harness.costs.memory import (
    LORA_TARGETS,
    STATE_BYTES,
    TrainingSetup,
    lora_parameters,
    training_memory,
)
from harness.costs.projection import MBU
from harness.errors import DataError
from harness.records.model import Architecture

__all__ = ["Published", "predictions", "tables"]

FILE = Path(__file__).with_name("published.yaml")


@dataclass(frozen=True, slots=True)
class Published:
    """One published training beside its prediction."""

    name: str
    gpu: str  # id of the GPU
    gpus: int
    flops: float | None  # operations by formula; None where its tokens aren't known
    gpu_hours: float  # as published
    mfu: float | None  # utilisation that the prediction takes; None where there is none
    mfu_source: str  # where `mfu` is from
    predicted: float | None  # GPU-hours by formula; None where its tokens aren't known
    memory_bytes: int | None  # as published, or None
    predicted_bytes: int | None  # by formula, or None
    source: str  # where the row is from

    @property
    def error(self) -> float | None:
        """Predicted over published hours, less one."""
        return None if self.predicted is None else self.predicted / self.gpu_hours - 1

    @property
    def memory_error(self) -> float | None:
        """Predicted over published bytes, less one."""
        if self.memory_bytes is None or self.predicted_bytes is None:
            return None
        return self.predicted_bytes / self.memory_bytes - 1


def predictions(
    book: PriceBook | None = None,  # has the GPUs; the shipped one by default
) -> list[Published]:
    """Predicts every published row.

    Raises:
        DataError: A row takes its utilisation from itself, or from nowhere.
    """
    book = book or load_book()
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    by_name = {row["name"]: row for row in rows}
    return [_predict(row, by_name, book) for row in rows]


def _predict(row: dict[str, Any], rows: dict[str, Any], book: PriceBook) -> Published:
    tokens = row["tokens"]
    flops = predicted = mfu = None
    source = ""
    if tokens is not None:
        mfu, source = _mfu(row, rows, book)
        gpu, flops = book.gpu(row["gpu"]), _flops(row)
        predicted = (flops / (gpu.peak * mfu) + _moved(row, book)) / 3600
    return Published(
        row["name"],
        row["gpu"],
        row["gpus"],
        flops,
        row["gpu_hours"],
        mfu,
        source,
        predicted,
        row.get("memory_bytes"),
        _memory(row) if "memory_bytes" in row else None,
        row["source"],
    )


def _mfu(row: dict[str, Any], rows: dict[str, Any], book: PriceBook) -> tuple[float, str]:
    """Another row's utilisation, net of what its optimizer moves, or a figure from elsewhere."""
    other = rows.get(row.get("mfu_of", ""))
    if other is None:
        if "mfu" not in row or not row.get("mfu_source"):
            raise DataError(f"{row['name']} says no utilisation, or not from where")
        return float(row["mfu"]), str(row["mfu_source"])
    if other is row:
        raise DataError(f"{row['name']} takes its utilisation from itself")
    computing = other["gpu_hours"] * 3600 - _moved(other, book)
    return _flops(other) / (book.gpu(other["gpu"]).peak * computing), str(other["name"])


def _architecture(row: dict[str, Any]) -> Architecture:
    sizes = known_architecture(row["model"])
    if sizes is None:
        raise DataError(f"the sizes of {row['model']} aren't in architectures.yaml")
    return sizes


def _trainable(row: dict[str, Any]) -> int:
    sizes = _architecture(row)
    if "rank" in row:
        return lora_parameters(sizes, row["rank"], row.get("targets", LORA_TARGETS))
    return sizes.parameters


def _flops(row: dict[str, Any]) -> float:
    return training_flops(
        _architecture(row),
        tokens=row["tokens"],
        method=row["method"],
        trainable=_trainable(row),
        recompute=row.get("recompute", False),
        scored_positions=row["tokens"],
        mean_length=row["length"],
    )


def _moved(row: dict[str, Any], book: PriceBook) -> float:
    """Seconds in which the optimizer reads and writes its states."""
    stays, gradient = STATE_BYTES["full-bf16" if row.get("pure_bf16") else "full"]
    moved = row.get("steps", 0) * _trainable(row) * (2 * stays + gradient)
    return float(moved) / (book.gpu(row["gpu"]).bandwidth * MBU)


def _memory(row: dict[str, Any]) -> int:
    method = "full-bf16" if row.get("pure_bf16") else row["method"]
    setup = TrainingSetup(
        method,
        trainable=_trainable(row),
        batch=row["batch"],
        length=row["longest"],
        targets=tuple(row.get("targets", LORA_TARGETS)),
    )
    return training_memory(_architecture(row), setup).total


def tables(rows: Sequence[Published] | None = None) -> str:
    """Returns the tables of the documentation, as Markdown."""
    rows = rows if rows is not None else predictions()
    lines = [
        "| training | GPUs | PFLOP | utilisation, and from where | published GPU-hours | predicted | error |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        if row.predicted is None or row.flops is None or row.mfu is None:
            figures = ["-", "nobody says how many tokens", f"{row.gpu_hours:,.4g}", "-", "-"]
        else:
            figures = [
                f"{row.flops / 1e15:,.4g}",
                f"{row.mfu:.0%}: {row.mfu_source}",
                f"{row.gpu_hours:,.4g}" if row.gpu_hours < 1e4 else f"{row.gpu_hours:,.0f}",
                f"{row.predicted:,.4g}" if row.predicted < 1e4 else f"{row.predicted:,.0f}",
                f"{row.error:+.0%}",
            ]
        lines.append(f"| {row.name} | {row.gpus} x {row.gpu} | {' | '.join(figures)} |")
    lines += [
        "",
        "| training | published peak, GB | predicted | error |",
        "|---|---|---|---|",
    ]
    for row in rows:
        if row.memory_bytes and row.predicted_bytes:
            lines.append(
                f"| {row.name} | {row.memory_bytes / 1e9:.1f} | {row.predicted_bytes / 1e9:.1f} "
                f"| {row.memory_error:+.0%} |"
            )
    return "\n".join(lines)
