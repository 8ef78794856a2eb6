"""Scores the kept answers of a run again, without the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from pathlib import Path

from harness.analysis.summary import write_metrics
from harness.config import RunConfig, RunSettings
from harness.errors import DataError, UsageError
from harness.metrics.graded import GRADED
from harness.metrics.judged import CRITERION
from harness.metrics.registry import known
from harness.metrics.score import Rules
from harness.metrics.selective import SELECTIVE
from harness.records.files import RESTORE, Json, write_lines
from harness.records.locks import locked
from harness.records.predictions import check_predictions, output_of, stored_predictions
from harness.records.reading import read_record, write_record
from harness.records.schema import RunRecord, TaskRecord
from harness.records.store import FINISHED, PREDICTIONS
from harness.runs.plan import load_rows, open_task
from harness.runs.plugins import add_values, own_metrics, raise_for_metrics
from harness.runs.record import scored_line
from harness.task.rules import rules_of
from harness.task.task import Task
from harness.types import Row

__all__ = ["config_here", "open_finished", "rescore_run", "rows_of_test"]


def rescore_run(
    folder: Path,
    *,
    data_dir: Path | None = None,
    data: Path | None = None,
    task: str | None = None,
    notify: Callable[[str], None] = lambda text: None,  # What the user should know
) -> int:
    """Scores each prediction and computes the metrics again; returns how many rows changed.

    No record keeps the path of a user's table (``data``); ``task`` is the task's file if it moved.

    Raises:
        UsageError: The run kept no text, or the task's rows are no longer the same.
        TooManyErrors: A metric of the user's failed on every row; what could be scored is.
    """
    record, config, opened, rows = open_finished(folder, data_dir, data, task, notify)
    plugins = own_metrics(config.metrics)
    again = partial(_scored, rows=rows, rules=rules_of(opened), config=config, task=opened)
    with locked(folder):
        check_predictions(folder, record)
        new: Iterable[Json] = map(again, stored_predictions(folder, record))
        if plugins:  # these read all answers; without them two passes keep none
            new = list(new)
            origins = {row.id: row.origin for row in rows.values()}
            add_values(record, new, plugins, folder, origins, notify)
        old = stored_predictions(folder, record)
        changed = sum(before != after for before, after in zip(old, new, strict=True))
        if changed:
            lines = new if plugins else map(again, stored_predictions(folder, record))
            write_lines(folder / PREDICTIONS, lines)
        kept_task, record.task = record.task, _as_declared_now(record, opened, rows)
        if plugins or record.task != kept_task:
            write_record(folder, record)
        kept = [name for name in record.metrics if _is_kept(name) or name in SELECTIVE]
        write_metrics(folder, record, opened, (*opened.metrics, *kept, *plugins))
    raise_for_metrics(record)
    return changed


def open_finished(
    folder: Path,
    data_dir: Path | None,
    data: Path | None,
    task: str | None,
    notify: Callable[[str], None],
) -> tuple[RunRecord, RunConfig, Task, dict[str, Row]]:
    """Returns a finished run's record, configuration, task and test rows by id.

    Raises:
        UsageError: The run isn't finished, kept no text, or the rows are no longer the same.
    """
    record = read_record(folder)
    if record.status != FINISHED:
        raise UsageError(
            f"{folder.name} is {record.status}, not finished", "Its own command goes on."
        )
    config = config_here(record.config, data_dir, data, task)
    opened, rows = rows_of_test(record, config)
    if opened.digest != record.task.digest:
        notify(
            f"{opened.name} was edited since: these answers were made with its prompt and labels "
            "of then, and are scored by its rules of now"
        )
    return record, config, opened, rows


def _as_declared_now(record: RunRecord, task: Task, rows: Mapping[str, Row]) -> TaskRecord:
    """Adds what older records lack: the largest loss of a case, and what others have published."""
    changed = {
        "largest_loss": task.largest_loss(rows.values()),
        "published": task.spec.published,
    }
    return record.task.model_copy(update=changed)


def _scored(line: Json, rows: dict[str, Row], rules: Rules, config: RunConfig, task: Task) -> Json:
    if line["id"] not in rows:
        raise DataError(f"the row {line['id']!r} of the run is none of the test", RESTORE)
    scored = scored_line(rows[line["id"]], output_of(line), rules, config, task)
    return _keeping_evidence(line, scored)


def rows_of_test(record: RunRecord, config: RunConfig) -> tuple[Task, dict[str, Row]]:
    """Returns the task and its test rows by id, where the run can be scored again."""
    if config.store_text != "full":
        raise UsageError(
            f"this run kept its answers as {config.store_text!r}",
            "Only a run with --store-text full can be scored again.",
        )
    if record.readout == "retrieval":
        raise UsageError(
            "this run only retrieved, and the passages' text isn't kept",
            "Run it again with --force: it needs no model.",
        )
    task = open_task(config)
    rows = load_rows(config, task)
    if rows.digests["test"] != record.task.digests.get("test"):
        raise UsageError(
            f"the test rows of {task.name} are no longer those of this run",
            "Take the version of the task that the run names in run.json.",
        )
    return task, {row.id: row for row in rows.test}


def config_here(
    kept: RunSettings, data_dir: Path | None, data: Path | None, task: str | None
) -> RunConfig:
    """Returns the run's configuration, with this machine's paths."""
    table = kept.data
    is_file = kept.task.endswith((".yaml", ".yml"))
    if not (table or task) and is_file and not Path(kept.task).is_file():
        raise UsageError(f"this is a run of a task file ({kept.task})", "Name it: --task FILE")
    if table and data is None:
        raise UsageError(
            f"this is a run of a table of your own ({table.path})", "Name it: --data FILE"
        )
    if table and data:
        test = table.test and data.parent / table.test  # beside it, as far as a record says
        table = table.model_copy(update={"path": data, "prompt": None, "test": test})
    paths = {"data_dir": data_dir, "data": table, "task": task or kept.task}
    return RunConfig(**dict(kept) | paths)


@cache
def _is_kept(name: str) -> bool:
    """Whether a metric needs more than a record: passages' texts, a judge, or people."""
    return (
        name.startswith(CRITERION)
        or name == GRADED
        or (name in known() and not known()[name].rescored)
    )


def _keeping_evidence(old: Json, new: Json) -> Json:
    """Keeps retrieval and judgements: a record has the places of passages, not their texts."""
    values = {name: value for name, value in old["values"].items() if _is_kept(name)}
    kept = {name: old[name] for name in ("evidence", "calls", "metered", "judged") if name in old}
    return new | kept | {"values": new["values"] | values}
