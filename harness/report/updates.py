"""What `run --update-to` stored beside the records: the cost of changed facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from harness.errors import DataError
from harness.records.files import RESTORE, Json, read_json
from harness.records.reading import name_left_out
from harness.report.values import UpdateRow

__all__ = ["updates_of"]

_ROW = TypeAdapter(UpdateRow)


def updates_of(results: Sequence[Path]) -> dict[str, list[UpdateRow]]:
    """Reads all updates by task: of each strategy, model and pair of versions the last one."""
    rows: dict[str, dict[tuple[str, str | None, int, int], UpdateRow]] = {}
    for root in results:
        for path in sorted(root.glob("updates/*/update.json")):
            try:
                task, row = _read(path)
            except DataError as error:
                name_left_out(error)
                continue
            rows.setdefault(task, {})[row.strategy, row.model, row.old, row.new] = row
    return {task: list(each.values()) for task, each in rows.items()}


def _read(path: Path) -> tuple[str, UpdateRow]:
    value = read_json(path)
    try:
        return str(value["task"]), _ROW.validate_python(_row(value))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise DataError(f"{path} is no record of an update", RESTORE) from error


def _row(value: Mapping[str, Any]) -> Json:
    first, again = value["first"], value["catching_up"]
    return {
        "strategy": value["strategy"],
        "model": value["model"],
        "old": value["from"],
        "new": value["to"],
        "metric": value["primary"],
        "first_usd": first["usd"],
        "usd": again["usd"],
        "seconds": again["seconds"],
        "first_seconds": first["seconds"],
        "rows_labelled": again.get("rows_relabelled", again["rows_labelled"]),
        "groups": {group: dict(both) for group, both in value["groups"].items()},
    }
