"""Records from disk: brought to the current version, checked, typed.

Whoever reads a folder of records takes them from `records_of`. What is damaged, newer or no record
is left out there, and named: once in a process, on stderr.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from harness.errors import DataError
from harness.records.files import RESTORE, Json, read_json, stored, write_json
from harness.records.foreign import LOG, ForeignLog
from harness.records.ledger import read_ledger
from harness.records.load import LOAD, Load
from harness.records.migrations import migrate
from harness.records.predictions import count_predictions
from harness.records.schema import SCHEMA_VERSION, ArtifactRecord, Metrics, RunRecord
from harness.records.store import (
    ARTIFACT,
    ARTIFACT_LEDGER,
    LEDGER,
    METRICS,
    PREDICTIONS,
    RUN,
    Store,
)

__all__ = [
    "checked",
    "known_artifact",
    "known_record",
    "left_out",
    "name_left_out",
    "read_artifact",
    "read_load",
    "read_log",
    "read_metrics",
    "read_record",
    "read_whole",
    "records_of",
    "whole_record",
    "write_artifact",
    "write_record",
]

log = logging.getLogger(__name__)
Content = TypeVar("Content", bound=BaseModel)


def read_record(folder: Path) -> RunRecord:
    """Reads run.json of any version; `DataError` where it is damaged, newer, or no run's record."""
    path = folder / RUN
    value = read_json(path)
    version = value.get("schema_version") if isinstance(value, dict) else None
    if not isinstance(version, int) or version < 1:
        raise DataError(f"{path} is no record of a run", "Take it out of the folder of records.")
    if version > SCHEMA_VERSION:
        raise DataError(
            f"{path} has version {version}; this program reads up to {SCHEMA_VERSION}",
            "A newer version of the program wrote it: upgrade.",
        )
    try:
        value = migrate(value, SCHEMA_VERSION)
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{path} is damaged: as version {version} it needs {error}", RESTORE
        ) from error
    return checked(RunRecord, value, path)


def checked(kind: type[Content], value: JsonValue, path: Path) -> Content:
    """Makes the content of a file; `DataError` with the field where it doesn't fit."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"]) or "the file"
        raise DataError(f"{path} is damaged: {field}: {first['msg'].lower()}", RESTORE) from error


def write_record(folder: Path, record: RunRecord) -> None:
    """Writes run.json whole or not at all."""
    write_json(folder / RUN, record.to_json())


def read_metrics(folder: Path) -> Metrics | None:
    """Reads metrics.json of a run; None where it isn't derived yet, `DataError` if damaged."""
    path = folder / METRICS
    return checked(Metrics, read_json(path), path) if path.exists() else None


def read_load(folder: Path) -> Load | None:
    """Reads load.json of a run; None where nobody measured it, `DataError` if damaged."""
    path = folder / LOAD
    return checked(Load, read_json(path), path) if path.exists() else None


def read_log(folder: Path) -> ForeignLog | None:
    """Reads log.json of a run; None where answers came from no log, `DataError` if damaged."""
    path = folder / LOG
    return checked(ForeignLog, read_json(path), path) if path.exists() else None


def read_artifact(folder: Path) -> ArtifactRecord:
    """Reads artifact.json; a missing or damaged one is a `DataError`."""
    return checked(ArtifactRecord, read_json(folder / ARTIFACT), folder / ARTIFACT)


def known_record(folder: Path) -> RunRecord | None:
    """Reads run.json; None where there is none, or a damaged one, which is named."""
    return _known_or_named(read_record, folder / RUN)


def known_artifact(folder: Path) -> ArtifactRecord | None:
    """Reads artifact.json; None where there is none, or a damaged one, which is named."""
    return _known_or_named(read_artifact, folder / ARTIFACT)


def _known_or_named(read: Callable[[Path], Content], path: Path) -> Content | None:
    try:
        return read(path.parent) if path.exists() else None
    except DataError as error:
        name_left_out(error)
        return None


@cache
def _warn(message: str) -> None:
    log.warning("left out: %s", message)


def name_left_out(error: DataError) -> None:
    """Names what is left out, once in a process: readers pass over a folder often."""
    _warn(f"{error.message}. {error.hint}")


def write_artifact(folder: Path, record: ArtifactRecord) -> None:
    """Writes artifact.json whole or not at all."""
    write_json(folder / ARTIFACT, record.as_json())


def read_whole(folder: Path) -> RunRecord:
    """Reads run.json once all that lies beside it can be read, too; `DataError` where not."""
    record = read_record(folder)
    read_metrics(folder)
    read_load(folder)
    for name in (ARTIFACT_LEDGER, LEDGER):
        read_ledger(folder / name)
    count_predictions(folder, record)
    return record


def whole_record(folder: Path) -> RunRecord | None:
    """Reads a run as `records_of` does; None where there is none, or a damaged one, now named."""
    result = _read_once(folder) if (folder / RUN).exists() else None
    return result if isinstance(result, RunRecord) else None


def records_of(
    root: Path, damaged: list[tuple[Path, DataError]] | None = None
) -> Iterator[tuple[Path, RunRecord]]:
    """Yields folder and record of each run; folders that can't be read are added to `damaged`."""
    for folder in Store(root).run_folders():
        result = _read_once(folder)
        if isinstance(result, RunRecord):
            yield folder, result
        elif damaged is not None:
            damaged.append((folder, result))


def left_out(*roots: Path) -> list[Json]:
    """Returns, for ``--json``, the folders of some roots that `records_of` leaves out, and why."""
    damaged: list[tuple[Path, DataError]] = []
    for root in roots:
        for _ in records_of(root, damaged):
            pass
    return [{"run": folder.name, "reason": error.message} for folder, error in damaged]


_known: dict[Path, tuple[list[tuple[int, ...]], RunRecord | DataError]] = {}
"""What was read in this process, with the state of its files."""


def _read_once(folder: Path) -> RunRecord | DataError:
    names = (RUN, METRICS, LOAD, ARTIFACT_LEDGER, LEDGER, PREDICTIONS)
    state = [_state(stored(folder / name)) for name in names]
    if folder not in _known or _known[folder][0] != state:
        try:
            _known[folder] = state, read_whole(folder)
        except DataError as error:
            name_left_out(error)
            _known[folder] = state, error
    return _known[folder][1]


def _state(path: Path) -> tuple[int, ...]:
    try:
        about = path.stat()
    except OSError:
        return ()
    return about.st_ino, about.st_mtime_ns, about.st_size
