"""Metrics that ragas computes: what each is, what it needs, and for which rows it is defined."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "JUDGED",
    "METRICS",
    "Case",
    "RagasMetric",
    "State",
    "applies",
    "count_states",
    "missing",
    "silent",
]

State = Literal["scored", "failed", "not_applicable"]
"""`failed`: the judge gave no verdict that can be read; such a row is in no mean."""

NO_SPACES = ("ko", "ja", "zh")


@dataclass(frozen=True, slots=True)
class RagasMetric:
    """A metric.

    Attributes:
        summary: One line for a list.
        needs: Of ``response``, ``reference``, ``contexts`` and ``gold``: what a row must have.
        judged: Whether a judge is asked.
        words: Whether it compares words as English has them: no use where particles are glued on.
    """

    summary: str
    needs: frozenset[str]
    judged: bool = False
    words: bool = False


def _needs(*names: str) -> frozenset[str]:
    return frozenset(names)


METRICS: dict[str, RagasMetric] = {
    "non_llm_string_similarity": RagasMetric(
        "1 - Levenshtein distance to the right answer, by length (ragas)",
        _needs("response", "reference"),
    ),
    "chrf": RagasMetric(
        "chrF, overlap of characters' n-grams with the right answer (ragas)",
        _needs("response", "reference"),
    ),
    "rouge_l": RagasMetric(
        "ROUGE-L against the right answer; not for Korean (ragas)",
        _needs("response", "reference"), words=True,
    ),
    "semantic_similarity": RagasMetric(
        "cosine of the embeddings of answer and right answer (ragas, multilingual-e5-small)",
        _needs("response", "reference"),
    ),
    "non_llm_context_precision": RagasMetric(
        "average precision of passages that resemble a gold one as strings (ragas)",
        _needs("contexts", "gold"),
    ),
    "non_llm_context_recall": RagasMetric(
        "share of gold passages that a retrieved one resembles as a string (ragas)",
        _needs("contexts", "gold"),
    ),
    "faithfulness": RagasMetric(
        "share of the answer's statements that its passages support (ragas, judged)",
        _needs("response", "contexts"), judged=True,
    ),
    "answer_relevancy": RagasMetric(
        "likeness of the question to the one that the answer suggests (ragas, judged)",
        _needs("response"), judged=True,
    ),
    "context_precision": RagasMetric(
        "average precision of the passages that help to the right answer (ragas, judged)",
        _needs("contexts", "reference"), judged=True,
    ),
    "context_recall": RagasMetric(
        "share of the right answer's statements that the passages hold (ragas, judged)",
        _needs("contexts", "reference"), judged=True,
    ),
    "judged_correctness": RagasMetric(
        "share of answers that the judge calls right, by the prompt it is measured with",
        _needs("response", "reference"), judged=True,
    ),
}  # fmt: skip
JUDGED = tuple(name for name, metric in METRICS.items() if metric.judged)


@dataclass(frozen=True, slots=True)
class Case:
    """What a row gives to be evaluated.

    Attributes:
        id: The row's.
        question: As asked.
        response: The parsed answer; empty where there is none, or none was given on purpose.
        reference: The right answer; empty where the documents have none.
        contexts: Texts that the answer was made from, best first.
        gold: Texts of the gold passages.
    """

    id: str
    question: str
    response: str
    reference: str
    contexts: tuple[str, ...] = ()
    gold: tuple[str, ...] = ()


def applies(name: str, case: Case, language: str) -> bool:
    """Says whether a metric is defined for a row.

    Args:
        name: Of `METRICS`.
        case: The row.
        language: Two-letter code.
    """
    metric = METRICS[name]
    if metric.words and language.startswith(NO_SPACES):
        return False
    return all(getattr(case, need) for need in metric.needs)


def silent(name: str, case: Case) -> bool:
    """Says whether a row has a right answer and got none: worth 0 where the two are compared."""
    compared = {"response", "reference"} <= METRICS[name].needs and not METRICS[name].words
    return compared and bool(case.reference) and not case.response


def count_states(rows: Sequence[Mapping[str, str]]) -> dict[str, dict[str, int]]:
    """Counts the states of each metric.

    Args:
        rows: Of each row the state by metric; empty for rows that weren't judged.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    counted = {name: Counter(row[name] for row in rows if name in row) for name in names}
    states = ("scored", "failed", "not_applicable")
    return {name: {state: counts[state] for state in states} for name, counts in counted.items()}


def missing() -> str | None:
    """Returns the first package that ragas' metrics need and that isn't installed."""
    names = ("ragas", "rapidfuzz", "sacrebleu", "rouge_score")
    return next((name for name in names if importlib.util.find_spec(name) is None), None)
