"""The folder of prepared models: whole folders only, checked when they are read."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.errors import StorageError
from harness.records.files import write_json
from harness.records.keys import sha256_of

__all__ = [
    "ELSEWHERE",
    "MANIFEST",
    "Notify",
    "cache_folder",
    "check",
    "digest_of",
    "digest_of_own",
    "read_manifest",
    "require_space",
    "write_manifest",
]

Notify = Callable[[str], None]
MANIFEST = "manifest.json"
ELSEWHERE = "Set HARNESS_CACHE to a folder on another disk."
"""How to choose another place than the cache's, for errors of the disk."""


def cache_folder(cache: Path | None = None) -> Path:
    """Returns the cache: the argument, ``HARNESS_CACHE``, or the user's cache folder."""
    if cache is not None:
        return cache
    if folder := os.environ.get("HARNESS_CACHE"):
        return Path(folder).expanduser()
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "adaptbench"


@functools.lru_cache(maxsize=64)
def _remembered(path: Path, size: int, modified: int, changed: int) -> str:
    return sha256_of(path)


def _sha256_once(path: Path) -> str:
    """Hashes a file once a process, as long as its size and times stay.

    The time of the last change of its content can be set by anybody; that of its inode can't.
    """
    stat = path.stat()
    return _remembered(path, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


def digest_of(folder: Path) -> str:
    """Returns a sha256 over what decides a model's answers.

    Those are the weights and the tokenizer. The configuration is left out: it names the version
    of the library that wrote it, so the same model would differ between two machines.
    """
    files = sorted([*folder.glob("*.safetensors"), *folder.glob("tokenizer.*")])
    lines = [f"{file.name} {_sha256_once(file)}\n" for file in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def digest_of_own(folder: Path) -> str:
    """Returns a sha256 over all of a user's own model: its settings and chat template, too."""
    kinds = {".safetensors", ".json", ".jinja", ".model", ".txt"}
    files = [path for path in sorted(folder.rglob("*")) if path.suffix in kinds]
    lines = [
        f"{file.relative_to(folder).as_posix()} {_sha256_once(file)}\n"
        for file in files
        if file.name != MANIFEST and file.is_file()
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def write_manifest(folder: Path, **fields: Any) -> None:
    """Writes size and sha256 of each file, and what else is to be kept (origin, licence, ...)."""
    files = {
        file.name: {"bytes": file.stat().st_size, "sha256": sha256_of(file)}
        for file in sorted(folder.iterdir())
        if file.name != MANIFEST
    }
    write_json(folder / MANIFEST, {**fields, "digest": digest_of(folder), "files": files})


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Returns a folder's manifest; None where there is none, or it can't be read."""
    try:
        loaded = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return loaded if isinstance(loaded, dict) and "files" in loaded else None


def check(folder: Path, *, sizes_only: bool = False) -> str:
    """Compares a folder with its manifest; returns what is wrong in words, empty if nothing is."""
    manifest = read_manifest(folder)
    if manifest is None:
        return f"{MANIFEST} is missing or unreadable"
    for name, known in manifest["files"].items():
        file = folder / name
        if not file.is_file():
            return f"{name} is missing"
        if file.stat().st_size != known["bytes"]:
            return f"{name} has another size"
        # Weights are hashed once a process (0.3 s); what is small, each time.
        hashed = _sha256_once if name.endswith(".safetensors") else sha256_of
        if not sizes_only and hashed(file) != known["sha256"]:
            return f"{name} has another sha256"
    return ""


def require_space(folder: Path, needed: int) -> None:
    """Checks a disk before it is filled. Raises `StorageError`: less is free than needed."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StorageError(
            f"{folder} has {free / 2**20:.0f} MiB free; {needed / 2**20:.0f} MiB are needed",
            f"Free some space. Or: {ELSEWHERE}",
        )
