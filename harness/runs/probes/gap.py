"""Over-fitting: the task itself on rows that were trained on, on dev rows and on test rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from harness.metrics.registry import kinds
from harness.records.predictions import stored_predictions
from harness.records.schema import RunRecord
from harness.runs.plan import Plan
from harness.runs.probes.exams import Charge, Exam, Examinee, exam_digest
from harness.runs.probes.marks import Mark, Sitting
from harness.runs.probes.tasks import SALT, marked, row_metric
from harness.strategy.base import Predictor
from harness.task.splits import first
from harness.types import Row

__all__ = ["gap_exams", "sat_in_test"]

ROWS = 40  # of each split; the test rows are answered already


def gap_exams(plan: Plan, predictor: Callable[[], Predictor]) -> list[Exam]:
    """Returns the task's training and dev rows as exams of what was prepared.

    There are none where nothing is learned from rows.
    """
    if "train" not in plan.strategy.required or kinds()[plan.task.kind].mute:
        return []
    splits = {"rows-train": plan.rows.train, "rows-dev": plan.rows.dev}
    parts = {name: first(rows, ROWS, SALT) for name, rows in splits.items()}
    metric, better = row_metric(plan.task.primary)
    return [
        Exam(name, _digest(plan, rows), {metric: better}, partial(_sit, plan, predictor, rows))
        for name, rows in parts.items()
        if len(rows) > 1
    ]


def _digest(plan: Plan, rows: Sequence[Row]) -> str:
    return exam_digest(plan.keys.result, [row.id for row in rows])


def _sit(
    plan: Plan,
    predictor: Callable[[], Predictor],
    rows: Sequence[Row],
    model: Examinee,
    charge: Charge,
) -> list[Mark]:
    asked = [plan.example(row).query for row in rows]
    metric, _ = row_metric(plan.task.primary)
    return marked(predictor(), rows, asked, plan.rules, metric, charge)


def sat_in_test(plan: Plan, folder: Path, record: RunRecord) -> Sitting:
    """Returns the marks of the test rows, which the run has answered."""
    metric, _ = row_metric(plan.task.primary)
    lines = (line for line in stored_predictions(folder, record) if line["outcome"] != "error")
    marks = (
        Mark(
            line["id"],
            {metric: float(line["values"].get(metric, line["correct"]))},
            cluster=line["cluster"],
        )
        for line in lines
    )
    return Sitting("rows-test", "", tuple(marks))
