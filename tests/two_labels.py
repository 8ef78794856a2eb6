"""A table of two labels that a word tells apart."""

from __future__ import annotations

import json
from pathlib import Path

__all__ = ["write_two_labels"]


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
