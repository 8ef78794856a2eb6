"""Answers that were made elsewhere become a full record, with the cost that is declared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.analysis.summary import write_metrics
from harness.config import RunConfig
from harness.errors import DataError
from harness.metrics.score import score_row
from harness.records.files import write_lines
from harness.records.keys import digest
from harness.records.ledger import Ledger, Spend
from harness.records.locks import locked
from harness.records.model import ModelInfo
from harness.records.predictions import to_line
from harness.records.reading import write_record
from harness.records.schema import DeviceRecord, Keys, RunRecord
from harness.records.store import FINISHED, PREDICTIONS, RUN, Store
from harness.runs.plan import Rows, load_rows, open_task, rules_of
from harness.runs.record import begin_record, now
from harness.runs.runner import raise_for_errors
from harness.task.readers import read_rows
from harness.task.task import Task
from harness.types import Output, Row, Usage

__all__ = ["Declared", "score_file"]

ANSWERS = ("answer", "prediction", "output", "text")


class Declared(BaseModel):
    """What the maker of the answers says that they took. What is left out stays unknown."""

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
    """Scores a file of answers against a task, and writes a record of it.

    Args:
        config: Task, limit and folder; ``strategy`` is what the answers are called.
        predictions: A table with the columns ``id`` and ``answer``.
        usage: YAML or JSON with the fields of `Declared`.

    Returns:
        The run's folder.

    Raises:
        DataError: A missing column, an unknown or repeated id.
        TooManyErrors: More than 1 % of the rows have no answer.
    """
    task = open_task(config)
    rows = load_rows(config, task)
    answers = _answers(predictions, {row.id for row in rows.test})
    declared = _declared(usage)
    key = digest(
        [task.digest, rows.digests["test"], sorted(answers.items()), declared.model_dump()]
    )
    stem = f"{task.name}_{config.strategy}_external_s{config.seed}_{key[:8]}"
    folder, done = Store(config.results).folder(RUN, stem, key, force=False)
    if not done:
        with locked(folder):
            record = _record(config, task, rows, folder, key, declared)
            _bill(folder, declared, len(rows.test))
            rules = rules_of(task, {})
            lines = [
                to_line(output, score_row(row, output, rules), config.store_text, task.spec.masks)
                for row, output in ((row, _output(row, answers)) for row in rows.test)
            ]
            write_lines(folder / PREDICTIONS, lines)
            write_metrics(folder, task, task.metrics)
            write_record(folder, record)
    raise_for_errors(folder)
    return folder


def _output(row: Row, answers: dict[str, str]) -> Output:
    if row.id in answers:
        return Output(row.id, answers[row.id])
    return Output(row.id, None, error="the file has no answer for this id")


def _answers(path: Path, known: set[str]) -> dict[str, str]:
    """Reads id and answer; ids that the task doesn't have are an error."""
    found: dict[str, str] = {}
    lines = read_rows(path)
    column = next((name for name in ANSWERS if name in lines[0]), None)
    if "id" not in lines[0] or column is None:
        raise DataError(
            f"{path.name} needs the columns id and answer; it has {', '.join(lines[0])}",
            "Ids of a task's test rows stand in the predictions.jsonl of any of its runs.",
        )
    for number, line in enumerate(lines, 1):
        id_ = str(line["id"])
        if id_ in found:
            raise DataError(f"{path.name}, row {number}: the id {id_!r} stands there twice")
        found[id_] = str(line[column])
    strangers = [id_ for id_ in found if id_ not in known]
    if len(strangers) == len(found):
        raise DataError(
            f"{path.name} has no id of the task's test rows (first: {strangers[0]!r})",
            "Give the same --limit and --task-set as for the answers.",
        )
    return found


def _declared(path: Path | None) -> Declared:
    if path is None:
        return Declared()
    try:
        return Declared(**yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except FileNotFoundError as error:
        raise DataError(f"there is no file {path}") from error
    except (ValidationError, yaml.YAMLError, TypeError) as error:
        fields = ", ".join(Declared.model_fields)
        raise DataError(f"{path.name}: {error}", f"It may have: {fields}.") from error


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
    """Writes the declared quantities as a ledger."""
    (folder / "ledger.jsonl").unlink(missing_ok=True)
    (folder / "artifact-ledger.jsonl").unlink(missing_ok=True)
    note = "declared, not measured"
    tokens = Usage(declared.input_tokens, declared.cached_tokens, declared.output_tokens)
    seconds = {"train": declared.train_seconds, "serve": declared.serve_seconds}
    for phase, file in (("train", "artifact-ledger.jsonl"), ("serve", "ledger.jsonl")):
        if seconds[phase] is None and (phase == "train" or declared.device != "api"):
            continue
        spend = Spend(phase, seconds[phase] or 0.0, declared.device, declared.devices)
        spend.energy_note, spend.finished = note, True
        if phase == "serve":
            spend.usage = tokens
            spend.count(requests=requests)
        Ledger(folder / file).record(spend)
    if declared.train_rows:
        label = Spend("label", device="people", devices=0, finished=True, energy_note=note)
        label.count(train_rows=declared.train_rows)
        Ledger(folder / "artifact-ledger.jsonl").record(label)
