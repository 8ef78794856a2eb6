"""Records as they lie on disk, read without the harness: answers, ledgers, prices."""

from __future__ import annotations

import gzip
import json
import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
HOURS_A_MONTH = 730
PEAK, HEADROOM = 3, 0.7  # docs/costs.md: the busiest second, and what a batch job's rate sustains
MEASURING = ("serve", "latency", "probe", "judge")  # phases that build nothing


@dataclass(frozen=True)
class Run:
    """One committed record."""

    folder: Path

    @cached_property
    def record(self) -> dict[str, Any]:
        return json.loads((self.folder / "run.json").read_text("utf-8"))

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The answers that count: those without an error."""
        return [row for row in self._lines("predictions") if row["outcome"] != "error"]

    @cached_property
    def ledgers(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The last event of each span: of preparing, and of answering."""
        parts = []
        for name in ("artifact-ledger", "ledger"):
            spans = {event["span"]: event for event in self._lines(name)}
            parts.append(list(spans.values()))
        return parts[0], parts[1]

    def _lines(self, name: str) -> list[dict[str, Any]]:
        path = self.folder / f"{name}.jsonl.gz"
        if not path.exists():
            return []
        with gzip.open(path, "rt", encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def values(self, metric: str, keep: Any = lambda row: True) -> dict[str, float]:
        """Each row's value by its id; of rows that have one."""
        found = {row["id"]: value_of(row, metric) for row in self.rows if keep(row)}
        return {name: value for name, value in found.items() if value is not None}

    @cached_property
    def clusters(self) -> dict[str, str]:
        return {row["id"]: row.get("cluster") or row["id"] for row in self.rows}

    def seconds(self, *phases: str, part: int = 1) -> float:
        return sum(span["seconds"] for span in self.ledgers[part] if span["phase"] in phases)

    def total(self, phase: str, name: str, part: int = 1) -> float:
        """A quantity, or a count of tokens, of all spans of a phase."""
        return sum(
            (span["quantities"] | span["usage"]).get(name, 0)
            for span in self.ledgers[part]
            if span["phase"] == phase
        )

    def peak_mib(self, phase: str, part: int = 1) -> float:
        spans = [span for span in self.ledgers[part] if span["phase"] == phase]
        return max(span["peak_memory_bytes"] or 0 for span in spans) / 2**20

    @property
    def peak(self) -> float:
        """The most bytes that answering took."""
        return max(span["peak_memory_bytes"] or 0 for span in self.ledgers[1])

    @property
    def labels(self) -> float:
        return sum(self.total("label", name, 0) for name in ("rows", "train_rows", "dev_rows"))

    @property
    def once(self) -> float:
        """Dollars of development without labels."""
        spans = [span for span in self.ledgers[0] if span["phase"] not in MEASURING]
        peak = max((span["peak_memory_bytes"] or 0 for span in spans), default=0)
        return sum(span["seconds"] for span in spans) * machine(peak)["usd_per_hour"] / 3600

    @property
    def per_1k(self) -> float:
        """Dollars of the seconds that 1,000 more requests take."""
        assert machine(self.peak) == machine()
        each = self.seconds("serve") / self.total("serve", "requests")
        return 1000 * each * machine()["usd_per_hour"] / 3600

    @property
    def capacity(self) -> float:
        """Requests a second that a machine is taken to sustain."""
        return HEADROOM * self.total("serve", "requests") / self.seconds("serve")

    @property
    def weights(self) -> int | None:
        """Weights that were trained."""
        details = (self.record["artifact"] or {}).get("details", {})
        return (details.get("training") or {}).get("trainable_parameters")


def value_of(row: dict[str, Any], metric: str) -> float | None:
    if metric == "correct":
        return float(row["correct"])
    if metric == "abstention_recall":
        return None if row["answerable"] else float(row["abstained"])
    return row["values"].get(metric, 0.0 if metric == "exact_match" else None)


@lru_cache
def run(study: str, task: str, strategy: str, seed: int = 0, model: str = "*") -> Run:
    (folder,) = (ROOT / "results" / study).glob(f"{task}_{strategy}_{model}_s{seed}_*")
    return Run(folder)


@lru_cache
def runs(study: str, task: str, strategy: str = "*", seed: str = "*") -> tuple[Run, ...]:
    found = (ROOT / "results" / study).glob(f"{task}_{strategy}_*_s{seed}_*")
    return tuple(map(Run, sorted(found)))


@lru_cache
def book() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "harness/costs/prices.yaml").read_text("utf-8"))


def machine(peak: float = 0) -> dict[str, Any]:
    """The default machine, or the cheapest like it that holds the work in nine tenths of its memory."""
    (usual,) = (row for row in book()["machines"] if row["id"] == book()["defaults"]["cpu"])
    like = [
        row
        for row in book()["machines"]
        if all(row.get(key) == usual.get(key) for key in ("kind", "provider", "region", "tier"))
    ]
    rows = [row for row in (usual, *like) if 0.9 * row["memory_gb"] * 2**30 >= peak]
    return usual if usual in rows else min(rows, key=lambda row: row["usd_per_hour"])


def month(capacity: float, requests: float) -> float:
    """Dollars of whole machines that are always on."""
    busiest = PEAK * requests / (HOURS_A_MONTH * 3600)
    count = max(1, math.ceil(busiest / capacity))
    return count * machine()["usd_per_hour"] * HOURS_A_MONTH
