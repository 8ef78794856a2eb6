"""Terms and BM25: by hand, after updates, and on disk."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.retrieval.bm25 import BM25
from harness.retrieval.terms import bigrams, guess_language, morphemes, resolve_terms, stems, words


@pytest.mark.slow
def test_terms_of_both_languages() -> None:
    assert bigrams("육아휴직은 2년, A") == ["육아", "아휴", "휴직", "직은", "2년", "a"]
    assert words("The Policies cost ＄1,000 육아휴직") == [
        "the", "policies", "cost", "1000", "육아", "아휴", "휴직",
    ]  # fmt: skip
    assert stems("The policies of buses, boss and status") == ["policy", "buse", "boss", "status"]
    assert stems("Who are you?") == ["who", "are", "you"]
    assert morphemes("육아휴직은 언제까지 신청하나요?") == morphemes("육아휴직 언제 신청")
    assert "" not in [*bigrams("…"), *stems("!"), *morphemes("ㅋ?")]


def test_the_language_is_told_from_the_letters() -> None:
    assert guess_language(["보험 policy 안내"]) == "ko"
    assert guess_language(["The policy of 삼성 is ..." * 3]) == "en"
    assert guess_language(["123"]) == "en"
    assert [resolve_terms("auto", code) for code in ("ko", "en")] == ["bigrams", "stems"]
    assert resolve_terms("morphemes", "en") == "morphemes"


def test_the_formula() -> None:
    index = BM25("words", k1=1.2, b=0.75)
    index.add(["x", "y", "z"], ["loan loan rate", "loan", "fee fee fee fee"])
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    average = (3 + 1 + 4) / 3
    x = idf * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / average))
    y = idf * 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 1 / average))
    found = dict(index.search("loan", 5))
    assert found == {"x": pytest.approx(x), "y": pytest.approx(y)}
    assert index.search("loan loan", 1)[0][1] == pytest.approx(2 * max(x, y))
    assert index.search("nothing", 5) == []
    assert BM25().search("empty index", 5) == []


texts = st.lists(st.text("가나다 라", min_size=1, max_size=12), max_size=8)


@settings(deadline=None)
@given(texts, texts, st.data())
def test_an_updated_index_scores_as_a_fresh_one(first, second, data) -> None:
    names = [f"d{at}" for at in range(len(first) + len(second))]
    updated = BM25("bigrams")
    updated.add(names[: len(first)], first)
    gone = data.draw(st.sets(st.sampled_from(names[: len(first)]))) if first else set()
    updated.remove(gone)
    updated.add(names[len(first) :], second)
    kept = [(n, t) for n, t in zip(names, [*first, *second], strict=True) if n not in gone]
    fresh = BM25("bigrams")
    fresh.add([name for name, _ in kept], [text for _, text in kept])
    assert updated.ids == fresh.ids
    assert updated.scores("가나 다라") == pytest.approx(fresh.scores("가나 다라"), abs=1e-5)


def test_saved_and_read_again(tmp_path: Path) -> None:
    index = BM25("morphemes", k1=0.9, b=0.4)
    index.add(["a", "b"], ["육아휴직 기간", "복직 신청"])
    index.save(tmp_path)
    again = BM25.load(tmp_path)
    assert again.search("휴직은 얼마나?", 2) == index.search("휴직은 얼마나?", 2) != []
    again.add(["c"], ["휴직 휴직"])
    assert [name for name, _ in again.search("휴직", 5)][0] == "c"
