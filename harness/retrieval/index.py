"""An index that identifies chunks by their content, so that an update costs only what changed.

The index keeps the chunks with their places, a vector store their vectors by the chunks' ids, and
BM25 their terms. Saved, it is a folder: an artifact from which queries are answered.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from harness.errors import DataError, UsageError
from harness.records.files import read_lines, storage_errors, write_json, write_lines
from harness.retrieval.bm25 import BM25
from harness.retrieval.embedders import EmbedderConfig, open_embedder
from harness.retrieval.embedders.base import Embedder, EmbedUsage, OnProgress
from harness.retrieval.fusion import Ranking
from harness.retrieval.splitting import Length, SplitConfig, Splitter, searchable
from harness.retrieval.stores import StoreConfig, open_store
from harness.retrieval.terms import VERSION as TERMS_VERSION
from harness.retrieval.terms import TermsName, guess_language, resolve_terms

if TYPE_CHECKING:
    from langchain_core.documents import Document

__all__ = ["Changes", "Index", "IndexConfig"]

FORMAT = 1
BATCH = 256
UNSAVED = "unsaved"
FIELDS = {"id": str, "text": str, "metadata": dict}
STATE = {"config": dict, "terms_version": int, "chunks": int}


def _state(path: Path) -> dict[str, Any]:
    """Reads index.json; `ValueError` where it is none."""
    state = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(state, dict) or not all(
        isinstance(state.get(name), kind) for name, kind in STATE.items()
    ):
        raise ValueError("index.json is damaged")
    IndexConfig(**state["config"])  # the error of a wrong one is a `ValueError`
    return {"embedder": None, **state}


class IndexConfig(BaseModel):
    """What is indexed of documents, and how."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    split: SplitConfig = Field(SplitConfig(), description="How documents are cut.")
    embedder: EmbedderConfig | None = Field(
        EmbedderConfig(), description="Makes vectors; none for an index of terms only."
    )
    store: StoreConfig = Field(StoreConfig(), description="Where vectors are kept.")
    terms: TermsName | None = Field(
        "auto", description="Terms for BM25; none for an index of vectors only."
    )
    k1: float = Field(1.2, ge=0, description="BM25: how soon a repeated term stops counting.")
    b: float = Field(0.75, ge=0, le=1, description="BM25: how much long chunks are held back.")
    context: bool = Field(True, description="Index the headings above a chunk with it.")
    language: str = Field("", description="Two-letter code; by default guessed from the documents.")


@dataclass
class Changes:
    """Ids of the chunks that an update added, kept (perhaps at another place) and removed."""

    added: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    usage: EmbedUsage = field(default_factory=EmbedUsage)


class Index:
    """Chunks, their vectors and their terms.

    Args:
        folder: Where it is saved; a store that writes files of its own does so there.
        embedder: In place of the one that the configuration names.
        cache: Folder for vectors; by default the harness's cache.
        count_tokens: Needed where chunks are measured in tokens.

    Raises:
        UsageError: There would be neither vectors nor terms.
    """

    def __init__(
        self,
        config: IndexConfig | None = None,
        folder: Path | None = None,
        *,
        embedder: Embedder | None = None,
        cache: Path | None = None,
        count_tokens: Length | None = None,
    ) -> None:
        self.config = config or IndexConfig()
        self.folder = folder
        self.chunks: dict[str, Document] = {}
        self.embedder: Embedder | None = None
        self.bm25: BM25 | None = None
        self._splitter = Splitter(self.config.split, count_tokens)
        if self.config.embedder is None and self.config.terms is None and embedder is None:
            raise UsageError("this index has neither vectors nor terms", "Name an embedder.")
        self.store: Any = None
        if embedder is None and self.config.embedder is not None:
            embedder = open_embedder(self.config.embedder, cache)
        if embedder is not None:
            self.embedder = embedder
            place = folder / "store" if folder is not None else None
            self.store = open_store(self.config.store, self.embedder, place)

    @classmethod
    def build(
        cls, documents: Iterable[Document], config: IndexConfig | None = None, **options: Any
    ) -> Index:
        """Makes an index of documents; other arguments go to the class."""
        index = cls(config, **options)
        index.update(documents)
        return index

    def update(
        self,
        documents: Iterable[Document],
        *,
        partial: bool = False,
        progress: OnProgress | None = None,
    ) -> Changes:
        """Brings the index to the present state of documents, and returns what changed.

        Args:
            documents: As loaders give them; they may come one by one.
            partial: Keep the chunks of other files; by default they are removed.
            progress: Called with the number of new chunks that are in, and of all new ones.
        """
        # `partial` keeps the chunks of other files; `progress` takes the new chunks done, and all.
        sources: set[str] = set()
        if partial:
            documents = list(documents)
            sources = {document.metadata.get("source", "") for document in documents}
        fresh = {chunk.id or "": chunk for chunk in self._splitter.split(documents)}
        others = {
            name: chunk
            for name, chunk in self.chunks.items()
            if partial and chunk.metadata["source"] not in sources
        }
        wanted = {**others, **fresh}
        changes = Changes(
            added=[name for name in fresh if name not in self.chunks],
            kept=[name for name in wanted if name in self.chunks],
            removed=[name for name in self.chunks if name not in wanted],
        )
        before = self.usage
        if self._marker is not None and (changes.added or changes.removed):
            self._marker.touch()
        self._remove(changes.removed)
        for start in range(0, len(changes.added), BATCH):
            names = changes.added[start : start + BATCH]
            self._add([fresh[name] for name in names])
            if progress:
                progress(start + len(names), len(changes.added))
        self.chunks = wanted
        changes.usage = self.usage.since(before)
        return changes

    @property
    def _marker(self) -> Path | None:
        """A file that exists while a store that writes by itself is ahead of `save`."""
        if self.folder is None or hasattr(self.store, "save") or not self.folder.is_dir():
            return None
        return self.folder / UNSAVED

    @property
    def usage(self) -> EmbedUsage:
        """What its embedder took so far, as a copy."""
        return replace(self.embedder.usage) if self.embedder else EmbedUsage()

    def _remove(self, names: Sequence[str]) -> None:
        for start in range(0, len(names), BATCH):
            if self.store is not None:
                self.store.delete(list(names[start : start + BATCH]))
        if self.bm25 is not None and names:
            self.bm25.remove(names)

    def _add(self, chunks: Sequence[Document]) -> None:
        names = [chunk.id or "" for chunk in chunks]
        texts = [searchable(chunk, with_context=self.config.context) for chunk in chunks]
        if self.config.terms is not None:
            if self.bm25 is None:
                language = self.config.language or guess_language(texts)
                cut = resolve_terms(self.config.terms, language)
                self.bm25 = BM25(cut, self.config.k1, self.config.b)
            self.bm25.add(names, texts)
        if self.store is not None:
            about = [
                {"chunk": name, "source": chunk.metadata["source"]}
                for name, chunk in zip(names, chunks, strict=True)
            ]
            self.store.add_texts(texts, about, ids=names)

    def nearest(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """Finds at most k chunks for each query by their vectors.

        Returns:
            For each query ids and similarities (cosines in the stores of this package), best first.

        Raises:
            UsageError: The index has no vectors.
        """
        if self.store is None or self.embedder is None:
            raise UsageError("this index has no vectors", "Name an embedder, or search by bm25.")
        if hasattr(self.store, "search_vectors"):
            rankings = self.store.search_vectors(self.embedder.embed_queries(queries), k)
        else:
            rankings = [self._similar(query, k) for query in queries]
        return [[hit for hit in hits if hit[0] in self.chunks] for hits in rankings]

    def _similar(self, query: str, k: int) -> Ranking:
        try:
            matches = self.store.similarity_search_with_relevance_scores(query, k)
        except NotImplementedError:  # a store that leaves its scores as they are
            matches = self.store.similarity_search_with_score(query, k)
        return [(document.metadata["chunk"], float(score)) for document, score in matches]

    def matching(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """Finds at most k chunks for each query by their terms; result and errors as `nearest`."""
        if self.config.terms is None:
            raise UsageError("this index has no terms", "Name some, or search by dense.")
        if self.bm25 is None:
            return [[] for _ in queries]
        return [self.bm25.search(query, k) for query in queries]

    def save(self) -> None:
        """Writes the index into its folder; DataError where it has none.

        Raises:
            DataError: It has no folder.
            StorageError: The folder can't be written to.
        """
        folder = self.folder
        if folder is None:
            raise DataError("this index has no folder", "Give it one: Index(config, folder).")
        state = {
            "format": FORMAT,
            "terms_version": TERMS_VERSION,
            "config": self.config.model_dump(mode="json"),
            "embedder": self.embedder.identity() if self.embedder else None,
            "chunks": len(self.chunks),
        }
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            if hasattr(self.store, "save"):
                self.store.save(folder / "store")
            if self.bm25 is not None:
                (folder / "bm25").mkdir(exist_ok=True)
                self.bm25.save(folder / "bm25")
            lines = (
                {"id": name, "text": chunk.page_content, "metadata": chunk.metadata}
                for name, chunk in self.chunks.items()
            )
            write_lines(folder / "chunks.jsonl", lines)
            write_json(folder / "index.json", state)
            (folder / UNSAVED).unlink(missing_ok=True)

    @classmethod
    def load(cls, folder: Path, **options: Any) -> Index:
        """Reads what `save` wrote; DataError if it isn't whole or fits another embedder."""
        from langchain_core.documents import Document

        hint = "Delete the folder and build it again: vectors come from the cache."
        if (folder / UNSAVED).exists():
            raise DataError(f"the index in {folder} was cut off while it was updated", hint)
        try:
            state = _state(folder / "index.json")
            lines = read_lines(folder / "chunks.jsonl", fields=FIELDS)
        except (OSError, ValueError) as error:
            raise DataError(f"{folder} holds no index ({error})", hint) from error
        index = cls(IndexConfig(**state["config"]), folder, **options)
        identity = index.embedder.identity() if index.embedder else None
        if identity != state["embedder"]:
            raise DataError(
                f"the index in {folder} was made with {state['embedder']}, not {identity}", hint
            )
        index.chunks = {
            line["id"]: Document(line["text"], id=line["id"], metadata=line["metadata"])
            for line in lines
        }
        index._load_terms(state["terms_version"])
        lexical = [index.bm25.ids] if index.bm25 else []
        if any(set(ids) != set(index.chunks) for ids in lexical) or state["chunks"] != len(lines):
            raise DataError(f"the index in {folder} was cut off while it was written", hint)
        return index

    def _load_terms(self, version: int) -> None:
        if self.config.terms is None or self.folder is None or not self.chunks:
            return
        self.bm25 = BM25.load(self.folder / "bm25")
        if version != TERMS_VERSION:  # this version cuts texts into other terms
            self.bm25 = BM25(self.bm25.terms, self.bm25.k1, self.bm25.b)
            texts = (searchable(c, with_context=self.config.context) for c in self.chunks.values())
            self.bm25.add(list(self.chunks), texts)
