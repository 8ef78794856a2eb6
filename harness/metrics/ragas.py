"""Metrics that ragas computes: what each is, what it needs, and for which rows it is defined."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from harness.metrics.metric import TEXT, Metric, Need
from harness.metrics.scored_rows import Coded

__all__ = [
    "CORRECTNESS",
    "JUDGED",
    "METRICS",
    "RAGAS",
    "Case",
    "State",
    "applies",
    "count_states",
    "missing",
    "silent",
]

State = Literal["scored", "failed", "not_applicable"]
"""`failed`: the judge gave no verdict that can be read; such a row is in no mean."""

CORRECTNESS = "judged_correctness"
NO_SPACES = ("ko", "ja", "zh")
ANSWER: tuple[Need, ...] = ("response", "reference")
PASSAGES: tuple[Need, ...] = ("contexts", "gold")


def _metric(name: str, summary: str, *needs: Need) -> Metric:
    return Metric(name, summary, TEXT, needs=frozenset(needs))


METRICS = (
    _metric(
        "non_llm_string_similarity",
        "1 - Levenshtein distance to the right answer, by length (ragas)",
        *ANSWER,
    ),
    _metric("chrf", "chrF, overlap of characters' n-grams with the right answer (ragas)", *ANSWER),
    _metric(
        "rouge_l", "ROUGE-L against the right answer; not for Korean (ragas)", *ANSWER, "words"
    ),
    _metric(
        "semantic_similarity",
        "cosine of the embeddings of answer and right answer (ragas, multilingual-e5-small)",
        *ANSWER,
    ),
    _metric(
        "non_llm_context_precision",
        "average precision of passages that resemble a gold one as strings (ragas)",
        *PASSAGES,
    ),
    _metric(
        "non_llm_context_recall",
        "share of gold passages that a retrieved one resembles as a string (ragas)",
        *PASSAGES,
    ),
    _metric(
        "faithfulness",
        "share of the answer's statements that its passages support (ragas, judged)",
        "response",
        "contexts",
        "judge",
    ),
    _metric(
        "answer_relevancy",
        "likeness of the question to the one that the answer suggests (ragas, judged)",
        "response",
        "judge",
    ),
    _metric(
        "context_precision",
        "average precision of the passages that help to the right answer (ragas, judged)",
        "contexts",
        "reference",
        "judge",
    ),
    _metric(
        "context_recall",
        "share of the right answer's statements that the passages hold (ragas, judged)",
        "contexts",
        "reference",
        "judge",
    ),
    _metric(
        CORRECTNESS,
        "share of answers that the judge calls right, by the prompt it is measured with",
        *ANSWER,
        "judge",
    ),
)
RAGAS = {metric.name: metric for metric in METRICS}
JUDGED = tuple(name for name, metric in RAGAS.items() if "judge" in metric.needs)


@dataclass(frozen=True, slots=True)
class Case:
    """What a row gives to be evaluated."""

    id: str
    question: str
    response: str  # The parsed answer; empty where there is none, or none was given on purpose
    reference: str  # The right answer; empty where the documents have none
    contexts: tuple[str, ...] = ()  # Texts that the answer was made from, best first
    gold: tuple[str, ...] = ()  # Texts of the gold passages


def applies(name: str, case: Case, language: str) -> bool:
    """Says whether a metric is defined for a row."""
    needs = RAGAS[name].needs
    if "words" in needs and language.startswith(NO_SPACES):
        return False
    has: dict[Need, bool] = {
        "response": bool(case.response),
        "reference": bool(case.reference),
        "contexts": bool(case.contexts),
        "gold": bool(case.gold),
    }
    return all(has.get(need, True) for need in needs)


def silent(name: str, case: Case) -> bool:
    """Says whether a row has a right answer and got none: worth 0 where the two are compared."""
    compared = RAGAS[name].compares and "words" not in RAGAS[name].needs
    return compared and bool(case.reference) and not case.response


def count_states(judged: Mapping[str, Coded]) -> dict[str, dict[str, int]]:
    """Counts the states of each metric; rows that weren't judged have none."""
    states = ("scored", "failed", "not_applicable")
    return {
        name: {state: int(column.equal(state).sum()) for state in states}
        for name, column in judged.items()
    }


def missing() -> str | None:
    """Returns the first package that ragas' metrics need and that isn't installed."""
    names = ("ragas", "rapidfuzz", "sacrebleu", "rouge_score")
    return next((name for name in names if importlib.util.find_spec(name) is None), None)
