"""Chunks: sizes, exact spans, articles, rows, ids that stay."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.documents import Document
from pydantic import ValidationError

from harness.retrieval.places import article_marks
from harness.retrieval.splitting import SplitConfig, Splitter, searchable

ARTICLES = """제1장 총칙
제1조(목적)
이 규정은 휴직을 정한다.
제2조(육아휴직)
① 육아휴직 기간은 최대 2년으로 한다.
② 신청은 30일 전까지 한다. 서류는 인사팀에 낸다.
③ 복직은 14일 전까지 신청한다.
제2장 보칙
제3조(위임)
세부 사항은 따로 정한다.
"""


def split(text: str, count_tokens=None, source: str = "a.txt", marks=None, **config):
    about = {"source": source, "marks": article_marks(text) if marks is None else marks}
    splitter = Splitter(SplitConfig(**config), count_tokens)
    return list(splitter.split([Document(text, metadata=about)]))


def test_the_published_preset() -> None:
    config = SplitConfig(**SplitConfig.presets["recursive-300"])
    assert (config.method, config.size, config.overlap, config.unit) == (
        "recursive", 300, 0, "characters",
    )  # fmt: skip
    text = "휴직 기간은 최대 2년으로 한다. " * 60
    chunks = split(text, **SplitConfig.presets["recursive-300"])
    assert all(len(chunk.page_content) <= 300 for chunk in chunks)
    assert all(chunk.page_content.endswith("한다.") for chunk in chunks)
    ends = [chunk.metadata["end"] for chunk in chunks]
    assert all(b.metadata["start"] >= a for a, b in zip(ends, chunks[1:], strict=False))


def test_korean_sentences_are_not_cut_at_a_decimal_point() -> None:
    text = "이율은 연 2.5%로 한다. 보험료는 매월 낸다. 해지하면 환급금을 준다."
    chunks = split(text, method="recursive", size=20)
    assert [chunk.page_content for chunk in chunks] == [
        "이율은 연 2.5%로 한다.", "보험료는 매월 낸다.", "해지하면 환급금을 준다.",
    ]  # fmt: skip


def test_one_article_a_chunk_and_long_ones_keep_their_title() -> None:
    chunks = split(ARTICLES, method="article", size=60)
    told = [(chunk.metadata["article"], chunk.metadata["context"]) for chunk in chunks]
    assert told[0] == ("제1조", "제1장 총칙 > 제1조(목적)")
    assert [article for article, _ in told].count("제2조") == 2
    assert told[-1] == ("제3조", "제2장 보칙 > 제3조(위임)")
    tail = [chunk for chunk in chunks if chunk.metadata["article"] == "제2조"][-1]
    assert "육아휴직" not in tail.page_content
    assert searchable(tail).startswith("제1장 총칙\n제2조(육아휴직)\n")
    assert searchable(tail, with_context=False) == tail.page_content
    assert not any(chunk.page_content.startswith("제1장") for chunk in chunks)


def test_the_rows_of_a_long_table_carry_its_columns() -> None:
    from harness.retrieval.loaders.base import DocumentText, Limits

    text = DocumentText(Limits(characters=10_000))
    text.line("보상 한도는 다음과 같다.")
    text.table([["상품", "한도"], *([f"{name}보험", "100만원"] for name in "가나다라마바사아")])
    chunks = split(text.text(), marks=text.marks, method="recursive", size=40)
    assert "columns" not in chunks[0].metadata or "상품 | 한도" in chunks[0].page_content
    assert chunks[-1].metadata["context"] == "상품 | 한도"
    assert searchable(chunks[-1]).startswith("상품 | 한도\n")


def test_auto_chooses_by_what_a_document_is() -> None:
    assert len(split(ARTICLES, method="auto", size=1000)) == 3
    assert len(split("글이다. " * 5, method="auto", size=1000)) == 1
    rows = [[0, {"row": 2}], [7, {"row": 3}]]
    table = Document("a: 1 |\na: 2", metadata={"source": "t.csv", "format": "csv", "marks": rows})
    chunks = list(Splitter(SplitConfig()).split([table]))
    assert [chunk.metadata["row"] for chunk in chunks] == [2, 3]
    assert [chunk.page_content for chunk in chunks] == ["a: 1 |", "a: 2"]


def test_an_id_stays_when_the_chunk_moves_and_copies_differ() -> None:
    before = split(ARTICLES, method="article", size=1000)
    after = split(f"머리말이다.\n{ARTICLES}", method="article", size=1000)
    assert {chunk.id for chunk in before} < {chunk.id for chunk in after}
    twins = split("같은 문장이 두 번 온다.\n\n" * 2, method="recursive", size=20)
    assert len({chunk.id for chunk in twins}) == 2
    assert split(ARTICLES)[0].id != split(ARTICLES, source="b.txt")[0].id


def test_pages_of_a_chunk() -> None:
    chunks = split(
        "가나다라. " * 10, method="recursive", size=50, marks=[[0, {"page": 1}], [30, {"page": 2}]]
    )
    assert (chunks[0].metadata["page"], chunks[0].metadata["page_end"]) == (1, 2)
    assert chunks[1].metadata["page"] == 2 and "page_end" not in chunks[1].metadata


def test_lengths_in_tokens_need_a_counter() -> None:
    with pytest.raises(ValueError, match="count_tokens"):
        Splitter(SplitConfig(unit="tokens"))
    chunks = split(
        "one two three four five six. " * 20,
        lambda text: len(text.split()),
        method="recursive", unit="tokens", size=20, overlap=5,
    )  # fmt: skip
    assert all(len(chunk.page_content.split()) <= 20 for chunk in chunks)


def test_an_overlap_below_the_size() -> None:
    with pytest.raises(ValidationError, match="not below"):
        SplitConfig(size=100, overlap=100)


@settings(max_examples=150, deadline=None)
@given(
    st.text("가나다 .\n제1조()", max_size=400),
    st.sampled_from(["recursive", "article", "auto"]),
    st.integers(20, 90),
    st.integers(0, 19),
    st.booleans(),
)
def test_spans_are_exact_and_no_letter_is_lost(
    text: str, method: str, size: int, overlap: int, tokens: bool
) -> None:
    unit = "tokens" if tokens else "characters"
    counter = (lambda piece: len(piece) // 2) if tokens else None
    chunks = split(text, counter, method=method, size=size, overlap=overlap, unit=unit)
    covered = set()
    for chunk in chunks:
        start, end = chunk.metadata["start"], chunk.metadata["end"]
        assert text[start:end] == chunk.page_content
        covered.update(range(start, end))
    missed = [at for at, c in enumerate(text) if not c.isspace() and at not in covered]
    assert method != "recursive" or not missed
    assert len({chunk.id for chunk in chunks}) == len(chunks)
    assert [c.metadata["number"] for c in chunks] == list(range(len(chunks)))
