"""The record of a run, begun in one place: by `run` and by `score`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.config import RunConfig
from harness.records import provenance
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

__all__ = ["begin_record", "now"]


def now() -> str:
    """Returns the time as a record writes it: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


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
    parameters: dict[str, Any] | None = None,
    ceiling: bool = False,
    judge: JudgeRecord | None = None,
) -> RunRecord:
    """Returns the record of a run that begins now. No place of this machine is in it.

    Args:
        folder: The run's folder.
        config: What was asked for.
        task: The task.
        rows: Those that the run uses.
        key: Of the run.
        keys: Of its halves.
        device: What answers.
        readout: How answers are read.
        metrics: Names of the metrics.
        parameters: All hyper-parameters of the strategy.
        ceiling: Whether the strategy is given gold passages.
        judge: Which model judges.
    """
    settings = recorded(config)
    counts = {"train": len(rows.train), "dev": len(rows.dev), "test": len(rows.test)}
    return RunRecord(
        run_id=folder.name,
        key=key,
        keys=keys,
        status="running",
        config=settings,
        strategy=StrategyRecord(
            name=settings.strategy, parameters=without_places(parameters or {}), ceiling=ceiling
        ),
        task=TaskRecord(**task.describe(), digests=rows.digests, rows=counts),
        device=device,
        readout=readout,
        metrics=tuple(metrics),
        judge=judge,
        provenance=provenance.collect(),
        started=now(),
    )
