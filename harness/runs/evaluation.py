"""Evaluates a run's answers with ragas and a judge, when all rows are answered.

Answers are stored before they are judged, with the texts that they were made from: where the
budget is spent, or the judge doesn't reply, none is lost, and the same command resumes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.metrics.ragas import Case
from harness.records.files import append_lines, read_lines, write_lines
from harness.records.predictions import stored_predictions
from harness.records.schema import JudgeRecord, RunRecord
from harness.records.store import PREDICTIONS
from harness.strategy.context import Context
from harness.types import Output, Row, Scored

if TYPE_CHECKING:
    from harness.config import RunConfig
    from harness.runs.judging.judge import Judge
    from harness.runs.plan import Plan
    from harness.task.task import Task

__all__ = [
    "JUDGEMENT",
    "JUDGEMENTS",
    "context_line",
    "evaluate_run",
    "judge_of",
    "keep_judgements",
    "merge_judgements",
    "opened_judge",
]

CONTEXTS, JUDGEMENTS = "contexts.jsonl", "judgements.jsonl"
JUDGE_RESPONSES = "judge-responses.jsonl"
CONTEXT = {"id": str, "response": str, "contexts": list}
JUDGEMENT = {"id": str, "values": dict, "judged": dict}
CHUNK = 32


def context_line(row: Row, output: Output, scored: Scored) -> dict[str, Any]:
    """Returns the texts that evaluating an answer needs; they are stored until then."""
    answered = scored.outcome == "ok" and not scored.abstained
    response = (scored.predicted or "") if answered else ""
    contexts = [passage.text for passage in output.evidence]
    return {"id": row.id, "response": response, "contexts": contexts}


def judge_of(plan: Plan) -> JudgeRecord | None:
    """Returns the judge for the record, with its measured agreement with people."""
    if plan.config.judge is None:
        return None
    from harness.runs.judging.agreement import judge_record
    from harness.runs.servers import named_judge

    return judge_record(named_judge(plan.config, plan.task), plan.config.results)


def evaluate_run(plan: Plan, context: Context, folder: Path, record: RunRecord) -> None:
    """Evaluates a run's answers, but those already done, and adds the values to its predictions.

    Raises:
        BudgetExceeded: The judge's budget is spent.
        UsageError: The judge's server refuses.
    """
    if not plan.evaluated:
        return
    lines = {line["id"]: line for line in read_lines(folder / CONTEXTS, fields=CONTEXT)}
    done = {line["id"] for line in read_lines(folder / JUDGEMENTS, fields=JUDGEMENT)}
    waiting = [row for row in plan.rows.test if row.id in lines and row.id not in done]
    if waiting:
        cases = [_case(row, lines[row.id]) for row in waiting]
        described = _evaluate(plan, context, folder, cases, len(lines))
        if record.judge is not None:
            record.judge = record.judge.model_copy(update=described)
    merge_judgements(folder, record)
    (folder / CONTEXTS).unlink(missing_ok=True)


def keep_judgements(folder: Path, answered: Collection[str]) -> None:
    """Takes out judgements of answers that are lost: others are judged in their place."""
    lines = read_lines(folder / JUDGEMENTS, fields=JUDGEMENT)
    kept = [line for line in lines if line["id"] in answered]
    if len(kept) < len(lines):
        write_lines(folder / JUDGEMENTS, kept)


def _case(row: Row, line: Mapping[str, Any]) -> Case:
    return Case(
        id=row.id,
        question=row.example.query.text,
        response=line["response"],
        reference=row.example.target if row.answerable else "",
        contexts=tuple(line["contexts"]),
        gold=tuple(passage.text for passage in row.passages if passage.text),
    )


def _evaluate(
    plan: Plan, context: Context, folder: Path, cases: list[Case], total: int
) -> dict[str, object]:
    """Evaluates and keeps; returns what the record says of the asking of a judge."""
    from harness.runs.judging.evaluate import Evaluator

    with context.ledger.phase("judge") as spend:
        judge = opened_judge(plan.config, plan.task, folder, context.monitor.message)
        evaluator = Evaluator(plan.evaluated, plan.task.language, judge)
        done = total - len(cases)
        try:
            for start in range(0, len(cases), CHUNK):
                evaluated = evaluator.evaluate(cases[start : start + CHUNK])
                lines = [
                    {"id": each.id, "values": dict(each.values), "judged": dict(each.states)}
                    for each in evaluated
                ]
                append_lines(folder / JUDGEMENTS, lines)
                done += len(lines)
                spend.count(rows=len(lines))
                context.monitor.progress("judge", done, total)
        finally:
            if judge is not None:
                judge.bill(spend, folder / "ledger.jsonl")
    return judge.described() if judge is not None else {}


def opened_judge(
    config: RunConfig, task: Task, folder: Path, notify: Callable[[str], None]
) -> Judge | None:
    """Opens the judge that a configuration names, its journal in the run's folder."""
    if config.judge is None:
        return None
    from harness.costs.book import load_book
    from harness.models.endpoint import Limits
    from harness.runs.judging.opening import open_judge
    from harness.runs.servers import named_judge

    named, book = named_judge(config, task), load_book(config.prices)
    journal = folder / JUDGE_RESPONSES
    return open_judge(
        *(named, journal, book, config.judge_max_cost, config.deadline),
        unpriced=config.allow_unpriced,
        limits=Limits(config.rpm, config.tpm),
        notify=notify,
    )


def merge_judgements(folder: Path, record: RunRecord) -> None:
    """Adds values and states to the predictions; the file is replaced as a whole."""
    judgements = {line["id"]: line for line in read_lines(folder / JUDGEMENTS, fields=JUDGEMENT)}
    predictions = list(stored_predictions(folder, record))
    for line in predictions:
        if judgement := judgements.get(line["id"]):
            line["values"] |= judgement["values"]
            if judgement["judged"]:
                line["judged"] = line.get("judged", {}) | judgement["judged"]
    write_lines(folder / PREDICTIONS, predictions)
