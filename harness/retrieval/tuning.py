"""Chooses, on questions of the task's own, how a hybrid weighs vectors and terms, and below which
score nothing was found.

Which of the two is the better part differs between corpora (statutes that repeat a question's
words, answers that put them in others), and no weight is right for all; nor is a threshold.
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

__all__ = ["WEIGHTS", "Choice", "Threshold", "choose_threshold", "choose_weight"]

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


@dataclass(frozen=True, slots=True)
class Threshold:
    """Below which score of its best chunk a question is taken to have no answer.

    Attributes:
        value: The score; None where no threshold is better than none.
        balanced_accuracy: Mean of the two shares below, with it; 0.5 is what guessing gives.
        abstention_recall: Share of the unanswerable questions that it abstains from.
        false_abstention: Share of the answerable ones.
        answerable: How many of those decided.
        unanswerable: How many of those.
    """

    value: float | None
    balanced_accuracy: float
    abstention_recall: float
    false_abstention: float
    answerable: int
    unanswerable: int


def choose_threshold(scores: Sequence[float | None], answerable: Sequence[bool]) -> Threshold:
    """Takes the threshold with the best balanced accuracy (Youden's index).

    Args:
        scores: Of the best chunk of each question; None where nothing was found.
        answerable: Whether the documents answer it.

    Returns:
        Midway between two scores that occur; of equally good ones the lowest, which abstains
        least.

    Raises:
        UsageError: There is no question of one of the two kinds.
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
    best = Threshold(None, 0.5, 0.0, 0.0, len(good), len(bad))
    for cut in cuts:
        recall, lost = (bisect_left(some, cut) / len(some) for some in (bad, good))
        balanced = (recall + 1 - lost) / 2
        if balanced > best.balanced_accuracy:
            best = Threshold(cut, balanced, recall, lost, len(good), len(bad))
    return best
