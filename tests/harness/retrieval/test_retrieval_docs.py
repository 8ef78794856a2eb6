"""The guide's Python blocks run, in their order, and what it names exists."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from harness.retrieval.retrievers import RetrieverConfig
from harness.retrieval.splitting import SplitConfig
from harness.retrieval.stores import StoreConfig
from tests.documents import blocks, text

GUIDE = "docs/retrieval.md"


def test_the_python_of_the_guide_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "guide"}
    for number, block in enumerate(blocks(GUIDE, "python"), 1):
        exec(compile(block, f"docs/retrieval.md, block {number}", "exec"), names)
    assert number >= 7


def test_the_stores_of_the_guide_are_configurations() -> None:
    stores = [StoreConfig(**yaml.safe_load(block)["store"]) for block in blocks(GUIDE, "yaml")]
    assert [store.kind.partition(".")[0].partition(":")[0] for store in stores] == [
        "langchain_pinecone", "langchain_weaviate",
    ]  # fmt: skip
    assert "have **not been run here**" in text(GUIDE)


def test_the_defaults_that_the_guide_states() -> None:
    guide = text(GUIDE)
    assert RetrieverConfig().fusion == "linear" and RetrieverConfig().dense_weight == 0.5
    assert "the best 50" in guide and RetrieverConfig().candidates == 50
    assert SplitConfig().method == "auto" and "`auto` (default)" in guide
