"""Each question gets the training rows that share most terms with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.strategy.context import CountedRows
from harness.task.view import TaskView
from harness.types import Example, Prompt, Query, Section
from strategies.similar_examples import SimilarExamples
from tests.strategies.units import context, rows

KOREAN = TaskView("t", "qa", "ko", (), (), 8, "", "질문:", "답:", "")


def shown(made, query):
    prompt = made(query, Prompt((Section("question", query.text, query=query),), "Answer:", ""))
    return [section for section in prompt.sections if section.kind == "example"]


def fitted(room: Path, k: int, examples=None, **changes):
    strategy, given = SimilarExamples(k=k), context(room, **changes)
    if examples is not None:
        given = replace(given, train=CountedRows(examples))
    strategy.fit(given)
    return strategy.renderer(given), given


def test_the_examples_are_those_most_like_the_question_the_nearest_last(tmp_path):
    train = [
        Example(Query("a", "premium rises in unit 9"), "up"),
        Example(Query("b", "claims for water damage in the cellar"), "down"),
        Example(Query("c", "water damage"), "down"),
        Example(Query("d", "a fire in the roof"), "down"),
    ]
    render, given = fitted(tmp_path, 2, examples=train)
    examples = shown(render, Query("q", "water damage in the cellar"))
    assert [each.text for each in examples] == [train[2].query.text, train[1].query.text]
    assert [each.answer for each in examples] == ["down", "down"]
    assert given.train.rows_read == 4, "every label was read"


def test_terms_are_those_of_the_language(tmp_path):
    train = [
        Example(Query("a", "휴직 기간은 며칠인가"), "1"),
        Example(Query("b", "출장비는 얼마"), "2"),
    ]
    render, _ = fitted(tmp_path, 1, examples=train, task=KOREAN)
    assert [each.answer for each in shown(render, Query("q", "출장비를 알려줘"))] == ["2"]


def test_a_training_row_is_never_its_own_example(tmp_path):
    render, _ = fitted(tmp_path, 3)
    for row in rows(16):
        found = shown(render, row.query)
        assert len(found) == 3 and row.query.id not in {each.query.id for each in found}


def test_a_question_like_none_gets_examples_too_and_all_of_few_rows(tmp_path):
    render, _ = fitted(tmp_path / "one", 4)
    assert len(shown(render, Query("q", "zzz"))) == 4
    assert shown(render, Query("q", "zzz")) == shown(render, Query("p", "yyy"))
    few, _ = fitted(tmp_path / "two", 50, examples=rows(3))
    assert len(shown(few, Query("q", "profit"))) == 3


def test_a_seed_decides_between_equals_alone(tmp_path):
    query = Query("q", "profit rose sharply in unit 4")
    one, same, other = (
        [each.query.id for each in shown(fitted(tmp_path / str(n), 5, seed=seed)[0], query)]
        for n, seed in enumerate((0, 0, 1))
    )
    assert one == same and one[-1] == other[-1] == "train-4"
    assert set(one) != set(other)
