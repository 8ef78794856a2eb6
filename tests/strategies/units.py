"""A small invented task for tests of strategies: did a unit go up or down?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.records.ledger import Ledger
from harness.strategy.context import Context, CountedRows
from harness.task.view import TaskView
from harness.types import Example, Query
from tests.heard import Heard

WORDS = {"up": "profit rose sharply", "down": "losses grew and sales fell"}


def rows(count: int, kind: str = "train", words: str = "") -> list[Example]:
    """Returns labelled rows, up and down in turn."""
    labels = list(WORDS)
    return [
        Example(Query(f"{kind}-{n}", f"{WORDS[label]} in unit {n} {words}".strip()), label)
        for n, label in ((n, labels[n % 2]) for n in range(count))
    ]


def context(room: Path, seed: int = 0, train: int = 16, dev: int = 6, **changes: Any) -> Context:
    """Returns what a strategy is given, with its artifact and its ledger in a folder."""
    room.mkdir(parents=True, exist_ok=True)
    task = TaskView(
        "units", "classification", "en", tuple(WORDS), (), 8, "Up or down?", "Text:", "Answer:"
    )
    values = {
        "task": task,
        "train": CountedRows(rows(train)),
        "dev": CountedRows(rows(dev, "dev")),
        "artifact": room,
        "ledger": Ledger(room / "ledger.jsonl"),
        "seed": seed,
        "readout": "loglikelihood",
        "loader": None,
        "monitor": Heard(),
    }
    return Context(**values | changes)
