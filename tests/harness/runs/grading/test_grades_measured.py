"""How much fewer grades do: on answers that people judged, with the rules' scores as predictions."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from harness.metrics.score import Rules, score_row
from harness.metrics.statistics.prediction_powered import prediction_powered
from harness.metrics.statistics.resampling import codes
from harness.runs.judging.agreement import human_labels
from harness.types import Example, Output, Query, Row

PAGE = Path(__file__).parents[4] / "docs" / "statistics.md"
NAMES = ("exact_match", "value_match", "contains")
DRAWS, SIZES = 1000, (60, 100, 150)


def judged_answers():
    """Grades of all answers, the rules' scores of them, and the question of each."""
    labelled = human_labels(Path(os.environ["HARNESS_DATA"]))
    scores = {name: [] for name in NAMES}
    for each in labelled:
        row = Row(Example(Query(each.id, each.question), each.reference))
        values = score_row(row, Output(each.id, each.response), Rules("qa", language="en")).values
        for name in NAMES:
            scores[name].append(values[name])
    grades = np.array([each.label == "Correct Answer" for each in labelled], dtype=float)
    return grades, {k: np.array(v) for k, v in scores.items()}, [each.cluster for each in labelled]


def halves(grades, predicted, clusters, size):
    """Mean half width by the grades alone and tuned, and how often each covers the mean of all."""
    random, widths, covers = np.random.default_rng(0), np.zeros(2), np.zeros(2)
    for _ in range(DRAWS):
        some = np.full(len(grades), np.nan)
        chosen = random.choice(len(grades), size, replace=False)
        some[chosen] = grades[chosen]
        for at, weight in enumerate((0.0, None)):
            found = prediction_powered(some, predicted, clusters, weight=weight)
            widths[at] += (found.high - found.low) / 2
            covers[at] += found.low <= grades.mean() <= found.high
    return widths / DRAWS, covers / DRAWS


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.skipif("HARNESS_DATA" not in os.environ, reason="needs HARNESS_DATA")
def test_the_table_of_the_page_is_what_drawing_grades_gives():
    grades, scores, questions = judged_answers()
    clusters, page = codes(questions), PAGE.read_text(encoding="utf-8")
    for name in NAMES:
        correlation = np.corrcoef(grades, scores[name])[0, 1]
        figures = [f"{scores[name].mean():.3f}", f"{correlation:.2f}"]
        for size in SIZES:
            (alone, tuned), covers = halves(grades, scores[name], clusters, size)
            assert covers.min() >= 0.93, (name, size, covers)
            figures.append(f"{alone:.3f}, {tuned:.3f}")
        assert f"| `{name}` | {' | '.join(figures)} |" in page
    assert f"people call {grades.mean():.3f} of them right" in " ".join(page.split())
