"""Where each figure comes from: runs with their versions, keys, ledger and command."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from harness.analysis.trials import Trial
from harness.report.collect import NamedConfiguration, TaskRuns, machine_of
from harness.report.data import RunReport
from harness.report.rows import Summary

__all__ = ["run_reports"]

_PLACES = re.compile(r"\s--(?:results|data-dir|prices|docs)(?:=|\s+)(?:'[^']*'|\"[^\"]*\"|\S+)")
"""Options that name places of the machine that ran it, and decide nothing."""


def run_reports(task_runs: TaskRuns, summaries: Mapping[str, Sequence[Summary]]) -> list[RunReport]:
    """Returns the provenance of a task's runs."""
    return [
        _report(task_runs.task, each, run, summary)
        for each in task_runs.configurations
        for run, summary in zip(each.configuration.runs, summaries[each.label], strict=True)
    ]


def _report(task: str, named: NamedConfiguration, run: Trial, summary: Summary) -> RunReport:
    record = run.record
    source = record.provenance
    figure = summary["metrics"].get(run.primary, {})
    return RunReport(
        run_id=record.run_id,
        task=task,
        name=named.label,
        seed=record.config.seed,
        n=summary["n"],
        value=figure.get("value"),
        device=record.device.device_class,
        machine=machine_of(record),
        harness=source.harness or "",
        commit=source.commit,
        dirty=bool(source.dirty),
        started=record.started,
        finished=record.finished or "",
        wall_seconds=record.wall_seconds,
        command=_command(source.command),
        details={
            "parameters": record.strategy.parameters,
            "model": record.model and record.model.as_dict(),
            "keys": record.keys.as_json(),
            "task digest": record.task.digest,
            "data digests": record.task.digests,
            "libraries": source.libraries,
            "machine": source.machine.as_json(),
            "artifact": record.artifact and record.artifact.name,
            "ledger": {
                phase: {k: row[k] for k in ("seconds", "tokens", "paid", "attempts")}
                for phase, row in summary["ledger"].items()
            },
        },
        judge=summary.get("judge"),
    )


def _command(text: str) -> str:
    """The command without places of one machine: it reproduces the run anywhere."""
    return _PLACES.sub("", text).replace(" --json", "")
