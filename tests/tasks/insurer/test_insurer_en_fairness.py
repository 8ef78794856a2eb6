"""What can be had without knowing a fact: the figures of the data card, over five worlds."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from tasks.insurer import rows

Row = dict[str, Any]
WORLDS = (7, 8, 9, 10, 11)


class Baselines:
    """Two ways of answering by the question alone."""

    def __init__(self, seed: int) -> None:
        everything = list(rows(seed, 1, "en"))
        self.train = [row for row in everything if row["split"] == "train"]
        self.test = [row for row in everything if row["split"] == "test"]
        self._kinds: dict[str, Counter[str]] = defaultdict(Counter)
        for row in self.train:
            self._kinds[row["kind"]][row["answer"]] += 1
        view = TfidfVectorizer(analyzer="char", ngram_range=(1, 4))
        shown = view.fit_transform([row["question"] for row in self.train])
        asked = view.transform([row["question"] for row in self.test])
        nearest = np.asarray((asked @ shown.T).argmax(axis=1)).ravel()
        self._nearest = {
            row["id"]: self.train[at] for row, at in zip(self.test, nearest, strict=True)
        }

    def frequent(self, row: Row) -> str:
        """The most frequent training answer of the row's kind."""
        return self._kinds[row["kind"]].most_common(1)[0][0]

    def similar(self, row: Row) -> str:
        """The answer of the most similar training question."""
        return str(self._nearest[row["id"]]["answer"])

    def score(self, name: str, part: str, *, yes_no: bool) -> tuple[float, int]:
        """Share of right answers among the answerable rows of a slice, and their number."""
        chosen = [row for row in self.test
                  if row["slice"] == part and row["answerable"]
                  and (row["kind"] == "yes_no") == yes_no]  # fmt: skip
        right = [getattr(self, name)(row) in row["accepted"] for row in chosen]
        return sum(right) / len(right), len(right)


@pytest.fixture(scope="module")
def worlds() -> list[Baselines]:
    return [Baselines(seed) for seed in WORLDS]


@pytest.mark.parametrize("name", ["frequent", "similar"])
def test_the_question_alone_answers_nothing_that_training_does_not_show(worlds, name):
    for world in worlds:
        share, n = world.score(name, "unseen", yes_no=False)
        assert n > 700
        assert share < 0.005


@pytest.mark.parametrize("name", ["frequent", "similar"])
def test_yes_and_no_are_a_coin(worlds, name):
    shares = [world.score(name, "unseen", yes_no=True)[0] for world in worlds]
    assert 0.25 < statistics.mean(shares) < 0.6


def test_copying_goes_some_way_on_what_training_shows(worlds):
    shares = [world.score("similar", "seen", yes_no=False)[0] for world in worlds]
    assert 0.4 < min(shares) <= max(shares) < 0.75
    assert max(world.score("frequent", "seen", yes_no=False)[0] for world in worlds) < 0.07


def test_the_subject_named_first_is_right_in_half_of_the_comparisons(worlds):
    shares = []
    for world in worlds:
        curt = [
            row for row in world.test if row["kind"] == "comparison" and ": " in row["question"]
        ]
        first = [row["question"].partition(": ")[2].partition(" or ")[0] for row in curt]
        shares.append(statistics.mean(
            name.removeprefix("the ").startswith(row["answer"].partition(" under ")[0])
            for name, row in zip(first, curt, strict=True)
        ))  # fmt: skip
    assert 0.4 < statistics.mean(shares) < 0.6


def test_length_and_order_say_nothing_about_the_answer(worlds):
    """Answerable rows are as long as the others, and as often in the first half."""
    for world in worlds:
        parts = {flag: [row for row in world.test if row["answerable"] is flag]
                 for flag in (True, False)}  # fmt: skip
        lengths = {
            flag: statistics.mean(len(row["question"]) for row in some)
            for flag, some in parts.items()
        }
        assert abs(lengths[True] - lengths[False]) < 0.2 * lengths[True]
        half = {row["id"] for row in world.test[: len(world.test) // 2]}
        early = sum(row["id"] in half for row in parts[False]) / len(parts[False])
        assert 0.35 < early < 0.65
