"""Where each figure comes from: runs with their versions, keys, ledger and command."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from harness.analysis.runs import Run
from harness.report.collect import NamedSetting, TaskRuns, machine_of
from harness.report.data import RunReport

__all__ = ["run_reports"]

_PLACES = re.compile(r"\s--(?:results|data-dir|prices|docs)(?:=|\s+)(?:'[^']*'|\"[^\"]*\"|\S+)")
"""Options that name places of the machine that ran it, and decide nothing."""


def run_reports(
    task_runs: TaskRuns, summaries: Mapping[str, Sequence[Mapping[str, Any]]]
) -> list[RunReport]:
    """Returns the provenance of a task's runs.

    Args:
        task_runs: The task's settings.
        summaries: By label: summaries of the runs.
    """
    return [
        _report(task_runs.task, each, run, summary)
        for each in task_runs.settings
        for run, summary in zip(each.setting.runs, summaries[each.label], strict=True)
    ]


def _report(task: str, named: NamedSetting, run: Run, summary: Mapping[str, Any]) -> RunReport:
    record = run.record
    source = record.get("provenance") or {}
    figure = summary["metrics"].get(run.primary, {})
    return RunReport(
        run_id=record["run_id"],
        task=task,
        name=named.label,
        seed=record["config"]["seed"],
        n=summary["n"],
        value=figure.get("value"),
        device=record["device"]["class"],
        machine=machine_of(record),
        harness=str(source.get("harness") or ""),
        commit=source.get("commit"),
        dirty=bool(source.get("dirty")),
        started=record["started"],
        finished=record["finished"] or "",
        wall_seconds=record["wall_seconds"],
        command=_command(str(source.get("command") or "")),
        details={
            "parameters": record["strategy"]["parameters"],
            "model": record.get("model"),
            "keys": record["keys"],
            "task digest": record["task"].get("digest"),
            "data digests": record["task"].get("digests"),
            "libraries": source.get("libraries"),
            "machine": source.get("machine"),
            "artifact": (record.get("artifact") or {}).get("name"),
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
