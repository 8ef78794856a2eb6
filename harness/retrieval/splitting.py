"""Cuts loaded documents into chunks that can be cited: by length, by article, by row."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from harness.retrieval.places import Places

if TYPE_CHECKING:
    from langchain_core.documents import Document

__all__ = ["SplitConfig", "Splitter", "searchable"]

Length = Callable[[str], int]

# Paragraphs, lines, sentence ends (Korean ones end in a syllable and a stop), clauses, words.
SEPARATORS = (
    r"\n\n+",
    r"\n",
    r"(?<=[가-힣\d)\]\"'”’][.!?])\s+|(?<=[。！？])",
    r"(?<=[.!?;:])\s+",
    r"(?<=[,、])\s+",
    r"\s+",
    "",
)


class SplitConfig(BaseModel):
    """How documents are cut."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Literal["auto", "recursive", "article", "row"] = Field(
        "auto",
        description="By length; one article of a regulation a chunk; one row of a table a chunk; "
        "auto takes rows of a CSV or XLSX, articles where there are three or more, else length.",
    )
    size: int = Field(500, ge=20, le=100_000, description="Longest chunk, in the unit.")
    overlap: int = Field(0, ge=0, description="What neighbouring chunks share, in the unit.")
    unit: Literal["characters", "tokens"] = Field(
        "characters", description="What lengths are measured in; tokens need a counter."
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        # As a Korean insurer's published study cut its documents.
        "recursive-300": {"method": "recursive", "size": 300, "overlap": 0, "unit": "characters"}
    }

    @model_validator(mode="after")
    def _overlap_is_smaller(self) -> SplitConfig:
        if self.overlap >= self.size:
            raise ValueError(f"an overlap of {self.overlap} is not below the size, {self.size}")
        return self


class Splitter:
    """Cuts documents; `count_tokens` is needed where the unit is tokens (else a ValueError)."""

    def __init__(self, config: SplitConfig, count_tokens: Length | None = None) -> None:
        if config.unit == "tokens" and count_tokens is None:
            raise ValueError("the unit is tokens: give count_tokens, the model's own counter")
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        self.config = config

        self._recursive = RecursiveCharacterTextSplitter(
            separators=list(SEPARATORS),
            is_separator_regex=True,
            keep_separator="end",
            chunk_size=config.size,
            chunk_overlap=config.overlap,
            length_function=count_tokens if count_tokens and config.unit == "tokens" else len,
        )

    def split(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yields chunks, document by document.

        Returns:
            Documents whose metadata has ``source``, ``start`` and ``end`` (characters in the
            document's text), ``number``, ``context`` (the headings above it), and what holds
            there: ``page``, ``section``, ``article``, ``article_title``, ``table``, ``sheet``,
            ``row``. The id is a hash of source, context and text: it stays when the chunk moves.
        """
        # Metadata: ``source``, ``start`` and ``end`` (characters in the document's text),
        # ``number``, ``context`` (the headings above it), and what holds there: ``page``,
        # ``section``, ``article``, ``article_title``, ``table``, ``sheet``, ``row``.
        from langchain_core.documents import Document as Chunk

        for document in documents:
            source = str(document.metadata.get("source", ""))
            places = Places(document.metadata.get("marks", ()))
            seen: Counter[str] = Counter()
            for number, (start, end) in enumerate(self._spans(document, places)):
                text = document.page_content[start:end]
                place = places.within(start, end)
                context = _context(place)
                key = _chunk_id(source, context, text, 0)
                name = _chunk_id(source, context, text, seen[key])
                seen[key] += 1
                metadata = {"source": source, "start": start, "end": end, "number": number}
                metadata |= place | {"context": context}
                yield Chunk(text, id=name, metadata=metadata)

    def _spans(self, document: Document, places: Places) -> Iterator[tuple[int, int]]:
        text = document.page_content
        method = self.config.method
        if method == "auto":
            method = _choose(document.metadata, places)
        if method == "recursive":
            bounds = []
        elif method == "row":
            bounds = [*places.starts_of("row"), *places.starts_of("sheet")]
        else:
            bounds = [*places.starts_of("article"), *places.starts_of("table")]
            bounds += places.starts_of("section")
        edges = sorted({0, len(text), *(at for at in bounds if at < len(text))})
        for start, end in zip(edges, edges[1:], strict=False):
            if not bounds or not _is_heading(text[start:end], places.at(start)):
                yield from self._cut(text, start, end)

    def _cut(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Cuts a stretch to size, and locates each piece, so that its span is exact."""
        part = text[start:end]
        before = end_before = -1
        for piece in self._recursive.split_text(part):
            at = part.find(piece, self._earliest(piece, before, end_before))
            before, end_before = at, at + len(piece)
            yield start + at, start + at + len(piece)

    def _earliest(self, piece: str, before: int, end_before: int) -> int:
        """Returns the earliest start of a piece, so that a repetition isn't mistaken for it."""
        if not self.config.overlap:
            return max(0, end_before)
        if self.config.unit == "characters":
            return max(before + 1, end_before - self.config.overlap)
        # How many characters the shared tokens are isn't known; the piece ends after the last.
        return max(before + 1, end_before + 1 - len(piece))


def _choose(metadata: Mapping[str, Any], places: Places) -> Literal["recursive", "article", "row"]:
    if metadata.get("format") in ("csv", "xlsx"):
        return "row"
    return "article" if len(places.starts_of("article")) >= 3 else "recursive"


def _is_heading(text: str, place: Mapping[str, Any]) -> bool:
    """Whether a stretch is only the line that the chunks below it carry as their context."""
    line = " ".join(text.split())
    return not line or line in (place.get("section"), place.get("sheet"))


def _context(place: Mapping[str, Any]) -> str:
    """Joins the headings above a chunk, those of columns too: ``제2장 휴직 > 제7조(육아휴직)``."""
    article = place.get("article") or ""
    if title := place.get("article_title"):
        article = f"{article}({title})"
    parts = (place.get("sheet"), place.get("section"), article, place.get("columns"))
    return " > ".join(str(part) for part in parts if part)


def _chunk_id(source: str, context: str, text: str, copy: int) -> str:
    """Returns 32 hexadecimal digits of what a chunk holds; `copy` counts equal chunks of a file."""
    key = "\0".join([source, context, text, str(copy)])
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def searchable(chunk: Document, *, with_context: bool = True) -> str:
    """Returns what is embedded and indexed of a chunk: the headings above it, then its text.

    A piece of a long article doesn't hold the article's title, which questions name.
    """
    context = str(chunk.metadata.get("context", "")) if with_context else ""
    lines = [part for part in context.split(" > ") if part and part not in chunk.page_content]
    return "\n".join([*lines, chunk.page_content])
