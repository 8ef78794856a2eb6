"""Logistic regression on frozen vectors: what is learnt, counted, cached and refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("sklearn")
torch = pytest.importorskip("torch")

from units import context, rows  # noqa: E402

from harness import devices  # noqa: E402
from harness.costs.projection import phase_flops  # noqa: E402
from harness.errors import DataError, UsageError  # noqa: E402
from harness.models.local.tiny import tiny_bert  # noqa: E402
from harness.records.ledger import read_ledger, totals  # noqa: E402
from harness.strategy.long_rows import LongRows  # noqa: E402
from strategies.embedding_head import EmbeddingHead  # noqa: E402

CPU = devices.select("cpu", "float32")
QUERIES = [row.query for row in rows(12, "test")]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_bert(tmp_path_factory.mktemp("bert"))


def _fit(room, embedder="hashed", **changes):
    made, strategy = context(room, device=CPU, **changes), EmbeddingHead(embedder=str(embedder))
    strategy.prepare(made)
    return made, strategy


def _spans(made):
    return read_ledger(made.artifact / "ledger.jsonl")


def _spent(made):
    return totals(_spans(made))


def test_it_learns_the_labels_and_gives_the_probability_of_each(tmp_path):
    made, strategy = _fit(tmp_path / "run")
    answers = {each.id: each for each in strategy.predictor(made).predict(QUERIES)}
    right = {row.query.id: row.target for row in rows(12, "test")}
    assert {id_: answer.text for id_, answer in answers.items()} == right
    for answer in answers.values():
        assert set(answer.scores) == {"up", "down"} and answer.chosen
        assert sum(answer.scores.values()) == pytest.approx(1)
        assert answer.usage.input_tokens > 0
    assert made.train.rows_read == 16
    assert made.details["training"] == {"trainable_parameters": 384 + 1}
    made.details.clear()
    strategy.prepare(made)
    assert made.details["training"] == {"trainable_parameters": 384 + 1}
    (alone,) = strategy.predictor(made).predict(QUERIES[:1])
    assert alone.scores == pytest.approx(answers[alone.id].scores)


def test_the_strength_of_the_penalty_decides_how_sure_it_is(tmp_path):
    sure = {}
    for c in (0.1, 100.0):
        made, strategy = context(tmp_path / str(c)), EmbeddingHead(embedder="hashed", c=c)
        strategy.prepare(made)
        sure[c] = max(next(iter(strategy.predictor(made).predict(QUERIES))).scores.values())
    assert sure[0.1] < 0.7 < sure[100.0]


def test_vectors_from_the_cache_bring_what_they_took(folder, tmp_path):
    first, _ = _fit(tmp_path / "first", folder)
    again, _ = _fit(tmp_path / "again", folder)
    paid, cached = _spent(first)["train"], _spent(again)["train"]
    assert paid.paid == "paid" and cached.paid == "partly cached"
    assert cached.usage.computed_tokens == paid.usage.computed_tokens > 0
    (kept,) = (span for span in _spans(again) if span.paid == "cached")
    assert kept.seconds > 0 and kept.usage.input_tokens == paid.usage.input_tokens


def test_operations_are_those_of_the_embedder_reading(folder, tmp_path):
    made, strategy = _fit(tmp_path / "run", folder)
    train, info = _spent(made)["train"], strategy.predictor(made).model_info
    assert info.name == folder.name and info.architecture.layers == 2
    flops = phase_flops("train", train, info.architecture)
    read = 2 * info.architecture.trunk_parameters * train.usage.computed_tokens
    assert 1 <= flops / read < 1.2


def test_answers_are_computed_and_not_taken_from_the_cache(folder, tmp_path):
    made, strategy = _fit(tmp_path / "run", folder)
    predictor = strategy.predictor(made)
    usages = [list(predictor.predict(QUERIES))[0].usage for _ in range(2)]
    assert usages[0] == usages[1] and usages[0].passes == 1


@pytest.mark.parametrize("rule", ["skip", "cut", "fail"])
def test_rows_too_long_are_told(folder, tmp_path, rule):
    words = " and so on" * 200
    made = context(tmp_path / rule, device=CPU, long_rows=LongRows(rule))
    made.train._rows = (*made.train._rows[:-1], rows(1, "long", words)[0])
    strategy = EmbeddingHead(embedder=str(folder))
    if rule == "fail":
        with pytest.raises(DataError, match="too long to train on: row long-0"):
            strategy.prepare(made)
        return
    strategy.prepare(made)
    assert any("1 of 16 rows" in text for text in made.monitor.said)
    asked = replace(QUERIES[0], text=QUERIES[0].text + words)
    (answer,) = strategy.predictor(made).predict([asked])
    assert answer.excess.endswith("512 fit")
    assert answer.finish == ("too_long" if rule == "skip" else None)


def test_what_cannot_be_learnt_from_is_refused(tmp_path):
    made = context(tmp_path / "one")
    made.train._rows = made.train._rows[::2]
    with pytest.raises(DataError, match="two labels"):
        EmbeddingHead(embedder="hashed").prepare(made)
    with pytest.raises(UsageError, match="a vendor's tokens"):
        EmbeddingHead(embedder="api:ada").prepare(context(tmp_path / "api"))


def test_only_what_runs_with_torch_asks_for_a_device():
    assert EmbeddingHead().required == {"train"}
    assert EmbeddingHead(embedder="minilm").required == {"train", "embedder"}
