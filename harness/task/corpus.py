"""The documents that a task's questions are about."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.errors import DataError
from harness.records.files import sweep
from harness.records.keys import digest, sha256_of
from harness.task.folder import files_in
from harness.types import Passage

__all__ = ["Corpus", "corpus_of_folder", "corpus_of_passages", "keep_documents", "sha256_of"]

NAMED = 12  # digits of a digest that name a folder


@dataclass(frozen=True)
class Corpus:
    """What may be retrieved from: files in a folder, or passages that need no loading."""

    digest: str  # sha256 of all of it
    folder: Path | None = None  # None where there are passages
    passages: tuple[Passage, ...] = ()  # their source is their id; empty where there are files


def corpus_of_passages(passages: tuple[Passage, ...]) -> Corpus:
    """Makes a corpus of passages that need no loading or splitting."""
    return Corpus(digest([[passage.source, passage.text] for passage in passages]), None, passages)


def corpus_of_folder(folder: Path) -> Corpus:
    """Makes a corpus of the files below a folder; DataError where there are none."""
    hashed = _hashes(folder) if folder.is_dir() else []
    if not hashed:
        raise DataError(f"there are no documents in {folder}", "Check --docs.")
    return Corpus(digest(hashed), folder)


def _hashes(folder: Path) -> list[list[str]]:
    """Returns the name and the sha256 of each file that can be read; the others are no documents."""
    hashed = []
    for found in files_in(folder):
        if not found.problem:
            with contextlib.suppress(OSError):
                hashed.append([found.name, sha256_of(found.path)])
    return hashed


def keep_documents(write: Callable[[Path], object], root: Path) -> Corpus:
    """Writes documents into a folder below `root`, which runs with the same documents share."""
    root.mkdir(parents=True, exist_ok=True)
    sweep(root)
    with tempfile.TemporaryDirectory(dir=root, prefix=".writing-") as temporary:
        fresh = Path(temporary) / "documents"
        write(fresh)
        corpus = corpus_of_folder(fresh)
        kept = root / corpus.digest[:NAMED]
        if kept.is_dir() and digest(_hashes(kept)) != corpus.digest:
            shutil.rmtree(kept)  # somebody edited what is written from the task's seed
        if not kept.is_dir():
            _move(fresh, kept)
    return Corpus(corpus.digest, kept)


def _move(fresh: Path, target: Path) -> None:
    try:
        fresh.rename(target)
    except OSError:
        if not target.is_dir():  # else another process was faster, with the same content
            shutil.copytree(fresh, target)
