from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from harness.errors import UsageError  # noqa: E402
from harness.models import scoring  # noqa: E402
from harness.models.forward import selected_logits  # noqa: E402
from harness.models.local import LocalModel  # noqa: E402
from harness.models.tiny import with_adapter  # noqa: E402
from harness.types import Prompt, ScoreRequest, Scores, Section  # noqa: E402

LABELS = ("positive", "negative", "neutral")
QUESTIONS = [
    "Revenue fell.",
    "지급 보험금은 어떻게 계산합니까?",
    "The claim was denied because the premium had not been paid for three months. " * 2,
    "up",
]


def requests(ask: Any, continuations: tuple[str, ...] = LABELS, **prompt: Any):
    return [ScoreRequest(str(i), ask(q, **prompt), continuations) for i, q in enumerate(QUESTIONS)]


@torch.no_grad()
def naive(model: LocalModel, request: ScoreRequest) -> list[tuple[float, int, bool]]:
    """One whole forward pass for each continuation, as the definition says."""
    found = []
    for continuation in request.continuations:
        encoded = model.encode(request.prompt, continuation, end=False)
        logits = model.module(input_ids=torch.tensor([encoded.ids])).logits[0]
        logits = logits[-len(encoded.ids) :].log_softmax(-1)  # after virtual tokens
        start = encoded.prompt_length
        target = torch.tensor(encoded.ids[start:])
        read = logits[start - 1 : -1]
        chosen = read[torch.arange(len(target)), target]
        greedy = bool((read.argmax(-1) == target).all())
        found.append((float(chosen.sum()), len(target), greedy))
    return found


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


@pytest.mark.parametrize("continuations", [LABELS, ("yes",), ("모른다 1", "모른다 2")])
def test_rows_that_cannot_branch(
    model: LocalModel, ask: Any, monkeypatch: Any, continuations: tuple[str, ...]
):
    monkeypatch.setattr(scoring, "can_branch", lambda module: False)
    same(model, requests(ask, continuations))


def test_without_a_shared_prefix(model: LocalModel, ask: Any, monkeypatch: Any):
    monkeypatch.setattr(scoring, "MIN_SHARED", 10_000)
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


def test_positions_add_up(model: LocalModel, ask: Any, monkeypatch: Any):
    ran = []

    def counting(module: Any, ids: Any, mask: Any, rows: Any, columns: Any, **more: Any) -> Any:
        ran.append((ids.numel(), len(rows)))
        return selected_logits(module, ids, mask, rows, columns, **more)

    monkeypatch.setattr(scoring, "selected_logits", counting)
    monkeypatch.setattr("harness.models.forward.selected_logits", counting)
    asked = requests(ask)
    usages = {scores.id: scores.usage for scores in model.score(asked)}
    assert sum(u.computed_tokens for u in usages.values()) == sum(n for n, _ in ran)
    # The prefix pass reads one position that no request asked for.
    assert sum(u.scored_positions for u in usages.values()) == sum(n for _, n in ran) - 1
    for request in asked:
        assert usages[request.id].input_tokens == model.count_tokens(request.prompt)
    shared = sum(u.computed_tokens for u in usages.values())
    assert shared < sum(u.input_tokens for u in usages.values())


def test_labels_of_one_token_are_read_from_one_position(model: LocalModel, ask: Any):
    prompt = replace(ask("q"), cue="Answer:\n")  # after which no space is needed
    (scores,) = model.score([ScoreRequest("1", prompt, ("a", "b", "c"))])
    assert scores.n_tokens == (1, 1, 1)
    assert scores.usage.scored_positions == 1


def test_memory_that_runs_out_halves_the_batch(model: LocalModel, ask: Any, monkeypatch: Any):
    sizes = []

    def scarce(module: Any, ids: Any, *rest: Any, **more: Any) -> Any:
        sizes.append(len(ids))
        if len(ids) > 1:
            raise torch.OutOfMemoryError("out of memory")
        return selected_logits(module, ids, *rest, **more)

    monkeypatch.setattr(scoring, "selected_logits", scarce)
    same(model, requests(ask))
    assert sizes[0] == len(QUESTIONS)


def test_other_failures_are_raised(model: LocalModel, ask: Any, monkeypatch: Any):
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("no such kernel")

    monkeypatch.setattr(scoring, "selected_logits", broken)
    with pytest.raises(RuntimeError, match="no such kernel"):
        list(model.score(requests(ask)))


def test_a_prompt_longer_than_the_context_is_refused(model: LocalModel):
    prompt = Prompt((Section("question", "net profit " * 600),))
    with pytest.raises(UsageError, match=r"Request r7 takes \d+ tokens, .* reads 512"):
        list(model.score([ScoreRequest("r7", prompt, ("a",))]))


def test_nothing_to_score_is_refused(model: LocalModel, ask: Any):
    with pytest.raises(UsageError, match="r8 has no continuations"):
        list(model.score([ScoreRequest("r8", ask("q"), ())]))


def test_the_plan_depends_on_the_list_alone(model: LocalModel, ask: Any):
    encoded = model.encoder.encode_all((r.prompt, r.continuations) for r in requests(ask))
    trees = scoring._trees(model.module, [found for _, found in encoded])
    plans = [list(scoring.plan(trees, 0, 200, 10)) for _ in range(2)]
    assert plans[0] == plans[1]
    assert sorted(sum(plans[0], [])) == list(range(len(trees)))
    assert plans[0][0][0] == 2  # the longest


@pytest.mark.parametrize("kind", ["lora", "head", "prompt", "prefix"])
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
