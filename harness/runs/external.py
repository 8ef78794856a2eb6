"""Makes a full record of answers from elsewhere, with the cost that the user declares."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from harness.analysis.summary import write_metrics
from harness.config import RunConfig
from harness.errors import DataError
from harness.records.files import write_lines
from harness.records.keys import digest
from harness.records.ledger import Ledger, Spend
from harness.records.locks import locked
from harness.records.model import ModelInfo
from harness.records.predictions import check_predictions
from harness.records.reading import known_record, read_record, write_record
from harness.records.schema import DeviceRecord, Keys, RunRecord
from harness.records.store import FINISHED, PREDICTIONS, RUN, Store
from harness.runs.plan import Rows, load_rows, open_task, rules_of
from harness.runs.prepare import ARTIFACT_LEDGER, LEDGER
from harness.runs.record import begin_record, now, scored_line
from harness.runs.runner import raise_for_errors
from harness.task.declared import read_yaml
from harness.task.tables import read_table
from harness.task.task import Task
from harness.types import Output, Row, Usage

__all__ = ["Declared", "score_file"]

ANSWERS = ("answer", "prediction", "output", "text")


class Declared(BaseModel):
    """What the answers took, as the user declares it; what is left out stays unknown."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(None, description="Name of the model that answered.")
    device: str = Field("api", description="api, cpu, or cuda:NAME of the GPU.")
    devices: int = Field(1, ge=1, description="GPUs that were allocated.")
    serve_seconds: float | None = Field(None, ge=0, description="Wall seconds of answering.")
    train_seconds: float | None = Field(None, ge=0, description="Wall seconds of training.")
    train_rows: int | None = Field(None, ge=0, description="Labelled rows that were used.")
    input_tokens: int = Field(0, ge=0)
    cached_tokens: int = Field(0, ge=0)
    output_tokens: int = Field(0, ge=0)


def score_file(config: RunConfig, predictions: Path, usage: Path | None) -> Path:
    """Scores a file of answers against a task, writes a record of it, and returns its folder.

    The table ``predictions`` has the columns ``id`` and ``answer``; the file ``usage`` has the
    fields of `Declared`. ``strategy`` of the configuration is what the answers are called.

    Raises:
        DataError: A missing column, an unknown or repeated id.
        TooManyErrors: More than 1 % of the rows have no answer.
    """
    task = open_task(config)
    rows = load_rows(config, task)
    answers = _answers(predictions, {row.id for row in rows.test})
    hint = f"It may have: {', '.join(Declared.model_fields)}."
    declared = read_yaml(usage, Declared, "declaration of usage", hint) if usage else Declared()
    key = digest(
        [
            task.digest,
            rows.digests["test"],
            rows.digests["grouping"],
            sorted(answers.items()),
            declared.model_dump(),
        ]
    )
    stem = f"{task.name}_{config.strategy}_external_s{config.seed}_{key[:8]}"
    folder, done = Store(config.results).folder(RUN, stem, key, known_record, force=False)
    if not (done and _is_whole(folder)):
        with locked(folder):
            record = _record(config, task, rows, folder, key, declared)
            _bill(folder, declared, len(rows.test))
            rules = rules_of(task)
            lines = [
                scored_line(row, _output(row, answers), rules, config, task) for row in rows.test
            ]
            write_lines(folder / PREDICTIONS, lines)
            write_metrics(folder, record, task, task.metrics)
            write_record(folder, record)
    raise_for_errors(folder)
    return folder


def _is_whole(folder: Path) -> bool:
    """Whether a finished record still has its predictions; they are made again otherwise."""
    try:
        check_predictions(folder, read_record(folder))
    except DataError:
        return False
    return True


def _output(row: Row, answers: dict[str, str]) -> Output:
    if row.id in answers:
        return Output(row.id, answers[row.id])
    return Output(row.id, None, error="the file has no answer for this id")


def _answers(path: Path, known: set[str]) -> dict[str, str]:
    """Reads answers by id; a file without any known id is an error."""
    answers: dict[str, str] = {}
    lines = read_table(path).lines
    column = next((name for name in ANSWERS if name in lines[0]), None)
    if "id" not in lines[0] or column is None:
        raise DataError(
            f"{path.name} needs the columns id and answer; it has {', '.join(lines[0])}",
            "The predictions.jsonl of any run of the task has the ids of its test rows.",
        )
    for line in lines:
        id_ = line.text("id")
        if id_ in answers:
            raise DataError(
                f"{line.origin}: the id {id_!r} stood in an earlier row", "Each row has one answer."
            )
        answers[id_] = line.text(column)
    if not known & answers.keys():
        raise DataError(
            f"{path.name} has no id of the task's test rows (first: {next(iter(answers))!r})",
            "Use the same --limit and --task-set as for the answers.",
        )
    return answers


def _record(
    config: RunConfig, task: Task, rows: Rows, folder: Path, key: str, declared: Declared
) -> RunRecord:
    record = begin_record(
        folder,
        config,
        task,
        replace(rows, train=[], dev=[]),
        key=key,
        keys=Keys(artifact=None, result=key),
        device=DeviceRecord(device_class=declared.device),
        readout="declared",
        metrics=task.metrics,
    )
    if declared.model:
        record.model = ModelInfo(declared.model, weights_origin="declared")
    record.source = "answers made elsewhere; cost as declared"
    record.status, record.finished = FINISHED, now()
    return record


def _bill(folder: Path, declared: Declared, requests: int) -> None:
    """Writes the declared quantities as ledgers."""
    for name in (LEDGER, ARTIFACT_LEDGER):
        (folder / name).unlink(missing_ok=True)

    def record(file: str, span: Spend, **quantities: float) -> None:
        span.finished, span.energy_note = True, "declared, not measured"
        span.count(**quantities)
        Ledger(folder / file).record(span)

    device, devices = declared.device, declared.devices
    if declared.train_seconds is not None:
        record(ARTIFACT_LEDGER, Spend("train", declared.train_seconds, device, devices))
    if declared.serve_seconds is not None or device == "api":
        span = Spend("serve", declared.serve_seconds or 0.0, device, devices)
        span.usage = Usage(declared.input_tokens, declared.cached_tokens, declared.output_tokens)
        record(LEDGER, span, requests=requests)
    if declared.train_rows:
        people = Spend("label", device="people", devices=0)
        record(ARTIFACT_LEDGER, people, train_rows=declared.train_rows)
