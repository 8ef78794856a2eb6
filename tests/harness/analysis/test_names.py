"""A name has what tells a strategy's configurations apart; what all of them share stands once."""

from types import SimpleNamespace
from typing import Any

from harness.analysis.configurations import _named, _shared, configurations_of, settings_of
from harness.analysis.recommend.advise import recommend
from harness.analysis.recommend.question import make_question
from harness.analysis.trials import read_trials
from harness.costs.book import load_book
from tests.documents import ROOT

RECORDS = ROOT / "results" / "korean-insurance"


def record(strategy: str, *chosen: str) -> Any:
    return SimpleNamespace(strategy=SimpleNamespace(name=strategy), chosen=list(chosen))


def test_what_all_of_a_strategy_share_is_in_no_name():
    records = [
        record("rag", "k=1", "chunk_size=60"), record("rag", "k=5", "chunk_size=60"),
        record("lora", "r=4", "tuned: $0.03"), record("few-shot"), record("few-shot", "k=8"),
    ]  # fmt: skip
    shared = _shared(records)
    assert shared == {"rag": ["chunk_size=60"], "lora": ["r=4", "tuned: $0.03"], "few-shot": []}
    names = [_named(each, shared[each.strategy.name]) for each in records]
    assert names == ["rag (k=1)", "rag (k=5)", "lora", "few-shot", "few-shot (k=8)"]


def test_the_committed_ones_are_short_and_the_rest_stands_once():
    configurations = configurations_of(read_trials([RECORDS], "insurer-ko")[0])
    assert not [each.name for each in configurations if "(" in each.name]
    assert settings_of(configurations).split("; ") == [
        "few-shot (k=24)",
        "few-shot+rag (few-shot.k=24, rag.k=1, rag.chunk_size=60)",
        "qlora+rag (rag.k=1, rag.chunk_size=60)",
        "rag (k=1, chunk_size=60)",
    ]
    claims = configurations_of(read_trials([RECORDS], "insurer-claims-ko")[0])
    assert "lora, qlora (batch_size=2, accumulation=8)" in settings_of(claims)


def test_the_advice_says_once_what_names_leave_out():
    answer = recommend([RECORDS], make_question(task="insurer-claims-ko"), load_book(), draws=200)
    (note,) = [note.say() for note in answer.notes if note.code == "settings"]
    assert "lora, qlora (batch_size=2, accumulation=8)" in note
