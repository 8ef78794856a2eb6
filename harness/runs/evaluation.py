"""The part of a run that evaluates its answers with ragas and a judge, after they were given.

Answers are kept before they are judged, with the texts that they were made from; so a limit of
cost, or a judge that is away, loses none, and the same command goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.metrics.ragas import Case
from harness.records.files import append_lines, read_lines, write_lines
from harness.records.schema import JudgeRecord
from harness.records.store import PREDICTIONS
from harness.strategy.context import Context
from harness.types import Output, Row, Scored

if TYPE_CHECKING:
    from harness.runs.judging.evaluate import Evaluator
    from harness.runs.judging.judge import Judge
    from harness.runs.plan import Plan

__all__ = ["context_line", "evaluate_run", "judge_of"]

CONTEXTS, JUDGEMENTS, RESPONSES = "contexts.jsonl", "judgements.jsonl", "judge-responses.jsonl"
CHUNK = 32


def context_line(row: Row, output: Output, scored: Scored) -> dict[str, Any]:
    """Returns what evaluating an answer needs of it; kept until it is evaluated."""
    given = scored.outcome == "ok" and not scored.abstained
    return {
        "id": row.id,
        "response": (scored.predicted or "") if given else "",
        "contexts": [passage.text for passage in output.evidence],
    }


def judge_of(plan: Plan) -> JudgeRecord | None:
    """Returns what the record says of the judge: which, and how it compares with people."""
    if plan.config.judge is None:
        return None
    from harness.runs.judging.agreement import measured
    from harness.runs.judging.judge import VERSION, endpoint_of

    endpoint = endpoint_of(plan.config.judge, plan.config.judge_url)
    return JudgeRecord(
        name=endpoint.name,
        digest=endpoint.digest,
        version=VERSION,
        measured=measured(plan.config.results, endpoint),
    )


def evaluate_run(plan: Plan, context: Context, folder: Path) -> None:
    """Evaluates the answers of a run that aren't yet, and puts what is found into its predictions.

    Raises:
        BudgetExceeded: As much as was allowed is spent on the judge.
        UsageError: The judge's server refuses.
    """
    if not plan.evaluated:
        return
    lines = {line["id"]: line for line in read_lines(folder / CONTEXTS)}
    done = {line["id"] for line in read_lines(folder / JUDGEMENTS)}
    waiting = [row for row in plan.rows.test if row.id in lines and row.id not in done]
    if waiting:
        cases = [_case(row, lines[row.id]) for row in waiting]
        _evaluate(plan, context, folder, cases, len(lines))
    _merge(folder)
    (folder / CONTEXTS).unlink(missing_ok=True)


def _case(row: Row, line: Mapping[str, Any]) -> Case:
    return Case(
        id=row.id,
        question=row.example.query.text,
        response=line["response"],
        reference=row.example.target if row.answerable else "",
        contexts=tuple(line["contexts"]),
        gold=tuple(passage.text for passage in row.passages if passage.text),
    )


def _evaluate(plan: Plan, context: Context, folder: Path, cases: list[Case], total: int) -> None:
    from harness.runs.judging.evaluate import Evaluator

    with context.ledger.phase("judge") as spend:
        judge = _judge(plan, folder)
        evaluator = Evaluator(plan.evaluated, plan.task.language, judge)
        done = total - len(cases)
        try:
            for found in _chunks(evaluator, cases):
                append_lines(folder / JUDGEMENTS, found)
                done += len(found)
                spend.count(rows=len(found))
                context.monitor.progress("judge", done, total)
        finally:
            if judge is not None:
                spend.usage.add(judge.unbilled(folder / "ledger.jsonl"))
                spend.count(judge_requests=judge.requests, judge_failed=judge.failed)


def _chunks(evaluator: Evaluator, cases: list[Case]) -> Iterable[list[dict[str, Any]]]:
    for start in range(0, len(cases), CHUNK):
        yield [
            {"id": each.id, "values": dict(each.values), "judged": dict(each.states)}
            for each in evaluator.evaluate(cases[start : start + CHUNK])
        ]


def _judge(plan: Plan, folder: Path) -> Judge | None:
    config = plan.config
    if config.judge is None:
        return None
    from harness.costs.book import load_book
    from harness.runs.judging.judge import endpoint_of, open_judge

    endpoint = endpoint_of(config.judge, config.judge_url)
    book = load_book(config.prices)
    return open_judge(endpoint, folder / RESPONSES, book, config.judge_max_cost)


def _merge(folder: Path) -> None:
    """Puts values and states into the predictions, whole or not at all."""
    found = {line["id"]: line for line in read_lines(folder / JUDGEMENTS)}
    merged = []
    for line in read_lines(folder / PREDICTIONS):
        said = found.get(line["id"])
        if said is not None:
            line = line | {"values": line["values"] | said["values"]}
            line |= {"judged": said["judged"]} if said["judged"] else {}
        merged.append(line)
    write_lines(folder / PREDICTIONS, merged)
