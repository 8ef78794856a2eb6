"""Measures what it costs to update a strategy when facts change, and its quality before and after.

A strategy is prepared on one version of a task. The next version's questions are put to it before
it is updated, and again afterwards. An index is updated by the chunks that changed; weights are
trained again on the new version's rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.config import RunConfig
from harness.costs.book import load_book
from harness.errors import UsageError
from harness.metrics.aggregate import aggregate
from harness.metrics.score import score_row
from harness.models.endpoint.journal import reduce_journal
from harness.records.files import write_json
from harness.records.ledger import read_ledger, totals
from harness.records.model import ModelInfo
from harness.records.presence import present
from harness.records.reading import read_record
from harness.runs.abstaining import predictor_of
from harness.runs.loader import RESPONSES, ModelNote, loader_of
from harness.runs.plan import SALT, Plan, make_plan
from harness.runs.prepare import LEDGER, context_of, ledger_of, prepare, price_of
from harness.runs.runner import run
from harness.runs.serving import Bill, serve
from harness.strategy.context import Monitor
from harness.task.splits import first
from harness.types import Row, Scored

__all__ = ["GROUPS", "measure_update"]

GROUPS = ("changed", "added", "removed", "unchanged")
COLUMN = "change"


@present()
def measure_update(
    config: RunConfig, old: int, new: int, *, per_group: int, monitor: Monitor | None = None
) -> dict[str, Any]:
    """Measures one strategy, which is prepared on the old version and updated to the new one.

    The record of the old version is made if it isn't there. ``per_group`` limits the new version's
    test rows in each group of facts. Returns JSON values: what the first development and the update
    took, and the primary metric by group, before and after.

    Raises:
        UsageError: The task has no versions, or its rows don't say what changed.
    """
    monitor = monitor or Monitor()
    if config.tunes:
        raise UsageError(
            "an update searches no hyper-parameters",
            "Search them in a run, and give what it finds by --set.",
        )
    first_plan, plan = (
        make_plan(
            config.model_copy(update={"task_set": {**config.task_set, "version": version}}), monitor
        )
        for version in (old, new)
    )
    rows = _rows(plan, per_group)
    used = read_record(run(first_plan.config, monitor).folder).artifact
    assert used is not None, "a finished run has an artifact"
    artifact = config.results / "artifacts" / used.name
    folder = config.results / "updates" / plan.stem
    note, fresh = ModelNote(), folder / "artifact"
    before = _answer(plan, artifact, rows, folder, note, monitor, "before")
    prepare(plan, fresh, loader_of(plan, note), monitor, older=artifact)
    after = _answer(plan, fresh, rows, folder, note, monitor, "after")
    relabelled = _relabelled(first_plan, plan) if "train" in plan.strategy.required else 0
    update = _cost(plan, fresh / LEDGER, note.info) | {"rows_relabelled": relabelled}
    value = {
        "strategy": config.strategy,
        "task": plan.task.name,
        "model": plan.model.name if plan.model else None,
        "from": old,
        "to": new,
        "primary": plan.task.primary,
        "first": _cost(first_plan, artifact / LEDGER, note.info),
        "catching_up": update,
        "groups": _by_group(plan, {"before": before, "after": after}),
    }
    write_json(folder / "update.json", value)
    return value


def _rows(plan: Plan, per_group: int) -> list[Row]:
    """Returns the first rows of each group by hash, of all test rows of the version."""
    everything = plan.task.load(data_dir=plan.config.data_dir).test
    if not all(COLUMN in row.columns for row in everything):
        raise UsageError(
            f"the rows of {plan.task.name} don't say what changed",
            f"Add a column {COLUMN!r} with {', '.join(GROUPS)} to the task's slices.",
        )
    groups = {name: [row for row in everything if row.columns[COLUMN] == name] for name in GROUPS}
    return [row for group in groups.values() for row in first(group, per_group, SALT)]


def _answer(
    plan: Plan,
    artifact: Path,
    rows: Sequence[Row],
    folder: Path,
    note: ModelNote,
    monitor: Monitor,
    name: str,
) -> list[Scored]:
    folder.mkdir(parents=True, exist_ok=True)
    ledger = ledger_of(plan, folder / f"{name}.jsonl")
    loader = loader_of(plan, note, folder / f"{name}-{RESPONSES}", monitor.message)
    predictor = predictor_of(plan, context_of(plan, artifact, ledger, loader, monitor))
    queries = [plan.example(row).query for row in rows]
    bill = Bill(note.paid, folder / f"{name}.jsonl", "serve") if note.paid else None

    def progress(count: int) -> None:
        monitor.progress(name, count, len(rows))

    outputs = serve(predictor, queries, ledger, progress, bill=bill)
    if plan.config.store_text != "full":
        reduce_journal(folder / f"{name}-{RESPONSES}")
    return [score_row(row, outputs[row.id], plan.rules) for row in rows]


def _relabelled(old: Plan, new: Plan) -> int:
    """Counts the labelled rows of the new version that aren't the same in the old one."""

    def rows(plan: Plan) -> set[tuple[str, str, str]]:
        examples = [row.example for row in (*plan.rows.train, *plan.rows.dev)]
        return {(each.query.id, each.query.text, each.target) for each in examples}

    return len(rows(new) - rows(old))


def _cost(plan: Plan, ledger: Path, model: ModelInfo | None) -> dict[str, object]:
    """Returns the quantities of an artifact's ledger, and their price."""
    phases = totals(read_ledger(ledger))
    cost = price_of(plan, model, load_book(plan.config.prices), development=phases)
    work = [total for phase, total in phases.items() if phase != "label"]
    label = phases.get("label")
    return {
        "seconds": sum(total.seconds for total in work),
        "tokens": sum(total.usage.input_tokens for total in work),
        "rows_labelled": sum(label.quantities.values()) if label else 0,
        "quantities": {phase: total.quantities for phase, total in phases.items()},
        "usd": cost.development_usd,
        "unpriced": list(cost.unpriced),
    }


def _by_group(plan: Plan, answers: dict[str, list[Scored]]) -> dict[str, dict[str, object]]:
    """Returns the primary metric by group of facts, before and after the update."""
    table: dict[str, dict[str, object]] = {}
    task, primary = plan.task, plan.task.primary
    for when, scored in answers.items():
        for group in GROUPS:
            rows = [row for row in scored if row.columns[COLUMN] == group]
            if rows:
                metrics = aggregate(rows, kind=task.kind, labels=task.labels, metrics=[primary])
                figures = asdict(metrics[primary])
                table.setdefault(group, {})[when] = {
                    name: figures[name] for name in ("value", "low", "high", "n")
                }
    return table
