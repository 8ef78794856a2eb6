"""Scores and texts of each architecture are those of transformers, in float32."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from tiny_models import ARCHITECTURES, tiny_of  # noqa: E402

from harness.devices import Device  # noqa: E402
from harness.models.local.model import LocalModel, load_local  # noqa: E402
from harness.models.local.packing import can_pack  # noqa: E402
from harness.types import ScoreRequest  # noqa: E402
from tests.harness.models.local.naive import agrees, naive  # noqa: E402
from tests.harness.models.local.test_generation import QUESTIONS, requests, same  # noqa: E402

LABELS = ("positive", "negative", "neutral", "육아 휴직 기간은 최대 1년이며")


@pytest.fixture(scope="module", params=ARCHITECTURES)
def every(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LocalModel:
    folder = tiny_of(request.param, tmp_path_factory.mktemp(request.param))
    model = load_local(folder, device=Device("cpu", 0, "", "float32"))
    assert model.module.config.model_type.startswith(request.param)
    assert can_pack(model.module) == (request.param != "gpt2"), "GPT-2 learns its positions"
    return model


@pytest.mark.parametrize("examples", [0, 3])
def test_scores_are_those_of_single_forward_passes(every: LocalModel, ask: Any, examples: int):
    asked = [ScoreRequest(q, ask(q, examples), LABELS) for q in QUESTIONS]
    found = {scores.id: scores for scores in every.score(asked)}
    for request in asked:
        agrees(found[request.id], naive(every, request))


@pytest.mark.parametrize("examples", [0, 3])
@pytest.mark.parametrize("packed", [True, False])
def test_greedy_text_is_that_of_transformers(
    every: LocalModel, ask: Any, examples: int, packed: bool, monkeypatch: pytest.MonkeyPatch
):
    from harness.models.local import generation

    if not packed:
        monkeypatch.setattr(generation, "can_pack", lambda module: False)
    same(every, requests(ask, examples=examples, max_tokens=30))


def test_tokens_that_are_held_change_no_answer(every: LocalModel, ask: Any):
    asked = requests(ask, examples=2)
    with every.holding([request.prompt for request in asked]) as held:
        assert held
        same(every, asked)
