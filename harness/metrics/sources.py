"""Scores what an answer rests on, without a judge: the sources that it cites."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.metrics.metric import TEXT, Metric
from harness.metrics.retrieval import same_source
from harness.types import Passage

__all__ = ["GROUNDS", "METRICS", "SOURCE", "source_correctness"]

SOURCE = "source_correctness"
GROUNDS = (SOURCE,)
"""What is shown of answers that were given with passages."""
_CITED = re.compile(r"\[(\d{1,3})\]")


def source_correctness(text: str, evidence: Sequence[Passage], gold: Sequence[Passage]) -> float:
    """Returns the share of the documents an answer cites that have a gold passage.

    ``[2]`` in the text cites the second passage of the evidence; without a citation the first is
    its source. It is 0 where the answer cites none of the passages that there are.
    """
    numbers = {int(number) for number in _CITED.findall(text)} or {1}
    cited = [evidence[at - 1].source for at in numbers if 0 < at <= len(evidence)]
    right = [any(same_source(source, each.source) for each in gold) for source in cited]
    return sum(right) / len(numbers)


METRICS = (
    Metric(
        SOURCE,
        "share of answers whose sources are documents that say it",
        TEXT,
        answer=lambda answered: source_correctness(
            answered.output.text or "", answered.output.evidence, answered.row.passages
        ),
        needs=frozenset({"response", "contexts", "gold"}),
    ),
)
