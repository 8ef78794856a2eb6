"""Rows that would decide: as many studies of that size decide as was promised, by drawing them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.analysis.recommend import advise
from harness.analysis.recommend.advise import recommend
from harness.analysis.recommend.missing_rows import MOST_ROWS, POWER, missing_rows
from harness.analysis.recommend.question import make_question
from harness.analysis.recommend.sentences import sentence
from harness.costs.book import load_book
from harness.metrics.statistics.best import compare_with_best
from harness.metrics.statistics.panel import Means
from tests.documents import ROOT

RECORDS = ROOT / "results" / "korean-insurance"
LARGE = 5e6


@pytest.fixture
def comparison_of(monkeypatch):  # type: ignore[no-untyped-def]
    """What the advice of a task's records compares, and the advice."""

    def found(task, records=RECORDS, draws=1000, **asked):  # type: ignore[no-untyped-def]
        kept = []
        monkeypatch.setattr(
            advise, "missing_rows", lambda c, k=None: kept.append(c) or missing_rows(c, k)
        )
        question = make_question(task=task, label_cost=0.5, **asked)
        answer = recommend(records, question, load_book(), draws=draws)
        return kept[0], answer

    return found


def share_that_decides(compared, missing, studies, draws):  # type: ignore[no-untyped-def]
    """Draws studies of so many rows from the answers that there are, and asks the bounds of each."""
    bounds, panel, question = compared.bounds, compared.table.panel, compared.question
    names = [each.name for each in compared.configurations]
    k, rows = names.index(missing.configuration), bounds.rows + missing.rows
    clusters, random = round(rows * bounds.clusters / bounds.rows), np.random.default_rng(7)
    counts = {name: getattr(panel, name) for name in ("sums", "margins") if hasattr(panel, name)}
    decided = 0
    for study in range(studies):
        drawn = random.integers(panel.clusters, size=clusters)
        taken = {
            name: table[:, drawn] if name == "margins" else table[drawn]
            for name, table in counts.items()
        }
        new = replace(panel, counts=panel.counts[drawn], **taken)
        table = compared.table
        made = compare_with_best(
            new, table.groups, scale=table.scale, rare=table.rare or None, top=table.top,
            draws=draws, seed=study,
        )  # fmt: skip
        decided += bool(made.far[k] <= question.margin)
    return decided / studies


def test_as_many_studies_decide_as_is_said(comparison_of) -> None:  # type: ignore[no-untyped-def]
    compared, answer = comparison_of("ko-insurance-exam", draws=400)
    missing = answer.missing
    assert missing.chance >= POWER
    assert f"{missing.rows:,} more test rows" in sentence(answer)
    assert "would decide in at least 80 % of such studies" in sentence(answer)
    assert 0.65 <= share_that_decides(compared, missing, 40, 100) <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("task", ["ko-insurance-exam", "fpb-ko"])
def test_as_many_of_three_hundred_studies_decide_as_is_said(comparison_of, task) -> None:  # type: ignore[no-untyped-def]
    """Shares, and a figure of all rows; within what the draws leave to chance."""
    compared, answer = comparison_of(task)
    assert 0.72 <= share_that_decides(compared, answer.missing, 300, 400) <= 0.95


def losses(often, cases, random=None):  # type: ignore[no-untyped-def]
    """Of a person, of a model that seldom loses five million, and of one that loses often."""
    at = np.arange(cases) if random is None else random.integers(cases, size=cases)
    model = np.where(at % round(1 / often) == 0, LARGE, np.where(at % 2, 3000.0, 0.0))
    other = np.where(at % 3 == 0, 45_000.0, 0.0)
    return {"person": np.full(cases, 9000.0), "model": model, "other": other}


def decided_losses(record_to, tmp_path, comparison_of, often, draws=1000):  # type: ignore[no-untyped-def]
    task = {"name": "made", "digest": "d", "kind": "decision", "rows": {"test": 400}}
    for name, values in losses(often, 400).items():
        record_to(
            tmp_path, name, values, primary="expected_loss", task=task | {"largest_loss": LARGE}
        )
    return comparison_of("made", tmp_path, margin=500.0, draws=draws)


def test_rows_that_would_decide_about_rare_large_losses_do(  # type: ignore[no-untyped-def]
    record_to, tmp_path, comparison_of
) -> None:
    compared, answer = decided_losses(record_to, tmp_path, comparison_of, 1 / 100, draws=400)
    assert answer.missing.configuration == "person"
    assert share_that_decides(compared, answer.missing, 50, 150) >= 0.65
    fewer = replace(answer.missing, rows=answer.missing.rows // 2)
    assert share_that_decides(compared, fewer, 30, 150) < 0.5


@pytest.mark.slow
@pytest.mark.parametrize("often", [1 / 50, 1 / 100, 1 / 200])
def test_rare_large_losses_keep_the_promise_too(record_to, tmp_path, comparison_of, often) -> None:  # type: ignore[no-untyped-def]
    compared, answer = decided_losses(record_to, tmp_path, comparison_of, often)
    assert share_that_decides(compared, answer.missing, 200, 300) >= 0.72
    fewer = replace(answer.missing, rows=answer.missing.rows // 2)
    assert share_that_decides(compared, fewer, 100, 300) < POWER


def two(apart, clusters=400):  # type: ignore[no-untyped-def]
    """Two that differ in every fifth row, the second being right in so many fewer."""
    first = np.arange(clusters) % 2 == 0
    second = first ^ (np.arange(clusters) % 5 == 0)
    second[np.flatnonzero(first & second)[:apart]] = False
    return Means(np.ones(clusters), np.stack([first, second], axis=1).astype(float))


def compared_two(compared, apart, **asked):  # type: ignore[no-untyped-def]
    panel, question = two(apart), make_question(task="x", label_cost=0.5, **asked)
    table = replace(
        compared.table, panel=panel, groups=(range(1), range(1, 2)), scale=1.0, rare=(), top=1.0
    )
    bounds = compare_with_best(panel, table.groups, top=1.0, draws=400)
    return replace(
        compared, table=table, bounds=bounds, question=question,
        configurations=compared.configurations[:2], offers=compared.offers[:2],
    )  # fmt: skip


def test_what_is_too_far_behind_is_shown_by_no_number_of_rows(comparison_of) -> None:  # type: ignore[no-untyped-def]
    some, answer = comparison_of("ko-insurance-exam", draws=200)
    compared = compared_two(some, 20, margin=0.02)
    assert compared.bounds.values[1] < compared.bounds.values[0] - 0.02
    never = missing_rows(compared, 1)
    assert (never.rows, never.beyond) == (None, None)
    found = missing_rows(compared)
    assert found.configuration == compared.configurations[0].name
    assert "no number of rows would decide" in sentence(replace(answer, missing=never))


def test_a_smaller_margin_takes_more_rows_up_to_a_number_that_is_named(  # type: ignore[no-untyped-def]
    comparison_of, monkeypatch
) -> None:
    monkeypatch.setattr("harness.analysis.recommend.missing_rows.CHECKED", 20)
    compared, answer = comparison_of("ko-insurance-exam", draws=200)
    rows = [missing_rows(compared_two(compared, 0, margin=margin)).rows for margin in (0.02, 0.01)]
    assert 0 < rows[0] < rows[1] < MOST_ROWS
    # of two that are alike, rows by the square of the margin
    assert (400 + rows[1]) / (400 + rows[0]) == pytest.approx(4, rel=0.3)
    beyond = missing_rows(compared_two(compared, 0, margin=1e-4))
    assert (beyond.rows, beyond.beyond) == (None, MOST_ROWS)
    assert "not even 1,000,000 rows would decide" in sentence(replace(answer, missing=beyond))


def test_labels_without_a_price_make_the_price_at_least(comparison_of) -> None:  # type: ignore[no-untyped-def]
    _, answer = comparison_of("ko-insurance-exam", draws=200)
    unpriced = replace(answer.missing, usd=0.12, unpriced=("labels",))
    assert "for at least $0.12, without labels" in sentence(replace(answer, missing=unpriced))
