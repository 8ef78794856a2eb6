"""One or several pieces of a context: whether they are the right ones, and how far they overlap."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.metrics.korean import token_f1
from harness.metrics.lists import is_nothing, lines_in, listed
from harness.metrics.metric import Answered, Metric
from harness.metrics.qa import exact_match

__all__ = ["METRICS", "aligned_f1", "parse_spans", "same_spans"]

_FIGURES = re.compile(r"\d+(?:[.,]\d+)*")
_QUOTES = "\"'“”‘’` "


def parse_spans(text: str) -> list[str] | None:
    """Reads spans that a model wrote: JSON, one a line, or ``|`` or ``;`` between; None without any."""
    data, lines = listed(text)
    if isinstance(data, dict):
        data = next((value for value in data.values() if isinstance(value, list)), None)
    if isinstance(data, list):
        spans = [str(each).strip() for each in data if not isinstance(each, (list, dict))]
        return spans if len(spans) == len(data) else None
    if not lines:
        return None
    parts = lines if len(lines) > 1 else re.split(r"\s*\|\s*|;\s+", lines[0])
    spans = [part.strip(_QUOTES) for part in parts]
    return [span for span in spans if span and not is_nothing(span)]


def same_spans(right: Sequence[str], given: Sequence[str], question: str = "") -> bool:
    """Says whether two sets of spans are equal, values compared as values, order aside."""
    if len(right) != len(given):
        return False
    left = list(given)
    for one in right:
        same = next((each for each in left if exact_match(each, (one,), question)), None)
        if same is None:
            return False
        left.remove(same)
    return True


def aligned_f1(right: Sequence[str], given: Sequence[str], language: str = "") -> float:
    """Computes the token F1 of two sets of spans, each aligned with one of the other, 0-1.

    As DROP's scorer has it (Dua et al., 2019, NAACL 2368-2378): the alignment with the largest sum,
    divided by the larger number of spans; where a right span has figures, one without any of them
    counts 0.
    """
    if not right or not given:
        return float(not right and not given)
    from scipy.optimize import linear_sum_assignment

    overlaps = [[_overlap(one, each, language) for each in given] for one in right]
    rows, columns = linear_sum_assignment(overlaps, maximize=True)
    chosen = sum(overlaps[row][column] for row, column in zip(rows, columns, strict=True))
    return float(chosen / max(len(right), len(given)))


def _overlap(right: str, given: str, language: str) -> float:
    figures = set(_FIGURES.findall(right))
    if figures and not figures & set(_FIGURES.findall(given)):
        return 0.0
    return token_f1(given, (right,), language)


def _span_f1(answered: Answered) -> float:
    example = answered.row.example
    if answered.scored.correct:
        return 1.0
    given = lines_in(answered.scored.predicted or "")
    accepted = example.accepted or (example.target,)
    return max(aligned_f1(lines_in(each), given, answered.language) for each in accepted)


METRICS = (
    Metric(
        "span_f1",
        "word overlap with the right spans, each aligned with one of them (DROP)",
        frozenset({"spans"}),
        answer=_span_f1,
        needs=frozenset({"response", "reference"}),
    ),
)
