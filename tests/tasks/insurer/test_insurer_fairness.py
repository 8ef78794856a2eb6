"""What can be had without knowing a fact: the figures of the data card, over five worlds."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from tasks.insurer import build, rows

pytestmark = pytest.mark.slow  # several worlds are built, and baselines fitted on each

Row = dict[str, Any]
WORLDS = (7, 8, 9, 10, 11)
FOLDER = Path(__file__).resolve().parents[3] / "tasks" / "insurer"
CARDS = {"ko": FOLDER / "README.md", "en": FOLDER / "en" / "README.md"}
COINS = ("yes_no", "comparison")
"""Kinds with two answers to choose from."""


class Baselines:
    """Ways of answering by the question alone."""

    def __init__(self, seed: int, language: str = "ko") -> None:
        everything = list(rows(seed, language=language))
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

    def score(
        self, name: str, part: str, kinds: tuple[str, ...] | None = None
    ) -> tuple[float, int]:
        """Share of right answers among a slice's answerable rows of the kinds, and their number.

        Without kinds, all but those with two answers to choose from.
        """
        chosen = [row for row in self.test
                  if row["slice"] == part and row["answerable"]
                  and (row["kind"] in kinds if kinds else row["kind"] not in COINS)]  # fmt: skip
        right = [getattr(self, name)(row) in row["accepted"] for row in chosen]
        return sum(right) / len(right), len(right)


@pytest.fixture(scope="module", params=["ko", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def worlds(language: str) -> list[Baselines]:
    return [Baselines(seed, language) for seed in WORLDS]


@pytest.mark.parametrize("name", ["frequent", "similar"])
def test_the_question_alone_answers_nothing_that_training_does_not_show(
    worlds: list[Baselines], name: str
) -> None:
    for world in worlds:
        share, n = world.score(name, "unseen")
        assert n > 700
        assert share < 0.005
        for kind in {row["kind"] for row in world.test} - {*COINS, "unanswerable"}:
            share, n = world.score(name, "unseen", (kind,))
            assert share < 0.03, (kind, n)


@pytest.mark.parametrize("name", ["frequent", "similar"])
def test_yes_and_no_are_a_coin(worlds: list[Baselines], name: str) -> None:
    shares = [world.score(name, "unseen", ("yes_no",))[0] for world in worlds]
    assert 0.25 < statistics.mean(shares) < 0.6


def test_of_two_that_are_compared_either_may_be_right(
    worlds: list[Baselines], language: str
) -> None:
    """The first-named is right in half of the rows; copying gives nothing."""
    for seed, world in zip(WORLDS, worlds, strict=True):
        first = {fact.id: fact.subject.split(" / ")[0] for fact in build(seed, 1, language).facts}
        right = [row["answer"] == first[row["fact"]]
                 for row in world.test if row["kind"] == "comparison"]  # fmt: skip
        assert 0.45 < statistics.mean(right) < 0.55
        assert world.score("similar", "unseen", ("comparison",))[0] < 0.02


def test_copying_goes_half_way_on_what_training_shows(worlds: list[Baselines]) -> None:
    shares = [world.score("similar", "seen")[0] for world in worlds]
    assert 0.45 < min(shares) <= max(shares) < 0.75
    assert max(world.score("frequent", "seen")[0] for world in worlds) < 0.08


def test_worlds_differ_as_samples_do(worlds: list[Baselines]) -> None:
    """The spread over worlds is at most 1.5 times that of drawing the rows anew."""
    found = [world.score("similar", "seen") for world in worlds]
    mean = statistics.mean(share for share, _ in found)
    sampling = (mean * (1 - mean) / found[0][1]) ** 0.5
    assert statistics.stdev(share for share, _ in found) <= 1.5 * sampling


def test_length_and_order_say_nothing_about_the_answer(worlds: list[Baselines]) -> None:
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


def test_no_part_of_a_category_is_always_unanswerable(worlds: list[Baselines]) -> None:
    for world in worlds:
        for category in {row["category"] for row in world.test}:
            some = [row for row in world.test if row["category"] == category]
            assert 0 < sum(not row["answerable"] for row in some) < 0.4 * len(some), category


def written(share: float) -> str:
    return f"{share:.3f}".removeprefix("0")


def test_the_data_card_tells_these_figures(worlds: list[Baselines], language: str) -> None:
    card = " ".join(CARDS[language].read_text(encoding="utf-8").split())
    for name, words in (
        ("frequent", "most frequent training answer of the kind"),
        ("similar", "answer of the most similar training question"),
    ):
        seen = [world.score(name, "seen")[0] for world in worlds]
        unseen = max(world.score(name, "unseen")[0] for world in worlds)
        assert (
            f"| {words} | {written(min(seen))}, {written(max(seen))} | {written(unseen)} |" in card
        )
    found = [world.score("similar", "seen") for world in worlds]
    mean = statistics.mean(share for share, _ in found)
    sampling = (mean * (1 - mean) / found[0][1]) ** 0.5
    deviation = statistics.stdev(share for share, _ in found)
    assert f"{written(deviation)} over the five worlds; {written(sampling)} by sampling" in card
