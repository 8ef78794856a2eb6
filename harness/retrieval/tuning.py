"""Chooses how a hybrid weighs vectors and terms, on training questions of the task's own.

Which of the two is the better part differs between corpora (statutes that repeat a question's
words, answers that put them in others), and no weight is right for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import UsageError
from harness.metrics.retrieval import found_ranks
from harness.retrieval.index import Index
from harness.retrieval.retrievers import Retriever, RetrieverConfig, passages
from harness.types import Passage

__all__ = ["WEIGHTS", "Choice", "choose_weight"]

WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, and by what.

    Attributes:
        config: With the chosen weight.
        scores: Mean reciprocal rank of the training questions, by weight.
        questions: How many questions decided.
    """

    config: RetrieverConfig
    scores: dict[float, float]
    questions: int


def choose_weight(
    index: Index,
    queries: Sequence[str],
    gold: Sequence[Sequence[Passage]],
    config: RetrieverConfig | None = None,
    weights: Sequence[float] = WEIGHTS,
) -> Choice:
    """Takes the weight with the best mean reciprocal rank.

    Args:
        index: What is searched; it has vectors and terms.
        queries: Training questions, never the test's.
        gold: The gold passages of each; questions without one are left out.
        config: What else holds; its own weight wins a tie, then the nearest to it.
        weights: What is tried, each 0-1.

    Returns:
        The configuration to search with, and each weight's score.

    Raises:
        UsageError: No question has a gold passage.
    """
    config = config or RetrieverConfig()
    pairs = [(query, found) for query, found in zip(queries, gold, strict=True) if found]
    if not pairs:
        raise UsageError(
            "no training question names a gold passage", "Leave dense_weight as it is."
        )
    asked = [query for query, _ in pairs]
    scores = {}
    for weight in weights:
        tried = config.model_copy(
            update={
                "method": "hybrid",
                "dense_weight": weight,
                "k": config.candidates,
                "rerank": None,
            }
        )
        found = Retriever(index, tried).search_many(asked)
        ranks = [
            min((rank for rank in found_ranks(passages(hits), wanted) if rank), default=None)
            for hits, (_, wanted) in zip(found, pairs, strict=True)
        ]
        scores[weight] = sum(1 / rank for rank in ranks if rank) / len(pairs)
    best = max(scores, key=lambda weight: (scores[weight], -abs(weight - config.dense_weight)))
    chosen = config.model_copy(update={"method": "hybrid", "dense_weight": best})
    return Choice(chosen, scores, len(pairs))
