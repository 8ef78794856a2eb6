"""A small task and runs of it on tiny random models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness.config import RunConfig, run_config

WORDS = {"up": "profit rose sharply", "down": "losses grew and sales fell"}


def write_task(folder: Path, **changes: Any) -> str:
    """Writes sentences with their labels, and a passage about each that says the label."""
    rows = [
        {"text": f"{words} in unit {n}", "label": label, "passages": [{"document": "u", "text": f"Unit {n} went {label}."}]}
        for n in range(30)
        for label, words in WORDS.items()
    ]  # fmt: skip
    units = [{"id": f"{n}", "text": row["passages"][0]["text"]} for n, row in enumerate(rows)]
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (folder / "units.jsonl").write_text("\n".join(map(json.dumps, units)), encoding="utf-8")
    task = {
        "name": "sentences", "kind": "classification", "synthetic": True,
        "source": {"files": [{"path": "rows.jsonl"}]},
        "columns": {"input": "text", "target": "label"},
        "corpus": {"files": [{"path": "units.jsonl"}]},
        "labels": {"up": "up", "down": "down"},
        "prompt": {"instructions": "Did it go up or down?"},
        "metrics": ["accuracy"], "primary": "accuracy",
    } | changes  # fmt: skip
    file = folder / "task.yaml"
    file.write_text(json.dumps(task), encoding="utf-8")
    return str(file)


def configured(folder: Path, strategy: str, model: Path, **options: Any) -> RunConfig:
    """Returns a run of a strategy on that task."""
    values = {"dtype": "float32", "device": "cpu", "offline": True, "latency": False} | options
    task = values.pop("task", None) or write_task(folder)
    return run_config(
        strategy=strategy, task=task, model=str(model), results=folder / "results", **values
    )
