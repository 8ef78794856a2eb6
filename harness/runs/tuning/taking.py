"""Gives a run what a search found: the parameters, the artifact, and the bill."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from harness.records.keys import Keys
from harness.records.locks import locked
from harness.records.reading import known_artifact, write_record
from harness.records.schema import Keys as RecordKeys
from harness.records.schema import RunRecord, UsedArtifact, recorded
from harness.records.scrub import without_places
from harness.records.store import ARTIFACT, FINISHED
from harness.runs.plan import Plan, with_parameters
from harness.runs.prepare import find_artifact
from harness.runs.tuning.charges import charge
from harness.runs.tuning.kept import SEARCHES, TRIES
from harness.runs.tuning.search import search
from harness.strategy.context import Monitor

__all__ = ["as_found", "charge_search", "tuned"]


def tuned(plan: Plan, folder: Path, record: RunRecord, monitor: Monitor) -> Plan:
    """Returns the plan with the parameters that a search finds, and notes them in the record.

    A plan without a search is returned as it is.
    """
    if not plan.config.tunes:
        return plan
    begun = record.tuning.search if record.tuning else ""
    found, record.tuning = search(plan, monitor, folder.name, begun)
    tuning, final = record.tuning, as_found(plan, record)
    record.config = recorded(final.config)
    record.keys = RecordKeys(artifact=final.keys.artifact, result=final.keys.result)
    parameters = without_places(final.strategy.describe())
    record.strategy = record.strategy.model_copy(update={"parameters": parameters})
    if record.artifact is None:
        name = _moved(final, found, monitor)
        reused = tuning.reused or tuning.tried[tuning.best].reused
        record.artifact = UsedArtifact(name=name, reused=reused) if name else None
    write_record(folder, record)
    shutil.rmtree(found / "artifacts", ignore_errors=True)
    return final


def as_found(plan: Plan, record: RunRecord) -> Plan:
    """Returns a run's plan with what its search found; without a search as it is."""
    if record.tuning is None:
        return plan
    best = with_parameters(plan, record.tuning.found)
    chosen = {**plan.config.set, **record.tuning.found}
    keys = Keys(best.keys.artifact, plan.keys.result, plan.keys.run, plan.keys.search)
    return replace(best, config=plan.config.model_copy(update={"set": chosen}), keys=keys)


def _moved(plan: Plan, search: Path, monitor: Monitor) -> str:
    """Returns the name of the best setting's artifact, moved to those of all runs.

    Where it can't be, for a folder that another run has begun, the run prepares its own.
    """
    there, done = find_artifact(plan)
    kept = next(search.glob(f"artifacts/{plan.keys.artifact[:12]}-*/{ARTIFACT}"), None)
    if done or kept is None:
        return there.name if done else ""
    with locked(there, monitor.message):
        if known_artifact(there) is None:
            shutil.copytree(
                kept.parent,
                there,
                ignore=shutil.ignore_patterns(ARTIFACT, ".*"),
                dirs_exist_ok=True,
            )
            shutil.copyfile(kept, there / ARTIFACT)  # last: only with it the folder is finished
    record = known_artifact(there)
    return there.name if record and record.status == FINISHED else ""


def charge_search(plan: Plan, record: RunRecord, ledger: Path) -> None:
    """Adds what a run's search took to its copy of the artifact's ledger, if there was a search."""
    if record.tuning:
        tries = plan.config.results / SEARCHES / record.tuning.search / TRIES
        charge(tries, record.tuning, ledger, seed=plan.config.seed)
