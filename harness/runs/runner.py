"""One run from start to end: prepare, answer, score; each step is stored when it is done."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from harness.analysis.alarms import alarms
from harness.analysis.summary import write_metrics
from harness.config import RunConfig
from harness.costs.book import load_book
from harness.costs.options import PriceOptions
from harness.errors import DataError, TooManyErrors
from harness.metrics.score import score_row
from harness.models.endpoint.journal import reduce_journal
from harness.records import provenance
from harness.records.files import Json, append_lines, storage_errors, write_lines
from harness.records.locks import locked
from harness.records.predictions import (
    IDS,
    check_predictions,
    drop_errors,
    mend_predictions,
    stored_predictions,
    unanswered,
)
from harness.records.presence import present
from harness.records.reading import (
    known_record,
    read_artifact,
    read_metrics,
    read_record,
    write_record,
)
from harness.records.schema import DeviceRecord, Keys, RunRecord, UsedArtifact, recorded
from harness.records.scrub import scrub
from harness.records.server import ServerRecord
from harness.records.store import FINISHED, MAX_ERRORS, PREDICTIONS, RUN, Store
from harness.runs.abstaining import check_abstaining, describe_threshold, predictor_of
from harness.runs.estimate_server import estimate_asked
from harness.runs.evaluation import (
    CONTEXTS,
    JUDGE_RESPONSES,
    context_line,
    evaluate_run,
    judge_of,
    keep_judgements,
)
from harness.runs.kept_task import keep_task
from harness.runs.latency import REQUESTS, measure_latency
from harness.runs.lengths import fitting, long_rows
from harness.runs.lm_eval.record import asks_lm_eval
from harness.runs.lm_eval.record import run as run_lm_eval
from harness.runs.loader import RESPONSES, ModelNote, loader_of
from harness.runs.memory import check_memory
from harness.runs.plan import Plan, announce, make_plan
from harness.runs.plugins import add_values, keep_values, raise_for_metrics, stale
from harness.runs.prepare import (
    ARTIFACT_LEDGER,
    LEDGER,
    context_of,
    find_artifact,
    ledger_of,
    prepare,
)
from harness.runs.probes.probing import Probing, check_probes, probe_finished
from harness.runs.record import RunResult, begin_record, closing, line_of
from harness.runs.servers import check_prices
from harness.runs.serving import CHUNK, Bill, serve
from harness.runs.tuning.taking import as_found, charge_search, tuned
from harness.strategy.base import Predictor
from harness.strategy.context import Context, Loader, Monitor
from harness.types import Output, Row

__all__ = ["CHUNK", "RunResult", "one_by_one", "raise_for_errors", "run"]


def run(config: RunConfig, monitor: Monitor | None = None, *, wait: bool = False) -> RunResult:
    """Runs, resumes, or finds a finished record of the same work.

    With ``wait`` this waits for another process that does the same work, and takes its record.

    Raises:
        UsageError: Another process does the same work.
        TooManyErrors: The run finished, but more than 1 % of its rows have no answer.
    """
    monitor = monitor or Monitor()
    PriceOptions.of(config, load_book(config.prices))  # first: a wrong price shall not cost a run
    if asks_lm_eval(config):
        return run_lm_eval(config, monitor, wait=wait)
    plan = make_plan(config, monitor)
    check_probes(plan)
    check_abstaining(plan)
    check_prices(config, plan.strategy, plan.task, plan.model, monitor.message)
    folder, done = _folder(plan, monitor.message)
    if not done:
        announce(plan.rows, monitor)
        plan = fitting(plan, monitor)
        check_memory(plan, monitor)
    while not done:
        with locked(folder, monitor.message if wait else None), present():
            again, done = _folder(plan)
            if done or again != folder:  # another process was quicker
                folder = again
                continue
            record = _open_record(folder, plan)
            with ModelNote() as note, closing(folder, record):  # a server's work is the run's own
                _execute(plan, folder, record, monitor, note)
        raise_for_errors(folder)
        return RunResult(folder, reused=False)
    _keep_task(plan, folder)
    _renew(plan, folder, monitor)
    _declare(plan, folder, monitor)
    probe_finished(as_found(plan, read_record(folder)), folder, monitor)
    raise_for_errors(folder)
    return RunResult(folder, reused=True)


def _folder(plan: Plan, tell: Callable[[str], None] = lambda text: None) -> tuple[Path, bool]:
    """Finds the folder of a plan's record, and says whether it is finished and whole."""
    store, work = Store(plan.config.results), (RUN, plan.stem, plan.keys.run, known_record)
    folder, done = store.folder(*work, force=False)
    fault = unanswered(folder) if done and one_by_one(plan) else ""
    if done and not fault and plan.config.force:  # what failed is asked again beside what was paid
        folder, done = store.folder(*work, force=True)
    if done and (fault := fault or _fault(folder)):
        tell(f"{fault}: what is missing is answered again")
        return folder, False
    return folder, done


def one_by_one(plan: Plan) -> bool:
    """Whether each row is answered for itself: by a server, or without a model here.

    What failed may then go well another time, whatever stands beside it.
    """
    return plan.device.kind == "api" or not plan.strategy.required & {"model", "encoder"}


def _fault(folder: Path) -> str:
    """Says what the predictions of a finished record lack; nothing where they are whole."""
    try:
        check_predictions(folder, read_record(folder))
    except DataError as error:
        return error.message
    return ""


def _keep_task(plan: Plan, folder: Path) -> None:
    """Keeps the task of a table with what an earlier version prepared, too."""
    used = read_record(folder).artifact
    if used and (artifact := folder.parent / "artifacts" / used.name).is_dir():
        keep_task(plan, artifact)


def _renew(plan: Plan, folder: Path, monitor: Monitor) -> None:
    """Gives a finished record what is made of its answers alone: own metrics, slices, clusters."""
    record = read_record(folder)
    grouping = plan.rows.digests["grouping"]
    grouped = record.task.digests.get("grouping", grouping) == grouping
    if grouped and not stale(record, plan.plugins):
        return
    with locked(folder, monitor.message):
        rows = {row.id: row for row in plan.rows.test}
        lines = list(stored_predictions(folder, record))
        for line in lines:
            row = rows[line["id"]]
            line |= {"cluster": row.example.cluster, "columns": dict(row.columns)}
        _own_metrics(plan, folder, record, monitor, lines)
        record.task = record.task.model_copy(
            update={"digests": record.task.digests | {"grouping": grouping}}
        )
        write_record(folder, record)
        write_metrics(folder, record, plan.task, record.metrics)


def _device(plan: Plan) -> DeviceRecord:
    """What answers, and where it is declared to: of a model of one's own nobody has to say that."""
    declared = plan.config.in_country if plan.device.kind == "api" else None
    device = DeviceRecord(device_class=plan.device.device_class, dtype=plan.device.dtype)
    return device.model_copy(update={"in_country": declared}) if declared else device


def _declare(plan: Plan, folder: Path, monitor: Monitor) -> None:
    """Notes with a finished record where its server answers, where that is declared now."""
    if (declared := _device(plan).in_country) is None:
        return
    with locked(folder, monitor.message):
        record = read_record(folder)
        if record.device.in_country != declared:
            record.device = record.device.model_copy(update={"in_country": declared})
            write_record(folder, record)


def _own_metrics(
    plan: Plan, folder: Path, record: RunRecord, monitor: Monitor, lines: list[Json] | None = None
) -> None:
    """Computes the user's metrics of stored answers, those that a record lacks."""
    missing = stale(record, plan.plugins)
    if lines is None and not missing:
        return
    lines = list(stored_predictions(folder, record)) if lines is None else lines
    origins = {row.id: row.origin for row in plan.rows.test}
    add_values(record, lines, missing, folder, origins, monitor.message)
    settings = {
        Path(name).name: name for name in (*record.config.metrics, *recorded(plan.config).metrics)
    }
    record.config = record.config.model_copy(update={"metrics": tuple(settings.values())})
    write_lines(folder / PREDICTIONS, lines)
    write_record(folder, record)


def _open_record(folder: Path, plan: Plan) -> RunRecord:
    """Starts run.json, or continues that of an interrupted attempt."""
    if (folder / RUN).is_file():
        record = read_record(folder)
        record.status, record.error, record.provenance = "running", None, provenance.collect()
        digests = record.task.digests | {IDS: plan.rows.digests[IDS]}
        record.task = record.task.model_copy(update={"digests": digests})
    else:
        record = begin_record(
            folder,
            plan.config,
            plan.task,
            plan.rows,
            key=plan.keys.run,
            keys=Keys(artifact=plan.keys.artifact, result=plan.keys.result),
            device=_device(plan),
            readout=plan.readout,
            metrics=plan.metrics,
            parameters=plan.strategy.describe(),
            ceiling="gold_passages" in plan.strategy.required,
            constant=plan.strategy.constant,
            families=plan.strategy.families,
            judge=judge_of(plan),
        )
    write_record(folder, record)
    return record


def _execute(
    plan: Plan, folder: Path, record: RunRecord, monitor: Monitor, note: ModelNote
) -> None:
    plan = tuned(plan, folder, record, monitor)
    ledger = ledger_of(plan, folder / LEDGER)
    probing = Probing(plan, folder, ledger, monitor)
    probing.before()
    keeping = (note, folder / RESPONSES, monitor.message)
    trained, loader = loader_of(plan, *keeping, form="trained"), loader_of(plan, *keeping)
    artifact = _artifact(plan, folder, record, trained, monitor)
    context = context_of(plan, artifact, ledger, loader, monitor)
    estimated = estimate_asked(plan, artifact, record)
    write_record(folder, record)
    predictor = _answer(plan, context, folder, note)
    if note.described is not None:
        record.server = ServerRecord(**note.described(), estimate=estimated)
    record.long_rows = long_rows(plan, folder, record)
    if record.data is not None and note.quoted:
        notes = dict.fromkeys((*record.data.notes, note.quoted))
        record.data = record.data.model_copy(update={"notes": tuple(notes)})
        monitor.message(note.quoted)
    record.model = note.of(predictor) or record.model
    _own_metrics(plan, folder, record, monitor)
    write_metrics(folder, record, plan.task, plan.metrics)
    if plan.evaluated:
        evaluate_run(plan, context, folder, record)
        write_metrics(folder, record, plan.task, plan.metrics)
    for alarm in alarms(record, read_metrics(folder)).values():
        monitor.message(alarm.en)
    _time_requests(plan, context, folder, record, predictor)
    record.model = note.of(predictor) or record.model
    probing.after(context, predictor, record)
    check_predictions(folder, record.model_copy(update={"status": FINISHED}))
    if plan.config.store_text != "full":
        for name in (RESPONSES, JUDGE_RESPONSES):
            reduce_journal(folder / name)


def _artifact(
    plan: Plan, folder: Path, record: RunRecord, loader: Loader, monitor: Monitor
) -> Path:
    """Prepares the artifact, or takes the finished one of an earlier run with its ledger."""
    begun = record.artifact
    artifact, _ = find_artifact(plan, begun.name if begun else "")
    if begun is None or artifact.name != begun.name:
        # Whose it is shows when it is there: this run may wait for another that prepares it.
        record.artifact = begun = UsedArtifact(name=artifact.name, reused=True)
        write_record(folder, record)
    fresh = prepare(plan, artifact, loader, monitor)
    keep_task(plan, artifact)
    if fresh:
        begun = begun.model_copy(update={"reused": False})
    with storage_errors(folder):
        shutil.copyfile(artifact / LEDGER, folder / ARTIFACT_LEDGER)
        charge_search(plan, record, folder / ARTIFACT_LEDGER)
    details = read_artifact(artifact).details
    details = details.model_copy(update=describe_threshold(plan, artifact))
    record.artifact = begun.model_copy(update={"details": details})
    write_record(folder, record)
    return artifact


def _answer(plan: Plan, context: Context, folder: Path, note: ModelNote) -> Predictor | None:
    """Answers the test queries in fixed chunks, incomplete ones again; None if all are there.

    Where there are no batches, what isn't there is asked alone.
    """
    rows, monitor, single = plan.rows.test, context.monitor, one_by_one(plan)
    if single:
        drop_errors(folder)
    done = mend_predictions(folder, {row.id for row in rows}, monitor.message)
    keep_judgements(folder, done)
    size = len(rows) if plan.config.wait else CHUNK  # one batch, not one after another
    chunks = [rows[start : start + size] for start in range(0, len(rows), size)]
    waiting = [chunk for chunk in chunks if not all(row.id in done for row in chunk)]
    if single:
        waiting = [[row for row in chunk if row.id not in done] for chunk in waiting]
    if not waiting:
        return None
    predictor = predictor_of(plan, context)
    bill = Bill(note.paid, folder / LEDGER, "serve") if note.paid else None
    answered = len(rows) - sum(map(len, waiting))

    def progress(count: int) -> None:
        monitor.progress("answer", answered + count, len(rows))

    for chunk in waiting:
        queries = [plan.example(row).query for row in chunk]
        outputs: dict[str, Output] = {}
        try:
            serve(predictor, queries, context.ledger, progress, outputs, bill)
        finally:  # what was answered before a strategy failed is kept, too
            new = [row for row in chunk if row.id not in done and row.id in outputs]
            _keep(plan, folder, new, outputs)
        answered += len(chunk)
    monitor.progress("answer", len(rows), len(rows))
    return predictor


def _time_requests(
    plan: Plan, context: Context, folder: Path, record: RunRecord, predictor: Predictor | None
) -> None:
    """Measures the latency of single requests, once for a record, when all rows are answered."""
    if not plan.config.latency or record.latency or plan.device.kind == "api":
        return  # a server's answers are in the journal: a second request would take no time
    unread = {line["id"] for line in stored_predictions(folder, record) if line.get("excess")}
    rows = [row for row in plan.rows.test if row.id not in unread][:REQUESTS]
    queries = [plan.example(row).query for row in rows]
    predictor = predictor or predictor_of(plan, context)
    try:
        record.latency = measure_latency(
            predictor, queries, context.ledger, monitor=context.monitor
        )
    except Exception as error:  # the answers and their scores are there: no reason to fail
        text = scrub(f"{type(error).__name__}: {error}")
        context.monitor.message(f"the latency couldn't be measured: {text}")
    write_record(folder, record)


def _keep(plan: Plan, folder: Path, rows: list[Row], outputs: dict[str, Output]) -> None:
    """Scores answers and writes them, after the texts that evaluating them needs."""
    lines, contexts, scores = [], [], []
    for row in rows:
        output = outputs[row.id]
        scored = score_row(row, output, plan.rules)
        scores.append(scored)
        lines.append(line_of(row, output, scored, plan.config, plan.task))
        if plan.evaluated and scored.outcome != "error":
            contexts.append(context_line(row, output, scored))
    if contexts:
        append_lines(folder / CONTEXTS, contexts)
    append_lines(folder / PREDICTIONS, lines)
    if plan.config.store_text != "full":
        keep_values(folder, plan.plugins, scores)


def raise_for_errors(folder: Path) -> None:
    """Raises `TooManyErrors` where more than 1 % of a finished run's rows have no answer.

    So does a metric of the user's that failed on every row.
    """
    record = read_record(folder)
    outcomes = Counter(line["outcome"] for line in stored_predictions(folder, record))
    errors, rows = outcomes["error"], outcomes.total()
    if errors > MAX_ERRORS * rows:
        raise TooManyErrors(
            f"{errors} of {rows} rows have no answer; the run isn't ranked: {folder}",
            "predictions.jsonl has the reasons under 'error'.",
        )
    raise_for_metrics(record)
