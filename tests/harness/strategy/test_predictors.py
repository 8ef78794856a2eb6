"""What a model is asked for, and that a choice of its is the answer itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from harness.metrics.score import Rules, score_row
from harness.strategy.predictors import ModelPredictor
from harness.types import Example, Prompt, Query, Row, ScoreRequest, Scores, Section, Usage


class Preferring:
    """A model to which one continuation, by its number, is the likeliest."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.asked: list[ScoreRequest] = []

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[Scores]:
        self.asked += requests
        for request in requests:
            count = len(request.continuations)
            logprobs = tuple(-float(n != self.number) for n in range(count))
            yield Scores(request.id, logprobs, (1,) * count, (False,) * count, Usage())


def answers(model: Any, queries: list[Query], labels: tuple[str, ...] = ()) -> list[Any]:
    context: Any = SimpleNamespace(
        readout="loglikelihood", task=SimpleNamespace(labels=labels), monitor=None
    )
    predictor = ModelPredictor(
        model, lambda query: Prompt((Section("question", query.text, query=query),)), context
    )
    return list(predictor.predict(queries))


@pytest.mark.parametrize(
    "options", [("B", "A", "C"), ("2", "3", "1"), ("-3%", "3%", "0%"), ("a", "A", "not a")]
)
def test_the_likeliest_option_is_the_answer_itself(options: tuple[str, ...]) -> None:
    for number, option in enumerate(options):
        query = Query("r", "?", options)
        (output,) = answers(Preferring(number), [query])
        assert (output.text, output.chosen) == (option, True)
        for target in options:
            row = Row(Example(query, target, (target,)))
            scored = score_row(row, output, Rules("multiple_choice"))
            assert (scored.predicted, scored.correct) == (option, option == target)


@pytest.mark.parametrize(
    ("labels", "ended"),
    [(("AA", "AA-"), True), (("ㄱ, ㄴ", "ㄷ", "ㄱ, ㄴ, ㄷ"), True), (("AA-", "AA+", "B"), False)],
)
def test_the_end_is_asked_for_where_one_choice_begins_another(
    labels: tuple[str, ...], ended: bool
) -> None:
    model = Preferring(0)
    answers(model, [Query("r", "?")], labels)
    assert [request.ended for request in model.asked] == [ended]
