"""Log-likelihoods of whole texts, for perplexity: each token once, with as much before it as fits.

A text that is longer than the context is read in windows, as lm-evaluation-harness does: the last
one is moved back until it is full, and only tokens that no earlier one scored are scored in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from harness.models.local.scoring import Session, batch_limits
from harness.models.local.token_scores import TokenRequest
from harness.models.render import Encoded
from harness.types import Scores, Usage

if TYPE_CHECKING:
    from harness.models.local.engine import Engine

__all__ = ["text_scores", "windows"]

LOGITS = 4
"""Batches' worth of logits that a text may have at once: beyond that it is read in pieces."""


def text_scores(
    model: Engine,
    texts: Sequence[Sequence[int]],  # tokens of each
    first: int,  # the token after which a text is read
    limit: int,  # tokens that are fed at once, at most
) -> Iterator[Scores]:
    """Yields the score of each text as all of it is there; an id is the text's number from 0.

    A text without tokens has none. Input tokens are those that are scored.
    """
    limits = batch_limits(model)
    most = max(1, min(LOGITS * limits.reads, limits.tokens))
    parts: list[list[Encoded]] = [
        [piece for window in windows(text, first, limit) for piece in _pieces(window, most)]
        for text in texts
    ]
    requests: list[TokenRequest] = [
        (str(number), len(piece.ids) - piece.prompt_length, [piece])
        for number, pieces in enumerate(parts)
        for piece in pieces
    ]
    done: dict[str, list[Scores]] = {}
    for scores in Session(model, more=False).tokens(requests):
        got = done.setdefault(scores.id, [])
        got.append(scores)
        if len(got) == len(parts[int(scores.id)]):
            yield _sum(done.pop(scores.id))


def _sum(parts: Sequence[Scores]) -> Scores:
    usage = Usage()
    for part in parts:
        usage.add(part.usage)
    total, tokens = sum(p.logprobs[0] for p in parts), sum(p.n_tokens[0] for p in parts)
    greedy = all(part.is_greedy[0] for part in parts)
    return Scores(parts[0].id, (total,), (tokens,), (greedy,), usage)


def windows(ids: Sequence[int], first: int, limit: int) -> Iterator[Encoded]:
    """Yields the windows of a text's tokens; the first of them is read after the token `first`."""
    if ids:
        yield Encoded([first, *ids[:limit]], 1)
    for start in range(limit, len(ids), limit):
        end = min(start + limit, len(ids))
        yield Encoded(list(ids[end - limit - 1 : end]), limit + 1 - (end - start))


def _pieces(window: Encoded, most: int) -> Iterator[Encoded]:
    """Yields a window in pieces with at most so many scored tokens, each with all before it."""
    for start in range(window.prompt_length, len(window.ids), most):
        yield Encoded(window.ids[: start + most], start)
