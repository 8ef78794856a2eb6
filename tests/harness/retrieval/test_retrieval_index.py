"""Stores and the index: what an update embeds, keeps and removes, and what is read from disk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.documents import Document

from harness.errors import DataError, MissingDependency, UsageError
from harness.retrieval.embedders import EmbedderConfig
from harness.retrieval.embedders.hashing import HashedNgrams
from harness.retrieval.index import Index, IndexConfig
from harness.retrieval.places import article_marks
from harness.retrieval.splitting import SplitConfig
from harness.retrieval.stores import StoreConfig, open_store

STORES = ["memory", "faiss", "chroma"]


def document(source: str, *articles: str) -> Document:
    text = "\n".join(f"제{at}조(조항)\n{line}" for at, line in enumerate(articles, 1))
    return Document(text, metadata={"source": source, "marks": article_marks(text)})


LEAVE = document("휴직.txt", "육아휴직은 2년이다.", "복직은 30일 전에 신청한다.", "위임한다.")
CLAIM = document("보험금.txt", "보험금은 3일 안에 준다.", "서류를 낸다.", "심사한다.")


def config(store: str = "memory", **fields) -> IndexConfig:
    embedder = EmbedderConfig(model="hashed")
    return IndexConfig(embedder=embedder, store=StoreConfig(kind=store), **fields)


def first(index: Index, query: str) -> str:
    return index.chunks[index.nearest([query], 1)[0][0][0]].page_content


@pytest.mark.parametrize("store", STORES)
def test_an_update_embeds_what_changed_and_nothing_else(store: str, tmp_path: Path) -> None:
    index = Index(config(store), tmp_path / "index", cache=tmp_path / "cache")
    told: list[tuple[int, int]] = []
    changes = index.update([LEAVE, CLAIM], progress=lambda *done: told.append(done))
    assert (len(changes.added), changes.usage.requests, told) == (6, 1, [(6, 6)])
    assert "육아휴직은" in first(index, "육아휴직은 몇 년?")

    changed = document("휴직.txt", "육아휴직은 3년이다.", "복직은 30일 전에 신청한다.", "위임한다.")
    changes = index.update([changed, CLAIM])
    assert (len(changes.added), len(changes.kept), len(changes.removed)) == (1, 5, 1)
    assert (changes.usage.texts, changes.usage.cached) == (1, 0)
    assert first(index, "육아휴직은 몇 년?").endswith("3년이다.")
    index.save()

    again = Index.load(tmp_path / "index", cache=tmp_path / "cache")
    assert list(again.chunks) == list(index.chunks)
    assert again.matching(["보험금"], 3) == index.matching(["보험금"], 3)
    assert first(again, "육아휴직은 몇 년?").endswith("3년이다.")
    changes = again.update([changed])
    assert (len(changes.added), len(changes.kept), len(changes.removed)) == (0, 3, 3)
    found = [name for name, _ in again.nearest(["보험금은 며칠 안에?"], 10)[0]]
    assert set(found) <= set(again.chunks)


def test_two_stores_in_memory_are_two(tmp_path: Path) -> None:
    one = Index.build([LEAVE], config("chroma"), cache=tmp_path)
    other = Index.build([CLAIM], config("chroma"), cache=tmp_path)
    assert len(one.nearest(["육아휴직"], 10)[0]) == len(other.nearest(["육아휴직"], 10)[0]) == 3


def test_an_update_that_was_never_saved_is_told(tmp_path: Path) -> None:
    index = Index(config("chroma"), tmp_path / "index", cache=tmp_path / "cache")
    index.update([LEAVE])
    index.save()
    Index.load(tmp_path / "index", cache=tmp_path / "cache").update([CLAIM])
    with pytest.raises(DataError, match="cut off while it was updated"):
        Index.load(tmp_path / "index", cache=tmp_path / "cache")


def test_a_chunk_that_moves_is_kept_with_its_new_place(tmp_path: Path) -> None:
    index = Index.build([CLAIM], config(), cache=tmp_path)
    later = Document(
        f"머리말이다.\n{CLAIM.page_content}",
        metadata={
            "source": "보험금.txt",
            "marks": article_marks(f"머리말이다.\n{CLAIM.page_content}"),
        },
    )
    changes = index.update([later])
    assert (len(changes.added), len(changes.kept), changes.removed) == (1, 3, [])
    for chunk in index.chunks.values():
        about = chunk.metadata
        assert later.page_content[about["start"] : about["end"]] == chunk.page_content


def test_a_partial_update_leaves_other_files(tmp_path: Path) -> None:
    index = Index.build([LEAVE, CLAIM], config(), cache=tmp_path)
    changes = index.update([document("휴직.txt", "육아휴직은 2년이다.")], partial=True)
    assert (len(changes.added), len(changes.kept)) == (0, 4)
    assert {c.metadata["source"] for c in index.chunks.values()} == {"휴직.txt", "보험금.txt"}


def test_documents_may_come_one_by_one(tmp_path: Path) -> None:
    assert len(Index.build(iter([LEAVE, CLAIM]), config(), cache=tmp_path).chunks) == 6


def test_headings_above_a_chunk_are_searched_with_it(tmp_path: Path) -> None:
    text = "제1조(육아휴직)\n" + "① 신청은 미리 한다. 서류는 인사팀에 낸다.\n" * 6
    long = Document(text, metadata={"source": "a.txt", "marks": article_marks(text)})
    split = SplitConfig(method="article", size=60)
    with_it = Index.build([long], config(split=split), cache=tmp_path)
    without = Index.build([long], config(split=split, context=False), cache=tmp_path)
    assert (
        len(with_it.matching(["육아휴직"], 20)[0]) > len(without.matching(["육아휴직"], 20)[0]) == 1
    )


def test_an_index_of_terms_or_of_vectors_only(tmp_path: Path) -> None:
    only_terms = Index.build([LEAVE], IndexConfig(embedder=None))
    assert only_terms.matching(["복직"], 1)[0]
    with pytest.raises(UsageError, match="no vectors"):
        only_terms.nearest(["복직"], 1)
    only_vectors = Index.build([LEAVE], config(terms=None), cache=tmp_path)
    with pytest.raises(UsageError, match="no terms"):
        only_vectors.matching(["복직"], 1)
    with pytest.raises(UsageError, match="neither"):
        Index(IndexConfig(embedder=None, terms=None))
    assert Index(config(), cache=tmp_path).matching(["복직"], 3) == [[]]
    assert Index(config(), cache=tmp_path).nearest(["복직"], 3) == [[]]


def test_what_a_folder_must_hold(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no index"):
        Index.load(tmp_path / "nothing")
    index = Index(config(), tmp_path / "index", cache=tmp_path / "cache")
    index.update([LEAVE])
    index.save()
    with pytest.raises(DataError, match="was made with"):
        Index.load(tmp_path / "index", embedder=HashedNgrams(16))
    lines = (tmp_path / "index" / "chunks.jsonl").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "index" / "chunks.jsonl").write_text("".join(lines[:-1]), "utf-8")
    with pytest.raises(DataError, match="cut off"):
        Index.load(tmp_path / "index", cache=tmp_path / "cache")
    with pytest.raises(DataError, match="no folder"):
        Index.build([LEAVE], config(), cache=tmp_path / "cache").save()


def test_terms_are_counted_anew_after_a_new_version(tmp_path: Path) -> None:
    index = Index(config(), tmp_path / "index", cache=tmp_path / "cache")
    index.update([LEAVE])
    index.save()
    state = json.loads((tmp_path / "index" / "index.json").read_text("utf-8"))
    state["terms_version"] = -1
    (tmp_path / "index" / "index.json").write_text(json.dumps(state), "utf-8")
    bm25 = json.loads((tmp_path / "index" / "bm25" / "bm25.json").read_text("utf-8"))
    bm25["vocabulary"] = [f"old {term}" for term in bm25["vocabulary"]]
    (tmp_path / "index" / "bm25" / "bm25.json").write_text(json.dumps(bm25), "utf-8")
    assert Index.load(tmp_path / "index", cache=tmp_path / "cache").matching(["복직"], 1)[0]


def test_any_other_store_by_its_import_path(tmp_path: Path) -> None:
    other = IndexConfig(
        embedder=EmbedderConfig(model="hashed"),
        store=StoreConfig(kind="langchain_core.vectorstores:InMemoryVectorStore"),
    )
    index = Index.build([LEAVE, CLAIM], other, cache=tmp_path)
    assert "보험금은" in first(index, "보험금은 며칠 안에?")
    index.update([LEAVE])
    assert "보험금은" not in first(index, "보험금은 며칠 안에?")


class Client:
    """What a vendor's client is to the store below: something made by a call with arguments."""

    def __init__(self, url: str) -> None:
        self.url = url


def test_an_option_may_be_the_result_of_a_call() -> None:
    from harness.retrieval.stores.factory import _resolve

    value = {"client": {"call": f"{Client.__module__}:Client", "url": "http://127.0.0.1"}}
    client = _resolve(value["client"])
    assert client.url == "http://127.0.0.1"


@pytest.mark.parametrize(
    ("kind", "error", "word"),
    [
        ("chrome", UsageError, "Did you mean 'chroma'"),
        ("no_such_package.stores:Store", MissingDependency, "no_such_package"),
        ("langchain_core.vectorstores:Nothing", UsageError, "no 'Nothing'"),
    ],
)
def test_stores_that_are_not_there(kind: str, error: type[Exception], word: str) -> None:
    with pytest.raises(error) as caught:
        open_store(StoreConfig(kind=kind), HashedNgrams(), None)
    assert word in str(caught.value)
    with pytest.raises(UsageError, match="can't be made"):
        open_store(StoreConfig(options={"wings": 2}), HashedNgrams(), None)


@pytest.mark.parametrize("kind", ["memory", "faiss"])
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_the_nearest_are_those_of_a_full_comparison(kind: str, data: st.DataObject) -> None:
    seed, n, k = (data.draw(st.integers(1, high)) for high in (10_000, 40, 50))
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((n, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    store = open_store(StoreConfig(kind=kind), HashedNgrams(8), None)
    store._embedding = Given(vectors)
    names = [f"d{at}" for at in range(n)]
    store.add_texts(names, ids=names)
    gone = data.draw(st.sets(st.sampled_from(names)))
    store.delete(list(gone))
    query = rng.standard_normal((1, 8)).astype(np.float32)
    expected = {
        name: float(v @ query[0])
        for name, v in zip(names, vectors, strict=True)
        if name not in gone
    }
    found = store.search_vectors(query, k)[0]
    assert len(found) == min(k, len(expected))
    best = sorted(expected.values(), reverse=True)[: len(found)]
    assert [score for _, score in found] == pytest.approx(best, abs=1e-5)
    assert all(score == pytest.approx(expected[name], abs=1e-5) for name, score in found)


class Given:
    """Embeddings that are known beforehand."""

    def __init__(self, vectors: np.ndarray) -> None:
        self.vectors = vectors

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.vectors[int(text[1:])].tolist() for text in texts]


def test_the_interface_of_langchain_on_our_store(tmp_path: Path) -> None:
    from harness.retrieval.stores.factory import langchain_embeddings
    from harness.retrieval.stores.memory import MemoryStore

    embedding = langchain_embeddings(HashedNgrams())
    store = MemoryStore.from_texts(
        ["육아휴직", "보험금"], embedding, [{"n": 1}, {"n": 2}], folder=tmp_path
    )
    assert store.similarity_search("휴직은?", 1)[0].metadata == {"n": 1}
    assert (
        store.as_retriever(search_kwargs={"k": 1}).invoke("보험금은?")[0].page_content == "보험금"
    )
    name = store.add_texts(["복직"], ids=["x"])[0]
    store.add_texts(["복직 신청"], ids=["x"])
    assert (len(store), store.get_by_ids([name])[0].page_content) == (3, "복직 신청")
    store.save()
    again = MemoryStore(embedding, tmp_path)
    assert again.get_by_ids(["x"])[0].page_content == "복직 신청" and len(again) == 3
    (tmp_path / "store.jsonl").write_text("", "utf-8")
    with pytest.raises(DataError, match="interrupted"):
        MemoryStore(embedding, tmp_path)


def test_an_approximate_index_finds_nearly_all() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((3000, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    names = [f"d{at}" for at in range(len(vectors))]
    found = {}
    for kind in ("flat", "hnsw"):
        store = open_store(
            StoreConfig(kind="faiss", options={"kind": kind}), HashedNgrams(32), None
        )
        store._embedding = Given(vectors)
        store.add_texts(names, ids=names)
        found[kind] = [
            {name for name, _ in hits} for hits in store.search_vectors(vectors[:50], 10)
        ]
    shared = [len(a & b) / 10 for a, b in zip(found["flat"], found["hnsw"], strict=True)]
    assert np.mean(shared) > 0.8


@pytest.mark.slow
def test_thousands_of_chunks_in_little_memory(tmp_path: Path) -> None:
    """Grows by what is kept: 5,000 texts of 200 characters, as many vectors, and their terms."""
    import tracemalloc

    rng = np.random.default_rng(0)
    syllables = [chr(0xAC00 + int(code)) for code in rng.integers(0, 2000, 4000)]

    def documents():
        for number in range(50):
            lines = [
                "".join(syllables[int(at)] for at in rng.integers(0, 4000, 190)) for _ in range(100)
            ]
            marks = [[191 * at, {"row": at + 1}] for at in range(100)]
            about = {"source": f"{number}.csv", "format": "csv", "marks": marks}
            yield Document("\n".join(lines), metadata=about)

    tracemalloc.start()
    index = Index(config(), tmp_path / "index", cache=tmp_path / "cache")
    changes = index.update(documents())
    index.save()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(changes.added) == 5_000
    kept = 5_000 * (384 * 4 + 190 * 2)  # vectors, and Hangul at two bytes a letter
    assert peak < 14 * kept + 50_000_000  # most of it the terms, as Python objects
    again = Index.load(tmp_path / "index", cache=tmp_path / "cache")
    rng = np.random.default_rng(0)
    rng.integers(0, 2000, 4000)
    changes = again.update(documents())
    assert (len(changes.added), len(changes.kept)) == (0, 5_000)
    assert len(again.nearest(["가나다"], 50)[0]) == 50


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *(("index.json", text) for text in ("", "[]", "{}", '{"config": 1}', "\xff")),
        *(("chunks.jsonl", text) for text in ("{}\n", "[]\n", '{"id": 1}\n', "half\n{}\n")),
        ("store/store.jsonl", '{"id": "a"}\n'),
        ("store/vectors.npy", "half"),
        ("store/vectors.npy", ""),
    ],
)
def test_a_damaged_file_of_an_index_is_named(tmp_path: Path, name: str, content: str) -> None:
    index = Index(config(), tmp_path / "index", cache=tmp_path / "cache")
    index.update([LEAVE])
    index.save()
    (tmp_path / "index" / name).write_text(content, encoding="latin-1")
    with pytest.raises(DataError, match=str(tmp_path / "index")):
        Index.load(tmp_path / "index", cache=tmp_path / "cache")
