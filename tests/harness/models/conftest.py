"""Loaded tiny models in float32, and what asking them one by one gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.devices import Device
from harness.types import Passage, Prompt, Section

pytest.importorskip("torch")

from harness.models.local.model import LocalModel, load_local

Ask = Callable[..., Prompt]
CPU = Device("cpu", 0, "", "float32")


@pytest.fixture(params=["tiny_llama", "tiny_gemma3"])
def fresh(request: pytest.FixtureRequest) -> LocalModel:
    """A model that a test may change."""
    return load_local(request.getfixturevalue(request.param), device=CPU)


@pytest.fixture(scope="module", params=["tiny_llama", "tiny_llama_base", "tiny_gemma3"])
def model(request: pytest.FixtureRequest) -> LocalModel:
    folder: Path = request.getfixturevalue(request.param)
    return load_local(folder, device=CPU)


@pytest.fixture(scope="session")
def ask() -> Ask:
    """Makes a prompt with a number of examples."""

    def make(question: str, examples: int = 2, *, passage: str = "") -> Prompt:
        shots = [
            Section("example", "The net profit was up 8 %.", "positive"),
            Section("example", "육아 휴직 기간은 최대 1년이며", "neutral"),
            Section("example", "Revenue fell, and the outlook was cut.", "negative"),
        ][:examples]
        head = Section("instructions", "Sentiment: positive, negative or neutral.")
        passages = (Passage(passage, "rules.pdf"),) if passage else ()
        return Prompt((head, *shots, Section("question", question, passages=passages)))

    return make
