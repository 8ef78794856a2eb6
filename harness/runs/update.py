"""What it costs to catch up when the facts change, and how right each strategy is before and after.

A strategy is prepared on one version of a task. Then the next version's questions are put to it
as it stands (before), it is brought up to date, and they are put again (after). An index is
updated by the chunks that changed; weights are trained again on the new version's rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from harness.config import RunConfig
from harness.costs.book import load_book
from harness.costs.choices import Choices
from harness.costs.pricing import price
from harness.errors import UsageError
from harness.metrics.aggregate import aggregate
from harness.metrics.score import score_row
from harness.records.ledger import read_ledger, totals
from harness.records.model import ModelInfo
from harness.records.presence import present
from harness.records.reading import read_record
from harness.records.store import write_json
from harness.runs.loader import RESPONSES, ModelNote, loader_of
from harness.runs.plan import SALT, Plan, make_plan
from harness.runs.prepare import LEDGER, context_of, ledger_of, prepare
from harness.runs.runner import run, serve
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
    """Measures one strategy.

    Args:
        config: The run on the old version; its record is made if it isn't there.
        old: Version that is adapted to first.
        new: Version that is moved to.
        per_group: Test rows of each group of facts, at most.
        monitor: Progress out.

    Returns:
        JSON values: what was developed first, what catching up took, and the primary metric by
        group, before and after.

    Raises:
        UsageError: The task has no versions, or its rows don't say what changed.
    """
    monitor = monitor or Monitor()
    plans = [_plan(config, version, monitor) for version in (old, new)]
    rows = _rows(plans[1], per_group)
    used = read_record(run(replace_version(config, old), monitor).folder).artifact
    assert used is not None, "a finished run has an artifact"
    artifact = config.results / "artifacts" / used.name
    folder = config.results / "updates" / f"{plans[1].stem}"
    note = ModelNote()
    before = _answer(plans[1], artifact, rows, folder, note, monitor, "before")
    fresh = _catch_up(plans[1], artifact, folder, note, monitor)
    after = _answer(plans[1], fresh, rows, folder, note, monitor, "after")
    value = {
        "strategy": config.strategy,
        "task": plans[1].task.name,
        "model": plans[1].model.name if plans[1].model else None,
        "from": old,
        "to": new,
        "primary": plans[1].task.primary,
        "first": _cost(plans[0], artifact / LEDGER, note.info),
        "catching_up": _cost(plans[1], fresh / LEDGER, note.info)
        | {"rows_relabelled": _relabelled(*plans) if "train" in plans[1].strategy.required else 0},
        "groups": _by_group(plans[1], {"before": before, "after": after}),
    }
    write_json(folder / "update.json", value)
    return value


def replace_version(config: RunConfig, version: int) -> RunConfig:
    """Returns the run on another version of its task."""
    return config.model_copy(update={"task_set": {**config.task_set, "version": version}})


def _plan(config: RunConfig, version: int, monitor: Monitor) -> Plan:
    return make_plan(replace_version(config, version), monitor)


def _rows(plan: Plan, per_group: int) -> list[Row]:
    """The first rows of each group by hash, of all that the version tests."""
    everything = plan.task.load(data_dir=plan.config.data_dir).test
    if not all(COLUMN in row.columns for row in everything):
        raise UsageError(
            f"the rows of {plan.task.name} don't say what changed",
            f"Name a column {COLUMN!r} among its slices: {', '.join(GROUPS)}.",
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
    loader = loader_of(plan, note, folder / f"{name}-{RESPONSES}")
    predictor = plan.strategy.predictor(context_of(plan, artifact, ledger, loader, monitor))
    queries = [plan.example(row).query for row in rows]
    outputs = serve(
        predictor, queries, ledger, lambda count: monitor.progress(name, count, len(rows))
    )
    return [score_row(row, outputs[row.id], plan.rules) for row in rows]


def _catch_up(plan: Plan, old: Path, folder: Path, note: ModelNote, monitor: Monitor) -> Path:
    """Prepares the new version, from the old artifact where a part can be brought up to date."""
    fresh = folder / "artifact"
    prepare(plan, fresh, loader_of(plan, note), monitor, older=old)
    return fresh


def _relabelled(old: Plan, new: Plan) -> int:
    """Counts the labelled rows of the new version that the old one doesn't have as they are."""

    def rows(plan: Plan) -> set[tuple[str, str, str]]:
        examples = [row.example for row in (*plan.rows.train, *plan.rows.dev)]
        return {(each.query.id, each.query.text, each.target) for each in examples}

    return len(rows(new) - rows(old))


def _cost(plan: Plan, ledger: Path, model: ModelInfo | None) -> dict[str, Any]:
    """What an artifact's ledger says, and its price."""
    phases = totals(read_ledger(ledger))
    cost = price(
        development=phases,
        deployment={},
        device_class=plan.device.device_class,
        model=model,
        book=load_book(plan.config.prices),
        choices=Choices(machine=plan.config.machine, label_usd=plan.config.label_usd),
    )
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


def _by_group(plan: Plan, answers: dict[str, Iterable[Scored]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for when, scored in answers.items():
        for group in GROUPS:
            members = [row for row in scored if row.columns[COLUMN] == group]
            if not members:
                continue
            estimate = aggregate(
                members, kind=plan.task.kind, labels=plan.task.labels, metrics=[plan.task.primary]
            )[plan.task.primary]
            table.setdefault(group, {})[when] = {
                "value": estimate.value,
                "low": estimate.low,
                "high": estimate.high,
                "n": estimate.n,
            }
    return table
