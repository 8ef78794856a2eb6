"""The user's own metrics: computed when the answers are stored, so that none is lost by them.

A value that fails is missing on its row, and the record says so. The file that defines a metric is
in no key: where it was edited, the same answers get new values. Where a record keeps no full text,
values are computed while the text is at hand, and lie beside the predictions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import TooManyErrors, UsageError, nearest
from harness.metrics.registry import known
from harness.records.files import Json, append_lines, read_lines
from harness.records.keys import digest
from harness.records.predictions import from_line
from harness.records.schema import PluginRecord, RunRecord
from harness.strategy.registry import load_object
from harness.types import Scored

__all__ = [
    "OwnMetric",
    "add_values",
    "keep_values",
    "own_metrics",
    "raise_for_metrics",
    "stale",
    "with_values",
]

VALUES = "own-metrics.jsonl"
NO_TEXT = "the text of its answer isn't kept (--store-text); --force answers again"


@dataclass(frozen=True)
class OwnMetric:
    """A function of the user's that scores a row."""

    reference: str  # ``path.py:function``
    function: Callable[[Scored], float]  # NaN where it isn't defined
    digest: str  # sha256 of the file

    def value(self, scored: Scored) -> Json:
        """Returns the ``value`` for a row, or the ``error`` that the function ended with."""
        try:
            return {"value": float(self.function(scored))}
        except (Exception, SystemExit) as error:  # somebody else's code may raise anything
            return {"error": f"{type(error).__name__}: {error}"[:300]}


def own_metrics(references: Sequence[str]) -> dict[str, OwnMetric]:
    """Loads metrics given as ``path.py:function``; none may have the name of a built-in one.

    Raises:
        UsageError: It is no function, or has the name of a built-in metric.
    """
    metrics: dict[str, OwnMetric] = {}
    for reference in references:
        file, _, name = reference.rpartition(":")
        if not file.endswith(".py"):
            raise UsageError(
                f"--metric {reference!r} is no path.py:function",
                f"The task's own metrics need no flag. {nearest(reference, known())} "
                "`harness list metrics` says what each is.",
            )
        function = load_object(reference)
        if not callable(function) or name in known():
            raise UsageError(
                f"{reference} can't be a metric",
                "It has to be a function of a Scored row, with another name than these: "
                + ", ".join(sorted(known())),
            )
        text = Path(file).expanduser().read_text(encoding="utf-8")
        metrics[name] = OwnMetric(reference, function, digest(text))
    return metrics


def stale(record: RunRecord, metrics: Mapping[str, OwnMetric]) -> dict[str, OwnMetric]:
    """Returns the metrics that a record lacks: new ones, edited ones, and those that failed."""
    done = {name: each.digest for name, each in record.plugins.items() if not each.failed}
    return {name: each for name, each in metrics.items() if done.get(name) != each.digest}


def keep_values(folder: Path, metrics: Mapping[str, OwnMetric], rows: Sequence[Scored]) -> None:
    """Stores the values of rows whose text won't be there later."""
    lines = [
        {"id": row.id, "digest": metric.digest, "metric": name, **metric.value(row)}
        for row in rows
        for name, metric in metrics.items()
        if row.outcome != "error"
    ]
    append_lines(folder / VALUES, lines)


def with_values(
    lines: Sequence[Json], metrics: Mapping[str, OwnMetric], folder: Path, *, full: bool
) -> dict[str, PluginRecord]:
    """Puts the metrics' values into lines of predictions; says how that went for each metric."""
    values = read_lines(folder / VALUES, fields={"metric": str, "digest": str, "id": str})
    kept = {(line["metric"], line["digest"], line["id"]): line for line in values}
    answered = [line for line in lines if line["outcome"] != "error"]
    records = {}
    for name, metric in metrics.items():
        failures = []
        for line in answered:
            line["values"].pop(name, None)
            if full:
                result = metric.value(from_line(line))
            else:
                result = kept.get((name, metric.digest, line["id"]), {"error": NO_TEXT})
            if "error" in result:
                failures.append((line["id"], result["error"]))
            else:
                line["values"][name] = result["value"]
        records[name] = PluginRecord(
            digest=metric.digest,
            rows=len(answered),
            failed=len(failures),
            **(dict(zip(("row", "error"), failures[0], strict=True)) if failures else {}),
        )
    return records


def add_values(
    record: RunRecord,
    lines: Sequence[Json],
    metrics: Mapping[str, OwnMetric],
    folder: Path,
    origins: Mapping[str, str],  # By row's id: where it stands
    notify: Callable[[str], None],
) -> None:
    """Puts the metrics' values into lines, and into the record what became of each metric."""
    results = with_values(lines, metrics, folder, full=record.config.store_text == "full")
    for name, result in results.items():
        if result.failed:
            place = origins.get(result.row) or f"row {result.row}"
            notify(
                f"the metric {name} failed on {result.failed} of {result.rows} rows, which have no "
                f"value of it; the first is {place}: {result.error}"
            )
    record.plugins = {**record.plugins, **results}
    record.metrics = tuple(dict.fromkeys((*record.metrics, *results)))


def raise_for_metrics(record: RunRecord) -> None:
    """Raises `TooManyErrors` where a metric of the user's failed on every row."""
    for name, result in record.plugins.items():
        if result.rows and result.failed == result.rows:
            raise TooManyErrors(
                f"the metric {name} failed on all {result.rows} rows: {result.error}",
                "All answers are kept. Correct the file, and run the same command: it makes none again.",
            )
