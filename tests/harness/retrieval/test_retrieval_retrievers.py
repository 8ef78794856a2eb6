"""Fusion, retrievers and the cross-encoder."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.documents import Document
from pydantic import ValidationError

from harness.errors import UsageError
from harness.retrieval.embedders import EmbedderConfig
from harness.retrieval.embedders.hashing import HashedNgrams
from harness.retrieval.fusion import linear, reciprocal_rank
from harness.retrieval.index import Index, IndexConfig
from harness.retrieval.rerank import RerankConfig, Reranker
from harness.retrieval.retrievers import Retriever, RetrieverConfig, passages
from harness.retrieval.tuning import choose_weight

TEXTS = [
    "육아휴직은 2년이다.",
    "복직은 30일 전에 신청한다.",
    "보험금은 3일 안에 준다.",
    "서류를 낸다.",
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    documents = [Document(text, metadata={"source": f"{at}.txt"}) for at, text in enumerate(TEXTS)]
    config = IndexConfig(embedder=EmbedderConfig(model="hashed"))
    return Index.build(documents, config, cache=tmp_path_factory.mktemp("cache"))


def test_reciprocal_ranks_by_hand() -> None:
    rankings = {"dense": [("a", 9.0), ("b", 1.0)], "bm25": [("b", 3.0), ("c", 2.0)]}
    fused = reciprocal_rank(rankings, {"dense": 1, "bm25": 1}, 60)
    best = 2 / 61
    assert fused == [
        ("b", pytest.approx((1 / 62 + 1 / 61) / best)),
        ("a", pytest.approx(1 / 61 / best)),
        ("c", pytest.approx(1 / 62 / best)),
    ]
    assert [name for name, _ in reciprocal_rank(rankings, {"dense": 1, "bm25": 0})] == ["a", "b"]


def test_spread_scores_by_hand() -> None:
    rankings = {"dense": [("a", 0.9), ("b", 0.8), ("c", 0.7)], "bm25": [("b", 4.0)]}
    fused = dict(linear(rankings, {"dense": 0.25, "bm25": 0.75}))
    assert fused == {"a": pytest.approx(0.25), "b": pytest.approx(0.125 + 0.75), "c": 0.0}
    assert linear({"dense": [], "bm25": []}, {"dense": 0.5, "bm25": 0.5}) == []


names = st.lists(st.sampled_from("abcdef"), unique=True, max_size=6)


@given(names, names, st.floats(0.05, 0.95), st.sampled_from([reciprocal_rank, linear]))
def test_what_leads_both_leads_and_scores_stay_below_one(first, second, weight, fuse) -> None:
    rankings = {
        "dense": [(name, float(-at)) for at, name in enumerate(first)],
        "bm25": [(name, float(20 - at)) for at, name in enumerate(second)],
    }
    fused = fuse(rankings, {"dense": weight, "bm25": 1 - weight})
    assert {name for name, _ in fused} == {*first, *second}
    assert all(score <= 1 + 1e-9 for _, score in fused)
    if first and second and first[0] == second[0]:
        assert fused[0] == (first[0], pytest.approx(1.0))


@pytest.mark.parametrize("method", ["hybrid", "dense", "bm25"])
def test_each_method_finds_it_with_file_span_and_ranks(index: Index, method: str) -> None:
    retriever = Retriever(index, RetrieverConfig(method=method, k=2))
    hit = retriever.search("육아휴직은 몇 년인가요?")[0]
    assert hit.passage.text == TEXTS[0] and hit.citation == "0.txt"
    assert (hit.passage.source, hit.passage.span) == ("0.txt", (0, len(TEXTS[0])))
    wanted = {"dense", "bm25"} if method == "hybrid" else {method}
    assert dict(hit.ranks) == dict.fromkeys(wanted, 1)
    many = retriever.search_many(["육아휴직은 몇 년인가요?", "보험금은 며칠 안에 주나요?"])
    assert [hits[0].passage.text for hits in many] == [TEXTS[0], TEXTS[2]]
    assert passages(many[0])[0] == hit.passage


def test_k_threshold_and_no_match(index: Index) -> None:
    assert len(Retriever(index, RetrieverConfig(k=3)).search("신청")) == 3
    high = RetrieverConfig(method="bm25", k=4, threshold=1e6)
    assert Retriever(index, high).search("육아휴직") == []
    assert Retriever(index, RetrieverConfig(method="bm25")).search("zzz") == []
    certain = Retriever(index, RetrieverConfig(threshold=0.999)).search("육아휴직은 2년이다.")
    assert [hit.passage.text for hit in certain] == TEXTS[:1]


def test_weights_decide_between_the_two(index: Index) -> None:
    question = "보험금은 3일 안에 준다."
    for weight, method in ((1.0, "dense"), (0.0, "bm25")):
        fused = Retriever(index, RetrieverConfig(dense_weight=weight, k=4)).search(question)
        alone = Retriever(index, RetrieverConfig(method=method, k=4)).search(question)
        shared = [hit.chunk.id for hit in fused][: len(alone)]
        assert shared == [hit.chunk.id for hit in alone][: len(shared)]


def test_what_an_index_lacks() -> None:
    only_terms = Index.build(
        [Document("가나", metadata={"source": "a"})], IndexConfig(embedder=None)
    )
    with pytest.raises(UsageError, match="no vectors"):
        Retriever(only_terms)
    with pytest.raises(ValidationError):
        RetrieverConfig(dense_weight=2)
    with pytest.raises(ValidationError):
        RetrieverConfig().k = 3  # type: ignore[misc]


def test_the_weight_is_chosen_by_what_finds_the_gold_passages(index: Index) -> None:
    question = "복직은 30일 전에 신청한다."
    wrong, right = (list(index.chunks)[at] for at in (0, 1))
    terms_only = Retriever(index, RetrieverConfig(method="bm25")).search(question)[0]
    assert terms_only.chunk.id == right
    gold = [[terms_only.passage], []]
    choice = choose_weight(index, [question, "아무 질문"], gold, RetrieverConfig(k=2))
    assert choice.questions == 1 and choice.config.k == 2
    # All weights find it first: the configuration's own stays.
    assert set(choice.scores.values()) == {1.0} and choice.config.dense_weight == 0.5
    # The vectors of this one say the opposite of its terms: terms alone are right.
    misled = Index(index.config, embedder=Misled())
    misled.update(Document(text, metadata={"source": f"{at}.txt"}) for at, text in enumerate(TEXTS))
    assert misled.nearest([question], 1)[0][0][0] == wrong
    choice = choose_weight(misled, [question], gold[:1], RetrieverConfig(dense_weight=0.9))
    assert choice.scores[0.0] == 1.0 > choice.scores[0.9] == choice.scores[1.0]
    best = [weight for weight, score in choice.scores.items() if score == 1.0]
    assert choice.config.dense_weight == max(best) < 0.9  # the nearest to what was asked for
    with pytest.raises(UsageError, match="no training question"):
        choose_weight(index, ["a"], [[]])


class Misled(HashedNgrams):
    """An embedder to whom every question is about the first text, as a bad model's may be."""

    def encode(self, texts, kind):
        return super().encode(TEXTS[:1] * len(texts) if kind == "query" else texts, kind)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BERT that classifies pairs, as transformers saves it."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        PreTrainedTokenizerFast,
        set_seed,
    )

    folder = tmp_path_factory.mktemp("classifier")
    letters = sorted({c for text in TEXTS for c in text if not c.isspace()})
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{c}" for c in letters)]
    core = Tokenizer(models.WordPiece({p: at for at, p in enumerate(pieces)}, unk_token="[UNK]"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    core.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    special = {
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
    }
    PreTrainedTokenizerFast(tokenizer_object=core, **special).save_pretrained(folder)
    set_seed(0)
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_labels=1, max_position_embeddings=64, initializer_range=0.5,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def test_a_cross_encoder_reorders_by_its_own_scores(index: Index, classifier: Path) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(classifier).eval()
    tokenizer = AutoTokenizer.from_pretrained(classifier)
    question = "복직은 언제 신청하나요?"
    with torch.inference_mode():
        alone = [
            float(model(**tokenizer(question, text, return_tensors="pt")).logits.sigmoid())
            for text in TEXTS
        ]
    config = RerankConfig(model=str(classifier), candidates=4, batch_size=3)
    assert Reranker(config).scores(question, TEXTS) == pytest.approx(alone, abs=1e-5)
    assert len({round(score, 4) for score in alone}) == len(TEXTS)
    retriever = Retriever(index, RetrieverConfig(k=2, rerank=config))
    hits = retriever.search(question)
    order = sorted(range(4), key=lambda at: -alone[at])
    assert [hit.passage.text for hit in hits] == [TEXTS[at] for at in order[:2]]
    assert hits[0].score == pytest.approx(alone[order[0]], abs=1e-5)
    assert retriever.reranker is not None and retriever.reranker.usage.pairs == 4
    assert retriever.reranker.usage.tokens > 40
    with pytest.raises(UsageError, match="no encoder"):
        Reranker(RerankConfig(model="nowhere"))
