"""Rows as exams: of the other tasks that are here, and of the task itself, where it may over-fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from harness.errors import HarnessError
from harness.metrics.registry import kinds, known
from harness.metrics.score import Rules, score_row
from harness.records.predictions import stored_predictions
from harness.records.schema import RunRecord
from harness.retrieval.prompting import grounded
from harness.runs.plan import Plan
from harness.runs.probes.exams import Charge, Exam, Examinee, exam_digest
from harness.runs.probes.marks import Mark, Sitting
from harness.strategy.base import Predictor
from harness.strategy.context import Context
from harness.strategy.long_rows import LongRows
from harness.strategy.own import answers
from harness.strategy.predictors import ModelPredictor
from harness.task.rows import rows_digest
from harness.task.rules import rules_of
from harness.task.splits import first
from harness.task.task import Task, builtin_tasks, load_task
from harness.types import Prompt, Query, Row

__all__ = ["SALT", "gap_exams", "marked", "row_metric", "sat_in_test", "task_exams"]

ROWS = 12  # of each task
LONGEST = 900  # bytes of a prompt with its passages, since a byte may be a token
ANSWER = 64  # tokens of an answer; a step for each takes as long as reading the rest
SALT = "adaptbench-probe"


def task_exams(plan: Plan, context: Context) -> tuple[list[Exam], dict[str, str]]:
    """Returns an exam for each built-in task but the run's own, and why some have none.

    Nothing is fetched. Where a task names gold passages, they stand in the prompt.
    """
    exams: list[Exam] = []
    missing: dict[str, str] = {}
    for name in builtin_tasks():
        if name == plan.task.name:
            continue
        try:
            task = load_task(name)
            if reason := _refused(task):
                missing[f"task:{name}"] = reason
                continue
            rows = task.load(data_dir=plan.config.data_dir, offline=True).test
        except HarnessError as error:
            missing[f"task:{name}"] = error.message
            continue
        exam = _exam(task, rows, context)
        if exam is None:
            missing[f"task:{name}"] = f"fewer than {ROWS} of its prompts have {LONGEST:,} bytes"
        else:
            exams.append(exam)
    return exams, missing


def _refused(task: Task) -> str:
    """Says why a task's rows aren't asked; empty where they are."""
    if kinds()[task.kind].mute:
        return "it asks for documents, not for answers"
    if task.readout == "generate" and task.max_tokens > ANSWER:
        return f"its answers may take {task.max_tokens} tokens, and {ANSWER} are the most"
    return ""


def _exam(task: Task, rows: Sequence[Row], context: Context) -> Exam | None:
    """Returns an exam of the first rows whose prompts are short; None where there are too few."""
    metric, better = row_metric(task.primary)
    own = replace(context, task=task.view, readout=task.readout, long_rows=LongRows("cut"))

    def render(query: Query) -> Prompt:
        prompt = own.task.base_prompt(query)
        if not query.passages:
            return prompt
        return grounded(prompt.with_passages(lambda each: each.passages), own.task)

    def asked(row: Row) -> Query:
        return replace(row.example.query, passages=row.passages)

    def short(row: Row) -> bool:
        choices = sum(map(_bytes, row.example.query.choices))  # each is read after the prompt
        return choices + _length(render(asked(row))) <= LONGEST

    chosen = first([row for row in rows if short(row)], ROWS, SALT)
    if len(chosen) < ROWS:
        return None

    def sit(model: Examinee, charge: Charge) -> list[Mark]:
        predictor = ModelPredictor(model, render, own)
        return marked(predictor, chosen, [*map(asked, chosen)], rules_of(task), metric, charge)

    about = (task.digest, rows_digest(chosen), task.readout, task.max_tokens)
    return Exam(f"task:{task.name}", exam_digest(*about), {metric: better}, sit)


def _length(prompt: Prompt) -> int:
    passages = (passage.text for section in prompt.sections for passage in section.passages)
    texts = (*(section.text for section in prompt.sections), *passages)
    return sum(map(_bytes, texts))


def _bytes(text: str) -> int:
    return len(text.encode(errors="replace"))


def row_metric(primary: str) -> tuple[str, bool]:
    """Returns the metric of single rows that stands for a primary one, and if higher is better.

    What is made of all rows together, or an amount of money, is replaced by the share of rows that
    are right by the task's own rule.
    """
    metric = known().get(primary)
    if metric is None or metric.answer is None or metric.money:
        return "accuracy", True
    return primary, metric.higher_is_better


def marked(
    predictor: Predictor,
    rows: Sequence[Row],
    queries: Sequence[Query],  # the same, as the predictor may see them
    rules: Rules,
    metric: str,
    charge: Charge,
) -> list[Mark]:
    """Asks rows, and marks the answers; one that failed has no mark."""
    by_id: Mapping[str, Row] = {row.id: row for row in rows}
    marks = {}
    for output in answers(predictor, queries):
        charge(output.usage)
        scored = score_row(by_id[output.id], output, rules)
        if scored.outcome != "error":
            value = scored.values.get(metric, float(scored.correct))
            marks[scored.id] = Mark(scored.id, {metric: value}, cluster=scored.cluster)
    return [marks[row.id] for row in rows if row.id in marks]


GAP_ROWS = 40  # of each split; the test rows are answered already


def gap_exams(plan: Plan, predictor: Callable[[], Predictor]) -> list[Exam]:
    """Returns the task's training and dev rows as exams of what was prepared.

    There are none where nothing is learned from rows.
    """
    if "train" not in plan.strategy.required or kinds()[plan.task.kind].mute:
        return []
    splits = {"rows-train": plan.rows.train, "rows-dev": plan.rows.dev}
    parts = {name: first(rows, GAP_ROWS, SALT) for name, rows in splits.items()}
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
