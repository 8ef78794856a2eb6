"""The record of a run and its lines, made in one place for `run`, `score` and `rescore`."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from harness.config import RunConfig
from harness.errors import HarnessError
from harness.metrics.score import Rules, score_row
from harness.models.local.threads import used
from harness.records import provenance
from harness.records.files import Json
from harness.records.ledger import any_shared, read_ledger
from harness.records.predictions import to_line
from harness.records.presence import CpuWatch
from harness.records.reading import write_record
from harness.records.schema import (
    DeviceRecord,
    JudgeRecord,
    Keys,
    RunRecord,
    StrategyRecord,
    TaskRecord,
    recorded,
)
from harness.records.scrub import scrub, without_places
from harness.records.store import ARTIFACT_LEDGER, FINISHED, LEDGER
from harness.runs.plan import Rows
from harness.strategy.own import blame
from harness.strategy.registry import builtin_folder
from harness.task.task import Task
from harness.types import Output, Row, Scored

__all__ = ["RunResult", "begin_record", "closing", "line_of", "now", "scored_line"]


class Described(Protocol):
    """A task, as far as a record describes it."""

    def describe(self) -> Json:
        """Returns the fields of `TaskRecord` that say what the task is."""

    def largest_loss(self, rows: Iterable[Row]) -> float | None:
        """Returns the most that a case can cost; None where the task declares no losses."""


@dataclass(frozen=True)
class RunResult:
    """The record's folder, and whether the record was finished before, so that nothing ran."""

    folder: Path
    reused: bool


def now() -> str:
    """Returns the time as a record writes it: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def scored_line(row: Row, output: Output, rules: Rules, config: RunConfig, task: Task) -> Json:
    """Scores an answer, and returns its line of the predictions."""
    return line_of(row, output, score_row(row, output, rules), config, task)


def line_of(row: Row, output: Output, scored: Scored, config: RunConfig, task: Task) -> Json:
    """Returns the line of a scored answer; of one's own rows with question and place."""
    own = task.table is not None or task.folder != builtin_folder("tasks")
    about = {"question": row.example.query.text, "place": row.origin} if own else {}
    return to_line(output, scored, config.store_text, task.spec.masks, **about)


def begin_record(
    folder: Path,
    config: RunConfig,
    task: Described,
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
    families: Sequence[str] | None = None,
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
            families=None if families is None else tuple(families),
        ),
        task=TaskRecord(
            **task.describe(),
            digests=rows.digests,
            rows=counts,
            largest_loss=task.largest_loss(rows.test),
        ),
        data=rows.report(),
        device=device,
        readout=readout,
        metrics=tuple(metrics),
        judge=judge,
        provenance=provenance.collect(),
        started=now(),
    )


@contextlib.contextmanager
def closing(folder: Path, record: RunRecord) -> Iterator[None]:
    """Notes in the record how a run ended: finished, interrupted or failed."""
    since, watch = time.monotonic(), CpuWatch()
    try:
        yield
        record.status = FINISHED
    except KeyboardInterrupt:
        record.status = "interrupted"
        raise
    except BaseException as error:  # a strategy may end the program
        record.status, record.error = "failed", scrub(f"{blame(error) or error}")[:2000]
        raise
    finally:
        record.wall_seconds += time.monotonic() - since
        record.finished = now()
        record.shared, record.shared_phases = _shared(folder)
        record.machine_use = watch.read(used())
        # Where the disk is full, the error that ended the run is the one to show.
        with contextlib.suppress(HarnessError, OSError):
            write_record(folder, record)


def _shared(folder: Path) -> tuple[bool | None, tuple[str, ...]]:
    """Returns whether another run shared the machine, and in which phases, the artifact's too."""
    files = (ARTIFACT_LEDGER, LEDGER)
    spans = [span for name in files for span in read_ledger(folder / name) if span.seconds]
    spans = [span for span in spans if span.paid != "cached"]  # no time of this machine now
    phases = sorted({span.phase for span in spans if span.shared})
    return any_shared(span.shared for span in spans), tuple(phases)
