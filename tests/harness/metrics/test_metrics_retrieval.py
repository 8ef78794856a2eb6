"""Retrieval metrics against pytrec_eval, by properties, and on chunks that cut a passage."""

from __future__ import annotations

import unicodedata

import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st

from harness.metrics.retrieval import (
    found_ranks,
    hits,
    retrieval_scores,
)
from harness.types import Passage

GOLD = Passage("육아휴직은 자녀 한 명당 2년까지 쓸 수 있다.", "휴직.pdf")


def chunk(text: str, source: str = "휴직.pdf", span: tuple[int, int] | None = None) -> Passage:
    return Passage(text, source, span)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("제7조\n육아휴직은 자녀 한\n명당 2년까지 쓸 수 있다. 다음 조", True),
        ("앞의 글이다. 육아휴직은 자녀 한 명당 2년까", True),
        ("앞의 글이다. 육아휴직은 자녀", False),
        ("명당 2년까지 쓸 수 있다. 뒤의 글이다.", True),
        ("쓸 수 있다. 뒤의 글이다.", False),
        ("자녀 한 명당 2년까지 쓸", True),
        ("2년까지", False),
        # A sentence of the same form elsewhere shares a long end, but not at an edge.
        ("제8조 가족돌봄휴직은 자녀 한 명당 2년까지 쓸 수 있다. 끝", False),
        ("", False),
    ],
)
def test_a_chunk_hits_where_it_holds_half_of_the_passage(text: str, expected: bool) -> None:
    assert hits(chunk(text), GOLD) is expected


def test_unicode_forms_and_folders_are_no_difference_but_another_file_is() -> None:
    spread = unicodedata.normalize("NFD", f"서문 {GOLD.text}")
    assert hits(chunk(spread, unicodedata.normalize("NFD", "휴직.pdf")), GOLD)
    assert hits(chunk(GOLD.text, "규정/휴직.pdf"), GOLD)
    assert not hits(chunk(GOLD.text, "복직.pdf"), GOLD)
    assert not hits(chunk(GOLD.text, "육아휴직.pdf"), GOLD)


def test_a_passage_without_text_is_hit_by_span_or_by_id() -> None:
    assert hits(chunk("x", "p59"), Passage("", "p59"))
    assert not hits(chunk("x", "p5"), Passage("", "p59"))
    gold = Passage("", "a.txt", (100, 200))
    assert hits(chunk("", "a.txt", (150, 400)), gold)
    assert not hits(chunk("", "a.txt", (151, 400)), gold)
    assert not hits(chunk("", "a.txt", (200, 200)), gold)
    assert not hits(chunk("", "a.txt"), gold)


def test_what_two_chunks_of_one_passage_give() -> None:
    other = Passage("복직은 30일 전에 신청한다.", "휴직.pdf")
    ranking = [chunk("아무 말"), chunk(GOLD.text), chunk(f"다시 {GOLD.text}"), chunk(other.text)]
    assert found_ranks(ranking, [GOLD, other]) == [2, 4]
    scores = retrieval_scores(ranking, [GOLD, other], (1, 3, 5))
    assert scores["mrr"] == 0.5
    assert (scores["hit@1"], scores["hit@3"]) == (0.0, 1.0)
    assert (scores["recall@3"], scores["recall@5"]) == (0.5, 1.0)
    assert scores["precision@3"] == pytest.approx(2 / 3)
    assert scores["precision@5"] == pytest.approx(3 / 5)


def test_one_chunk_that_holds_both_passages_is_a_perfect_ranking() -> None:
    other = Passage("복직은 30일 전에 신청한다.", "휴직.pdf")
    scores = retrieval_scores([chunk(GOLD.text + other.text)], [GOLD, other], (1, 10))
    assert scores["ndcg@10"] == scores["recall@1"] == scores["mrr"] == 1.0


def test_a_ranking_needs_a_gold_passage_and_a_cut_off() -> None:
    with pytest.raises(ValueError, match="gold"):
        retrieval_scores([GOLD], [])
    with pytest.raises(ValueError, match="k = 0"):
        retrieval_scores([GOLD], [GOLD], (0, 1))


IDS = [f"d{number}" for number in range(12)]
rankings = st.lists(st.sampled_from(IDS), unique=True, max_size=12)
golds = st.lists(st.sampled_from(IDS), unique=True, min_size=1, max_size=4)


@given(rankings, golds)
def test_equal_to_pytrec_eval(ranking: list[str], gold: list[str]) -> None:
    evidence = [Passage("x", name) for name in ranking]
    ours = retrieval_scores(evidence, [Passage("", name) for name in gold], (1, 3, 5, 10))
    measures = {"success", "recall", "P", "ndcg_cut", "recip_rank"}
    evaluator = pytrec_eval.RelevanceEvaluator({"q": dict.fromkeys(gold, 1)}, measures)
    run = {"q": {name: float(-rank) for rank, name in enumerate(ranking)}}
    theirs = evaluator.evaluate(run).get("q") if ranking else None
    names = {"hit@1": "success_1", "hit@5": "success_5", "hit@10": "success_10"} | {
        f"{mine}@{k}": f"{other}_{k}"
        for mine, other in (("recall", "recall"), ("precision", "P"), ("ndcg", "ndcg_cut"))
        for k in (5, 10)
    }
    for mine, other in (names | {"mrr": "recip_rank"}).items():
        assert ours[mine] == pytest.approx(theirs[other] if theirs else 0.0), mine


@given(rankings, golds)
def test_scores_grow_with_k_and_stay_between_0_and_1(ranking: list[str], gold: list[str]) -> None:
    scores = retrieval_scores(
        [Passage("x", name) for name in ranking], [Passage("", name) for name in gold]
    )
    assert all(0 <= value <= 1 for value in scores.values())
    for name in ("hit", "recall"):
        values = [scores[f"{name}@{k}"] for k in (1, 3, 5, 10)]
        assert values == sorted(values)


@given(
    st.text("가나다 라\n", min_size=1, max_size=60), st.integers(0, 60), st.text("마바", max_size=9)
)
def test_of_two_chunks_that_cut_a_passage_the_one_with_more_hits(
    gold: str, cut: int, around: str
) -> None:
    passage = Passage(gold, "f")
    left = Passage(around + gold[:cut], "f")
    right = Passage(gold[cut:] + around, "f")
    assert hits(left, passage) or hits(right, passage)
    whole, held = ("".join(text.split()) for text in (gold, gold[:cut]))
    assert hits(left, passage) or 2 * len(held) < len(whole)
