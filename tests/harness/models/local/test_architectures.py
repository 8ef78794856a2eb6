"""Scores and texts of each architecture are those of transformers, in float32."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from tiny_models import ARCHITECTURES, tiny_of  # noqa: E402

from harness.devices import Device  # noqa: E402
from harness.models.local.model import LocalModel, load_local  # noqa: E402
from harness.models.local.packing import can_pack, packing  # noqa: E402
from harness.training.losses import answer_loss, packed_answer_loss  # noqa: E402
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


def test_a_session_scores_list_after_list(every: LocalModel, ask: Any):
    session = every.session()
    for examples in (2, 0, 3):
        asked = [ScoreRequest(q, ask(q, examples), LABELS) for q in QUESTIONS]
        for scores in session.score(asked):
            agrees(scores, naive(every, next(each for each in asked if each.id == scores.id)))


@pytest.mark.parametrize("share", [True, False])
def test_the_loss_of_training_is_that_of_transformers(every: LocalModel, ask: Any, share: bool):
    """With its gradients, in packs where the model can, and padded."""
    module = every.module.eval().requires_grad_(True)
    rows = [every.encode(ask(q, 1), f"{n} %") for n, q in enumerate(QUESTIONS)]

    def slopes() -> list[Any]:
        found = [weight.grad.clone() for weight in module.parameters() if weight.grad is not None]
        module.zero_grad()
        return found

    total = torch.zeros(())
    for row in rows:
        ids = torch.tensor([row.ids])
        labels = ids.masked_fill(torch.arange(len(row.ids)) < row.prompt_length, -100)
        answer = len(row.ids) - row.prompt_length
        total = total + module(input_ids=ids, labels=labels).loss * answer
    total.backward()
    expected = slopes()
    losses = [answer_loss(module, rows, every.pad_id, every.device.torch)[0]]
    losses[0].backward()
    found = [slopes()]
    if can_pack(module):
        with packing(module):
            loss, ran = packed_answer_loss(module, rows, share=share, device=every.device.torch)
            loss.backward()
        assert share == (ran < sum(len(row.ids) - 1 for row in rows))
        losses.append(loss)
        found.append(slopes())
    for loss, gradients in zip(losses, found, strict=True):
        assert loss.item() == pytest.approx(total.item(), rel=1e-4)
        for one, other in zip(gradients, expected, strict=True):
            assert torch.allclose(one, other, atol=2e-3 * float(other.abs().max()) + 1e-5)


def test_tokens_that_are_held_change_no_answer(every: LocalModel, ask: Any):
    asked = requests(ask, examples=2)
    with every.holding([request.prompt for request in asked]) as held:
        assert held
        same(every, asked)
