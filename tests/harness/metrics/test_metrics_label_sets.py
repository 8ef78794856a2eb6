"""Sets of labels: figures are scikit-learn's, and resampled and compared as all others are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import MultiLabelBinarizer

from harness.metrics.aggregate import aggregate
from harness.metrics.classification import answers
from harness.metrics.kinds.multi_label import KIND, label_set
from harness.metrics.score import Rules, score_row
from harness.metrics.statistics.counts import cluster_bootstrap_counts
from harness.metrics.statistics.paired import paired_counts
from harness.metrics.statistics.panel import counted
from harness.types import Example, Output, Query, Row, Scored

LABELS = ("up", "down", "past", "price or not")
RULES = Rules("multi_label", LABELS)
sets = st.sets(st.sampled_from(LABELS))
drawn = st.lists(st.tuples(sets, sets), min_size=1, max_size=12)
FIGURES = ["mean_label_f1", "mean_weighted_f1", "micro_f1", "exact_match", "example_f1"]


def score(target: set[str], text: str, id_: str = "1", **given_: Any) -> Scored:
    row = Row(Example(Query(id_, "?"), label_set(target, LABELS), cluster=given_.pop("of", "")))
    return score_row(row, Output(id_, text, **given_), RULES)


def scored(rows: list[tuple[set[str], set[str]]]) -> list[Scored]:
    return [
        score(right, label_set(said, LABELS), f"{n:02d}", of=f"c{n // 2:02d}")
        for n, (right, said) in enumerate(rows)
    ]


@settings(deadline=None)
@given(drawn)
def test_figures_equal_scikit_learn(rows: list[tuple[set[str], set[str]]]) -> None:
    binary = MultiLabelBinarizer(classes=LABELS)
    right, said = (binary.fit_transform([pair[side] for pair in rows]) for side in (0, 1))
    there = [n for n in range(len(LABELS)) if right[:, n].any()]
    expected = {
        "micro_f1": sk.f1_score(right, said, average="micro", zero_division=0),
        "exact_match": sk.accuracy_score(right, said),
        "example_f1": sk.f1_score(right, said, average="samples", zero_division=1),
        "mean_label_f1": sk.f1_score(right, said, labels=there, average="macro", zero_division=0)
        if there
        else 0.0,
        "mean_weighted_f1": np.mean(
            [
                sk.f1_score(right[:, n], said[:, n], average="weighted", zero_division=0)
                for n in there
            ]
            or [0.0]
        ),
    }
    found = aggregate(scored(rows), kind="multi_label", labels=LABELS, metrics=FIGURES)
    for name, value in expected.items():
        figure = found[name]
        assert figure.value == pytest.approx(value), name
        if figure.low is not None and figure.high is not None:
            assert figure.low <= figure.value <= figure.high


@pytest.mark.parametrize("name", ["mean_label_f1", "mean_weighted_f1", "micro_f1"])
def test_resampled_clusters_are_resampled_rows(name: Any) -> None:
    random = np.random.default_rng(5)
    picked = [
        tuple({x for x in LABELS if random.random() < 0.4} for _ in range(2)) for _ in range(60)
    ]
    rows = scored(picked)  # type: ignore[arg-type]
    targets, predicted = answers(rows)
    index = np.arange(60) // 2
    made = cluster_bootstrap_counts(targets, predicted, index, metric=name, draws=200)
    values = []
    for chosen in np.random.default_rng(0).integers(30, size=(200, 30)):
        some = [rows[2 * c + k] for c in chosen for k in (0, 1)]
        values.append(
            aggregate(some, kind="multi_label", labels=LABELS, metrics=[name])[name].value
        )
    assert made.low is not None and made.high is not None
    low, high = np.quantile(values, [0.01, 0.99])  # type: ignore[arg-type]
    assert low - 0.03 <= made.low <= made.value <= made.high <= high + 0.03
    ids = [row.id for row in rows]
    right, said = (dict(zip(ids, side, strict=True)) for side in (targets, predicted))
    clusters = {row.id: row.cluster for row in rows}
    paired = paired_counts(right, said, right, clusters, name)
    assert (paired.n, paired.clusters) == (60, 30)
    assert paired.difference == pytest.approx(1 - made.value)
    panel = counted([right, said], right, clusters, name)
    assert (panel.rows, panel.clusters) == (60, 30)
    assert panel.observed.values[0].tolist() == pytest.approx([1.0, made.value])


def test_many_rows_that_are_alike_are_counted_together() -> None:
    random = np.random.default_rng(6)
    picked = [
        tuple({x for x in LABELS if random.random() < 0.4} for _ in range(2)) for _ in range(50)
    ]
    few = [tuple(label_set(side, LABELS) for side in pair) for pair in picked]
    targets, predicted = (list(side) * 2400 for side in zip(*few, strict=True))
    made = cluster_bootstrap_counts(
        targets, predicted, np.arange(len(targets)), metric="micro_f1", draws=20
    )
    once = cluster_bootstrap_counts(
        *map(list, zip(*few, strict=True)), range(50), metric="micro_f1", draws=20
    )  # type: ignore[arg-type]
    assert made.value == pytest.approx(once.value)


@pytest.mark.parametrize(
    "text",
    [
        "up; price or not",
        "price or not, up",
        "Up and Price_or_not.",
        "Labels: up | price or not",
        '["up", "price or not"]',
        '{"labels": ["up", "price or not"]}',
        '```json\n{"up": 1, "down": 0, "past": 0, "price or not": 1}\n```',
        "- up\n- price or not",
        "<think>past?</think>up; price or not",
    ],
)
def test_a_set_is_read_in_any_form(text: str) -> None:
    scored_ = score({"up", "price or not"}, text)
    assert scored_.correct and scored_.predicted == "up; price or not"


@pytest.mark.parametrize("text", ["none", "None.", "[]", "없음", "no label"])
def test_no_label_is_an_answer(text: str) -> None:
    assert score(set(), text).correct
    assert not score({"up"}, text).correct and score({"up"}, text).outcome == "ok"


def test_what_is_no_label_is_unparsed_and_wrong_even_where_there_is_none() -> None:
    for text in ("", "a fine day"):
        scored_ = score(set(), text)
        assert scored_.outcome == "unparsed" and not scored_.correct
        assert scored_.values["exact_match"] == scored_.values["example_f1"] == 0.0
    assert score({"up"}, "up; dow", finish="length").outcome == "truncated"


@given(sets)
def test_a_right_answer_reads_as_itself(labels: set[str]) -> None:
    text = label_set(labels, LABELS)
    assert score(labels, text).correct
    assert KIND.labels_of is not None and set(KIND.labels_of(text, LABELS)) == labels
