"""What it costs to catch up when the facts change, and how right each strategy is before and after.

A strategy is prepared on one version of a task. Then the next version's questions are put to it
as it stands (before), it is brought up to date, and they are put again (after). An index is
updated by the chunks that changed; weights are trained again on the new version's rows.
"""

from __future__ import annotations

import shutil
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
from harness.models.base import Architecture, ModelInfo
from harness.records.ledger import Ledger, read_ledger, totals
from harness.records.meters import meter
from harness.records.presence import present
from harness.records.store import ARTIFACT, RUN, locked, read_json, write_json
from harness.runs.loader import RESPONSES, loader_of
from harness.runs.plan import SALT, Plan, make_plan
from harness.runs.runner import context_of, label_spend, run
from harness.strategy.context import Monitor
from harness.task.splits import first
from harness.types import Output, Row, Scored

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
    record = run(replace_version(config, old), monitor).folder
    artifact = config.results / "artifacts" / read_json(record / RUN)["artifact"]["name"]
    folder = config.results / "updates" / f"{plans[1].stem}"
    seen: dict[str, Any] = {}
    before = _answer(plans[1], artifact, rows, folder, seen, monitor, "before")
    fresh = _catch_up(plans[1], artifact, folder, seen, monitor)
    after = _answer(plans[1], fresh, rows, folder, seen, monitor, "after")
    value = {
        "strategy": config.strategy,
        "task": plans[1].task.name,
        "model": plans[1].model.name if plans[1].model else None,
        "from": old,
        "to": new,
        "primary": plans[1].task.primary,
        "first": _cost(plans[0], artifact / "ledger.jsonl", seen),
        "catching_up": _cost(plans[1], fresh / "ledger.jsonl", seen)
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
    return [row for some in groups.values() for row in first(some, per_group, SALT)]


def _answer(
    plan: Plan,
    artifact: Path,
    rows: Sequence[Row],
    folder: Path,
    seen: dict[str, Any],
    monitor: Monitor,
    name: str,
) -> list[Scored]:
    folder.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(
        folder / f"{name}.jsonl",
        meter=meter(plan.device),
        device=plan.device.device_class,
    )
    loader = loader_of(plan, seen, folder / f"{name}-{RESPONSES}")
    context = context_of(plan, artifact, ledger, loader, monitor)
    found: dict[str, Output] = {}
    for output in plan.strategy.predictor(context).predict([plan.example(r).query for r in rows]):
        found[output.id] = output
        monitor.progress(name, len(found), len(rows))
    missing = "the strategy gave no answer"
    return [
        score_row(row, found.get(row.id) or Output(row.id, None, error=missing), plan.rules)
        for row in rows
    ]


def _catch_up(plan: Plan, old: Path, folder: Path, seen: dict[str, Any], monitor: Monitor) -> Path:
    """Prepares the new version, from the old artifact where a part can be brought up to date."""
    fresh = folder / "artifact"
    if (fresh / ARTIFACT).is_file():
        return fresh
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for part in getattr(plan.strategy, "parts", ()):
        if part.refreshes and (old / part.name).is_dir():
            shutil.copytree(old / part.name, fresh / part.name)
    ledger = Ledger(
        fresh / "ledger.jsonl",
        meter=meter(plan.device),
        device=plan.device.device_class,
    )
    (fresh / "ledger.jsonl").touch()
    context = context_of(plan, fresh, ledger, loader_of(plan, seen), monitor)
    with locked(fresh):
        plan.strategy.prepare(context)
        label_spend(context, ledger)
    write_json(fresh / ARTIFACT, {"key": plan.keys.artifact, "status": "finished"})
    return fresh


def _relabelled(old: Plan, new: Plan) -> int:
    """Counts the labelled rows of the new version that the old one doesn't have as they are."""

    def rows(plan: Plan) -> set[tuple[str, str, str]]:
        examples = [row.example for row in (*plan.rows.train, *plan.rows.dev)]
        return {(each.query.id, each.query.text, each.target) for each in examples}

    return len(rows(new) - rows(old))


def _cost(plan: Plan, ledger: Path, seen: dict[str, Any]) -> dict[str, Any]:
    """What an artifact's ledger says, and its price."""
    spent = totals(read_ledger(ledger))
    cost = price(
        development=spent,
        deployment={},
        device_class=plan.device.device_class,
        model=_info(seen),
        book=load_book(plan.config.prices),
        choices=Choices(machine=plan.config.machine, label_usd=plan.config.label_usd),
    )
    work = [total for phase, total in spent.items() if phase != "label"]
    label = spent.get("label")
    return {
        "seconds": sum(total.seconds for total in work),
        "tokens": sum(total.usage.input_tokens for total in work),
        "rows_labelled": sum(label.quantities.values()) if label else 0,
        "quantities": {phase: total.quantities for phase, total in spent.items()},
        "usd": cost.development_usd,
        "unpriced": list(cost.unpriced),
    }


def _info(seen: dict[str, Any]) -> ModelInfo | None:
    if "info" not in seen:
        return None
    values = dict(seen["info"])
    sizes = values.pop("architecture")
    return ModelInfo(**values, architecture=Architecture(**sizes) if sizes else None)


def _by_group(plan: Plan, answers: dict[str, Iterable[Scored]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for when, scored in answers.items():
        for group in GROUPS:
            some = [row for row in scored if row.columns[COLUMN] == group]
            if not some:
                continue
            made = aggregate(
                some, kind=plan.task.kind, labels=plan.task.labels, metrics=[plan.task.primary]
            )[plan.task.primary]
            table.setdefault(group, {})[when] = {
                "value": made.value, "low": made.low, "high": made.high, "n": made.n,
            }  # fmt: skip
    return table
