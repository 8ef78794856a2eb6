"""Which runs of a folder count for a recommendation, and why others don't."""

from __future__ import annotations

import contextlib
import gc
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from harness.analysis.summary import spends
from harness.analysis.words import Language, Reason
from harness.errors import DataError, HarnessError, UsageError, nearest
from harness.metrics.scored_rows import ScoredRows
from harness.records.ledger import Spend
from harness.records.load import Load
from harness.records.predictions import scored_rows
from harness.records.reading import read_load, read_metrics, records_of
from harness.records.schema import Metrics, RunRecord
from harness.records.store import FINISHED, MAX_ERRORS, no_run

__all__ = ["Excluded", "Folders", "Ranked", "Trial", "read_trial", "read_trials", "said_once"]

Folders = Path | Sequence[Path]  # one folder of records, or several that are read as one
Ranked = Literal["auto", "tuned", "untuned", "all"]  # whose runs count, by their effort

ENOUGH = 0.9  # share of the usual number of rows that a run needs to be compared


@dataclass(frozen=True)
class Trial:
    """A run that counts."""

    folder: Path
    record: RunRecord
    rows: ScoredRows  # without those that have an error
    failed: tuple[str, ...]  # ids of these
    derived: Metrics  # its metrics.json

    @cached_property
    def spent(self) -> tuple[list[Spend], list[Spend]]:
        """What its artifact took, and what answering took."""
        return spends(self.folder, self.record)

    @cached_property
    def load(self) -> Load | None:
        """What it sustains, where that was measured."""
        return read_load(self.folder)

    @property
    def primary(self) -> str:
        """Name of the primary metric."""
        return self.derived.primary

    @property
    def model(self) -> str | None:
        """Name of the language model; None where none takes part."""
        return self.record.model_name


@dataclass(frozen=True, slots=True)
class Excluded:
    """A run or a configuration that doesn't count."""

    name: str  # id of the run, or name of the configuration
    reason: Reason

    def say(self, language: Language = "en") -> str:
        """Returns the name with the reason."""
        return f"{self.name}: {self.reason.say(language)}"


def said_once(excluded: Iterable[Excluded], language: Language = "en") -> list[str]:
    """Returns each reason once, with the names of all that it holds for."""
    names: dict[str, list[str]] = {}
    for each in excluded:
        names.setdefault(each.reason.say(language), []).append(each.name)
    return [f"{', '.join(several)}: {why}" for why, several in names.items()]


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Leaves garbage in circles alone: looking for it among millions of values takes a fifth of the
    time that reading them does, and reading makes none.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@_uncollected()
def read_trials(
    results: Folders, task: str, effort: Ranked = "auto"
) -> tuple[list[Trial], list[Excluded]]:
    """Reads the runs of a task that count, and what was left out with the reason.

    Of several attempts at the same work the last one counts. Runs whose hyper-parameters were
    searched for are never ranked with others, whose were not: `effort` says which of them count.

    Raises:
        UsageError: There is no run of the task that counts.
    """
    trials: dict[str, Trial] = {}
    excluded: list[Excluded] = []
    tasks = set()
    roots = [results] if isinstance(results, Path) else results
    damaged: list[tuple[Path, DataError]] = []
    for folder, record in (each for root in roots for each in records_of(root, damaged)):
        tasks.add(record.task.name)
        if record.task.name != task:
            continue
        run = _read(folder, record)
        if isinstance(run, Excluded):
            excluded.append(run)
        else:
            trials[record.key] = run
    excluded += [
        Excluded(folder.name, Reason("damaged", {"error": error.message}))
        for folder, error in damaged
        if folder.name.startswith(f"{task}_")
    ]
    if not trials and not excluded:
        if not tasks:
            raise no_run(roots)
        where = ", ".join(map(str, roots))
        raise UsageError(f"there is no run of {task!r} in {where}", nearest(task, tasks))
    runs = _of_one_effort(_alike(list(trials.values()), excluded), excluded, effort)
    if not runs:
        reasons = "; ".join(f"{each.name}: {each.reason}" for each in excluded)
        raise UsageError(f"no run of {task} counts", reasons)
    return runs, excluded


def _read(folder: Path, record: RunRecord) -> Trial | Excluded:
    if record.status == FINISHED and record.strategy.ceiling:
        return Excluded(folder.name, Reason("ceiling", {"label": record.label}))
    return read_trial(folder, record)


def read_trial(folder: Path, record: RunRecord) -> Trial | Excluded:
    """Reads one run, a ceiling as well."""
    name = folder.name
    if record.status != FINISHED:
        return Excluded(name, Reason("unfinished", {"status": record.status}))
    if record.server and record.server.stand_in:
        return Excluded(name, Reason("stand_in"))
    try:
        rows, derived = scored_rows(folder, record), read_metrics(folder)
    except HarnessError as error:
        return Excluded(name, Reason("damaged", {"error": str(error)}))
    if derived is None:
        return Excluded(name, Reason("damaged", {"error": "it has no metrics.json"}))
    answered = rows.answered
    errors = len(rows) - len(answered)
    if errors > MAX_ERRORS * len(rows) or errors == len(rows):
        return Excluded(name, Reason("errors", {"errors": errors, "rows": len(rows)}))
    failed = rows.where(rows.outcomes.equal("error")).ids if errors else ()
    return Trial(folder, record, answered, failed, derived)


def _alike(runs: Sequence[Trial], excluded: list[Excluded]) -> list[Trial]:
    """Keeps what can be compared: one declaration of the task, the same test, about as many rows.

    A longer run stays: rows that all have are compared. Of one seed at several limits the run with
    the most rows counts: it is no second seed.
    """
    declared = Counter(map(_declared, runs))
    usual = max(declared, key=lambda key: (declared[key], str(key)), default=None)
    alike = [run for run in runs if _declared(run) == usual]
    tests, size = _usual_tests(alike), _usual_size(alike)
    longest: dict[tuple[object, ...], Trial] = {}
    for run in alike:
        before = longest.setdefault(_same_seed(run), run)
        if len(run.rows) > len(before.rows):
            longest[_same_seed(run)] = run
    kept = []
    for run in runs:
        if _declared(run) != usual:
            reason = Reason("declared")
        elif run.record.task.digests.get("test") != tests[run.record.task.rows.test]:
            reason = Reason("other_test")
        elif len(run.rows) < ENOUGH * size:
            reason = Reason("few_rows", {"have": len(run.rows), "most": size})
        elif longest[_same_seed(run)] is not run:
            reason = Reason("same_seed", {"other": longest[_same_seed(run)].folder.name})
        else:
            kept.append(run)
            continue
        excluded.append(Excluded(run.folder.name, reason))
    return kept


def _usual_tests(runs: Sequence[Trial]) -> dict[int, str | None]:
    """By how many test rows were asked the digest that most runs have: others had other rows."""
    tests = Counter(
        (run.record.task.rows.test, run.record.task.digests.get("test")) for run in runs
    )
    usual: dict[int, str | None] = {}
    for (rows, digest), _ in sorted(tests.items(), key=lambda each: (-each[1], str(each[0]))):
        usual.setdefault(rows, digest)
    return usual


def _usual_size(runs: Sequence[Trial]) -> int:
    """The number of rows that most configurations have about; of several the largest."""
    sizes = [len(run.rows) for run in runs]

    def near(size: int) -> int:
        close = (run for run in runs if ENOUGH <= len(run.rows) / size <= 1 / ENOUGH)
        return len({(run.record.label, run.model) for run in close})

    return max(sizes, key=lambda size: (near(size), size), default=0)


def _same_seed(run: Trial) -> tuple[object, ...]:
    """What two runs have in common that differ by their test rows alone."""
    record = run.record
    parameters = json.dumps([record.strategy.parameters, record.effort], sort_keys=True)
    work = (record.keys.artifact, run.model, record.config.train_limit, record.readout)
    made = record.source is not None and run.folder.name
    where = (record.device.device_class, record.config.form, made)
    return (*work, *where, parameters, record.config.seed)


def _of_one_effort(runs: list[Trial], excluded: list[Excluded], effort: Ranked) -> list[Trial]:
    """Keeps tuned runs, or those that aren't; what has no hyper-parameters stays with both.

    By default those of which there are more configurations, the tuned ones where there are as many.
    """
    tuned = [run for run in runs if run.record.effort == "tuned"]
    others = [run for run in runs if run.record.effort != "tuned" and run.record.has_choices]
    if effort == "auto":
        more, less = ({(run.record.label, run.model) for run in side} for side in (tuned, others))
        effort = "tuned" if len(more) >= len(less) else "untuned"
    out = {"tuned": others, "untuned": tuned, "all": []}[effort]
    if not out or len(out) == len(runs):
        return runs
    reason = Reason(f"effort_{effort}")
    excluded += [Excluded(run.folder.name, reason) for run in out]
    left = {id(run) for run in out}
    return [run for run in runs if id(run) not in left]


def _declared(run: Trial) -> tuple[str, str]:
    return run.record.task.digest, run.primary
