"""The declaration of a task made of a table: kept with what was prepared, in the table's place.

So a run of a table of one's own answers where the table isn't. A task file is read where it lies:
then it is seen, and said, that it was edited.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.records.files import read_json, write_json
from harness.records.schema import RunRecord
from harness.runs.plan import Plan, Rows
from harness.task.spec import TaskSpec
from harness.task.task import Task

__all__ = ["KeptTask", "keep_task", "kept_task"]

FILE = "task.json"


def keep_task(plan: Plan, artifact: Path) -> None:
    """Writes the declaration of a table's task into an artifact, unless it is there."""
    if plan.task.table is None or (artifact / FILE).is_file():
        return
    value = {
        "spec": plan.task.spec.model_dump(mode="json"),
        "labels": list(plan.task.labels),
        "corpus": plan.corpus.digest if plan.corpus else None,
        "trained": plan.trained,
    }
    write_json(artifact / FILE, value)


@dataclass(frozen=True)
class KeptTask:
    """A task whose rows aren't here."""

    task: Task
    rows: Rows  # none, with the digests of those that there were
    trained: int  # rows that the strategy was sized by


def kept_task(artifact: Path, record: RunRecord) -> KeptTask | None:
    """Returns the task of a run, without rows; None where it isn't kept, or isn't the run's."""
    if not (artifact / FILE).is_file():
        return None
    value = read_json(artifact / FILE)
    try:
        spec = TaskSpec.model_validate(value["spec"])
        task = Task(spec, artifact, labels=tuple(value["labels"]))
        trained = int(value["trained"])
    except (KeyError, TypeError, ValueError):
        return None
    if task.digest != record.task.digest:
        return None
    corpus = {"corpus": str(value["corpus"])} if value.get("corpus") else {}
    # The digests stand for the rows in the artifact's key: a changed model or strategy shows.
    return KeptTask(task, Rows([], [], [], record.task.digests | corpus), trained)
