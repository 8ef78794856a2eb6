"""What a disturbed job ended with, next to what the undisturbed one did."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.chaos.jobs import Job
from benchmarks.chaos.lanes import Lane
from harness.errors import DataError
from harness.records.files import read_lines
from harness.records.ledger import read_ledger
from harness.records.reading import read_record, records_of

__all__ = ["differences"]

LEFT_BEHIND = (".*", "*.part", "*.lock", ".writing-*")
WEIGHTS = "artifacts/*/**/*.safetensors"
CHUNK_ROWS = 128  # that answering begins again, at most, after each kill


def differences(
    job: Job,
    lane: Lane,  # the disturbed job
    whole: Lane,  # the undisturbed one
    asked: Counter[str],  # requests that the vendor answered for the lane, by their digest
) -> list[str]:
    """Says in words what isn't as it should be; nothing where all is."""
    found = []
    if lane.code != 0:
        found.append(f"the last attempt ended with {lane.code}")
    damaged: list[tuple[Path, DataError]] = []
    ours, theirs = _records(lane.results, damaged), _records(whole.results)
    found += [f"a record can't be read: {error.message}" for _, error in damaged]
    if ours.keys() != theirs.keys():
        found.append(f"records: {sorted(ours)} instead of {sorted(theirs)}")
    for key in ours.keys() & theirs.keys():
        found += [f"{key[:8]}: {text}" for text in _record_differences(ours[key], theirs[key])]
    if _weights(lane.results) != _weights(whole.results):
        found.append("the trained weights differ")
    found += [
        f"{page} differs"
        for page in job.pages
        if (lane.folder / page).read_bytes() != (whole.folder / page).read_bytes()
    ]
    found += _leftovers(lane.results)
    found += _billed_twice(job, lane, asked)
    return found


def _records(results: Path, damaged: list[tuple[Path, DataError]] | None = None) -> dict[str, Path]:
    return {record.key: folder for folder, record in records_of(results, damaged)}


def _record_differences(ours: Path, theirs: Path) -> Iterator[str]:
    if _predictions(ours) != _predictions(theirs):
        yield "the predictions differ"
    figures = [json.loads((folder / "metrics.json").read_text()) for folder in (ours, theirs)]
    if figures[0] != figures[1]:
        yield "the metrics differ"
    records = [_stable(folder) for folder in (ours, theirs)]
    yield from (
        f"run.json: {name} differs" for name in records[0] if records[0][name] != records[1][name]
    )


def _predictions(folder: Path) -> list[dict[str, Any]]:
    """All lines by id, without what depends on which prompts shared a prefix in an attempt."""
    lines = sorted(read_lines(folder / "predictions.jsonl"), key=lambda line: str(line["id"]))
    return [
        line | {"usage": {k: v for k, v in line["usage"].items() if k != "computed_tokens"}}
        for line in lines
    ]


def _stable(folder: Path) -> dict[str, Any]:
    record = read_record(folder)
    names = ("status", "keys", "config", "strategy", "task", "readout", "metrics", "plugins")
    return record.model_dump(include=set(names), mode="json")


def _weights(results: Path) -> dict[str, str]:
    """Digests of adapters and weights, without the checkpoints that training resumed from."""
    return {
        str(path.relative_to(results)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(results.glob(WEIGHTS))
        if "checkpoints" not in path.parts
    }


def _leftovers(results: Path) -> list[str]:
    left = {path for pattern in LEFT_BEHIND for path in results.rglob(pattern)}
    return [f"left behind: {path.relative_to(results)}" for path in sorted(left)]


def _billed_twice(job: Job, lane: Lane, asked: Counter[str]) -> Iterator[str]:
    """Seconds beyond those that passed; tokens or requests beyond those that were answered."""
    folders = [*_records(lane.results).values(), *lane.results.glob("artifacts/*")]
    spans = [span for folder in folders for span in read_ledger(folder / "ledger.jsonl")]
    seconds = sum(span.seconds for span in spans if span.paid == "paid")
    if seconds > lane.seconds and not job.reads:  # what it reads was made before
        yield f"{seconds:.1f} s are billed, {lane.seconds:.1f} s passed"
    folder = next(iter(_records(lane.results).values()), None)
    if not asked or folder is None:
        return
    lines = read_lines(folder / "predictions.jsonl")
    kept = read_lines(folder / "responses.jsonl")
    if len({line["key"] for line in kept}) != len(kept):
        yield "the journal holds a response twice"
    billed = sum(span.usage.output_tokens for span in spans)
    paid = sum(line["usage"]["output_tokens"] for line in lines)
    if billed != paid:
        yield f"{billed} output tokens are billed, {paid} were received"
    again = sum(asked.values()) - len(lines)
    if not 0 <= again <= job.at_once * len(lane.kills):
        yield f"{again} requests were paid again"
