"""Log-likelihoods of continuations, sharing what requests and continuations have in common.

Requests form a trie of tokens: a shared prefix runs once, and the continuations of a request hang
on its prompt as a tree. Parts of the trie run in one sequence, so that nothing is padded: 77 labels
of three tokens cost 150 positions instead of 77 prompts, and labels of one token cost nothing
beside the prompt. The head runs only where a continuation is scored. A model whose layers can't do
so runs one text a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from harness.devices import capacity_bytes
from harness.errors import UsageError
from harness.models.local import packed_scoring, row_scoring
from harness.models.local.laid_out import laid_out
from harness.models.local.packing import can_pack
from harness.models.local.token_scores import ScoreCollector, TokenRequest
from harness.models.local.tries import BatchLimits
from harness.models.render import Encoded
from harness.types import ScoreRequest, Scores

if TYPE_CHECKING:
    from harness.models.local.engine import Engine

__all__ = ["LOGIT_BUDGET", "TOKEN_BUDGET", "WINDOW", "Session", "batch_limits"]

# Positions of a batch. More are no faster on a CPU, whose caches they overflow.
TOKEN_BUDGET = {"cpu": 2048, "mps": 4096, "cuda": 32768}
LOGIT_BUDGET = 2**27  # Logits of a batch: 0.25 GB in bfloat16, 512 positions of Gemma's head.
MEMORY_SHARE = 1 / 8  # of a device's memory, that the activations of a batch may take
WINDOW = 2**22  # characters that are tokenised together: about 150 MB of tokens and offsets


class Session:
    """Scores list after list with the same weights, each with the same scores as alone.

    The prefix of a list's requests is kept until those of another list begin otherwise.
    `more` says whether another list is likely to follow, `writes` whether texts are generated
    meanwhile.
    """

    def __init__(self, model: Engine, *, more: bool = True, writes: bool = False) -> None:
        self._model, self._more = model, more
        self._warm = packed_scoring.WarmPrefix()
        self._weights = laid_out(model.module) if writes else None  # kept for others to use

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[Scores]:
        """Yields the scores of requests as batches finish; the batches depend on the whole list.

        Raises:
            UsageError: A request is longer than the model's context, or has nothing to score.
        """
        parts = list(_windows(requests))
        for part in parts:
            encoded = self._encoded(part)
            yield from self._run(encoded, hold=self._more or len(parts) > 1)

    def tokens(self, requests: Sequence[TokenRequest], *, hold: bool = False) -> Iterator[Scores]:
        """Yields the scores of continuations that are tokens already, as `score` does.

        None is longer than the model's context and a token, which is scored and never fed. `hold`
        keeps the prefix of all requests for another list.
        """
        if before := self._model.encoder.before:
            requests = [
                (id_, n, [Encoded(before + t.ids, len(before) + t.prompt_length) for t in texts])
                for id_, n, texts in requests
            ]
        return self._run(requests, hold=hold)

    def _run(self, requests: Sequence[TokenRequest], *, hold: bool) -> Iterator[Scores]:
        if not requests:
            return iter(())
        model, limits = self._model, batch_limits(self._model)
        continuations = [texts for _, _, texts in requests]
        scores = ScoreCollector(requests)
        if can_pack(model.module):
            warm = self._warm if hold else None
            return packed_scoring.run(model, continuations, limits, scores, warm)
        return row_scoring.run(model, continuations, limits, scores)

    def _encoded(self, requests: Sequence[ScoreRequest]) -> list[TokenRequest]:
        model = self._model
        encoded = model.encoder.encode_all(
            ((r.prompt, r.continuations) for r in requests), [r.ended for r in requests]
        )
        for request, (length, texts) in zip(requests, encoded, strict=True):
            model.check_length(request.id, max([length, *[len(e.ids) for e in texts]]))
            if not texts:
                raise UsageError(f"Request {request.id} has no continuations to score")
            if not all(e.prompt_length for e in texts):
                raise UsageError(
                    f"The prompt of request {request.id} is one token with a continuation",
                    "Give it instructions, or a cue.",
                )
        learnt = len(model.encoder.before)  # no input
        return [(r.id, n - learnt, t) for r, (n, t) in zip(requests, encoded, strict=True)]


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


def batch_limits(model: Engine) -> BatchLimits:
    """Returns the limits of a batch on a model's device; they are the same at every call.

    A position takes about twelve numbers of the hidden width and four of a feed-forward block's:
    the residual stream and its copies, queries, keys and values as they are and padded, the block's
    gate, its input and their product.
    """
    config = model.module.config.get_text_config()
    hidden: int = config.hidden_size
    inner = getattr(config, "intermediate_size", None) or 4 * hidden
    capacity = capacity_bytes(model.device) * MEMORY_SHARE / model.device.torch_dtype.itemsize
    tokens = min(TOKEN_BUDGET[model.device.kind], int(capacity / (12 * hidden + 4 * inner)))
    reads = min(LOGIT_BUDGET, int(capacity)) // model.vocabulary
    return BatchLimits(max(1, tokens), max(1, reads))
