"""Opens a store by name, or any other `VectorStore` by its import path."""

from __future__ import annotations

import inspect
import uuid
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from harness.errors import MissingDependency, UsageError, nearest, needs

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import VectorStore

    from harness.retrieval.embedders.base import Embedder

__all__ = ["StoreConfig", "langchain_embeddings", "open_store"]

OURS = {
    "memory": "harness.retrieval.stores.memory:MemoryStore",
    "faiss": "harness.retrieval.stores.faiss:FaissStore",
}
COLLECTION = "adaptbench"


class StoreConfig(BaseModel):
    """Where vectors are kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = Field(
        "memory", description="memory, faiss, chroma, or module:Class of another VectorStore."
    )
    options: dict[str, Any] = Field(
        default_factory=dict,
        description="Arguments of the class. {call: module:function, ...} stands for what that "
        "function returns: a client.",
    )


def open_store(config: StoreConfig, embedder: Embedder, folder: Path | None) -> VectorStore:
    """Opens a store, with what the folder holds of it; None for one that lives in memory only.

    Raises:
        UsageError: There is no such store, or it can't be made with these options.
        MissingDependency: Its package isn't installed.
    """
    embeddings = langchain_embeddings(embedder)
    options = {name: _resolve(value) for name, value in config.options.items()}
    if config.kind == "chroma":
        return _chroma(embeddings, folder, options)
    path = OURS.get(config.kind, config.kind)
    if ":" not in path:
        hint = f"{nearest(config.kind, [*OURS, 'chroma'])} Another one is written module:Class."
        raise UsageError(f"there is no store {config.kind!r}", hint)
    if config.kind in OURS:
        options["folder"] = folder
    cls = _import(path)
    parameters = inspect.signature(cls).parameters
    name = "embedding_function" if "embedding_function" in parameters else "embedding"
    try:
        store: VectorStore = cls(**{name: embeddings, **options})
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"the store {config.kind} can't be made: {error}", "Check its options."
        ) from error
    return store


def langchain_embeddings(embedder: Embedder) -> Embeddings:
    """Wraps an embedder as langchain's `Embeddings`."""
    from langchain_core.embeddings import Embeddings

    class Wrapped(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = embedder.embed_passages(texts).tolist()
            return vectors

        def embed_query(self, text: str) -> list[float]:
            vector: list[float] = embedder.embed_queries([text])[0].tolist()
            return vector

    return Wrapped()


def _chroma(embeddings: Embeddings, folder: Path | None, options: dict[str, Any]) -> VectorStore:
    """Opens Chroma without telemetry and without its own embedder, by cosine."""
    with needs("the store chroma", "stores"):
        from chromadb.config import Settings
        from langchain_chroma import Chroma
    # Stores in memory share their collections within a process: each gets a name of its own.
    name = COLLECTION if folder is not None else f"{COLLECTION}-{uuid.uuid4().hex[:12]}"
    place: dict[str, Any] = {}
    if folder is not None and not options.keys() & {"client", "host"}:
        options["persist_directory"] = str(folder)
        place = {"is_persistent": True, "persist_directory": str(folder)}
    if "host" not in options:
        options["client_settings"] = Settings(anonymized_telemetry=False, **place)
    defaults = {"collection_name": name, "collection_metadata": {"hnsw:space": "cosine"}}
    return Chroma(embedding_function=embeddings, **{**defaults, **options})


def _import(path: str) -> Any:
    module, _, name = path.partition(":")
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        raise MissingDependency(
            f"{path} needs the package {error.name}", f"pip install the one that has {module}."
        ) from error
    except AttributeError as error:
        raise UsageError(f"the module {module} has no {name!r}", "Check its name.") from error


def _resolve(value: Any) -> Any:
    """Replaces ``{call: module:function, ...}`` by what the function returns."""
    if isinstance(value, Mapping) and "call" in value:
        arguments = {key: _resolve(item) for key, item in value.items() if key != "call"}
        return _import(str(value["call"]))(**arguments)
    return value
