"""Makes full records of answers from elsewhere, with what a log or the user says they took."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from harness.analysis.summary import write_metrics
from harness.config import RunConfig
from harness.errors import DataError
from harness.records.files import write_json, write_lines
from harness.records.foreign import LOG, ForeignLog, Waits
from harness.records.keys import digest
from harness.records.ledger import Ledger, Spend
from harness.records.locks import locked
from harness.records.model import ModelInfo
from harness.records.predictions import check_predictions
from harness.records.reading import known_record, read_record, write_record
from harness.records.schema import DeviceRecord, Keys, RunRecord
from harness.records.store import FINISHED, PREDICTIONS, RUN, Store
from harness.runs.plan import Rows, load_rows, open_task
from harness.runs.prepare import ARTIFACT_LEDGER, LEDGER
from harness.runs.record import begin_record, now, scored_line
from harness.runs.referee import Answer, Log, read_logs
from harness.runs.referee.match import Matched, matched
from harness.runs.referee.table import table_of_log
from harness.runs.serving import UNMETERED
from harness.task.declared import read_yaml
from harness.task.rules import rules_of
from harness.task.task import Task
from harness.types import Output, Row, Usage

__all__ = ["Declared", "score_logs"]

TOKENS = {"input_tokens", "cached_tokens", "output_tokens"}


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


@dataclass(frozen=True)
class _Made:
    """What a record is made of."""

    config: RunConfig
    task: Task
    rows: Rows
    file: str
    log: Log
    fit: Matched
    declared: Declared
    notes: tuple[str, ...]

    @property
    def answers(self) -> list[Answer]:
        return list(self.fit.answers.values())

    @property
    def key(self) -> str:
        """Of the rows, the answers with all that the log says of them, and the declaration."""
        fit = sorted(self.fit.answers.items())
        answers = [(id_, asdict(replace(each, place=""))) for id_, each in fit]
        about = [self.log.format, self.log.name, self.log.metric, self.log.model]
        digests = [self.rows.digests[name] for name in ("test", "grouping")]
        declared = self.declared.model_dump()
        return digest([self.task.digest, *digests, answers, about, declared])


def score_logs(
    config: RunConfig, path: Path, usage: Path | None, *, own_task: bool = True
) -> list[Path]:
    """Scores a log, or a table of answers, and returns the folder of each record that it gives.

    A log is read by `harness.runs.referee`; without `own_task` its questions and right answers
    become the task, as a table below the folder of records. The file ``usage`` has the fields of
    `Declared`, which go before what the log says. ``strategy`` of the configuration is what the
    answers are called; empty: as the log calls them.

    Raises:
        DataError: The log can't be read, or fits no row; an id stands twice.
    """
    logs = read_logs(path)
    notes: tuple[str, ...] = ()
    if not own_task:
        source, notes = table_of_log(logs, config.results)
        config = config.model_copy(update={"data": source})
    task = open_task(config)
    rows = load_rows(config, task)
    hint = f"It may have: {', '.join(Declared.model_fields)}."
    declared = read_yaml(usage, Declared, "declaration of usage", hint) if usage else Declared()
    folders = []
    for log in logs:
        fit = matched(log, rows.test, [*rows.train, *rows.dev])
        named = config.model_copy(update={"strategy": _called(config.strategy, log, len(logs))})
        made = _Made(named, task, rows, path.name, log, fit, _with(declared, log), notes)
        folders.append(_scored(made))
    return folders


def _called(name: str, log: Log, logs: int) -> str:
    """Returns what the answers of a log are called."""
    if name and logs > 1:
        return f"{name} ({log.name})"
    return name or log.name or log.model or "external"


def _with(declared: Declared, log: Log) -> Declared:
    """Returns a declaration, with what the log says where nothing is declared."""
    said: dict[str, object] = {"model": log.model, "device": log.device}
    return Declared.model_validate(said | declared.model_dump(exclude_unset=True))


def _scored(made: _Made) -> Path:
    """Writes the record of a log, unless it is there."""
    config, task, key = made.config, made.task, made.key
    name = "".join(c if c.isalnum() or c in "+.-_" else "-" for c in config.strategy)[:60]
    stem = f"{task.name}_{name}_external_s{config.seed}_{key[:8]}"
    folder, done = Store(config.results).folder(RUN, stem, key, known_record, force=False)
    if done and _is_whole(folder):
        return folder
    with locked(folder):
        record = _record(made, folder, key)
        _bill(folder, made)
        rules = rules_of(task)
        lines = [
            scored_line(row, _output(row, made.fit.answers), rules, config, task)
            for row in made.rows.test
        ]
        write_lines(folder / PREDICTIONS, lines)
        write_json(folder / LOG, _log(made).model_dump(mode="json"))
        write_metrics(folder, record, task, task.metrics)
        write_record(folder, record)
    return folder


def _is_whole(folder: Path) -> bool:
    """Whether a finished record still has its predictions; they are made again otherwise."""
    try:
        check_predictions(folder, read_record(folder))
    except DataError:
        return False
    return True


def _output(row: Row, answers: dict[str, Answer]) -> Output:
    answer = answers.get(row.id)
    if answer is None:
        return Output(row.id, None, error="the file has no answer to this row")
    choices = row.example.query.choices
    return Output(
        row.id,
        answer.text,
        finish=answer.finish,
        scores=answer.scores,
        usage=answer.usage or Usage(),
        error=answer.error,
        chosen=bool(answer.scores) and answer.text in choices,
    )


def _log(made: _Made) -> ForeignLog:
    log, fit = made.log, made.fit
    costs = [each.usd for each in made.answers if each.usd is not None]
    own = {id_: each.score for id_, each in fit.answers.items() if each.score is not None}
    return ForeignLog(
        format=log.format,
        file=made.file,
        task=log.task,
        name=log.name,
        answers=len(log.answers),
        matched=fit.by,
        metric=log.metric if own else "",
        scores=own,
        places={id_: fit.answers[id_].place.removeprefix(f"{made.file}, ") for id_ in own},
        usd=sum(costs) if costs else None,
        usd_answers=len(costs),
        seconds=_waits([each.seconds for each in made.answers if each.seconds is not None]),
        notes=(*fit.notes(), *made.notes, *log.notes),
    )


def _waits(seconds: Sequence[float]) -> Waits | None:
    if len(seconds) < 2:
        return None
    slow = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
    return Waits(n=len(seconds), p50=statistics.median(seconds), p95=slow)


def _record(made: _Made, folder: Path, key: str) -> RunRecord:
    declared, log = made.declared, made.log
    record = begin_record(
        folder,
        made.config,
        made.task,
        replace(made.rows, train=[], dev=[]),
        key=key,
        keys=Keys(artifact=None, result=key),
        device=DeviceRecord(device_class=declared.device),
        readout="declared",
        metrics=made.task.metrics,
    )
    if declared.model:
        record.model = ModelInfo(declared.model, weights_origin="declared")
    record.source = f"answers made elsewhere: {log.format}; what they took is as declared there"
    record.status, record.finished = FINISHED, now()
    return record


def _bill(folder: Path, made: _Made) -> None:
    """Writes the quantities that the user or the log declares as ledgers."""
    declared, requests = made.declared, len(made.rows.test)
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
        span.usage, unknown = _usage(made)
        record(LEDGER, span, requests=requests, **({UNMETERED: unknown} if unknown else {}))
    if declared.train_rows:
        people = Spend("label", device="people", devices=0)
        record(ARTIFACT_LEDGER, people, train_rows=declared.train_rows)


def _usage(made: _Made) -> tuple[Usage, int]:
    """Returns the tokens of all answers, and how many answers don't say how many they took."""
    declared = made.declared
    if declared.model_fields_set & TOKENS:
        return Usage(declared.input_tokens, declared.cached_tokens, declared.output_tokens), 0
    total = Usage()
    for each in made.answers:
        total.add(each.usage or Usage())
    return total, sum(each.usage is None and each.error is None for each in made.answers)
