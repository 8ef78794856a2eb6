"""The record of a run and its lines, made in one place for `run`, `score` and `rescore`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.config import RunConfig
from harness.metrics.score import Rules, score_row
from harness.records import provenance
from harness.records.predictions import to_line
from harness.records.schema import (
    DeviceRecord,
    JudgeRecord,
    Keys,
    RunRecord,
    StrategyRecord,
    TaskRecord,
    recorded,
)
from harness.records.scrub import without_places
from harness.runs.plan import Rows
from harness.task.task import Task
from harness.types import Output, Row

__all__ = ["begin_record", "now", "scored_line"]


def now() -> str:
    """Returns the time as a record writes it: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def scored_line(
    row: Row, output: Output, rules: Rules, config: RunConfig, task: Task
) -> dict[str, Any]:
    """Scores an answer, and returns its line of the predictions."""
    return to_line(output, score_row(row, output, rules), config.store_text, task.spec.masks)


def begin_record(
    folder: Path,
    config: RunConfig,
    task: Task,
    rows: Rows,
    *,
    key: str,
    keys: Keys,
    device: DeviceRecord,
    readout: str,
    metrics: Sequence[str],
    parameters: dict[str, object] | None = None,
    ceiling: bool = False,
    constant: bool = False,
    judge: JudgeRecord | None = None,
) -> RunRecord:
    """Returns the record of a run that begins now; no path of this machine is in it."""
    settings = recorded(config)
    counts = {"train": len(rows.train), "dev": len(rows.dev), "test": len(rows.test)}
    return RunRecord(
        run_id=folder.name,
        key=key,
        keys=keys,
        status="running",
        config=settings,
        strategy=StrategyRecord(
            name=settings.strategy,
            parameters=without_places(parameters or {}),
            ceiling=ceiling,
            constant=constant,
        ),
        task=TaskRecord(**task.describe(), digests=rows.digests, rows=counts),
        data=rows.report(),
        device=device,
        readout=readout,
        metrics=tuple(metrics),
        judge=judge,
        provenance=provenance.collect(),
        started=now(),
    )
