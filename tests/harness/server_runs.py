"""Runs of a few rows that ask a server whose tokens have an invented price."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.config import RunConfig, run_config

__all__ = ["Made", "priced_runs"]

Made = Callable[..., RunConfig]


def priced_runs(url: str, folder: Path, rows: int, provider: str = "p", **always: Any) -> Made:
    """Writes a table and a price; returns what makes the options of a run of them."""
    asked = [{"question": f"How much is {n}?", "answer": str(n)} for n in range(rows)]
    table, prices = folder / "rows.jsonl", folder / "prices.yaml"
    table.write_text("".join(json.dumps(row) + "\n" for row in asked), encoding="utf-8")
    prices.write_text(
        f"tokens:\n- {{model: m, provider: {provider}, input_usd_per_1m: 1000,"
        " output_usd_per_1m: 2000, date: 2026-11-01, source: invented}\n",
        encoding="utf-8",
    )
    data = {
        "path": table,
        "input": "question",
        "target": "answer",
        "kind": "qa",
        "split": "0/0/100",
    }
    given = {"strategy": "zero-shot", "data": data, "model": "endpoint:m", "base_url": url,
             "limit": 0, "results": folder / "results", "prices": prices} | always  # fmt: skip
    return lambda **more: run_config(**given | more)
