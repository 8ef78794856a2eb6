"""Answers again what a finished run prepared, in each form in which it may be deployed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from harness.config import RunConfig
from harness.errors import UsageError, nearest
from harness.records.reading import read_record
from harness.records.schema import RunRecord
from harness.records.store import ARTIFACT, FINISHED
from harness.runs.forms import check_form, scored_as
from harness.runs.plan import make_plan
from harness.runs.rescore import config_here
from harness.runs.runner import run
from harness.runs.tuning.taking import as_found
from harness.strategy.context import Monitor
from harness.types import Form

__all__ = ["CHANGED", "Forms", "answer_as"]

CHANGED = ("readout", "model", "device", "offline", "store_text", "latency", "force")
"""Settings that another form may have unlike the run; all others are the run's."""


@dataclass(frozen=True)
class Forms:
    """The records of one trained model, over the same rows and by the same readout."""

    reference: Path  # the run itself; by another readout than its own, its answers by that
    records: Mapping[Form, Path]


def answer_as(
    folder: Path,  # of the run
    forms: Sequence[str],
    changes: Mapping[str, object],  # of the run's settings, and all options of this machine
    *,
    data: Path | None = None,  # the run's table, as no record holds its path
    task: str | None = None,  # its task file, if that isn't where it was
    monitor: Monitor | None = None,
) -> Forms:
    """Answers the test rows of a run in each form, as a record of its own beside it.

    Raises:
        UsageError: No such form, one that can't answer as the run did, or what the run prepared
            isn't here or isn't of its task and model any more.
    """
    monitor, record = monitor or Monitor(), read_record(folder)
    artifact = record.artifact.name if record.artifact else "none"
    if (
        record.status != FINISHED
        or not (folder.parent / "artifacts" / artifact / ARTIFACT).is_file()
    ):
        raise UsageError(
            f"{folder.name} has nothing prepared to answer from",
            "Run it to its end; keep `artifacts` beside it.",
        )
    config = _config(record, folder, changes, data, task)
    plan = as_found(make_plan(config, monitor), record)
    if plan.keys.artifact != record.keys.artifact:
        raise UsageError(
            f"{folder.name} was prepared from other rows, another model or other code than are here",
            "Give its own command again, and take the record which that makes.",
        )
    wanted = _wanted(forms, record, monitor)
    configs = {form: config.model_copy(update={"form": form}) for form in wanted}
    for each in configs.values():
        check_form(each, plan.strategy, plan.model, plan.readout)
    same = plan.readout == record.readout
    reference = folder if same else run(config, monitor).folder
    return Forms(reference, {form: run(each, monitor).folder for form, each in configs.items()})


def _wanted(forms: Sequence[str], record: RunRecord, monitor: Monitor) -> list[Form]:
    known: tuple[Form, ...] = get_args(Form)
    wanted: list[Form] = []
    for name in forms:
        if name not in known:
            raise UsageError(f"there is no form {name!r}", nearest(name, known))
        form = scored_as(record, known[known.index(name)])
        if form != name:
            monitor.message(f"{name}: {record.run_id} answered so, merged into whole weights")
        if form != "trained" and form not in wanted:
            wanted.append(form)
    return wanted


def _config(
    record: RunRecord,
    folder: Path,
    changes: Mapping[str, object],
    data: Path | None,
    task: str | None,
) -> RunConfig:
    """Returns the run's configuration here, as it was trained, and neither judged nor probed."""
    kept = record.config.model_copy(update={"set": record.fixed})
    here = config_here(kept, None, data, task)
    plain = {"form": "trained", "probe": (), "metrics": (), "judge": None, "results": folder.parent}
    return RunConfig(**dict(here) | dict(changes) | plain)
