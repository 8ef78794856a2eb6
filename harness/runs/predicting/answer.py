"""Answers the rows of a new table by what a finished run prepared.

Each chunk's answers are on disk before the next is asked, so the same command goes on after any
end; behind a server each answer is. The file itself is written whole, when all rows are there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path

from harness.costs.book import load_book
from harness.errors import DataError, TooManyErrors, UsageError
from harness.metrics.score import read_row
from harness.metrics.selective import confidence_of
from harness.models.endpoint import Endpoint
from harness.records.files import Json, append_lines
from harness.records.ledger import PhaseTotal, read_ledger, totals
from harness.records.locks import locked
from harness.records.model import ModelInfo
from harness.records.presence import present
from harness.records.reading import read_record
from harness.records.store import LEDGER, MAX_ERRORS
from harness.runs.abstaining import predictor_of
from harness.runs.loader import RESPONSES, ModelNote, loader_of
from harness.runs.plan import Plan
from harness.runs.predicting.expected import expected, unlike
from harness.runs.predicting.files import ADDED, Row, added_names, check_ending, write_answers
from harness.runs.predicting.rows import Asked, Naming, NewRows, Some, read_new_rows
from harness.runs.predicting.work import Answers, Work
from harness.runs.prepare import context_of, ledger_of, price_of
from harness.runs.prepared import prepared
from harness.runs.runner import one_by_one
from harness.runs.serving import CHUNK, Bill, serve
from harness.strategy.context import Monitor
from harness.task.corpus import sha256_of
from harness.task.tables import Layout
from harness.types import Example, Output, Query
from harness.types import Row as TaskRow

__all__ = ["Request", "answer_table", "raise_for_unanswered", "together"]

SAID = {  # in the place of an answer, by outcome
    "unparsed": "no answer can be read from: ",
    "refused": "the model refused",
    "truncated": "the answer was cut off: ",
}
QUOTED = 200  # characters of what a model wrote instead of an answer


@dataclass(frozen=True, slots=True)
class Request:
    """A table to answer, and where the answers go."""

    data: Path
    out: Path
    naming: Naming = Naming()
    layout: Layout = Layout()
    limit: int | None = None  # first rows; None for all


@present()
def answer_table(
    folder: Path,  # of a finished run
    request: Request,
    config: Mapping[str, object],  # options of this machine, as of `prepared`
    monitor: Monitor | None = None,
) -> Json:
    """Answers a table's rows, goes on with that, or finds that it is done.

    Returns JSON values: counts by outcome, tokens, seconds, dollars, and what the run's test lets
    one expect.

    Raises:
        UsageError: The run can't answer, or the file is there and isn't this command's.
        DataError: The table can't be read, or lacks a column.
        BudgetExceeded: The limit is reached; what was answered is kept.
    """
    monitor = monitor or Monitor()
    check_ending(request.out)
    plan, artifact = prepared(folder, config, monitor)
    if "gold_passages" in plan.strategy.required:
        raise UsageError(
            f"{folder.name} is told the passages that hold the answer, which nobody has of new rows",
            "Take a run of rag, or of another strategy.",
        )
    rows = read_new_rows(
        request.data, plan.task.spec, request.naming, request.layout, request.limit
    )
    for note in (*rows.notes, *_renamed(rows, request.data.name)):
        monitor.message(note)
    work = Work(request.out, _described(folder, artifact, request, rows))
    if (done := work.finished()) and not work.folder.exists():
        return {**done, "reused": True}
    work.begin()
    with locked(work.folder):
        model = _answer(plan, artifact, rows, work, monitor)
        tally = _Tally()
        answers = work.answered(rows.count, again=False)
        write_answers(work.written, rows.columns, _filled(rows, answers, tally))
        if sha256_of(request.data) != work.described["data"]:
            raise DataError(
                f"{request.data.name} was edited while its rows were answered",
                f"Begin anew: delete {work.folder}.",
            )
        about = _about(plan, folder, rows, tally, work, model)
    for text in tally.said():
        monitor.message(text)
    return {**work.end(about, keep=tally.failed and one_by_one(plan)), "reused": False}


def raise_for_unanswered(about: Json) -> None:
    """Raises `TooManyErrors` where more than 1 % of the rows came to an error."""
    errors, rows = about["outcomes"].get("error", 0), about["rows"]
    if errors > MAX_ERRORS * rows:
        raise TooManyErrors(
            f"{errors} of {rows} rows have no answer: {about['out']}",
            f"The column {about['columns']['error']!r} has the reasons.",
        )


def _renamed(rows: NewRows, name: str) -> Iterator[str]:
    for wanted, called in added_names(rows.columns).items():
        if called != wanted:
            yield f"{name} has a column {wanted!r}: the model's is {called!r}"


def _described(folder: Path, artifact: Path, request: Request, rows: NewRows) -> Json:
    """Returns what makes two works the same."""
    return {
        "run": folder.name,
        "artifact": artifact.name,
        "data": sha256_of(request.data),
        "columns": asdict(rows.naming),
        "layout": asdict(request.layout),
        "limit": request.limit,
    }


def _answer(
    plan: Plan, artifact: Path, rows: NewRows, work: Work, monitor: Monitor
) -> ModelInfo | None:
    """Answers in fixed chunks what isn't answered; returns the model, if one was asked."""
    single, total = one_by_one(plan), rows.count
    done = work.answered(total, again=single)
    note, ledger = ModelNote(), ledger_of(plan, work.folder / LEDGER)
    loader = loader_of(plan, note, work.folder / RESPONSES, monitor.message)
    context = context_of(plan, artifact, ledger, loader, monitor)
    context = replace(context, confidence=not isinstance(plan.model, Endpoint))
    predictor = bill = None
    answered = len(done)
    numbered = enumerate(rows.asked())
    while part := list(islice(numbered, together(plan))):
        asked = {n: row for n, row in part if row.query is not None}
        missing = [n for n in asked if n not in done]
        if not missing:
            continue
        if predictor is None:
            predictor = predictor_of(plan, context)
            bill = Bill(note.paid, work.folder / LEDGER, "serve") if note.paid else None
        queries = [
            row.query for n, row in asked.items() if row.query and (not single or n in missing)
        ]
        outputs: dict[str, Output] = {}

        def progress(count: int, before: int = answered) -> None:
            monitor.progress("answer", min(before + count, total), total)

        try:
            serve(predictor, queries, ledger, progress, outputs, bill)
        finally:  # what was answered before a strategy failed is kept, too
            lines = [_line(plan, n, query, outputs) for n in missing if (query := asked[n].query)]
            append_lines(work.answers, [line for line in lines if line])
        answered += len(missing)
    monitor.progress("answer", total, total)
    if note.quoted:
        monitor.message(note.quoted)
    return note.of(predictor)


def together(plan: Plan) -> int:
    """Returns how many rows are asked in one call, after which their answers are on disk.

    Of a model here a batch: more are lost where the process is killed, and no faster.
    """
    if "model" not in plan.strategy.required or plan.device.kind == "api":
        return CHUNK
    from harness.models.local.generation import BATCH_ROWS  # with torch, which such a model needs

    return BATCH_ROWS[plan.device.kind]


def _line(plan: Plan, number: int, query: Query, outputs: Mapping[str, Output]) -> Json:
    """Returns what is kept of an answer; empty where there is none."""
    if (output := outputs.get(query.id)) is None:
        return {}
    scored, _ = read_row(_unlabelled(plan, query), output, plan.rules)
    sure = confidence_of(output) if scored.outcome == "ok" else None
    places = (passage.place or passage.source for passage in output.evidence)
    error = output.error or (output.excess if output.finish == "too_long" else "")
    if not error and scored.outcome != "ok":
        quoted = " ".join((output.text or "").split())[:QUOTED]
        error = f"{SAID.get(scored.outcome, 'there is no answer')}{quoted}".strip(": ")
    return {
        "n": number,
        "outcome": scored.outcome,
        "answer": scored.predicted if scored.outcome == "ok" else None,
        "confidence": None if sure is None else round(sure, 4),
        "abstained": scored.abstained,
        "sources": list(dict.fromkeys(places)),
        "input_tokens": output.usage.input_tokens,
        "output_tokens": output.usage.output_tokens,
        "error": error or None,
        "excess": output.excess,
    }


class _Tally:
    """What came of the rows, counted as they are written."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.abstained = 0
        self.failed = False  # whether the model had no answer to a row that it was asked
        self._long, self._cut = Some("not asked"), Some("cut, and answered")

    def add(self, asked: Asked, answer: Json | None) -> None:
        """Counts a row; None: it wasn't answered."""
        if answer is None:
            self.outcomes["error"] += 1
            return
        self.outcomes[str(answer["outcome"])] += 1
        self.abstained += bool(answer["abstained"])
        self.failed |= answer["outcome"] == "error"
        if answer["excess"]:
            long = self._cut if answer["outcome"] == "ok" else self._long
            long.add(f"{asked.line.origin} is too long: {answer['excess']}")

    def said(self) -> Iterator[str]:
        """Says which rows are longer than the model's context."""
        yield from self._long.said()
        yield from self._cut.said()


def _unlabelled(plan: Plan, query: Query) -> TaskRow:
    """Returns a row as reading an answer takes it: the right answer stands in, and isn't used."""
    costs = plan.rules.costs
    target = next((label for label in plan.task.labels if costs and label != costs.pay), "")
    return TaskRow(Example(query, target), key_facts=(("?",),))


def _filled(rows: NewRows, answers: Answers, tally: _Tally) -> Iterator[Row]:
    """Yields each row of the table with what is added to it."""
    for asked, answer in zip(rows.asked(), answers, strict=False):  # fewer rows: it was edited
        tally.add(asked, answer)
        yield asked.line, answer or _unasked(asked)


def _unasked(asked: Asked) -> Json:
    error = asked.problem or "the strategy gave no answer"
    empty = {"abstained": False, "sources": [], "input_tokens": 0, "output_tokens": 0}
    return dict.fromkeys(ADDED) | empty | {"error": error}


def _about(
    plan: Plan,
    folder: Path,
    rows: NewRows,
    tally: _Tally,
    work: Work,
    model: ModelInfo | None,
) -> Json:
    """Returns what came of it, and what it took over all attempts."""
    record, outcomes = read_record(folder), tally.outcomes
    spent = totals(read_ledger(work.folder / LEDGER))
    serving = spent.get("serve", PhaseTotal())
    cost = price_of(plan, model or record.model, load_book(plan.config.prices), deployment=spent)
    each = cost.usd_per_1k_requests
    counts = {
        "rows": rows.count,
        "abstained": tally.abstained,
        "unread": sum(count for name, count in outcomes.items() if name not in ("ok", "error")),
    }
    test = expected(folder)
    return {
        "run": folder.name,
        "out": str(work.out),
        **counts,
        "outcomes": {name: count for name, count in outcomes.items() if count},
        "input_tokens": serving.usage.input_tokens,
        "output_tokens": serving.usage.output_tokens,
        "seconds": serving.seconds,
        "usd": None if each is None else each * serving.quantities.get("requests", 0.0) / 1000,
        "usd_note": cost.notes.get("usd_per_1k_requests", ""),
        "model": model.name if model else record.model_name,
        "columns": added_names(rows.columns),
        "test": test,
        "warnings": list(unlike(counts, test)),
    }
