"""A judge against people: agreement and kappa against a library, and a whole measurement."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from harness.costs.book import load_book
from harness.errors import DataError
from harness.models.endpoint import Endpoint
from harness.records.schema import Agreement
from harness.runs.judging.agreement import agreement, human_labels, measure_judge, measured
from harness.runs.judging.questions import LABELS

labels = st.sampled_from(LABELS)


@given(st.lists(st.tuples(labels, labels), min_size=2, max_size=60))
def test_figures_are_those_of_scikit_learn(pairs: list[tuple[str, str]]):
    people, judge = ([pair[side] for pair in pairs] for side in (0, 1))
    found = agreement(people, judge, [str(n // 2) for n in range(len(pairs))])
    same = sum(a == b for a, b in pairs) / len(pairs)
    assert found["agreement"].value == pytest.approx(same)
    if len({*people, *judge}) > 1:
        assert found["kappa"].value == pytest.approx(cohen_kappa_score(people, judge), abs=1e-12)


def test_answers_to_one_question_are_resampled_together():
    people = ["Correct Answer", "Incorrect Answer"] * 100
    judge = ["Correct Answer"] * 100 + people[100:]
    alone = agreement(people, judge, [str(n) for n in range(200)])["kappa"]
    together = agreement(people, judge, [str(n // 20) for n in range(200)])["kappa"]
    assert alone.value == together.value == pytest.approx(0.5)
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def write_data(folder: Path, n: int = 12) -> Path:
    place = folder / "data" / "financebench"
    place.mkdir(parents=True)
    asked = [{"id": f"q{k}", "question": f"Amount {k}?", "answer": f"${k}00"} for k in range(n)]
    said = [
        {"config": config, "id": f"q{k}", "response": response.format(k=k), "label": label}
        for k in range(n)
        for config, response, label in [
            ("a", "It is ${k}00.", "Correct Answer"), ("b", "It is 9.", "Incorrect Answer"),
            ("c", "I don't know.", "Refusal"), ("d", "Around {k} hundred.", "Correct Answer"),
        ]
    ]  # fmt: skip
    for name, rows in (("questions", asked), ("human_labelled_answers", said)):
        text = "\n".join(map(json.dumps, rows))
        (place / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder / "data"


def test_a_judge_is_measured_and_kept(judging: Any, tmp_path: Path, prices: Any):
    rows = human_labels(write_data(tmp_path))
    endpoint = Endpoint("judge-1", judging.url)
    found = measure_judge(endpoint, rows, tmp_path / "results", load_book(prices()))
    assert found["n"] == 48
    assert found["agreement"]["value"] == 0.75
    assert found["table"]["Correct Answer"]["Incorrect Answer"] == 12
    assert found["kappa"]["low"] <= found["kappa"]["value"] <= found["kappa"]["high"]
    assert found["usd"] == pytest.approx(48 * 0.02, rel=0.2)
    assert measured(tmp_path / "results", endpoint) == Agreement(**found)
    assert measured(tmp_path / "results", Endpoint("judge-2", judging.url)) is None
    again = measure_judge(endpoint, rows, tmp_path / "results", load_book(prices()))
    assert again["kappa"] == found["kappa"]
    assert len(judging.asked) == 48, "what was said once is kept"


def test_a_limit_takes_the_first_by_hash(tmp_path: Path):
    data = write_data(tmp_path)
    few, more = human_labels(data, 5), human_labels(data, 9)
    assert [row.id for row in few] == [row.id for row in more[:5]]


def test_answers_without_a_verdict_are_counted(judging: Any, tmp_path: Path):
    from invented_vendor import said

    by_rule = judging.answer
    judging.answer = lambda n, body: said("hm") if n % 4 == 0 else by_rule(n, body)
    rows = human_labels(write_data(tmp_path))
    found = measure_judge(Endpoint("judge-1", judging.url), rows, tmp_path, load_book())
    assert (found["failed"], found["n"]) == (12, 36)
    assert found["usd"] is None, "an unknown price is no price"


def test_a_judge_that_never_answers_is_an_error(judging: Any, tmp_path: Path):
    from invented_vendor import said

    judging.answer = lambda n, body: said("hm")
    rows = human_labels(write_data(tmp_path), 4)
    with pytest.raises(DataError, match="no verdict on any of 4"):
        measure_judge(Endpoint("judge-1", judging.url), rows, tmp_path, load_book())


def test_without_the_data_the_next_step_is_said(tmp_path: Path):
    with pytest.raises(DataError, match="human_labelled|questions"):
        human_labels(tmp_path)


@pytest.mark.data
@pytest.mark.skipif("HARNESS_DATA" not in os.environ, reason="needs HARNESS_DATA")
def test_the_real_labels_can_be_read():
    rows = human_labels(Path(os.environ["HARNESS_DATA"]))
    assert (len(rows), len({row.cluster for row in rows})) == (2399, 150)
