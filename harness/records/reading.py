"""Records from disk: brought to the current version, checked, typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from harness.errors import DataError
from harness.records.files import read_json, write_json
from harness.records.migrations import migrate
from harness.records.schema import SCHEMA_VERSION, ArtifactRecord, Metrics, RunRecord
from harness.records.store import ARTIFACT, METRICS, RUN, Store

__all__ = [
    "read_artifact",
    "read_metrics",
    "read_record",
    "records_of",
    "write_artifact",
    "write_record",
]

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
            f"{path} is damaged: as version {version} it needs {error}", _NEXT
        ) from error
    return _checked(RunRecord, value, path)


_NEXT = "Restore the file, or take its folder out of the records."


def _checked(kind: type[Content], value: JsonValue, path: Path) -> Content:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"]) or "the file"
        raise DataError(f"{path} is damaged: {field}: {first['msg'].lower()}", _NEXT) from error


def write_record(folder: Path, record: RunRecord) -> None:
    """Writes run.json whole or not at all."""
    write_json(folder / RUN, record.to_json())


def read_metrics(folder: Path) -> Metrics | None:
    """Reads metrics.json of a run; None where it isn't derived yet, `DataError` if damaged."""
    path = folder / METRICS
    return _checked(Metrics, read_json(path), path) if path.is_file() else None


def read_artifact(folder: Path) -> ArtifactRecord:
    """Reads artifact.json; a missing or damaged one is a `DataError`."""
    return _checked(ArtifactRecord, read_json(folder / ARTIFACT), folder / ARTIFACT)


def write_artifact(folder: Path, record: ArtifactRecord) -> None:
    """Writes artifact.json whole or not at all."""
    write_json(folder / ARTIFACT, record.as_json())


def records_of(
    root: Path, damaged: list[tuple[Path, DataError]] | None = None
) -> Iterator[tuple[Path, RunRecord]]:
    """Yields folder and record of each run; folders that can't be read are added to `damaged`."""
    for folder in Store(root).run_folders():
        try:
            record = read_record(folder)
        except DataError as error:
            if damaged is not None:
                damaged.append((folder, error))
            continue
        yield folder, record
