"""Scores ranked passages against the gold ones: hit, recall, precision, reciprocal rank, nDCG.

A retrieved chunk is any cut of a document, so it is compared by what it holds. It hits a gold
passage of the same source when it holds at least half of it, white space and Unicode form aside:
the whole of it, or, where the chunk ends within the passage, the larger part of it.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from harness.metrics.metric import ALL, Answered, Metric
from harness.types import Passage

__all__ = [
    "DEFAULT_KS",
    "METRICS",
    "RETRIEVAL",
    "found_ranks",
    "hits",
    "retrieval_scores",
    "same_source",
]

DEFAULT_KS = (1, 3, 5, 10)
RETRIEVAL = ("hit@1", "hit@5", "mrr", "ndcg@10")
"""What is shown of a strategy that retrieves, where the task has gold passages."""


def hits(chunk: Passage, gold: Passage) -> bool:
    """Says whether a retrieved chunk holds at least half of a gold passage.

    Where that has no text its span decides, and without a span its source alone (a page or an
    article that is known by its id).
    """
    if not same_source(chunk.source, gold.source):
        return False
    if gold.text:
        wanted = _squash(gold.text)
        return 2 * _held(_squash(chunk.text), wanted) >= len(wanted)
    if gold.span is None:
        return True
    if chunk.span is None:
        return False
    shared = min(chunk.span[1], gold.span[1]) - max(chunk.span[0], gold.span[0])
    return shared > 0 and 2 * shared >= gold.span[1] - gold.span[0]


def same_source(left: str, right: str) -> bool:
    """Compares names of files; one may come with folders before it."""
    left, right = (unicodedata.normalize("NFC", name).replace("\\", "/") for name in (left, right))
    return left == right or left.endswith(f"/{right}") or right.endswith(f"/{left}")


def _squash(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


def _held(chunk: str, gold: str) -> int:
    """Counts the characters of `gold`, from its beginning or to its end, that a chunk holds.

    Runs in the middle of both don't count: sentences of one document resemble each other, and a
    neighbour would hit.
    """
    if gold in chunk:
        return len(gold)
    if chunk in gold:
        return len(chunk)
    return max(_overlap(chunk, gold), _overlap(gold, chunk))


def _overlap(left: str, right: str) -> int:
    """Returns the length of the longest end of `left` that `right` begins with, in linear time.

    By the prefix function of Knuth, Morris and Pratt (1977).
    """
    size = min(len(left), len(right))
    joined = right[:size] + "\0" + left[len(left) - size :]
    border = [0] * len(joined)
    for at in range(1, len(joined)):
        length = border[at - 1]
        while length and joined[at] != joined[length]:
            length = border[length - 1]
        border[at] = length + (joined[at] == joined[length])
    return border[-1] if size else 0


def found_ranks(evidence: Sequence[Passage], gold: Sequence[Passage]) -> list[int | None]:
    """Returns the rank (from 1) at which each gold passage is first hit; None where it isn't."""
    return [
        next((rank for rank, chunk in enumerate(evidence, 1) if hits(chunk, passage)), None)
        for passage in gold
    ]


def retrieval_scores(
    evidence: Sequence[Passage], gold: Sequence[Passage], ks: Iterable[int] = DEFAULT_KS
) -> dict[str, float]:
    """Scores one ranking.

    Args:
        evidence: Retrieved passages, best first.
        gold: The gold passages; at least one.
        ks: Cut-offs from 1.

    Returns:
        ``mrr`` and, for each k, ``hit@k``, ``recall@k``, ``precision@k`` and ``ndcg@k``, 0-1.
        Relevance is binary. A gold passage counts at its first hit only, so that overlapping
        chunks don't raise nDCG (Järvelin and Kekäläinen 2002); precision counts every chunk of
        the first k that hits, over k.

    Raises:
        ValueError: There is no gold passage, or a k is below 1.
    """
    cuts = sorted(set(ks))
    if not gold:
        raise ValueError("a ranking can't be scored without a gold passage")
    if cuts and cuts[0] < 1:
        raise ValueError(f"k = {cuts[0]}: a cut-off starts at 1")
    ranks = [rank for rank in found_ranks(evidence, gold) if rank is not None]
    relevant = [any(hits(chunk, passage) for passage in gold) for chunk in evidence[: cuts[-1]]]
    scores = {"mrr": 1 / min(ranks) if ranks else 0.0}
    for k in cuts:
        within = [rank for rank in ranks if rank <= k]
        scores[f"hit@{k}"] = float(bool(within))
        scores[f"recall@{k}"] = len(within) / len(gold)
        scores[f"precision@{k}"] = sum(relevant[:k]) / k
        scores[f"ndcg@{k}"] = _ndcg(within, min(k, len(gold)))
    return scores


def _ndcg(ranks: Sequence[int], n_ideal: int) -> float:
    """Normalises the discounted gain; one chunk that holds two gold passages can't pass 1."""
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, n_ideal + 1))
    return min(1.0, sum(1 / math.log2(rank + 1) for rank in ranks) / ideal)


@lru_cache(maxsize=1)
def _scores(answered: Answered) -> dict[str, float]:
    """All figures of one ranking at once: they share the search for the gold passages."""
    return retrieval_scores(answered.output.evidence, answered.row.passages)


def _metric(name: str, summary: str) -> Metric:
    return Metric(
        name,
        summary,
        ALL,
        answer=lambda answered: _scores(answered)[name],
        needs=frozenset({"contexts", "gold"}),
    )


METRICS = (
    _metric("mrr", "mean of 1 / rank of the first gold passage"),
    *(
        _metric(f"{name}@{k}", summary.format(k=k))
        for k in DEFAULT_KS
        for name, summary in {
            "hit": "share of rows with a gold passage among the first {k}",
            "recall": "share of a row's gold passages among the first {k}",
            "precision": "share of the first {k} that hit a gold passage",
            "ndcg": "normalised discounted gain of the first {k}, binary relevance",
        }.items()
    ),
)
