"""Prepares what a strategy answers from: one way, for a run, a question and an update.

An artifact is a folder that is found again by its key. It is prepared by one process at a time.
Its ledger says on which device, and how many labels were read; `artifact.json` says whether it is
finished: an interrupted one is resumed.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from harness.costs.book import PriceBook
from harness.costs.options import PriceOptions
from harness.costs.pricing import Cost, price
from harness.models.endpoint import Endpoint
from harness.records.files import storage_errors
from harness.records.ledger import Ledger, PhaseTotal, Spend, totals
from harness.records.locks import locked
from harness.records.meters import meter
from harness.records.model import ModelInfo
from harness.records.reading import known_artifact, write_artifact
from harness.records.schema import ArtifactRecord, Details
from harness.records.scrub import without_places
from harness.records.store import ARTIFACT, ARTIFACT_LEDGER, FINISHED, LEDGER, Store
from harness.runs.abstaining import learn_threshold
from harness.runs.lengths import foresee, noted
from harness.runs.loader import loader_of
from harness.runs.plan import Plan
from harness.runs.pretrained import pretrain
from harness.strategy.adaptation import Adaptation
from harness.strategy.base import Strategy
from harness.strategy.context import Context, CountedRows, Loader, Monitor
from harness.strategy.preparing import Scoring

__all__ = ["ARTIFACT_LEDGER", "LEDGER", "context_of", "find_artifact", "ledger_of", "prepare"]


def ledger_of(plan: Plan, path: Path) -> Ledger:
    """Returns a ledger that measures the plan's device, and names it."""
    return Ledger(path, meter=meter(plan.device), device=plan.device.device_class)


def price_of(
    plan: Plan,
    model: ModelInfo | None,
    book: PriceBook,
    *,
    development: Mapping[str, PhaseTotal] = {},
    deployment: Mapping[str, PhaseTotal] = {},
) -> Cost:
    """Prices what a plan's phases took, on its device and with its options."""
    return price(
        development=development,
        deployment=deployment,
        device_class=plan.device.device_class,
        model=model,
        book=book,
        options=PriceOptions.of(plan.config, book),
    )


def context_of(
    plan: Plan,
    artifact: Path,
    ledger: Ledger,
    loader: Loader | None = None,
    monitor: Monitor | None = None,
) -> Context:
    """Returns what the plan's strategy is given; no test row is in it.

    By default the loader of the model is one that keeps no responses.
    """
    return Context(
        task=plan.task.view,
        train=CountedRows([plan.example(row) for row in plan.rows.train]),
        dev=CountedRows([plan.example(row) for row in plan.rows.dev]),
        artifact=artifact,
        ledger=ledger,
        seed=plan.config.seed,
        readout=plan.readout,
        structured=plan.config.structured,
        loader=loader or loader_of(plan),
        corpus=plan.corpus,
        monitor=monitor or Monitor(),
        remote=isinstance(plan.model, Endpoint),
        long_rows=plan.long_rows,
        device=plan.device,
        scoring=Scoring(plan.rules, plan.task.primary, {row.id: row for row in plan.rows.dev}),
    )


def find_artifact(plan: Plan, name: str = "") -> tuple[Path, bool]:
    """Returns the folder of a plan's artifact, made where there is none, and if it is finished.

    An interrupted run names the folder that it had begun; it is used while it is there.
    """
    store = Store(plan.config.results)
    begun = store.root / "artifacts" / name
    if name and (record := known_artifact(begun)):
        return begun, record.status == FINISHED
    key = plan.keys.artifact
    return store.folder(ARTIFACT, key[:12], key, known_artifact, force=plan.config.force)


def prepare(
    plan: Plan,
    folder: Path,
    loader: Loader,
    monitor: Monitor | None = None,
    *,
    older: Path | None = None,  # Of the task's older version; parts that refresh start there
) -> bool:
    """Prepares an artifact, resumes an interrupted one, or leaves a finished one as it is.

    Where another process prepares it, this waits for it. Returns whether this process finished it.
    A part that `refreshes` starts from the artifact of the task's older version, where given.

    Raises:
        StorageError: The disk is full; what was done is kept.
    """
    monitor = monitor or Monitor()
    if _finished(folder):
        return False
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with locked(folder, monitor.message), storage_errors(folder):
        if _finished(folder):
            return False
        strategy = without_places(plan.strategy.describe())
        state = ArtifactRecord(key=plan.keys.artifact, status="running", strategy=strategy)
        if older is not None and not (folder / ARTIFACT).is_file():
            _start_from(older, folder, plan.strategy)
        write_artifact(folder, state)
        (folder / LEDGER).touch()
        context = context_of(plan, folder, ledger_of(plan, folder / LEDGER), loader, monitor)
        try:
            _prepare(plan, context)
            learn_threshold(plan, context)
        finally:
            _note_labels(context)
        if plan.long_rows.rows:
            context.details["long_rows"] = noted(plan)
        result = {
            "status": FINISHED,
            "streams": tuple(sorted(context.streams)),
            "details": Details(**without_places(context.details)),
        }
        write_artifact(folder, state.model_copy(update=result))
    return True


def _prepare(plan: Plan, context: Context) -> None:
    """Prepares; test rows that turn out too long are named before weights are trained."""
    strategy = plan.strategy
    if not isinstance(strategy, Adaptation):
        strategy.prepare(context)
        return
    pretrain(plan, context)
    strategy.fit_prompting(context)
    foresee(plan, strategy.render(context), context.monitor)
    strategy.fit_weights(context)


def _finished(folder: Path) -> bool:
    record = known_artifact(folder)
    return record is not None and record.status == FINISHED


def _start_from(older: Path, folder: Path, strategy: Strategy) -> None:
    """Copies the parts that start from older ones, over an interrupted copy."""
    for part in strategy.parts:
        if part.refreshes and (older / part.name).is_dir():
            shutil.rmtree(folder / part.name, ignore_errors=True)
            shutil.copytree(older / part.name, folder / part.name)


def _note_labels(context: Context) -> None:
    """Records how many labelled rows were read: those are what people have to label, once."""
    rows = {"train_rows": context.train.rows_read, "dev_rows": context.dev.rows_read}
    before = totals(context.ledger.earlier("label")).get("label", PhaseTotal()).quantities
    rows = {name: max(0, count - int(before.get(name, 0))) for name, count in rows.items()}
    if any(rows.values()):
        label = Spend("label", device="people", devices=0, finished=True)
        label.attempt = context.ledger.attempt
        label.count(**rows)
        label.energy_note = "people's work"
        with contextlib.suppress(OSError):
            context.ledger.record(label)
