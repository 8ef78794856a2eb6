"""How much shorter an interval gets: grades that people gave, predicted by rules and by a judge."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from harness.metrics.score import Rules, score_row
from harness.metrics.statistics.prediction_powered import prediction_powered
from harness.metrics.statistics.resampling import codes
from harness.runs.judging.agreement import human_labels
from harness.types import Example, Output, Query, Row

ROOT = Path(__file__).parents[4]
PAGE = ROOT / "docs" / "statistics.md"
RECORD = ROOT / "results/judges/qwen2.5-coder-1.5b-instruct-917bc6c2-v2/judge.json"
RIGHT = "Correct Answer"
RULES = ("exact_match", "value_match", "contains")
DRAWS, SIZES = 200, (60, 100, 150)


def line_of(name, grades, predicted, clusters):
    """The row of the page's table; fails where an interval covers the mean of all too seldom."""
    related = f"{np.corrcoef(grades, predicted)[0, 1]:.2f}" if predicted.std() else "–"
    figures = [f"{len(grades):,}", f"{predicted.mean():.3f}", related]
    for size in SIZES:
        random, widths, covers = np.random.default_rng(0), np.zeros(2), np.zeros(2)
        for _ in range(DRAWS):
            some = np.full(len(grades), np.nan)
            chosen = random.choice(len(grades), size, replace=False)
            some[chosen] = grades[chosen]
            for at, weight in enumerate((0.0, None)):
                found = prediction_powered(some, predicted, clusters, weight=weight)
                widths[at] += (found.high - found.low) / 2
                covers[at] += found.low <= grades.mean() <= found.high
        assert covers.min() >= 0.92 * DRAWS, (name, size, covers)
        alone, tuned = widths / DRAWS
        figures.append(f"±{alone:.3f} to ±{tuned:.3f}")
    return f"| {name} | {' | '.join(figures)} |"


def test_a_judge_s_verdicts_make_it_shorter():
    table = json.loads(RECORD.read_text(encoding="utf-8"))["table"]
    often = {(one == RIGHT, other == RIGHT): 0 for one in table for other in table}
    for one, counts in table.items():
        for other, count in counts.items():
            often[one == RIGHT, other == RIGHT] += count
    grades, verdicts = np.repeat(np.array(list(often), float), list(often.values()), axis=0).T
    page = PAGE.read_text(encoding="utf-8")
    line = line_of("the judge's verdict", grades, verdicts, np.arange(len(grades)))
    assert line in page, line
    assert f"calls {verdicts.mean():.3f} of them right, people {grades.mean():.3f}" in " ".join(
        page.split()
    )


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.skipif("HARNESS_DATA" not in os.environ, reason="needs HARNESS_DATA")
def test_rules_do_not():
    labelled = human_labels(Path(os.environ["HARNESS_DATA"]))
    scores: dict[str, list[float]] = {name: [] for name in RULES}
    for each in labelled:
        row = Row(Example(Query(each.id, each.question), each.reference))
        values = score_row(row, Output(each.id, each.response), Rules("qa", language="en")).values
        for name in RULES:
            scores[name].append(values[name])
    grades = np.array([each.label == RIGHT for each in labelled], dtype=float)
    clusters, page = codes([each.cluster for each in labelled]), PAGE.read_text(encoding="utf-8")
    for name in RULES:
        line = line_of(f"`{name}`", grades, np.array(scores[name]), clusters)
        assert line in page, line
