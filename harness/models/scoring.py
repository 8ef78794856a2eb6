"""Log-likelihoods of continuations, sharing what requests and continuations have in common.

All requests of a call are listed first, as a trie of tokens: what several prompts begin with runs
once, and the continuations of a request hang on its prompt as a tree. Parts of the trie run in one
sequence, so that nothing is padded: 77 labels of three tokens cost 150 positions instead of 77
prompts, and labels of one token cost nothing beside the prompt. The head is applied only where a
continuation is read. A model whose layers can't do so runs one text a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from harness.errors import UsageError
from harness.models import packed_scoring, row_scoring
from harness.models.packs import can_pack
from harness.models.readings import Results
from harness.models.tries import Budget
from harness.types import ScoreRequest, Scores

if TYPE_CHECKING:
    from harness.models.local import LocalModel

__all__ = ["LOGIT_BUDGET", "TOKEN_BUDGET", "score"]

# Positions of a batch. More gains nothing on a CPU, and spoils its caches.
TOKEN_BUDGET = {"cpu": 2048, "mps": 4096, "cuda": 32768}
LOGIT_BUDGET = 2**27  # Logits of a batch: 0.5 GB in float32, 512 positions of Gemma's head.


def score(model: LocalModel, requests: Sequence[ScoreRequest]) -> Iterator[Scores]:
    """Yields the log-likelihood of each request's continuations, as batches finish.

    Args:
        model: The model.
        requests: All of them: the batches are a function of the list.

    Raises:
        UsageError: A request is longer than the model's context, or has nothing to score.
    """
    if not requests:
        return
    encoded = model.encoder.encode_all((r.prompt, r.continuations) for r in requests)
    for request, (length, found) in zip(requests, encoded, strict=True):
        model.check_length(request.id, max([length, *[len(e.ids) for e in found]]))
        if not found:
            raise UsageError(f"Request {request.id} has no continuations to score")
        if not all(e.prompt_length for e in found):
            raise UsageError(
                f"The prompt of request {request.id} is one token with a continuation",
                "Give it instructions, or a cue.",
            )
    run = packed_scoring.run if can_pack(model.module) else row_scoring.run
    budget = Budget(TOKEN_BUDGET[model.device.kind], LOGIT_BUDGET // model.vocabulary)
    continuations = [found for _, found in encoded]
    yield from run(model, continuations, budget, Results(requests, [n for n, _ in encoded]))
