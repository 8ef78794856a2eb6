"""From a task's corpus to a searchable index in an artifact, with what it took in the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import DataError
from harness.records.files import write_json
from harness.records.ledger import Ledger, Spend
from harness.strategy.context import Monitor
from harness.task.corpus import Corpus

if TYPE_CHECKING:
    from langchain_core.documents import Document

    from harness.retrieval.embedders.base import EmbedUsage
    from harness.retrieval.index import Changes, IndexConfig

__all__ = ["FILES", "FOLDER", "bill_cached", "build_index", "corpus_documents", "left_out"]

FOLDER, FILES = "index", "files.json"


def corpus_documents(corpus: Corpus) -> tuple[Iterator[Document], list[dict[str, Any]]]:
    """Returns a corpus as documents, and a line on each file; DataError where none can be read."""
    from langchain_core.documents import Document

    if corpus.folder is None:
        ready = (Document(p.text, metadata={"source": p.source}) for p in corpus.passages)
        return ready, []
    from harness.retrieval.loaders import load_folder

    report = load_folder(corpus.folder)
    lines = [asdict(line) for line in report.files]
    if not report.documents:
        reasons = "; ".join(f"{line['file']}: {line['note']}" for line in lines[:3])
        raise DataError(f"no document could be read ({reasons})", "See docs/retrieval.md.")
    return iter(report.documents), lines


def left_out(files: Iterable[Mapping[str, object]]) -> list[str]:
    """Writes a sentence on each file that wasn't read."""
    return [
        f"left out: {line['file']}: {line['note']}" for line in files if line["status"] != "read"
    ]


def build_index(
    corpus: Corpus,
    config: IndexConfig,
    artifact: Path,
    ledger: Ledger,
    monitor: Monitor,
    details: dict[str, Any] | None = None,
) -> Changes:
    """Builds or updates the index of a corpus, in the phase ``index``, and returns what changed.

    Raises:
        DataError: No document could be read.
    """
    from harness.retrieval.index import Index

    folder = artifact / FOLDER
    with ledger.phase("index") as spend:
        documents, files = corpus_documents(corpus)
        for note in left_out(files):
            monitor.message(note)
        there = (folder / "index.json").is_file()
        index = Index.load(folder) if there else Index(config, folder)
        changes = index.update(documents, progress=lambda n, of: monitor.progress("index", n, of))
        usage = changes.usage
        spend.usage.input_tokens += usage.tokens
        spend.usage.computed_tokens += usage.tokens
        spend.count(files=len(files), chunks=len(index.chunks), chunks_added=len(changes.added))
        spend.count(chunks_kept=len(changes.kept), chunks_removed=len(changes.removed))
        spend.count(texts_embedded=usage.texts - usage.cached, texts_cached=usage.cached)
        bill_cached(ledger, "index", usage)
        ledger.alive()  # before it is saved: an index that is there was billed
        index.save()
    counts = Counter(chunk.metadata["source"] for chunk in index.chunks.values())
    files = [line | {"chunks": counts[line["file"]]} for line in files]
    write_json(artifact / FILES, files)
    if details is not None:
        details["documents"] = {"files": files, "chunks": len(index.chunks)}
    return changes


def bill_cached(ledger: Ledger, phase: str, usage: EmbedUsage) -> None:
    """Bills what vectors from the cache took when they were computed, as a span of its own.

    What an attempt that was cut off computed is there as well, and it has been billed to it.
    """
    cut = [span for span in ledger.earlier(phase) if not span.finished or span.paid == "cached"]
    seconds = usage.cached_seconds - sum(span.seconds for span in cut)
    tokens = round(usage.cached_tokens) - sum(span.usage.input_tokens for span in cut)
    if usage.cached_seconds and max(seconds, tokens) > 0:
        spend = Spend(phase, max(0.0, seconds), paid="cached", finished=True)
        spend.usage.input_tokens = spend.usage.computed_tokens = max(0, tokens)
        spend.device, spend.attempt = ledger.device, ledger.attempt
        spend.energy_note = "not known of what a cache holds"
        ledger.record(spend)
