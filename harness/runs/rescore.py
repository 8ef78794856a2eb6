"""Scores the kept answers of a run again, without the model."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from harness.analysis.summary import write_metrics
from harness.config import RunConfig, RunSettings
from harness.errors import UsageError
from harness.metrics.registry import known
from harness.metrics.score import score_row
from harness.records.files import read_lines, write_lines
from harness.records.locks import locked
from harness.records.predictions import output_of, to_line
from harness.records.reading import read_record
from harness.records.store import PREDICTIONS
from harness.runs.plan import load_rows, open_task, plugin_metrics, rules_of

__all__ = ["rescore_run"]


def rescore_run(
    folder: Path,
    *,
    data_dir: Path | None = None,
    data: Path | None = None,
    task: str | None = None,
) -> int:
    """Scores each prediction again and derives the metrics anew.

    Args:
        folder: The run's folder.
        data_dir: Where local copies of data sets are.
        data: The user's table, for a run of one: a record doesn't keep where it lay.
        task: The task's file, for a run of one that lies elsewhere.

    Returns:
        How many rows changed.

    Raises:
        UsageError: The run kept no text, or the task's rows are no longer the same.
    """
    record = read_record(folder)
    config = _config(record.config, data_dir, data, task)
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
    opened = open_task(config)
    rows = load_rows(config, opened)
    if rows.digests["test"] != record.task.digests.get("test"):
        raise UsageError(
            f"the test rows of {opened.name} are no longer those of this run",
            "Take the version of the task that the run names in run.json.",
        )
    plugins = plugin_metrics(config.metrics)
    rules, by_id = rules_of(opened, plugins), {row.id: row for row in rows.test}
    with locked(folder):
        old = read_lines(folder / PREDICTIONS)
        outputs = [output_of(line) for line in old]
        new = [
            _keeping_evidence(
                line,
                to_line(
                    output,
                    score_row(by_id[output.id], output, rules),
                    config.store_text,
                    opened.spec.masks,
                ),
            )
            for output, line in zip(outputs, old, strict=True)
        ]
        changed = sum(before != after for before, after in zip(old, new, strict=True))
        if changed:
            write_lines(folder / PREDICTIONS, new)
        found = [name for name in record.metrics if name in _kept()]
        write_metrics(folder, opened, (*opened.metrics, *found, *plugins))
    return changed


def _config(
    kept: RunSettings, data_dir: Path | None, data: Path | None, task: str | None
) -> RunConfig:
    """The run's configuration, with this machine's places in it."""
    table = kept.data
    if (
        not (table or task)
        and kept.task.endswith((".yaml", ".yml"))
        and not Path(kept.task).is_file()
    ):
        raise UsageError(f"this is a run of a task file ({kept.task})", "Name it: --task FILE")
    if table and data is None:
        raise UsageError(
            f"this is a run of a table of your own ({table.path})", "Name it: --data FILE"
        )
    if table and data:
        table = table.model_copy(update={"path": data, "prompt": None})
    return RunConfig(
        **{**dict(kept), "data_dir": data_dir, "data": table, "task": task or kept.task}
    )


@cache
def _kept() -> frozenset[str]:
    """Metrics that can't be computed from a record: of passages' texts, or by ragas."""
    return frozenset(name for name, metric in known().items() if not metric.rescored)


def _keeping_evidence(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Keeps what was found and judged: a record has the places of passages, not their text."""
    found = {name: value for name, value in old["values"].items() if name in _kept()}
    kept = {name: old[name] for name in ("evidence", "calls", "metered", "judged") if name in old}
    return new | kept | {"values": new["values"] | found}
