"""Two runs over the rows that both have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.analysis.rows import clusters_of, labels_of, values_of
from harness.analysis.summary import sharing, understated
from harness.errors import UsageError, nearest
from harness.metrics.metric import MATCHES
from harness.metrics.registry import is_money, known, sign_of
from harness.metrics.scored_rows import ScoredRows
from harness.metrics.statistics.counts import METRICS
from harness.metrics.statistics.paired import Paired, paired_counts, paired_difference
from harness.metrics.statistics.resampling import wilson
from harness.metrics.statistics.seeds import crossed_difference
from harness.records.files import Json
from harness.records.predictions import scored_rows, stored_predictions
from harness.records.reading import read_metrics, read_record
from harness.records.schema import RunRecord
from harness.records.store import FINISHED

Compared = dict[str, Any]  # a comparison as JSON values
PAIRED = ("low", "high", "n", "clusters", "p_value", "method")
__all__ = ["Side", "compare_runs", "compare_seeds", "open_sides"]


@dataclass(frozen=True)
class Side:
    """One of two runs that are compared."""

    folder: Path
    record: RunRecord
    rows: ScoredRows  # without those that have an error; of one slice, if it was named

    def lines(self) -> dict[str, Json]:
        """Returns the stored predictions of these rows, by id."""
        wanted = set(self.rows.ids)
        stored = stored_predictions(self.folder, self.record)
        return {line["id"]: line for line in stored if line["id"] in wanted}


def compare_runs(
    a: Path,
    b: Path,
    *,
    metric: str | None = None,
    slice_: str | None = None,
    sides: tuple[Side, Side] | None = None,  # Of `open_sides`, where they were read already
) -> Compared:
    """Computes the paired difference a minus b, clusters resampled.

    `metric` is one of rows, or F1 or Matthews' coefficient; by default the primary one where that
    is money or lm-eval's, else ``correct``, the task's own rule for a row. `slice_` is ``column=value``. Money
    is for 1,000 cases. A positive difference is good for a only where ``higher_is_better``.
    ``beside`` has the same of value match and contains, where both runs have them; ``flipped`` counts
    the rows that only one run has right, ``agreement`` is the share of equal answers.

    Raises:
        UsageError: Other tasks, an unknown metric or slice, or no row in common.
    """
    left, right = sides or open_sides(a, b, slice_=slice_)
    metric = metric or _money_metric(a)
    paired = asdict(_paired(left, right, metric))
    beside = {name: asdict(_paired(left, right, name)) for name in _others(metric, left, right)}
    return {
        **_head(left, right, metric, slice_),
        **paired,
        "beside": beside,
        "agreement": _agreement(left.rows, right.rows),
        "flipped": _flipped(left.rows, right.rows),
        "warnings": [*_turns(paired, beside), *_warnings(left, right, paired["n"])],
    }


def compare_seeds(
    a: Path,
    b: Path,
    *,
    metric: str | None = None,
    slice_: str | None = None,
    sides: tuple[Side, Side] | None = None,  # As there
) -> Compared:
    """Compares two configurations over all seeds that lie beside the two runs, items paired.

    The interval adds the variance of items and that of seeds.

    Raises:
        UsageError: As `compare_runs`, or the metric is a figure of all rows together.
    """
    if metric in METRICS:
        raise UsageError(f"{metric} isn't compared over seeds", "Take a metric of rows.")
    left, right = sides or open_sides(a, b, slice_=slice_)
    first, second = (_siblings(side, slice_) for side in (left, right))
    crossed = _crossed(first, second, metric)
    beside = {name: _crossed(first, second, name) for name in _others(metric, *first, *second)}
    for each in beside.values():
        del each["seeds"]
    return {
        **_head(left, right, metric, slice_),
        **crossed,
        "beside": beside,
        "warnings": [*_turns(crossed, beside), *_warnings(left, right, crossed["n"])],
    }


def _crossed(left: Sequence[Side], right: Sequence[Side], metric: str | None) -> Compared:
    first, second = ([values_of(each.rows, metric) for each in side] for side in (left, right))
    crossed = crossed_difference(first, second, clusters_of(left[0].rows))
    figures = {name: getattr(crossed, name) for name in PAIRED}
    return {"difference": crossed.value, **figures, "seeds": list(crossed.seeds)}


def _others(metric: str | None, *sides: Side) -> list[str]:
    """Names the other ones of `MATCHES` that all runs have; the task's own rule is the first."""
    name = MATCHES[0] if metric in (None, "correct") else metric
    return [
        other
        for other in MATCHES
        if name in MATCHES and other != name
        if all(other in side.rows.values for side in sides)
    ]


def _agreement(left: ScoredRows, right: ScoredRows) -> Compared | None:
    """Returns the share of rows with the same answer; None where a run keeps no answers.

    A row whose answer neither run has is left out.
    """
    first, second = (dict(zip(x.ids, x.predicted.texts(), strict=True)) for x in (left, right))
    if not any(first.values()) or not any(second.values()):
        return None
    both = [name for name, text in first.items() if name in second and (text or second[name])]
    same = sum(first[name] == second[name] for name in both)
    low, high = wilson(same, len(both))
    return {"value": same / len(both), "low": low, "high": high, "n": len(both)}


def _flipped(left: ScoredRows, right: ScoredRows) -> int:
    """Counts the rows that one run has right and the other one wrong."""
    first, second = (dict(zip(x.ids, x.correct.tolist(), strict=True)) for x in (left, right))
    return sum(right != second.get(name, right) for name, right in first.items())


def _turns(compared: Compared, beside: Mapping[str, Compared]) -> list[str]:
    """Says by which metric the other run is ahead."""
    return [
        f"the order hangs on the metric: the difference by {name} is {other['difference']:+.3f}"
        for name, other in beside.items()
        if compared["difference"] * other["difference"] < 0
    ]


def _siblings(side: Side, slice_: str | None) -> list[Side]:
    """The finished runs that differ from a run by their seed alone, itself among them."""
    from harness.analysis.configurations import configurations_of
    from harness.analysis.trials import read_trials

    runs, _ = read_trials(side.folder.parent, side.record.task.name, "all")
    for configuration in configurations_of(runs):
        folders = [run.folder for run in configuration.runs]
        if side.folder.resolve() in [folder.resolve() for folder in folders]:
            return [
                Side(run.folder, run.record, _rows(run.folder, run.record, slice_))
                for run in configuration.runs
            ]
    return [side]


def _head(left: Side, right: Side, metric: str | None, slice_: str | None) -> Compared:
    derived = read_metrics(left.folder)
    figure = derived.metrics.get(metric or "") if derived else None
    return {
        "a": left.folder.name,
        "b": right.folder.name,
        "task": left.record.task.name,
        "metric": metric or "correct",
        "higher_is_better": sign_of(metric or "correct") > 0,
        "unit": figure.unit if figure else "",
        "slice": slice_,
    }


def _money_metric(folder: Path) -> str | None:
    derived = read_metrics(folder)
    primary = derived.primary if derived else None
    if primary is None:
        return None
    ours = primary in known() and known()[primary].kinds
    return primary if not ours or is_money(primary) else None


def open_sides(a: Path, b: Path, *, slice_: str | None = None) -> tuple[Side, Side]:
    """Reads two finished runs of one task.

    Raises:
        UsageError: Other tasks, an unfinished run, or an unknown slice.
    """
    records = [read_record(folder) for folder in (a, b)]
    for folder, record in zip((a, b), records, strict=True):
        if record.status != FINISHED:
            raise UsageError(
                f"{folder.name} is {record.status}, not finished", "Its own command goes on."
            )
    tasks = [record.task.name for record in records]
    if tasks[0] != tasks[1]:
        raise UsageError(
            f"{tasks[0]} and {tasks[1]} are different tasks", "Compare two runs of one task."
        )
    first, second = (
        Side(folder, record, _rows(folder, record, slice_))
        for folder, record in zip((a, b), records, strict=True)
    )
    return first, second


def _rows(folder: Path, record: RunRecord, slice_: str | None) -> ScoredRows:
    rows = scored_rows(folder, record).answered
    if slice_ is None:
        return rows
    column, _, value = slice_.partition("=")
    known = {f"{name}={text}" for name, texts in rows.columns.items() for text in texts.there()}
    if slice_ not in known:
        raise UsageError(f"there is no slice {slice_!r}", nearest(slice_, known))
    return rows.where(rows.columns[column].equal(value))


def _paired(left: Side, right: Side, metric: str | None) -> Paired:
    clusters = {
        name: cluster or name
        for side in (right, left)
        for name, cluster in clusters_of(side.rows).items()
    }
    if metric not in METRICS:
        first, second = (values_of(side.rows, metric) for side in (left, right))
        share = not is_money(metric or "correct")
        return paired_difference(first, second, clusters, share=share)
    if left.rows.targets.equal("").any():
        raise UsageError(
            f"{metric} needs the labels, which {left.folder.name} didn't store",
            "Run with --store-text full, or compare a metric of rows.",
        )
    targets, predicted = labels_of(left.rows)
    _, others = labels_of(right.rows)
    return paired_counts(predicted, others, targets, clusters, metric)


def _warnings(left: Side, right: Side, n: int) -> list[str]:
    warnings = []
    readouts = [side.record.readout for side in (left, right)]
    if readouts[0] != readouts[1]:
        warnings.append(f"the readouts differ: {readouts[0]} and {readouts[1]}")
    warnings += dict.fromkeys(filter(None, (understated(s.record) for s in (left, right))))
    if left.record.task.digest != right.record.task.digest:
        warnings.append("the task was declared differently in the two runs")
    warnings += [
        f"{side.folder.name}: {shared}"
        for side in (left, right)
        if (shared := sharing(side.record))
    ]
    warnings += [
        f"{side.folder.name}: a stand-in for a vendor trained it, so its answers are no result"
        for side in (left, right)
        if side.record.server and side.record.server.stand_in
    ]
    if len(left.rows) != len(right.rows) or n < len(left.rows):
        warnings.append(f"{n} rows are common to both, of {len(left.rows)} and {len(right.rows)}")
    return warnings
