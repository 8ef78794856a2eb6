"""What a report shows, as plain values: everything else is drawing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.costs.book import PriceBook
from harness.errors import HarnessError, UsageError
from harness.results import summary
from harness.store import FINISHED, RUN, Store, read_json

__all__ = ["ReportData", "TaskReport", "report_data"]


@dataclass
class TaskReport:
    """The runs of one task.

    Attributes:
        name: Of the task.
        details: What the task's declaration says of itself.
        primary: Name of the primary metric.
        runs: Summaries of finished runs, best first.
        warnings: What keeps runs from being compared.
    """

    name: str
    details: dict[str, Any]
    primary: str
    runs: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass
class ReportData:
    """A whole report.

    Attributes:
        tasks: One entry a task, by name.
        unfinished: Run id and status of runs that have no result.
        provenance: By run id: device, versions, commit, keys.
        prices: Date and machine that the costs are priced by.
    """

    tasks: list[TaskReport]
    unfinished: list[tuple[str, str]]
    provenance: dict[str, dict[str, Any]]
    prices: str


def report_data(results: Path, book: PriceBook) -> ReportData:
    """Reads all runs of a folder. Of several attempts at the same work the last one counts.

    Args:
        results: Folder of the records.
        book: Prices.

    Raises:
        UsageError: There is no run at all.
    """
    tasks: dict[str, TaskReport] = {}
    unfinished: list[tuple[str, str]] = []
    provenance: dict[str, dict[str, Any]] = {}
    latest: dict[str, tuple[Path, dict[str, Any]]] = {}
    for folder, record in Store(results).runs():
        if record["status"] == FINISHED:
            latest[record["key"]] = (folder, record)
        else:
            unfinished.append((folder.name, record["status"]))
    for folder, record in latest.values():
        try:
            run = summary(folder, book)
        except HarnessError as error:  # a damaged record must not take the others with it
            unfinished.append((folder.name, str(error)))
            continue
        details = record["task"]
        task = tasks.setdefault(run["task"], TaskReport(run["task"], details, run["primary"] or ""))
        task.runs.append(run)
        provenance[run["run_id"]] = _provenance(folder)
    if not tasks and not unfinished:
        raise UsageError(f"there is no run in {results}", "Make one: harness run --strategy qlora")
    for task in tasks.values():
        task.runs.sort(key=lambda run: _rank(run["metrics"][task.primary]))
        task.warnings = _warnings(task)
    machine = book.machine(book.defaults.cpu)
    prices = f"CPU runs as {machine.provider} {machine.id} ({machine.region}), {machine.date}"
    return ReportData([tasks[name] for name in sorted(tasks)], unfinished, provenance, prices)


def _rank(figure: dict[str, Any]) -> tuple[bool, float]:
    """Sorts the best first, whichever way the metric goes; what is undefined goes last."""
    value = figure["value"]
    if value is None:
        return (True, 0.0)
    return (False, value if figure.get("higher_is_better") is False else -value)


def _provenance(folder: Path) -> dict[str, Any]:
    record = read_json(folder / RUN)
    source = record["provenance"]
    commit = source.get("commit")
    return {
        "strategy": record["strategy"]["parameters"],
        "model": record.get("model"),
        "keys": record["keys"],
        "task digest": record["task"].get("digest"),
        "data digests": record["task"].get("digests"),
        "device": record["device"],
        "machine": source["machine"],
        "libraries": source["libraries"],
        "commit": f"{commit}{' (changed files)' if source.get('dirty') else ''}"
        if commit
        else None,
        "started": record["started"],
        "finished": record["finished"],
        "artifact": record.get("artifact"),
        "command": source.get("command"),
    }


def _warnings(task: TaskReport) -> list[str]:
    found = []
    if len({run["n"] for run in task.runs}) > 1:
        found.append("The runs have different numbers of test rows: compare with care.")
    if len({run["readout"] for run in task.runs} - {"classifier", "declared"}) > 1:
        found.append("Answers are read off likelihoods in some runs, off text in others.")
    if len({run["device"] for run in task.runs}) > 1:
        found.append("The runs are from different machines: quality compares, seconds don't.")
    return found
