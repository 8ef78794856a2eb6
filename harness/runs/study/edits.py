"""Whether a finished cell's record is still of the same work, by the key that a run has itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TypedDict

from harness.config import RunConfig
from harness.errors import HarnessError, MissingDependency
from harness.records.keys import digest
from harness.records.schema import RunRecord
from harness.records.scrub import without_places
from harness.runs.plan import Plan, Rows, load_rows, make_plan, open_task
from harness.runs.plugins import stale
from harness.runs.study.config import Cell
from harness.task.task import Task

__all__ = ["Edits", "Loaded"]

NOT_ROWS = {"strategy", "set", "model", "revision", "seed", "readout", "device", "dtype"}
NOT_ROWS |= {"metrics", "judge", "ragas", "latency"}
"""Options that cells may differ in, and that decide nothing about a task's rows."""


class Answer(TypedDict, total=False):
    """What is known about a record's inputs."""

    edited: str  # What isn't as it was
    unchecked: str  # Why nobody knows: a model that isn't here, a task file that is gone


class Loaded:
    """The rows of tasks, read once for all cells that share them."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[Task, Rows]] = {}

    def of(self, config: RunConfig) -> tuple[Task, Rows]:
        """Returns a configuration's task and rows."""
        key = digest(config.model_dump(mode="json", exclude=NOT_ROWS))
        if key not in self._rows:
            task = open_task(config)
            self._rows[key] = task, load_rows(config, task)
        return self._rows[key]


class Edits:
    """Compares records of cells with what would run now; files are read once for all cells."""

    def __init__(self, local: Mapping[str, object]) -> None:
        self._local = {**local, "offline": True}
        self._answers: dict[tuple[str, str], Answer] = {}

    @cached_property
    def loaded(self) -> Loaded:
        """The rows that were read."""
        return Loaded()

    def since(self, cell: Cell, record: RunRecord) -> Answer:
        """Says what was edited since a record was made; neither field where nothing was."""
        key = cell.id, record.run_id
        if key not in self._answers:
            try:
                edited = ", ".join(self._differences(cell, record))
                self._answers[key] = {"edited": edited} if edited else {}
            except HarnessError as error:
                self._answers[key] = {"unchecked": error.message}
        return self._answers[key]

    def _differences(self, cell: Cell, record: RunRecord) -> Iterator[str]:
        # On the record's device: the same work elsewhere is no edit.
        kind = record.device.device_class.partition(":")[0]
        device = {} if kind == "api" else {"device": "cpu", "dtype": record.device.dtype}
        config = cell.run_config(**self._local, **device)
        plan = make_plan(config, fetch=False, given=self.loaded.of(config))
        missing = "model" in plan.strategy.required and not plan.strategy.makes_model
        if record.model is not None and plan.model is None and missing:
            raise MissingDependency(f"the model {record.model.name} isn't here")
        if plan.keys.result != record.keys.result:
            yield from _causes(plan, record) or ["documents or code"]
        elif record.task.digests.get("grouping") not in (None, plan.rows.digests["grouping"]):
            yield "groups or slices of the test rows"
        yield from (f"the metric {name}" for name in stale(record, plan.plugins))


def _causes(plan: Plan, record: RunRecord) -> list[str]:
    """Names what differs, as far as the record has a digest of it."""
    kept, now = record.task.digests, plan.rows.digests
    rows = [f"{name} rows" for name in ("train", "dev", "test") if kept.get(name) != now[name]]
    parameters = without_places(plan.strategy.describe())
    different = {
        "the task or its prompt": record.task.digest != plan.task.digest,
        "the strategy's code or defaults": record.strategy.parameters != parameters,
        "the model": bool(record.model and plan.model and record.model.digest != plan.model.digest),
    }
    return [*rows, *(name for name, differs in different.items() if differs)]
