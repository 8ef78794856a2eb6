"""Reads declared rows: files under the data folder, or a hub's data set at a pinned revision."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from harness.errors import FetchError, MissingDependency, needs
from harness.records.keys import sha256_of
from harness.task.declared import Misdeclared
from harness.task.spec import File, TaskSpec
from harness.task.tables import Line, read_table

__all__ = ["Lines", "declared_files", "fetch_lines", "inside"]

Lines = list[tuple[Line, str]]


def fetch_lines(
    spec: TaskSpec, folder: Path, data_dir: Path | None, *, offline: bool
) -> tuple[Lines, list[str]]:
    """Reads the declared files where they are here, and otherwise from the hub.

    Returns:
        Each line with the split of its file (``all`` where that names none), and the notes of the
        readers.

    Raises:
        DataError: A file isn't there, or isn't the declared one.
        MissingDependency: The rows are neither here nor to be fetched.
    """
    # Files beside the task file, in `folder`, need no data folder.
    files = spec.source.files
    place = _place(files, folder, data_dir) or data_dir
    if place is not None and files:
        at = ("source", "files")
        paths = _all_checked(files, place, (folder, data_dir), *at)
        tables = [
            (read_table(path, file.layout), file.split)
            for path, file in zip(paths, files, strict=True)
        ]
        lines: Lines = [(line, split) for table, split in tables for line in table.lines]
        return lines, [note for table, _ in tables for note in table.notes]
    if spec.source.hub is None:
        raise _not_here(f"the rows of {spec.name}", files, folder, "source")
    return _hub(spec, offline=offline), []


def declared_files(
    files: Sequence[File], name: str, folder: Path, data_dir: Path | None
) -> list[Path]:
    """Returns where the declared files of a corpus lie, checked: under the data folder or beside the task file.

    Raises:
        DataError: A file isn't the declared one.
        MissingDependency: A file isn't there.
    """
    place = _place(files, folder, data_dir)
    if place is None:
        raise _not_here(f"files of {name}", files, folder, "corpus")
    return _all_checked(files, place, (folder, data_dir), "corpus", "files")


def _all_checked(
    files: Sequence[File], place: Path, allowed: tuple[Path, Path | None], *at: str
) -> list[Path]:
    return [
        _checked(inside(place / file.path, *allowed, *at, n, "path"), file.sha256, *at, n)
        for n, file in enumerate(files)
    ]


def inside(path: Path, folder: Path, data_dir: Path | None, *at: str | int) -> Path:
    """Returns a path that a task file names, where it may be read.

    A task file may come from somebody else: what it names lies in its own folder, links followed,
    or in the data folder, which the user named. Links in the data folder are the user's.

    Raises:
        Misdeclared: It lies elsewhere.
    """
    real = Path(os.path.realpath(path))
    allowed = [Path(os.path.realpath(each)) for each in (folder, data_dir) if each is not None]
    if any(real.is_relative_to(each) for each in allowed):
        return path
    written = Path(os.path.normpath(path))
    if data_dir is not None and written.is_relative_to(os.path.normpath(data_dir)):
        return path
    raise Misdeclared(
        f"{path.name} lies outside the folder of the task file",
        "Put it beside the task file, or allow the folder that holds it: --data-dir FOLDER.",
        *at,
    )


def _place(files: Sequence[File], folder: Path, data_dir: Path | None) -> Path | None:
    """Returns the folder that has all files: the data folder, or that of the task file."""
    for place in filter(None, (data_dir, folder)):
        if all((place / file.path).is_file() for file in files):
            return place
    return None


def _not_here(what: str, files: Sequence[File], folder: Path, field: str) -> MissingDependency:
    absent = [n for n, file in enumerate(files) if not (folder / file.path).is_file()]
    error = MissingDependency(
        f"{what} are not here ({', '.join(files[n].path for n in absent)})",
        "Put them beside the task file, or name their folder with --data-dir.",
    )
    error.at = (field, "files", *absent[:1], "path")
    return error


def _checked(path: Path, sha256: str | None, *at: str | int) -> Path:
    if not path.is_file():
        raise Misdeclared(f"there is no file {path}", "Check --data-dir (or HARNESS_DATA).", *at)
    if sha256 and sha256_of(path) != sha256:
        raise Misdeclared(
            f"{path.name} isn't the file that the task declares",
            "Its sha256 differs: take the declared version, or declare a task of your own.",
            *(*at, "sha256"),
        )
    return path


def _hub(spec: TaskSpec, *, offline: bool) -> Lines:
    hub = spec.source.hub
    assert hub is not None
    hint = "Or name a folder with local copies: --data-dir FOLDER."
    if offline:
        raise MissingDependency(f"the rows of {spec.name} lie on a hub, and --offline is set", hint)
    with needs("a data set of a hub", "hub"):
        from datasets import load_dataset
    try:
        loaded = load_dataset(hub.id, hub.config, revision=hub.revision)
    except Exception as error:  # many kinds, from many libraries
        raise FetchError(f"{hub.id} can't be fetched: {str(error)[:300]}", hint) from error
    return [
        (Line(line, f"{hub.id}, {name}, row {number}"), split)
        for name, split in hub.splits.items()
        for number, line in enumerate(loaded[name], 1)
    ]
