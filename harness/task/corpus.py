"""The documents that a task's questions are about."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.errors import DataError
from harness.records.keys import digest
from harness.types import Passage

__all__ = ["Corpus", "corpus_of_folder", "corpus_of_passages", "keep_documents"]

NAMED = 12  # digits of a digest that name a folder


@dataclass(frozen=True)
class Corpus:
    """What may be retrieved from: files as they lie, or passages that are ready.

    Attributes:
        digest: sha256 of all of it.
        folder: Folder of documents; None where there are passages.
        passages: Passages, whose source is their id; empty where there are files.
    """

    digest: str
    folder: Path | None = None
    passages: tuple[Passage, ...] = ()


def corpus_of_passages(passages: tuple[Passage, ...]) -> Corpus:
    """Makes a corpus of passages that need no loading or splitting."""
    return Corpus(digest([[each.source, each.text] for each in passages]), None, passages)


def corpus_of_folder(folder: Path) -> Corpus:
    """Makes a corpus of the files below a folder.

    Raises:
        DataError: There is no such folder, or no file in it.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    if not files:
        raise DataError(f"there are no documents in {folder}", "Check --docs.")
    return Corpus(
        digest([[str(path.relative_to(folder)), _sha256(path)] for path in files]), folder
    )


def keep_documents(write: Callable[[Path], object], root: Path) -> Corpus:
    """Writes documents once, under a name made of their content.

    Args:
        write: Writes the documents into a folder.
        root: Folder of all kept corpora.

    Returns:
        The corpus, in a folder that later runs with the same documents share.
    """
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".writing-") as temporary:
        made = Path(temporary) / "documents"
        write(made)
        corpus = corpus_of_folder(made)
        kept = root / corpus.digest[:NAMED]
        if not kept.is_dir():
            _move(made, kept)
    return Corpus(corpus.digest, kept)


def _move(made: Path, kept: Path) -> None:
    try:
        made.rename(kept)
    except OSError:
        if not kept.is_dir():  # else another process was faster, with the same content
            shutil.copytree(made, kept)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
