"""Vectors on disk by what they are made of, so that nothing is embedded twice.

A folder for each embedder (its name, version and prefixes) holds shards that are only ever added:
each is written beside its place and renamed, so a kill leaves whole shards, and several processes
may write at once without a lock. A record is a sha256 of the text and its kind, the vector, and the
share of a text in the tokens and seconds of its batch: who uses the vector later learns its cost.

Questions come one at a time: they wait in memory for a full shard, or for the end of the process.
No shard stays open: after many runs there are more of them than a process may have open files.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import uuid
import warnings
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from harness.errors import HarnessError, WrongPlace
from harness.models.sources.cache import ELSEWHERE, cache_folder
from harness.records.files import storage_errors, whole, write_json
from harness.records.keys import digest
from harness.records.model import ModelInfo
from harness.retrieval.embedders.base import (
    Embedder,
    EmbedUsage,
    OnProgress,
    TextRole,
    Vectors,
    clean_texts,
)

__all__ = ["CachedEmbedder"]

SHARD_TEXTS = 256
"""A kill loses the work on at most so many texts."""
KEY = 32  # bytes of a sha256
FORM = 2  # of a record; another one lies in another folder


class CachedEmbedder(Embedder):
    """Puts a cache before an embedder; `folder` holds the caches of all embedders."""

    def __init__(self, inner: Embedder, folder: Path | None = None) -> None:
        super().__init__()
        self.inner = inner
        self.name, self.version, self.prefixes = inner.name, inner.version, inner.prefixes
        identity = {**inner.identity(), "dimension": inner.dimension}
        slug = re.sub(r"[^A-Za-z0-9.-]+", "-", inner.name).strip("-")[-60:]
        base = folder if folder is not None else cache_folder() / "embeddings"
        self.folder = base / f"{slug}-{digest([FORM, identity])[:16]}"
        try:
            with storage_errors(base, ELSEWHERE):
                self.folder.mkdir(parents=True, exist_ok=True)
                if not (self.folder / "identity.json").exists():
                    write_json(self.folder / "identity.json", identity)
        except WrongPlace as error:  # what is there is read all the same
            warnings.warn(f"vectors aren't kept: {error.message}. {ELSEWHERE}", stacklevel=2)
        self._known: dict[bytes, tuple[str, int]] = {}
        self._read: set[str] = set()
        self._waiting: dict[bytes, tuple[Any, float, float]] = {}  # vector, tokens, seconds
        self._told: set[bytes] = set()  # texts whose cost is in the usage
        weakref.finalize(self, _leave, self.folder, self._waiting, inner.dimension)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.inner.dimension

    def identity(self) -> dict[str, Any]:
        """Returns the inner embedder's."""
        return self.inner.identity()

    @property
    def info(self) -> ModelInfo:
        """Returns the inner embedder's."""
        return self.inner.info

    def excess(self, text: str, kind: TextRole) -> str:
        """Returns what the inner embedder says."""
        return self.inner.excess(text, kind)

    def missing(self, texts: Sequence[str], kind: TextRole) -> int:
        """Counts the texts that would have to be computed, each once."""
        self._refresh()
        keys = {_key(text, kind) for text in clean_texts(texts)}
        return len(keys - self._known.keys() - self._waiting.keys())

    def encode(self, texts: Sequence[str], kind: TextRole) -> tuple[Vectors, int]:
        """Computes one batch without looking into the cache."""
        return self.inner.encode(texts, kind)

    def _embed(self, texts: Sequence[str], kind: TextRole, progress: OnProgress | None) -> Vectors:
        clean = clean_texts(texts)
        keys = [_key(text, kind) for text in clean]
        self._refresh()
        first = {key: at for at, key in reversed(list(enumerate(keys))) if not self._has(key)}
        missing = sorted(first.values())
        self.usage.add(EmbedUsage(texts=len(clean), cached=len(clean) - len(missing)))
        self._told.update(keys[at] for at in missing)
        for start in range(0, len(missing), SHARD_TEXTS):
            part = missing[start : start + SHARD_TEXTS]
            self._compute([keys[at] for at in part], [clean[at] for at in part], kind)
            if progress:
                progress(len(clean) - len(missing) + start + len(part), len(clean))
        vectors = np.empty((len(clean), self.dimension), np.float32)
        stored: dict[str, list[int]] = {}
        for at, key in enumerate(keys):
            if key in self._waiting:
                vectors[at] = self._waiting[key][0]
            else:
                stored.setdefault(self._known[key][0], []).append(at)
        for name, places in stored.items():
            rows = [self._known[keys[at]][1] for at in places]
            records = np.load(self.folder / name, mmap_mode="r")[rows]
            vectors[places] = records["vector"]
            for at, kept in zip(places, records, strict=True):
                if keys[at] not in self._told:
                    self._told.add(keys[at])
                    self.usage.cached_tokens += float(kept["tokens"])
                    self.usage.cached_seconds += float(kept["seconds"])
        return vectors

    def _has(self, key: bytes) -> bool:
        return key in self._known or key in self._waiting

    def _compute(self, keys: list[bytes], texts: list[str], kind: TextRole) -> None:
        before = EmbedUsage(**self.inner.usage.as_dict())  # type: ignore[arg-type]
        vectors = self.inner._embed(texts, kind, None)
        tokens = self.inner.usage.tokens - before.tokens
        seconds = self.inner.usage.seconds - before.seconds
        requests = self.inner.usage.requests - before.requests
        self.usage.add(EmbedUsage(tokens=tokens, requests=requests, seconds=seconds))
        letters = sum(map(len, texts))
        for key, text, vector in zip(keys, texts, vectors, strict=True):
            share = len(text) / letters
            self._waiting[key] = vector, tokens * share, seconds * share
        if kind == "passage" or len(self._waiting) >= SHARD_TEXTS:
            with contextlib.suppress(WrongPlace):  # a read-only cache: they stay in memory
                _write(self.folder, self._waiting, self.dimension)
            self._refresh()

    def _refresh(self) -> None:
        """Reads the keys of new shards, from this process or another."""
        for path in sorted(self.folder.glob("shard-*.npy")):
            if path.name in self._read:
                continue
            try:
                records = np.load(path, mmap_mode="r")
                if records.dtype != _record(self.dimension):
                    raise ValueError("its records have another form")
            except (OSError, ValueError) as error:
                self._read.add(path.name)
                warnings.warn(
                    f"{path} is damaged ({error}); its texts are embedded again: delete the file",
                    stacklevel=2,
                )
                continue
            self._read.add(path.name)
            keys = records["key"].tobytes()
            self._known.update(
                (keys[at : at + KEY], (path.name, at // KEY)) for at in range(0, len(keys), KEY)
            )


def _write(folder: Path, waiting: dict[bytes, tuple[Any, float, float]], dimension: int) -> None:
    """Writes a shard of the waiting vectors, and clears them."""
    if not waiting:
        return
    records = np.empty(len(waiting), _record(dimension))
    records["key"] = np.frombuffer(b"".join(waiting), f"V{KEY}")
    records["vector"], records["tokens"], records["seconds"] = zip(*waiting.values(), strict=True)
    name = f"shard-{uuid.uuid4().hex}.npy"
    with whole(folder / name, ELSEWHERE) as file:
        np.save(file, records)
    waiting.clear()


def _leave(folder: Path, waiting: dict[bytes, tuple[Any, float, float]], dimension: int) -> None:
    """Writes the waiting vectors; where that fails, they are computed again another time."""
    if folder.is_dir():
        with contextlib.suppress(HarnessError):
            _write(folder, waiting, dimension)


def _record(dimension: int) -> Any:
    cost = [("tokens", "<f8"), ("seconds", "<f8")]
    return np.dtype([("key", f"V{KEY}"), *cost, ("vector", "<f4", (dimension,))])


def _key(text: str, kind: TextRole) -> bytes:
    return hashlib.sha256(f"{kind}\0{text}".encode()).digest()
