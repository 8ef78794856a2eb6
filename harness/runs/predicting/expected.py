"""What a run's test lets one expect of new rows, and whether they look like its test rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from harness.metrics.statistics.resampling import wilson
from harness.records.files import Json
from harness.records.predictions import stored_predictions
from harness.records.reading import read_metrics, read_record

__all__ = ["expected", "unlike"]

SELECTIVE = "selective_accuracy"
SHARES = {"abstained": "were abstained from", "unread": "have no answer that can be read"}


def expected(folder: Path) -> Json:
    """Returns what was measured on a run's test rows: figures, and the shares of `SHARES`.

    Empty where the run has no metrics.
    """
    metrics, record = read_metrics(folder), read_record(folder)
    if metrics is None:
        return {}
    counts: Counter[str] = Counter()
    for line in stored_predictions(folder, record):
        counts["rows"] += 1
        counts["abstained"] += bool(line["abstained"])
        counts["unread"] += line["outcome"] not in ("ok", "error")
    figures = {
        name: metrics.metrics[name].model_dump(mode="json")
        for name in (metrics.primary, SELECTIVE)
        if name in metrics.metrics
    }
    return {"metrics": figures, "primary": metrics.primary, **counts}


def unlike(counts: Json, test: Json) -> Iterator[str]:
    """Says in which share new rows differ from test rows: their 95 % intervals lie apart.

    ``counts`` has the new rows' ``rows`` and the counts of `SHARES`, as `expected` does.
    """
    for name, words in SHARES.items():
        if not (counts["rows"] and test.get("rows")):
            return
        here, there = (wilson(each.get(name, 0), each["rows"]) for each in (counts, test))
        if here[0] > there[1] or here[1] < there[0]:
            shares = [each.get(name, 0) / each["rows"] for each in (counts, test)]
            yield (
                f"these rows are unlike the test rows: {shares[0]:.1%} {words}, {shares[1]:.1%} "
                "there. What was measured there may not hold here."
            )
