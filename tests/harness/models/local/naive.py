"""Log-likelihoods by their definition: one whole forward pass for each continuation."""

from __future__ import annotations

import torch

from harness.models.local.model import LocalModel
from harness.types import ScoreRequest, Scores

__all__ = ["agrees", "naive"]


@torch.no_grad()
def naive(model: LocalModel, request: ScoreRequest) -> list[tuple[float, int, bool]]:
    """Returns for each continuation its log-likelihood, its tokens, and whether it is greedy."""
    found = []
    for continuation in request.continuations:
        encoded = model.encode(request.prompt, continuation, end=request.ended)
        logits = model.module(input_ids=torch.tensor([encoded.ids])).logits[0]
        logits = logits.log_softmax(-1)
        start = encoded.prompt_length
        target = torch.tensor(encoded.ids[start:])
        read = logits[start - 1 : -1]
        chosen = read[torch.arange(len(target)), target]
        greedy = bool((read.argmax(-1) == target).all())
        found.append((float(chosen.sum()), len(target), greedy))
    return found


def agrees(scores: Scores, expected: list[tuple[float, int, bool]]) -> None:
    """Fails unless scores are what one forward pass a continuation gives, in float32."""
    totals = [total for total, _, _ in expected]
    allowed = [1e-4 + 1e-5 * tokens for _, tokens, _ in expected]
    assert list(scores.n_tokens) == [tokens for _, tokens, _ in expected]
    for found, total, limit in zip(scores.logprobs, totals, allowed, strict=True):
        assert abs(found - total) <= limit
    chosen = max(range(len(totals)), key=scores.logprobs.__getitem__)
    assert totals[chosen] >= max(totals) - max(allowed)
