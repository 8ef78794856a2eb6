"""A log's own scores beside those of the record that was made of it."""

from __future__ import annotations

from pathlib import Path

from harness.records.files import Json
from harness.records.foreign import ForeignLog
from harness.records.predictions import stored_predictions
from harness.records.reading import read_log
from harness.records.schema import RunRecord

__all__ = ["log_shown"]

FIRST = 10  # rows that are named, of those with another score


def log_shown(folder: Path, record: RunRecord) -> Json | None:
    """Returns what a summary shows of the log that answers were read from; None without one.

    A row differs where the log has it wholly right and we don't, or the other way round; a score
    between, or outside 0-1, is neither and counts apart (``graded``).
    """
    log = read_log(folder)
    if log is None:
        return None
    shown: Json = log.model_dump(mode="json", exclude={"scores", "places"})
    return shown | {"agreement": _agreement(log, folder, record)}


def _agreement(log: ForeignLog, folder: Path, record: RunRecord) -> Json | None:
    """Compares by row; only rows with an answer and a score of the log count."""
    if not log.scores:
        return None
    pairs = [
        (line["id"], log.scores[line["id"]], bool(line["correct"]))
        for line in stored_predictions(folder, record)
        if line["id"] in log.scores and line["outcome"] != "error"
    ]
    if not pairs:
        return None
    graded = [id_ for id_, theirs, _ in pairs if theirs not in (0.0, 1.0)]
    differ = [id_ for id_, theirs, ours in pairs if theirs in (0.0, 1.0) and theirs != ours]
    return {
        "n": len(pairs),
        "theirs": sum(theirs for _, theirs, _ in pairs) / len(pairs),
        "ours": sum(ours for _, _, ours in pairs) / len(pairs),
        "graded": len(graded),
        "differ": len(differ),
        "rows": [{"id": id_, "place": log.places.get(id_, "")} for id_ in differ[:FIRST]],
    }
