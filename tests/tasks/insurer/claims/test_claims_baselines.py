"""What can be had without deciding anything: the figures of the data card, over three worlds."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from harness.metrics.amounts import find_amounts
from tasks.insurer.claims import rows

Row = dict[str, Any]
WORLDS = (7, 8, 9)
CURRENCY = {"ko": "KRW", "en": "USD"}


class World:
    """The rows of a world, and answers that look at no rule."""

    def __init__(self, language: str, seed: int) -> None:
        self.currency = CURRENCY[language]
        made = list(rows(seed, 1, language))
        self.train = [row for row in made if row["split"] == "train"]
        self.test = [row for row in made if row["split"] == "test"]

    def share(self, answers: list[str], column: str) -> float:
        """Share of test rows whose column is what was answered."""
        pairs = zip(self.test, answers, strict=True)
        return sum(row[column] == answer for row, answer in pairs) / len(self.test)

    def texts(self, part: list[Row], *, report: bool) -> list[str]:
        return [row["input"].split("\n\n", 1)[1] if report else row["input"] for row in part]

    def nearest(self) -> list[Row]:
        """The training row with the most similar report, for each test row."""
        view = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), max_features=20_000)
        shown = view.fit_transform(self.texts(self.train, report=True))
        asked = view.transform(self.texts(self.test, report=True))
        return [self.train[at] for at in np.asarray((asked @ shown.T).argmax(axis=1)).ravel()]

    def classifier(self, train: list[str], test: list[str]) -> list[str]:
        """Words and characters under a linear model, as the strategy ``tfidf`` has them."""
        views = [
            TfidfVectorizer(ngram_range=(1, 2)),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), max_features=20_000),
        ]
        shown = hstack([view.fit_transform(train) for view in views]).tocsr()
        model = LogisticRegression(C=10, max_iter=1_000)
        model.fit(shown, [row["decision"] for row in self.train])
        asked = hstack([view.transform(test) for view in views]).tocsr()
        return list(model.predict(asked))


@pytest.fixture(scope="module", params=["ko", "en"])
def worlds(request: pytest.FixtureRequest) -> list[World]:
    return [World(request.param, seed) for seed in WORLDS]


def test_the_most_frequent_answer(worlds):
    for world in worlds:
        decision = Counter(row["decision"] for row in world.train).most_common(1)[0][0]
        answer = Counter(row["answer"] for row in world.train).most_common(1)[0][0]
        assert decision == "pay"
        assert world.share([decision] * len(world.test), "decision") == pytest.approx(0.6, abs=0.01)
        assert world.share([answer] * len(world.test), "answer") < 0.25


def test_the_answer_of_the_most_similar_report(worlds):
    decisions, answers = [], []
    for world in worlds:
        near = world.nearest()
        decisions.append(world.share([row["decision"] for row in near], "decision"))
        answers.append(world.share([row["answer"] for row in near], "answer"))
    assert statistics.mean(decisions) < 0.55
    assert statistics.mean(answers) < 0.15


@pytest.mark.slow
def test_words_say_little_of_the_decision(worlds):
    reached = []
    for world in worlds:
        train, test = (world.texts(part, report=False) for part in (world.train, world.test))
        reached.append(world.share(world.classifier(train, test), "decision"))
    assert 0.55 < statistics.mean(reached) < 0.65


def test_the_length_of_a_report_says_nothing(worlds):
    for world in worlds:
        lengths = [np.array([[len(text), text.count("\n")] for text in world.texts(p, report=True)])
                   for p in (world.train, world.test)]  # fmt: skip
        model = LogisticRegression(max_iter=1_000).fit(
            lengths[0] / 100, [row["decision"] for row in world.train]
        )
        assert world.share(list(model.predict(lengths[1] / 100)), "decision") < 0.63


def test_the_amount_due_seldom_stands_in_the_text(worlds):
    for world in worlds:
        paid = [row for row in world.test if row["decision"] == "pay"]
        literal = alone = 0
        for row in paid:
            named = [one.value for one in find_amounts(row["input"], world.currency)]
            literal += Decimal(row["amount"]) in named
            report = find_amounts(row["input"].split("\n\n", 1)[1], world.currency)
            alone += [one.value for one in report] == [Decimal(row["amount"])]
        assert literal / len(paid) < 0.25
        assert alone / len(paid) < 0.1


def test_neither_the_first_cover_nor_the_first_amount_is_the_one(worlds):
    for world in worlds:
        paid = [row for row in world.test if row["decision"] == "pay"]
        limits = [re.findall(r"(?:한도 |up to |진단 확정 시 )([\d,]+만?원|\$[\d,]+)", row["input"])
                  for row in paid]  # fmt: skip
        first = second = 0
        for row, found in zip(paid, limits, strict=True):
            values = [find_amounts(text, world.currency)[0].value for text in found]
            if len(values) == 2 and values[0] != values[1]:
                first += values[0] == row["amount"]
                second += values[1] == row["amount"]
        assert abs(first - second) < 25
        leading = [find_amounts(row["input"].split("\n\n", 1)[1], world.currency) for row in paid]
        hits = [bool(found) and found[0].value == row["amount"]
                for row, found in zip(paid, leading, strict=True)]  # fmt: skip
        assert sum(hits) / len(paid) < 0.1
