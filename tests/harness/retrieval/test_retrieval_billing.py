"""What an index costs is the same with a warm cache, an empty one, and after a kill."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.records.ledger import Ledger, PhaseTotal, read_ledger, totals
from harness.retrieval import index as indexing
from harness.retrieval.corpus_index import build_index
from harness.retrieval.embedders import EmbedderConfig
from harness.retrieval.embedders.hashing import HashedNgrams
from harness.retrieval.index import IndexConfig
from harness.strategy.context import Monitor
from harness.task.corpus import Corpus, corpus_of_passages
from harness.types import Passage

SECONDS = 0.02  # that a batch of texts takes


@pytest.fixture(autouse=True)
def slow_embedder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An embedder of batches of 8, whose time stands out, and an index that adds 16 at a time."""
    encode = HashedNgrams.encode

    def slowly(self: HashedNgrams, texts: list[str], kind: str) -> tuple[object, int]:
        clock.now += SECONDS
        return encode(self, texts, kind)

    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(HashedNgrams, "encode", slowly)
    monkeypatch.setattr(HashedNgrams, "batch_size", 8)
    monkeypatch.setattr(indexing, "BATCH", 16)
    monkeypatch.setattr("time.perf_counter", clock)


class Clock:
    """One clock for the embedder and the ledger."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


clock = Clock()


def corpus(count: int = 64) -> Corpus:
    # every fifth text is that of another passage, too
    texts = [f"제{n}조 보험금은 {n % 5 and n}일 안에 준다." for n in range(count)]
    return corpus_of_passages(tuple(Passage(t, f"p{n}") for n, t in enumerate(texts)))


def build(folder: Path, monitor: Monitor | None = None, documents: Corpus | None = None) -> None:
    folder.mkdir(exist_ok=True)
    config = IndexConfig(embedder=EmbedderConfig(model="hashed"), terms=None)
    ledger = Ledger(folder / "ledger.jsonl", clock=clock)
    build_index(documents or corpus(), config, folder, ledger, monitor or Monitor())


def total(folder: Path) -> PhaseTotal:
    return totals(read_ledger(folder / "ledger.jsonl"))["index"]


def test_an_index_from_a_warm_cache_costs_what_one_from_an_empty_cache_does(tmp_path: Path) -> None:
    build(tmp_path / "cold")
    build(tmp_path / "warm")
    build(tmp_path / "half", documents=corpus(96))
    cold, warm, half = (total(tmp_path / name) for name in ("cold", "warm", "half"))
    assert (cold.paid, warm.paid, half.paid) == ("paid", "partly cached", "partly cached")
    assert warm.seconds == pytest.approx(cold.seconds) and cold.seconds >= 8 * SECONDS
    assert warm.usage == cold.usage and cold.usage.computed_tokens > 0
    assert half.usage.input_tokens == pytest.approx(1.5 * cold.usage.input_tokens, rel=0.1)
    assert warm.quantities["texts_embedded"] == 0
    cached = [
        span for span in read_ledger(tmp_path / "warm" / "ledger.jsonl") if span.paid == "cached"
    ]
    assert [span.finished for span in cached] == [True]


class Cut(Monitor):
    """Ends the building of an index once so many chunks are in."""

    def __init__(self, at: int) -> None:
        self.at = at

    def progress(self, label: str, done: float, total: float, **figures: float | None) -> None:
        if done >= self.at:
            raise KeyboardInterrupt


def test_what_an_attempt_that_was_cut_off_embedded_is_billed_once(tmp_path: Path) -> None:
    build(tmp_path / "whole")
    for path in (tmp_path / "cache").rglob("shard-*"):
        path.unlink()
    for at in (16, 48):
        with pytest.raises(KeyboardInterrupt):
            build(tmp_path / "cut", Cut(at))
    build(tmp_path / "cut")
    build(tmp_path / "cut")  # it is there: nothing more is billed
    whole, cut = total(tmp_path / "whole"), total(tmp_path / "cut")
    assert cut.seconds == pytest.approx(whole.seconds)
    assert cut.usage == whole.usage


def test_an_index_that_was_saved_before_a_kill_was_billed(tmp_path: Path) -> None:
    build(tmp_path / "whole")
    lines = (tmp_path / "whole" / "ledger.jsonl").read_text(encoding="utf-8").splitlines(True)
    assert '"event": "end"' in lines[-1]
    (tmp_path / "whole" / "ledger.jsonl").write_text("".join(lines[:-1]), encoding="utf-8")
    killed = total(tmp_path / "whole")
    build(tmp_path / "whole")
    build(tmp_path / "warm")
    assert total(tmp_path / "whole").usage == killed.usage == total(tmp_path / "warm").usage
    assert total(tmp_path / "whole").seconds == pytest.approx(total(tmp_path / "warm").seconds)
