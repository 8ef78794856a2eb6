"""Tries one setting: prepares it as a run would, answers dev rows, and scores them as the test's.

Its folder in the search keeps both ledgers and what it came to, so that it is never paid twice. A
setting that is worse than half of the others at a look is stopped there (the median rule of Golovin
et al. 2017, "Google Vizier").
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from harness.errors import DataError
from harness.metrics.aggregate import aggregate
from harness.metrics.registry import sign_of
from harness.metrics.score import score_row
from harness.records.ledger import read_ledger
from harness.records.model import ModelInfo
from harness.records.reading import known_artifact
from harness.records.store import ARTIFACT, ARTIFACT_LEDGER, FINISHED, LEDGER, MAX_ERRORS
from harness.runs.loader import RESPONSES, ModelNote, loader_of
from harness.runs.plan import SALT, Plan
from harness.runs.prepare import context_of, find_artifact, ledger_of, prepare
from harness.runs.serving import CHUNK, Bill, serve
from harness.strategy.context import Monitor
from harness.task.splits import first
from harness.types import Row, Scored

__all__ = ["Looks", "Tried", "dev_rows", "try_setting"]

LOOKS = (0.25, 0.5)
"""Shares of the dev rows after which a setting may be stopped, where that is enough rows."""
LEAST = 32
"""Dev rows at a look, and settings that must have been there before one is stopped (an eighth)."""


@dataclass(frozen=True)
class Tried:
    """What a setting came to."""

    value: float  # of the primary metric
    rows: int
    pruned: bool
    model: ModelInfo | None
    artifact: Path
    reused: bool  # whether an earlier run had prepared it


class Looks:
    """What all settings came to at each look, for the median rule."""

    def __init__(self, rows: int, metric: str) -> None:
        self.ends = [round(rows * share) for share in LOOKS if rows * share >= LEAST]
        self._sign = sign_of(metric)
        self._seen: dict[int, list[float]] = {end: [] for end in self.ends}

    def note(self, values: dict[int, float]) -> None:
        """Takes what a setting came to at the looks that it got to."""
        for end, value in values.items():
            self._seen[end].append(value)

    def poor(self, end: int, value: float) -> bool:
        """Whether a value is worse than half of those seen at this look; few decide nothing."""
        seen = [self._sign * each for each in self._seen[end]]
        return len(seen) >= LEAST // 8 and self._sign * value < median(seen)


def dev_rows(plan: Plan) -> Sequence[Row]:
    """Returns the dev rows that each setting answers, in the order of the limit.

    The order is one by hash, so the first ones have the natural mix of labels.
    """
    return first(plan.rows.dev, plan.config.tune_rows or len(plan.rows.dev), SALT)


def try_setting(
    plan: Plan, home: Path, search: Path, rows: Sequence[Row], looks: Looks, monitor: Monitor
) -> tuple[Tried, dict[int, float]]:
    """Tries the setting of a plan on dev rows; returns also the value at each look.

    Args:
        plan: The setting's own, without a search.
        home: Its folder.
        search: The search's folder, in which artifacts are prepared.
        rows: Dev rows.
        looks: Of the settings before.
        monitor: Takes progress.

    Raises:
        HarnessError: What preparing or answering raises.
    """
    note = ModelNote()
    loader = loader_of(plan, note, home / RESPONSES, monitor.message)
    artifact = None if plan.config.force else _prepared(plan)
    reused = artifact is not None
    if artifact is None:
        config = plan.config.model_copy(update={"results": search, "force": False})
        here = replace(plan, config=config)
        artifact, _ = find_artifact(here)
        try:
            prepare(here, artifact, loader, monitor)
        finally:
            _copy_ledger(artifact, home)
    else:
        _copy_ledger(artifact, home)
    context = context_of(plan, artifact, ledger_of(plan, home / LEDGER), loader, monitor)
    predictor = plan.strategy.predictor(context)
    bill = Bill(note.paid, home / LEDGER, "serve") if note.paid else None
    scored: list[Scored] = []
    values: dict[int, float] = {}
    pruned = False
    for part in _parts(rows, looks.ends):
        queries = [plan.example(row).query for row in part]
        outputs = serve(predictor, queries, context.ledger, bill=bill)
        scored += [score_row(row, outputs[row.id], plan.rules) for row in part]
        monitor.progress("dev", len(scored), len(rows))
        if len(scored) in looks.ends:
            values[len(scored)] = value = value_of(plan, scored)
            if pruned := looks.poor(len(scored), value):
                break
    value = value_of(plan, scored)
    tried = Tried(value, len(scored), pruned, note.of(predictor), artifact, reused)
    return tried, values


def _copy_ledger(artifact: Path, home: Path) -> None:
    if (artifact / LEDGER).is_file():
        shutil.copyfile(artifact / LEDGER, home / ARTIFACT_LEDGER)


def _prepared(plan: Plan) -> Path | None:
    """Returns the finished artifact of an earlier run with the same setting; None without one."""
    key = plan.keys.artifact
    for path in sorted(plan.config.results.glob(f"artifacts/{key[:12]}-*/{ARTIFACT}")):
        record = known_artifact(path.parent)
        if record and record.key == key and record.status == FINISHED:
            return path.parent
    return None


def _parts(rows: Sequence[Row], looks: Sequence[int]) -> list[Sequence[Row]]:
    """Divides rows at the looks, and into calls of `CHUNK` at most."""
    ends = sorted({*looks, *range(CHUNK, len(rows), CHUNK), len(rows)})
    return [rows[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def value_of(plan: Plan, scored: Sequence[Scored]) -> float:
    """Returns the task's primary metric of dev rows.

    Raises:
        DataError: Too many rows have no answer, or the metric isn't defined.
    """
    task = plan.task
    errors = sum(each.outcome == "error" for each in scored)
    if errors > MAX_ERRORS * len(scored):
        raise DataError(f"{errors} of {len(scored)} dev rows have no answer")
    metrics = aggregate(scored, kind=task.kind, labels=task.labels, metrics=[task.primary])
    value = metrics[task.primary].value
    if value is None:
        raise DataError(f"{task.primary} isn't defined on {len(scored)} dev rows")
    return value


def seconds_of(home: Path) -> float:
    """Returns what a setting took: preparing and answering, killed attempts too."""
    files = (home / ARTIFACT_LEDGER, home / LEDGER)
    return sum(spend.seconds for file in files for spend in read_ledger(file))
