"""Which runs of one or several folders a report is about, joined into settings by task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.analysis.reasons import Reason
from harness.analysis.runs import Excluded, Run, read_run, read_runs
from harness.analysis.settings import Setting, settings_of
from harness.errors import UsageError
from harness.records.reading import records_of
from harness.records.schema import RunRecord

__all__ = ["TaskRuns", "NamedSetting", "find_tasks", "machine_of"]


@dataclass(frozen=True)
class NamedSetting:
    """A setting with its place in the report."""

    label: str  # unique within the task
    model: str | None  # its name; None where no language model takes part
    setting: Setting
    why_not: Reason | None = None  # ranked


@dataclass(frozen=True)
class TaskRuns:
    """The runs of one task."""

    task: str
    settings: list[
        NamedSetting
    ]  # all that is shown; ceilings and small runs among them, not ranked
    models: list[str | None]  # None where only baselines were run
    read: tuple[list[Run], list[Excluded]]  # runs that count, and those that don't

    @property
    def excluded(self) -> list[Excluded]:
        """Runs that don't count, with the reason."""
        return self.read[1]

    @property
    def ranked(self) -> list[NamedSetting]:
        """The settings that are compared."""
        return [each for each in self.settings if each.why_not is None]

    @property
    def runs(self) -> list[Run]:
        """All runs that are shown."""
        return [run for each in self.settings for run in each.setting.runs]


def find_tasks(results: Sequence[Path]) -> list[TaskRuns]:
    """Reads all tasks of some folders, the one with the most settings first.

    Args:
        results: Folders of records; of the same work the last one counts.

    Raises:
        UsageError: There is no run at all.
    """
    folders: dict[str, dict[str, tuple[Path, RunRecord]]] = {}
    for root in results:
        for folder, record in records_of(root):
            folders.setdefault(record.task.name, {})[folder.name] = (folder, record)
    if not folders:
        where = ", ".join(map(str, results))
        raise UsageError(f"there is no run in {where}", "Make one: harness run --strategy qlora")
    tasks = [_find(results, name, folders[name]) for name in sorted(folders)]
    return sorted(tasks, key=lambda each: (-len(each.ranked), each.task))


def _find(
    results: Sequence[Path], task: str, folders: Mapping[str, tuple[Path, RunRecord]]
) -> TaskRuns:
    try:
        runs, excluded = read_runs(results, task)
    except UsageError:  # no run counts: each is named with its reason
        runs, excluded = [], _reasons(folders)
    models: list[str | None] = [*sorted({run.model for run in runs if run.model})]
    several = len(models) > 1
    settings = [
        NamedSetting(_label(each, several), each.runs[0].model, each)
        for each in _settings(runs, models or [None])
    ]
    taken = {each.label for each in settings}
    unranked: dict[str, list[Run]] = {}
    reasons = {}
    for run, reason in _not_ranked(excluded, folders):
        unranked.setdefault(reason.code, []).append(run)
        reasons[reason.code, run.folder.name] = reason
    for code, others in unranked.items():
        known = [*sorted({run.model for run in others if run.model})]
        for each in _settings(others, known or [None]):
            name = each.runs[0].folder.name
            label = _label(each, several)
            label = f"{label} ({name})" if label in taken else label
            settings.append(NamedSetting(label, each.runs[0].model, each, reasons[code, name]))
    return TaskRuns(task, settings, models or [None], (runs, excluded))


def _settings(runs: Sequence[Run], models: Sequence[str | None]) -> list[Setting]:
    """Settings by model, named as a recommendation names them; baselines come once."""
    return [
        each
        for number, model in enumerate(models)
        for each in settings_of([run for run in runs if run.model in (model, None)])
        if number == 0 or each.runs[0].model is not None
    ]


def _label(setting: Setting, several: bool) -> str:
    model = setting.runs[0].model
    return f"{setting.name} · {model}" if several and model else setting.name


def _reasons(folders: Mapping[str, tuple[Path, RunRecord]]) -> list[Excluded]:
    excluded = []
    for name, (folder, record) in folders.items():
        run = read_run(folder, record)
        ceiling = record.strategy.ceiling
        reason = Reason("ceiling", {"label": record.label}) if ceiling else Reason("declared")
        excluded.append(run if isinstance(run, Excluded) else Excluded(name, reason))
    return excluded


def _not_ranked(
    excluded: Sequence[Excluded], folders: Mapping[str, tuple[Path, RunRecord]]
) -> Iterator[tuple[Run, Reason]]:
    """Finished runs that are shown without being ranked: ceilings, and those with few rows."""
    latest: dict[str, tuple[Run, Reason]] = {}
    for each in excluded:
        if each.reason.code not in ("ceiling", "few_rows") or each.name not in folders:
            continue
        folder, record = folders[each.name]
        run = read_run(folder, record)
        if isinstance(run, Run) and run.rows:
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
