from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from tiny_models import with_adapter  # noqa: E402

from harness.errors import DataError, UsageError  # noqa: E402
from harness.models.local import packing, row_scoring, scoring, tries  # noqa: E402
from harness.models.local.forward import selected_logits  # noqa: E402
from harness.models.local.model import LocalModel  # noqa: E402
from harness.models.render import Encoder  # noqa: E402
from harness.types import Prompt, ScoreRequest, Scores, Section  # noqa: E402
from tests.harness.models.local.naive import naive  # noqa: E402

LABELS = ("positive", "negative", "neutral")
QUESTIONS = [
    "Revenue fell.",
    "지급 보험금은 어떻게 계산합니까?",
    "The claim was denied because the premium had not been paid for three months. " * 2,
    "up",
]


def requests(ask: Any, continuations: tuple[str, ...] = LABELS, **prompt: Any):
    return [ScoreRequest(str(i), ask(q, **prompt), continuations) for i, q in enumerate(QUESTIONS)]


def same(model: LocalModel, asked: list[ScoreRequest]) -> dict[str, Scores]:
    results = {scores.id: scores for scores in model.score(asked)}
    assert set(results) == {request.id for request in asked}
    for request in asked:
        scores = results[request.id]
        expected = naive(model, request)
        assert scores.logprobs == pytest.approx([e[0] for e in expected], abs=1e-4)
        assert list(scores.n_tokens) == [e[1] for e in expected]
        assert list(scores.is_greedy) == [e[2] for e in expected]
    return results


@pytest.mark.parametrize("examples", [0, 3])
def test_scores_are_those_of_single_forward_passes(model: LocalModel, ask: Any, examples: int):
    # With three examples the prompt is longer than Gemma's window of 24 tokens.
    same(model, requests(ask, examples=examples))


@pytest.mark.parametrize("examples", [0, 3])
def test_long_continuations_branch(model: LocalModel, ask: Any, examples: int):
    continuations = (
        "The claim was denied.",
        "The claim was paid in full after three months, less the deductible of 12.5 million",
        "The",
        "모른다",
    )
    same(model, requests(ask, continuations, examples=examples))


def test_a_continuation_that_begins_another_is_scored_with_its_end(model: LocalModel, ask: Any):
    plain = [ScoreRequest("r", request.prompt, ("net", "net loss")) for request in requests(ask)][
        :1
    ]
    (without,) = same(model, plain).values()
    (closed,) = same(model, [replace(plain[0], ended=True)]).values()
    assert without.logprobs[0] > without.logprobs[1]  # whatever the prompt says
    assert closed.n_tokens == tuple(n + 1 for n in without.n_tokens)


def test_two_continuations_of_the_same_tokens_are_refused(model: LocalModel, ask: Any, monkeypatch):
    tokens = Encoder._tokens
    monkeypatch.setattr(
        Encoder, "_tokens", lambda self, texts: tokens(self, [text.lower() for text in texts])
    )
    with pytest.raises(DataError, match="'AA' and 'Aa' as the same tokens"):
        list(model.score(requests(ask, ("AA", "Aa"))))


@pytest.mark.parametrize("continuations", [LABELS, ("yes",), ("모른다 1", "모른다 2")])
def test_texts_that_cannot_share_a_sequence(
    model: LocalModel, ask: Any, monkeypatch: Any, continuations: tuple[str, ...]
):
    monkeypatch.setattr(scoring, "can_pack", lambda module: False)
    same(model, requests(ask, continuations))


def test_without_a_shared_prefix(model: LocalModel, ask: Any, monkeypatch: Any):
    monkeypatch.setattr(tries, "MIN_SHARED", 10_000)
    same(model, requests(ask))


def test_eager_attention(model: LocalModel, ask: Any):
    model.module.set_attn_implementation("eager")
    try:
        same(model, requests(ask, ("net profit", "net loss")))
    finally:
        model.module.set_attn_implementation("sdpa")


def test_one_request_and_none(model: LocalModel, ask: Any):
    same(model, requests(ask)[:1])
    assert list(model.score([])) == []


def test_batches_change_nothing(model: LocalModel, ask: Any, monkeypatch: Any):
    together = {s.id: s for s in model.score(requests(ask))}
    monkeypatch.setitem(scoring.TOKEN_BUDGET, "cpu", 1)
    for alone in model.score(requests(ask)):
        assert alone.logprobs == pytest.approx(together[alone.id].logprobs, abs=1e-4)


@pytest.mark.parametrize("budget", [60, 2048])
def test_positions_add_up(model: LocalModel, ask: Any, monkeypatch: Any, budget: int):
    ran = []

    def counting(module: Any, ids: Any, mask: Any, rows: Any, columns: Any, **more: Any) -> Any:
        ran.append((ids.numel(), len(rows)))
        return selected_logits(module, ids, mask, rows, columns, **more)

    monkeypatch.setattr(packing, "selected_logits", counting)
    monkeypatch.setitem(scoring.TOKEN_BUDGET, "cpu", budget)
    asked = requests(ask)
    usages = {scores.id: scores.usage for scores in model.score(asked)}
    assert sum(u.computed_tokens for u in usages.values()) == sum(n for n, _ in ran)
    # A pass of tokens that are held reads one position that no request asked for.
    held = budget < 100
    assert sum(u.scored_positions for u in usages.values()) == sum(n for _, n in ran) - held
    for request in asked:
        assert usages[request.id].input_tokens == model.count_tokens(request.prompt)
    shared = sum(u.computed_tokens for u in usages.values())
    assert shared < sum(u.input_tokens for u in usages.values())


def test_labels_of_one_token_are_read_from_one_position(model: LocalModel, ask: Any):
    prompt = replace(ask("q"), cue="Answer:\n")  # after which no space is needed
    (scores,) = model.score([ScoreRequest("1", prompt, ("a", "b", "c"))])
    assert scores.n_tokens == (1, 1, 1)
    assert scores.usage.scored_positions == 1


@pytest.mark.parametrize("limit", [0, 150])
def test_memory_that_runs_out_halves_the_batch(
    model: LocalModel, ask: Any, monkeypatch: Any, limit: int
):
    sizes = []

    def scarce(module: Any, ids: Any, *rest: Any, **more: Any) -> Any:
        sizes.append(ids.numel())
        if ids.numel() > max(limit, least):
            raise torch.OutOfMemoryError("out of memory")
        return selected_logits(module, ids, *rest, **more)

    asked = requests(ask)
    least = max(len(model.encode(request.prompt).ids) for request in asked) + 10
    monkeypatch.setattr(packing, "selected_logits", scarce)
    same(model, asked)
    assert max(sizes) == sizes[0] > least


def test_memory_that_runs_out_halves_the_rows(model: LocalModel, ask: Any, monkeypatch: Any):
    sizes = []

    def scarce(module: Any, ids: Any, *rest: Any, **more: Any) -> Any:
        sizes.append(len(ids))
        if len(ids) > 1:
            raise torch.OutOfMemoryError("out of memory")
        return selected_logits(module, ids, *rest, **more)

    monkeypatch.setattr(scoring, "can_pack", lambda module: False)
    monkeypatch.setattr(row_scoring, "selected_logits", scarce)
    same(model, requests(ask))
    assert sizes[0] >= len(QUESTIONS)


def test_memory_that_one_request_lacks_is_said(model: LocalModel, ask: Any, monkeypatch: Any):
    def scarce(*_: Any, **__: Any) -> Any:
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(packing, "selected_logits", scarce)
    with pytest.raises(torch.OutOfMemoryError):
        list(model.score(requests(ask)))


def test_other_failures_are_raised(model: LocalModel, ask: Any, monkeypatch: Any):
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("no such kernel")

    monkeypatch.setattr(packing, "selected_logits", broken)
    with pytest.raises(RuntimeError, match="no such kernel"):
        list(model.score(requests(ask)))


def test_a_prompt_longer_than_the_context_is_refused(model: LocalModel):
    prompt = Prompt((Section("question", "net profit " * 600),))
    with pytest.raises(UsageError, match=r"Request r7 takes \d+ tokens, .* reads 512"):
        list(model.score([ScoreRequest("r7", prompt, ("a",))]))


def test_nothing_to_score_is_refused(model: LocalModel, ask: Any):
    with pytest.raises(UsageError, match="r8 has no continuations"):
        list(model.score([ScoreRequest("r8", ask("q"), ())]))


@pytest.mark.parametrize("kind", ["lora", "head"])
def test_adapters(fresh: LocalModel, ask: Any, kind: str):
    plain = next(iter(fresh.score(requests(ask)))).logprobs
    fresh.module = with_adapter(fresh.module, kind)
    found = same(fresh, requests(ask, examples=3))
    assert found["2"].logprobs != plain


def test_training_mode_is_given_back(model: LocalModel, ask: Any):
    model.module.train()
    list(model.score(requests(ask)))
    assert model.module.training
    model.module.eval()
