"""A table of two labels that a word tells apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["STEPS", "run_of_two_labels", "write_two_labels"]

STEPS = {"max_steps": 3, "batch_size": 4, "learning_rate": 0.01}


def write_two_labels(folder: Path, each: int) -> Path:
    """Writes so many rows of each label, and returns the file."""
    lines = [
        {"text": f"{word} number {n}", "label": label}
        for n in range(each)
        for word, label in (("profit rose", "up"), ("sales fell", "down"))
    ]
    path = folder / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    return path


def run_of_two_labels(room: Path, model: Path, strategy: str, **values: Any) -> Path:
    """Runs a strategy on the table in a folder, and returns the record's folder."""
    from harness.config import run_config
    from harness.runs.runner import run

    data = {"path": room / "rows.jsonl", "input": "text", "target": "label"}
    common = {"device": "cpu", "dtype": "float32", "results": room / "results", "latency": False}
    asked = {"strategy": strategy, "data": data, "model": str(model), **common, **values}
    return run(run_config(**asked)).folder
