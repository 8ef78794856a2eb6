"""Where declared rows lie: files under the data folder, or a hub with a pinned revision."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.errors import DataError, FetchError, MissingDependency
from harness.task.readers import read_rows
from harness.task.spec import File, TaskSpec

__all__ = ["declared_files", "fetch_lines"]

Lines = list[tuple[dict[str, Any], str]]


def fetch_lines(spec: TaskSpec, folder: Path, data_dir: Path | None, *, offline: bool) -> Lines:
    """Reads the declared files where they lie, and asks the hub where they don't.

    Args:
        spec: The task.
        folder: Of the task file: files beside it need no data folder.
        data_dir: Folder with local copies, or None.
        offline: Never ask a hub.

    Returns:
        Lines with the split that their file is for (``all`` where it is for none).

    Raises:
        DataError: A file isn't there, or isn't the declared one.
        MissingDependency: The rows are neither here nor to be fetched.
    """
    files = spec.source.files
    for place in filter(None, (data_dir, folder)):
        if all((place / file.path).is_file() for file in files):
            data_dir = place
            break
    if data_dir is not None and files:
        return [
            (line, file.split)
            for file in files
            for line in read_rows(_checked(data_dir / file.path, file.sha256))
        ]
    if spec.source.hub is None:
        names = ", ".join(file.path for file in files)
        raise MissingDependency(
            f"the rows of {spec.name} are not here ({names})",
            "Put them beside the task file, or name their folder with --data-dir.",
        )
    return _hub(spec, offline=offline)


def declared_files(
    files: Sequence[File], name: str, folder: Path, data_dir: Path | None
) -> list[Path]:
    """Returns where declared files lie, checked: under the data folder or beside the task file.

    Raises:
        DataError: A file isn't the declared one.
        MissingDependency: A file isn't there.
    """
    for place in filter(None, (data_dir, folder)):
        if all((place / file.path).is_file() for file in files):
            return [_checked(place / file.path, file.sha256) for file in files]
    names = ", ".join(file.path for file in files)
    raise MissingDependency(
        f"files of {name} are not here ({names})",
        "Put them beside the task file, or name their folder with --data-dir.",
    )


def _checked(path: Path, sha256: str | None) -> Path:
    if not path.is_file():
        raise DataError(f"there is no file {path}", "Check --data-dir (or HARNESS_DATA).")
    if sha256 and hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise DataError(
            f"{path.name} isn't the file that the task declares",
            "Its sha256 differs: take the declared version, or declare a task of your own.",
        )
    return path


def _hub(spec: TaskSpec, *, offline: bool) -> Lines:
    hub = spec.source.hub
    assert hub is not None
    hint = "Or name a folder with local copies: --data-dir FOLDER."
    if offline:
        raise MissingDependency(f"the rows of {spec.name} lie on a hub, and --offline is set", hint)
    try:
        from datasets import load_dataset
    except ImportError as error:
        raise MissingDependency(
            "a hub's data needs: pip install 'adaptbench[hub]'", hint
        ) from error
    try:
        loaded = load_dataset(hub.id, hub.config, revision=hub.revision)
    except Exception as error:  # many kinds, from many libraries
        raise FetchError(f"{hub.id} can't be fetched: {str(error)[:300]}", hint) from error
    return [(dict(line), split) for name, split in hub.splits.items() for line in loaded[name]]
