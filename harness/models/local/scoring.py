"""Log-likelihoods of continuations, sharing what requests and continuations have in common.

Requests are listed first, as a trie of tokens: what several prompts begin with runs once, and the
continuations of a request hang on its prompt as a tree. Parts of the trie run in one sequence, so
that nothing is padded: 77 labels of three tokens cost 150 positions instead of 77 prompts, and
labels of one token cost nothing beside the prompt. The head is applied only where a continuation
is read. A model whose layers can't do so runs one text a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from harness.devices import capacity_bytes
from harness.errors import UsageError
from harness.models.local import packed_scoring, row_scoring
from harness.models.local.packing import can_pack
from harness.models.local.readings import Results
from harness.models.local.tries import Budget
from harness.types import ScoreRequest, Scores

if TYPE_CHECKING:
    from harness.models.local.engine import Engine

__all__ = ["LOGIT_BUDGET", "TOKEN_BUDGET", "WINDOW", "Session", "budget_of", "score"]

# Positions of a batch. More gains nothing on a CPU, and spoils its caches.
TOKEN_BUDGET = {"cpu": 2048, "mps": 4096, "cuda": 32768}
LOGIT_BUDGET = 2**27  # Logits of a batch: 0.25 GB in bfloat16, 512 positions of Gemma's head.
MEMORY_SHARE = 1 / 8  # of a device's memory, that the activations of a batch may take
WINDOW = 2**22  # characters that are tokenised together: about 150 MB of tokens and their places


def score(model: Engine, requests: Sequence[ScoreRequest]) -> Iterator[Scores]:
    """Yields the log-likelihood of each request's continuations, as batches finish.

    Args:
        model: The model.
        requests: All of them: the batches are a function of the list.

    Raises:
        UsageError: A request is longer than the model's context, or has nothing to score.
    """
    return Session(model, more=False).score(requests)


class Session:
    """Scores list after list with the same weights.

    What the requests of a list begin with is held until those of another begin otherwise. A list
    gets the numbers that it gets alone: held keys and values are those that it would compute.

    Args:
        model: The model; its weights don't change as long as the session is used.
        more: Whether another list is likely to follow.
    """

    def __init__(self, model: Engine, *, more: bool = True) -> None:
        self._model, self._more = model, more
        self._memory = packed_scoring.Memory()

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[Scores]:
        """Does what `score` does."""
        parts = list(_windows(requests))
        for part in parts:
            yield from self._window(part, hold=self._more or len(parts) > 1)

    def _window(self, requests: Sequence[ScoreRequest], *, hold: bool) -> Iterator[Scores]:
        model = self._model
        encoded = model.encoder.encode_all((r.prompt, r.continuations) for r in requests)
        results = Results(requests, [length for length, _ in encoded])
        for request, (length, found) in zip(requests, encoded, strict=True):
            model.check_length(request.id, max([length, *[len(e.ids) for e in found]]))
            if not found:
                raise UsageError(f"Request {request.id} has no continuations to score")
            if not all(e.prompt_length for e in found):
                raise UsageError(
                    f"The prompt of request {request.id} is one token with a continuation",
                    "Give it instructions, or a cue.",
                )
        continuations, budget = [found for _, found in encoded], budget_of(model)
        if can_pack(model.module):
            memory = self._memory if hold else None
            return packed_scoring.run(model, continuations, budget, results, memory)
        return row_scoring.run(model, continuations, budget, results)


def _windows(requests: Sequence[ScoreRequest]) -> Iterator[list[ScoreRequest]]:
    """Divides a list into parts whose tokens fit into memory."""
    part: list[ScoreRequest] = []
    size = 0
    for request in requests:
        prompt = sum(len(s.text) + len(s.answer) for s in request.prompt.sections)
        own = prompt * (1 + len(request.continuations)) + sum(map(len, request.continuations))
        if part and size + own > WINDOW:
            yield part
            part, size = [], 0
        part.append(request)
        size += own
    if part:
        yield part


def budget_of(model: Engine) -> Budget:
    """Returns what a batch may hold on a model's device; it is the same at every call.

    A position takes about twelve numbers of the hidden width and four of a feed-forward block's:
    the stream and its copies, queries, keys and values as they are and padded, the block's gate,
    its input and their product.
    """
    config = model.module.config.get_text_config()
    hidden: int = config.hidden_size
    inner = getattr(config, "intermediate_size", None) or 4 * hidden
    capacity = capacity_bytes(model.device) * MEMORY_SHARE / model.device.torch_dtype.itemsize
    tokens = min(TOKEN_BUDGET[model.device.kind], int(capacity / (12 * hidden + 4 * inner)))
    reads = min(LOGIT_BUDGET, int(capacity)) // model.vocabulary
    return Budget(max(1, tokens), max(1, reads))
