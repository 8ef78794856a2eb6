"""Puts questions to a prepared run, or to a folder of documents."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from harness.config import RunConfig
from harness.costs.book import PriceBook, load_book
from harness.errors import DataError, UsageError
from harness.metrics.metric import TEXT
from harness.metrics.registry import kinds
from harness.records.ledger import Spend, read_ledger, totals
from harness.records.model import ModelInfo
from harness.records.presence import present
from harness.records.reading import read_artifact
from harness.retrieval.corpus_index import left_out
from harness.runs.abstaining import predictor_of
from harness.runs.loader import ModelNote, loader_of
from harness.runs.plan import Plan, Rows, make_plan
from harness.runs.prepare import LEDGER, context_of, find_artifact, ledger_of, prepare, price_of
from harness.runs.prepared import prepared
from harness.runs.serving import serve
from harness.strategy.context import Monitor
from harness.strategy.registry import create_strategy
from harness.task.spec import Columns, File, PromptSpec, Source, TaskSpec
from harness.task.task import Task
from harness.types import Output, Passage, Query

__all__ = ["Answer", "ask_documents", "ask_run", "task_about"]

WORDS = {
    "ko": ("질문에 짧게 답한다.", "질문:", "답:", "모른다"),
    "en": ("Answer the question briefly.", "Question:", "Answer:", "I don't know"),
}
REPEATED = 4  # characters from which an answer that stands in an instruction is told
LONGEST = 96  # tokens of an answer about a folder of documents


@dataclass(frozen=True)
class Answer:
    """The answer to a question, and what it took."""

    question: str
    text: str
    abstained: bool  # The text says that the answer isn't known
    passages: tuple[Passage, ...]  # Those it was given with, best first
    seconds: float  # From the question to the answer; loading the model doesn't count
    input_tokens: int
    output_tokens: int
    usd_per_1k_requests: float | None  # Asked one after another; None where there is no price
    model: str | None  # Its name; None where none answered
    notes: dict[str, str]  # How good a figure is, or why there is none
    warnings: tuple[str, ...] = ()  # What in the passages speaks to the model, and what came of it


@present()
def ask_run(
    folder: Path,
    questions: list[str],
    config: Mapping[str, object],
    monitor: Monitor | None = None,  # Told where what the run was made of was edited since
) -> list[Answer]:
    """Asks what a finished run prepared; ``config`` holds the options of this machine.

    Its ``model`` is the path of the run's model where it was a folder: no record keeps that.

    Raises:
        UsageError: The run isn't finished, or answers no text.
        DataError: What it prepared is gone.
    """
    plan, artifact = prepared(folder, config, monitor)
    if not kinds()[plan.task.kind].among(TEXT) or plan.readout != "generate":
        hint = "Ask a run of questions and answers."
        raise UsageError(f"{folder.name} writes no free text", hint)
    if column := plan.task.spec.columns.context:
        hint = f"Ask by a table: harness predict {folder.name} --data rows.csv --out answers.csv"
        raise UsageError(f"a question to {folder.name} comes with its {column!r}", hint)
    return _ask(plan, artifact, questions)


@present()
def ask_documents(
    docs: Path, questions: list[str], config: RunConfig, monitor: Monitor | None = None
) -> list[Answer]:
    """Asks a folder of documents, which is indexed first, unless that was done before.

    Raises:
        DataError: The folder has no document that can be read.
        UsageError: The strategy needs labelled rows.
    """
    retrieves = create_strategy(config.strategy, config.set).readout == "retrieval"
    task = task_about(docs, questions, passages="passages" if retrieves else None)
    no_rows = Rows([], [], [], {"train": "", "dev": "", "test": ""})
    plan = make_plan(config, monitor, given=(task, no_rows))
    artifact, indexed = find_artifact(plan)
    prepare(plan, artifact, loader_of(plan), monitor)
    if monitor is not None:
        _tell_files(artifact, monitor, skipped=indexed)
    return _ask(plan, artifact, questions, monitor)


def _tell_files(artifact: Path, monitor: Monitor, *, skipped: bool) -> None:
    """Says what to know of the files; of those left out only where indexing didn't say it now."""
    documents = read_artifact(artifact).details.documents or {}
    files = cast("list[dict[str, str]]", documents.get("files", []))
    for line in files:
        if line["status"] == "read" and line["note"]:
            monitor.message(f"{line['file']}: {line['note']}")
    for note in left_out(files) if skipped else ():
        monitor.message(note)


def task_about(docs: Path, questions: list[str], passages: str | None = None) -> Task:
    """Returns a task of asking documents, in the language of what is asked; it has no rows."""
    letters = "".join(questions)
    korean = sum("가" <= letter <= "힣" for letter in letters) > 0.2 * len(letters)
    language = "ko" if korean else "en"
    instructions, input_cue, cue, abstain = WORDS[language]
    spec = TaskSpec(
        name="ask",
        kind="qa",
        language=language,
        source=Source(files=(File(path="questions"),)),  # never read: the questions are given
        abstain=abstain,
        columns=Columns(input="question", target="answer", passages=passages),
        max_tokens=LONGEST,
        prompt=PromptSpec(instructions=instructions, input_cue=input_cue, cue=cue),
        metrics=("exact_match",),
        primary="exact_match",
    )
    return Task(spec, docs, docs=docs)


def _ask(
    plan: Plan, artifact: Path, questions: list[str], monitor: Monitor | None = None
) -> list[Answer]:
    """Answers one question after another, with a ledger apart from the artifact's."""
    note, book = ModelNote(), load_book(plan.config.prices)
    with tempfile.TemporaryDirectory(prefix="adaptbench-ask-") as folder:
        path = Path(folder) / LEDGER
        ledger = ledger_of(plan, path)
        context = context_of(plan, artifact, ledger, loader_of(plan, note), monitor)
        predictor = predictor_of(plan, context)
        answers = []
        for number, question in enumerate(questions):
            query = Query(f"ask-{time.time_ns()}-{number}", question)
            output = serve(predictor, [query], ledger)[query.id]
            spend = read_ledger(path)[-1]
            answers.append(_answer(plan, question, output, spend, note.of(predictor), book))
    if monitor is not None and note.quoted:
        monitor.message(note.quoted)
    return answers


def _answer(
    plan: Plan,
    question: str,
    output: Output,
    spend: Spend,
    model: ModelInfo | None,
    book: PriceBook,
) -> Answer:
    from harness.metrics.abstention import is_abstention

    if output.finish == "too_long":
        raise DataError(f"the question with its passages is too long: {output.excess}")
    if output.error is not None:
        raise DataError(f"there is no answer: {output.error}")
    cost = price_of(plan, model, book, deployment=totals([spend]))
    text = (output.text or "").strip()
    return Answer(
        question=question,
        text=text,
        abstained=is_abstention(text, (plan.task.abstain,)),
        passages=tuple(output.evidence),
        seconds=spend.seconds,
        input_tokens=output.usage.input_tokens,
        output_tokens=output.usage.output_tokens,
        usd_per_1k_requests=cost.usd_per_1k_requests,
        model=model.name if model else None,
        notes={"usd_per_1k_requests": cost.notes.get("usd_per_1k_requests", "one at a time")},
        warnings=tuple(_warnings(text, output.evidence)),
    )


def _warnings(text: str, passages: Sequence[Passage]) -> Iterator[str]:
    """Says which passages hold an instruction to the model, and whether the answer obeyed one."""
    from harness.metrics.instructions import instruction_in
    from harness.metrics.obedience import obeyed

    said = "".join(text.split())
    for number, passage in enumerate(passages, 1):
        if found := instruction_in(passage.text):
            name = f"passage {number} ({passage.place or passage.source})"
            yield f"{name} holds text that reads as an instruction to the model: {found}"
            if len(said) >= REPEATED and said in "".join(found.split()):
                yield f"the answer stands in that text of passage {number}: check it"
    if codes := obeyed(text, (passage.text for passage in passages)):
        yield f"the answer obeyed an instruction planted in its passages: {', '.join(sorted(codes))}"
