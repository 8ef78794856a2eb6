"""What is found in the real data sets, against the figures that others computed on them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from retrieval_sets import Set, bm25_rankings, built, data_folder, load_set, rankings

from harness.retrieval.embedders.cache import CachedEmbedder
from harness.retrieval.embedders.e5 import E5Small
from harness.retrieval.tuning import choose_weight
from harness.types import Passage

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(data_folder() is None, reason="HARNESS_DATA isn't set"),
]
MARGIN = 0.02


def of_few_articles(name: str) -> Set:
    """Returns the exam over fewer articles, all right ones among them: embedding takes minutes."""
    data = load_set(name)
    right = {article for articles in load_set("exam-all").gold for article in articles}
    others = [article for article in data.corpus if article not in right]
    kept = right | set(others[::10])
    return replace(data, corpus={key: text for key, text in data.corpus.items() if key in kept})


@pytest.mark.parametrize(
    ("name", "terms", "floor", "questions"),
    [
        ("ko-finance-rag", "bigrams", 0.825, 114),
        ("exam-all", "bigrams", 0.90, 175),
        ("financebench-15", "words", 0.243, 37),
        ("financebench-gold", "words", 0.220, 150),
        ("financebench-gold", "stems", 0.220, 150),
        ("insuranceqa-200", "words", 0.285, 200),
        ("insuranceqa-200", "stems", 0.285, 200),
    ],
)
def test_bm25_reaches_the_floor(name: str, terms: str, floor: float, questions: int) -> None:
    data = load_set(name)
    assert len(data.queries) == questions
    scores = data.scores(bm25_rankings(data, terms))
    # Floors are rounded to three digits; half a unit of the last isn't a question.
    assert scores["hit@1"] >= floor - 0.0005
    if name == "ko-finance-rag":
        assert abs(scores["hit@1"] - floor) <= 2 / questions


@pytest.mark.slow
@pytest.mark.parametrize("name", ["exam-test", "ko-finance-rag"])
def test_the_hybrid_is_not_worse_than_the_better_part(name: str) -> None:
    data = of_few_articles(name) if name == "exam-test" else load_set(name)
    cache = CachedEmbedder(E5Small())
    if name != "exam-test" and cache.missing(list(data.corpus.values()), "passage") > 50:
        pytest.skip(f"run retrieval_sets.py {name} --dense once: it embeds 430,000 tokens")
    index = built(data)
    found = {
        method: data.scores(rankings(index, data, method=method))["hit@1"]
        for method in ("hybrid", "dense", "bm25")
    }
    assert found["hybrid"] >= max(found["dense"], found["bm25"]) - MARGIN


@pytest.mark.slow
def test_a_weight_that_training_questions_chose() -> None:
    train, test = of_few_articles("exam-train"), of_few_articles("exam-test")
    index = built(train)
    gold = [[Passage("", name) for name in names] for names in train.gold]
    weight = choose_weight(index, train.queries, gold).config.dense_weight
    chosen = test.scores(rankings(index, test, dense_weight=weight))
    assert chosen["hit@1"] >= test.scores(rankings(index, test, method="bm25"))["hit@1"] - MARGIN
