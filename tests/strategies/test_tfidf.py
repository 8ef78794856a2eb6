"""The baseline finds much the same weights row by row, which many rows need."""

import json
import random
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from harness.config import run_config
from harness.errors import DataError
from harness.records.predictions import scored_rows
from harness.records.reading import read_record
from harness.runs.runner import run
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


def test_of_options_the_one_is_chosen_whose_words_give_it_away(tmp_path: Path) -> None:
    """No option occurs twice: as a class of its own, none could ever be right."""
    random_ = random.Random(2)
    lines = []
    for number in range(80):
        options = [f"the policy {number} {word} claim {at}" for at, word in enumerate(WORDS[:3])]
        right = random_.randrange(3)
        options[right] += ", unless it is excluded"
        lines.append(
            dict(zip("abc", options, strict=True)) | {"q": f"Case {number}?", "r": "ABC"[right]}
        )
    table = tmp_path / "rows.jsonl"
    table.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    data = {
        "path": table,
        "kind": "multiple_choice",
        "input": "q",
        "target": "r",
        "choices": ("a", "b", "c"),
    }
    done = run(
        run_config(strategy="tfidf", data=data, results=tmp_path, latency=False, store_text="full")
    )
    answers = scored_rows(done.folder, read_record(done.folder))
    assert len(answers) >= 10 and set(answers.outcomes.there()) == {"ok"}
    told = [json.loads(line) for line in (done.folder / "predictions.jsonl").open(encoding="utf-8")]
    assert all(row["correct"] for row in told)
    assert all(abs(sum(row["scores"].values()) - 1) < 1e-4 for row in told)
    (kept,) = tmp_path.glob("artifacts/*/tfidf.npz")
    old = dict(np.load(kept)) | {"classes": np.array(["one option", "another"])}
    np.savez(kept, **old)
    with pytest.raises(DataError, match=r"earlier version, which told no options apart"):
        run(run_config(strategy="tfidf", data=data, results=tmp_path, latency=False, limit=5))
