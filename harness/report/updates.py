"""What `run --update-to` stored beside the records: the cost of changed facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.records.files import read_json
from harness.report.values import Figure, UpdateRow

__all__ = ["updates_of"]


def updates_of(results: Sequence[Path]) -> dict[str, list[UpdateRow]]:
    """Reads all updates by task: of each strategy, model and pair of versions the last one."""
    rows: dict[str, dict[tuple[str, str | None, int, int], UpdateRow]] = {}
    for root in results:
        for path in sorted(root.glob("updates/*/update.json")):
            value = read_json(path)
            row = _row(value)
            key = (row.strategy, row.model, row.old, row.new)
            rows.setdefault(value["task"], {})[key] = row
    return {task: list(each.values()) for task, each in rows.items()}


def _row(value: Mapping[str, Any]) -> UpdateRow:
    first, again = value["first"], value["catching_up"]
    return UpdateRow(
        strategy=value["strategy"],
        model=value["model"],
        old=value["from"],
        new=value["to"],
        metric=value["primary"],
        first_usd=first["usd"],
        usd=again["usd"],
        seconds=again["seconds"],
        first_seconds=first["seconds"],
        rows_labelled=again.get("rows_relabelled", again["rows_labelled"]),
        groups={
            group: {when: Figure(**figure) for when, figure in both.items()}
            for group, both in value["groups"].items()
        },
    )
