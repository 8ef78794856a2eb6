"""Chooses, on a task's own questions, the weight of vectors and the abstention threshold.

Whether vectors or terms rank better differs between corpora (statutes repeat a question's words,
other texts paraphrase them), so no weight is right for all; nor is a threshold.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import UsageError
from harness.metrics.retrieval import found_ranks
from harness.retrieval.index import Index
from harness.retrieval.retrievers import Retriever, RetrieverConfig, passages
from harness.types import Passage

__all__ = ["AbstentionThreshold", "TunedWeight", "choose_threshold", "choose_weight"]

WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class TunedWeight:
    """The weight that was chosen, and why."""

    config: RetrieverConfig
    scores: dict[float, float]  # mean reciprocal rank of the training questions, by weight
    questions: int


def choose_weight(
    index: Index,
    queries: Sequence[str],
    gold: Sequence[Sequence[Passage]],
    config: RetrieverConfig | None = None,
    weights: Sequence[float] = WEIGHTS,
) -> TunedWeight:
    """Takes the weight with the best mean reciprocal rank.

    Args:
        queries: Training questions, never the test's.
        gold: The gold passages of each; questions without one are left out.
        config: What else holds; its own weight wins a tie, then the nearest to it.
        weights: What is tried, each 0-1.

    Raises:
        UsageError: No question has a gold passage.
    """
    config = config or RetrieverConfig()
    pairs = [(query, right) for query, right in zip(queries, gold, strict=True) if right]
    if not pairs:
        raise UsageError(
            "no training question names a gold passage", "Leave dense_weight as it is."
        )
    hybrid = {"method": "hybrid", "k": config.candidates, "rerank": None}
    scores = {}
    for weight in weights:
        trial = config.model_copy(update={**hybrid, "dense_weight": weight})
        results = Retriever(index, trial).search_many([query for query, _ in pairs])
        ranks = [
            min((rank for rank in found_ranks(passages(hits), right) if rank), default=None)
            for hits, (_, right) in zip(results, pairs, strict=True)
        ]
        scores[weight] = sum(1 / rank for rank in ranks if rank) / len(pairs)
    best = max(scores, key=lambda weight: (scores[weight], -abs(weight - config.dense_weight)))
    chosen = config.model_copy(update={"method": "hybrid", "dense_weight": best})
    return TunedWeight(chosen, scores, len(pairs))


@dataclass(frozen=True, slots=True)
class AbstentionThreshold:
    """The score of its best chunk below which a question is taken to have no answer."""

    value: float | None  # None where no threshold is better than none
    balanced_accuracy: float  # mean of abstention recall and 1 - false abstention; 0.5 is guessing
    abstention_recall: float  # share of the unanswerable questions that it abstains from
    false_abstention: float  # share of the answerable questions that it abstains from
    answerable: int
    unanswerable: int


def choose_threshold(
    scores: Sequence[float | None], answerable: Sequence[bool]
) -> AbstentionThreshold:
    """Takes the threshold with the best balanced accuracy (Youden's index).

    Args:
        scores: Of the best chunk of each question; None where there is no chunk.

    Returns:
        Midway between two scores that occur; of equally good ones the lowest, which abstains least.

    Raises:
        UsageError: All questions are answerable, or none is.
    """
    least = min((score for score in scores if score is not None), default=0.0) - 1.0
    plain = [least if score is None else score for score in scores]
    good = sorted(score for score, can in zip(plain, answerable, strict=True) if can)
    bad = sorted(score for score, can in zip(plain, answerable, strict=True) if not can)
    if not good or not bad:
        kind = "unanswerable" if good else "answerable"
        raise UsageError(
            f"no dev question is {kind}: there is nothing to tune a threshold by",
            "Give a number (--set rag.threshold=0.5), or a task with both kinds of questions.",
        )
    values = sorted(set(plain))
    cuts = [(left + right) / 2 for left, right in zip(values, values[1:], strict=False)]
    best = AbstentionThreshold(None, 0.5, 0.0, 0.0, len(good), len(bad))
    for cut in cuts:
        recall, lost = (bisect_left(some, cut) / len(some) for some in (bad, good))
        balanced = (recall + 1 - lost) / 2
        if balanced > best.balanced_accuracy:
            best = AbstentionThreshold(cut, balanced, recall, lost, len(good), len(bad))
    return best
