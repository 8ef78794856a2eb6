"""Which runs of one or several folders a report is about, joined into configurations by task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.analysis.configurations import Configuration, configurations_of, with_models
from harness.analysis.trials import Excluded, Trial, read_trial, read_trials
from harness.analysis.words import Reason
from harness.errors import UsageError
from harness.records.reading import records_of
from harness.records.schema import RunRecord
from harness.records.store import no_run

__all__ = ["TaskRuns", "NamedConfiguration", "find_tasks", "machine_of"]

UNRANKED = ("ceiling", "few_rows", "effort_tuned", "effort_untuned")
"""Codes of the reasons for which a run is shown without being ranked."""


@dataclass(frozen=True)
class NamedConfiguration:
    """A configuration with its place in the report."""

    label: str  # unique within the task
    configuration: Configuration
    why_not: Reason | None = None  # why it isn't ranked

    @property
    def first(self) -> Trial:
        """The run with the first seed."""
        return self.configuration.runs[0]

    @property
    def model(self) -> str | None:
        """Name of the language model; None where none takes part."""
        return self.first.model


@dataclass(frozen=True)
class TaskRuns:
    """The runs of one task."""

    task: str
    configurations: list[NamedConfiguration]  # all that is shown, those that aren't ranked too
    models: list[str | None]  # None where only baselines were run
    read: tuple[list[Trial], list[Excluded]]  # runs that count, and those that don't

    @property
    def excluded(self) -> list[Excluded]:
        """Runs that don't count, with the reason."""
        return self.read[1]

    @property
    def ranked(self) -> list[NamedConfiguration]:
        """The configurations that are compared."""
        return [each for each in self.configurations if each.why_not is None]

    def of(self, model: str | None) -> list[NamedConfiguration]:
        """The ones that are compared of one model, with the baselines that need none."""
        return [each for each in self.ranked if each.model in (model, None)]

    @property
    def runs(self) -> list[Trial]:
        """All runs that are shown."""
        return [run for each in self.configurations for run in each.configuration.runs]


def find_tasks(results: Sequence[Path]) -> list[TaskRuns]:
    """Reads all tasks of some folders, the one with the most configurations first.

    Raises:
        UsageError: There is no run at all.
    """
    folders: dict[str, dict[str, tuple[Path, RunRecord]]] = {}
    for root in results:
        for folder, record in records_of(root):
            folders.setdefault(record.task.name, {})[folder.name] = (folder, record)
    if not folders:
        raise no_run(results)
    tasks = [_find(results, name, folders[name]) for name in sorted(folders)]
    return sorted(tasks, key=lambda each: (-len(each.ranked), each.task))


def _find(
    results: Sequence[Path], task: str, folders: Mapping[str, tuple[Path, RunRecord]]
) -> TaskRuns:
    try:
        runs, excluded = read_trials(results, task)
    except UsageError:  # no run counts: each is named with its reason
        runs, excluded = [], _reasons(folders)
    models: list[str | None] = [*sorted({run.model for run in runs if run.model})]
    several = len(models) > 1
    plain = configurations_of(runs)
    configurations = [
        NamedConfiguration(full.name, each)
        for full, each in zip(with_models(plain), plain, strict=True)
    ]
    taken = {each.label for each in configurations}
    unranked: dict[str, list[Trial]] = {}
    reasons = {}
    for run, reason in _not_ranked(excluded, folders):
        unranked.setdefault(reason.code, []).append(run)
        reasons[reason.code, run.folder.name] = reason
    for code, others in unranked.items():
        for each in configurations_of(others, runs):
            name, model = each.runs[0].folder.name, each.runs[0].model
            label = f"{each.name} · {model}" if several and model else each.name
            label = f"{label} ({name})" if label in taken else label
            configurations.append(NamedConfiguration(label, each, reasons[code, name]))
    return TaskRuns(task, configurations, models or [None], (runs, excluded))


def _reasons(folders: Mapping[str, tuple[Path, RunRecord]]) -> list[Excluded]:
    excluded = []
    for name, (folder, record) in folders.items():
        run = read_trial(folder, record)
        ceiling = record.strategy.ceiling
        reason = Reason("ceiling", {"label": record.label}) if ceiling else Reason("declared")
        excluded.append(run if isinstance(run, Excluded) else Excluded(name, reason))
    return excluded


def _not_ranked(
    excluded: Sequence[Excluded], folders: Mapping[str, tuple[Path, RunRecord]]
) -> Iterator[tuple[Trial, Reason]]:
    """Finished runs that are shown without being ranked: ceilings, few rows, another effort."""
    latest: dict[str, tuple[Trial, Reason]] = {}
    for each in excluded:
        if each.reason.code not in UNRANKED or each.name not in folders:
            continue
        folder, record = folders[each.name]
        run = read_trial(folder, record)
        if isinstance(run, Trial) and run.rows:
            latest[record.key] = (run, each.reason)
    yield from latest.values()


def machine_of(record: RunRecord) -> str:
    """Writes what a run was on, for a person: ``NVIDIA L4``, ``AMD EPYC, 2 threads``."""
    device = record.device.device_class
    kind, _, name = device.partition(":")
    if name or kind != "cpu":
        return name or device
    machine = record.provenance.machine
    threads = machine.threads
    cores = f"{threads} thread{'s' if threads != 1 else ''}" if threads else ""
    return ", ".join(filter(None, (machine.cpu or "CPU", cores)))
