"""The baseline finds much the same weights row by row, which many rows need."""

import random
import sys

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from harness.strategy.registry import find_part

WORDS = ("revenue", "claim", "policy", "net", "profit", "loss", "paid")
MARKS = {"up": ("rose", "gained"), "down": ("fell", "lost"), "flat": ("stayed", "held")}


def rows(count: int) -> list[tuple[str, str]]:
    random_ = random.Random(1)
    labels = [random_.choice(list(MARKS)) for _ in range(count)]
    return [
        (" ".join([*random_.choices(WORDS, k=6), random_.choice(MARKS[label])]), label)
        for label in labels
    ]


def test_many_rows_are_fitted_row_by_row_to_the_same_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kind = find_part("tfidf")
    known, asked = rows(300), rows(400)[300:]
    answers = []
    for first, solver in ((301, "LogisticRegression"), (300, "SGDClassifier")):
        monkeypatch.setattr(sys.modules[kind.__module__], "SGD_ROWS", first)
        views, model = kind()._fit(known)
        assert type(model).__name__ == solver
        matrix = np.hstack([v.transform([text for text, _ in asked]).toarray() for v in views])
        answers.append(model.predict(matrix).tolist())
    assert answers[0] == answers[1] == [label for _, label in asked]


def test_characters_are_those_of_sklearn_though_each_word_is_divided_once() -> None:
    texts = ["", "a", "ab a", "A  Claim,\u3000paid\t보험금 청구\n\u0130x 손해 claim"]
    theirs = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4))
    _, mine = find_part("tfidf")()._views()
    expected, found = theirs.fit_transform(texts), mine.fit_transform(texts)
    assert mine.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
    assert (expected.toarray() == found.toarray()).all()


def test_where_nearly_each_answer_is_a_class_the_weights_stay_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Six hundred answers to long texts took 13 GB."""
    kind = find_part("tfidf")
    monkeypatch.setattr(sys.modules[kind.__module__], "MOST_WEIGHTS", 80_000)
    known = [(f"{text} {number}", f"{number} won") for number, (text, _) in enumerate(rows(200))]
    views, model = kind()._fit(known)
    assert model.coef_.shape[0] == 200 and model.coef_.size <= 80_000
    assert all(len(view.idf_) <= 200 for view in views)
    assert kind()._most_terms(77) == 519 and kind(max_features=300)._most_terms(2) == 300
