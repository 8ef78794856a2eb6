"""ragas behind our interface: its own values, three states, and a judge that may fail."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ragas")
pytest.importorskip("rapidfuzz")

from invented_vendor import InventedVendor, said
from pydantic import BaseModel

from harness.costs.book import load_book
from harness.errors import BudgetExceeded, UsageError
from harness.metrics.ragas import JUDGED, RAGAS, Case, applies, count_states
from harness.metrics.scored_rows import by_column
from harness.models.endpoint import Endpoint
from harness.retrieval.embedders import EmbedderConfig, open_embedder
from harness.runs.judging.evaluate import Evaluator
from harness.runs.judging.judge import Judge, JudgeFailed
from harness.runs.judging.opening import judge_called, open_judge
from harness.runs.judging.questions import asked_about
from harness.types import Scored

OFFLINE = tuple(name for name in RAGAS if name not in JUDGED)
LEAVE = Case("1", "How long is leave?", "2 years", "2 years", ("Leave is 2 years.", "Pay is 60%."),
             ("Leave is 2 years.",))  # fmt: skip
WRONG = Case("2", "How long is leave?", "5 weeks", "2 years", ("Pay is 60%.",),
             ("Leave is 2 years.",))  # fmt: skip


def hashed() -> Any:
    return open_embedder(EmbedderConfig(model="hashed", cache=False))


def judge_at(vendor: InventedVendor, journal: Path | None = None, **more: Any):
    journal = journal or Path(tempfile.mkdtemp()) / "responses.jsonl"
    return open_judge(
        Endpoint("judge-1", vendor.url), journal, load_book(more.pop("book", None)), **more
    )


def verdict_of(judge: Judge) -> str | None:
    ((_, verdict),) = judge.verdicts([asked_about("1", "?", "a", "b")])
    return verdict


class Held(BaseModel):
    verdict: int


def evaluate(names: Any, cases: Any, judge: Any = None, language: str = "en"):
    return {each.id: each for each in Evaluator(names, language, judge, hashed).evaluate(cases)}


def test_without_a_judge():
    found = evaluate(OFFLINE, [LEAVE, WRONG])
    assert found["1"].values == pytest.approx(dict.fromkeys(OFFLINE, 1.0), abs=1e-6)
    wrong = found["2"].values
    assert wrong["non_llm_context_recall"] == wrong["non_llm_context_precision"] == 0.0
    assert 0 < wrong["non_llm_string_similarity"] < 0.7
    assert wrong["semantic_similarity"] < 0.9
    assert not found["1"].states


def test_values_are_those_of_ragas_itself():
    from rapidfuzz.distance import Levenshtein
    from sacrebleu import corpus_chrf

    case = Case("1", "?", "육아휴직은 2년", "육아휴직은 최대 2년이다")
    found = evaluate(OFFLINE, [case], language="ko")["1"].values
    distance = Levenshtein.normalized_distance(case.reference, case.response)
    assert found["non_llm_string_similarity"] == pytest.approx(1 - distance)
    chrf = corpus_chrf([case.response], [[case.reference]]).score / 100
    assert found["chrf"] == pytest.approx(chrf)
    assert "rouge_l" not in found, "it gives 0 for two equal Korean sentences"


@pytest.mark.parametrize(
    ("case", "defined"),
    [
        (LEAVE, set(RAGAS)),
        (Case("x", "?", "a", ""), {"answer_relevancy"}),
        (Case("x", "?", "", "", ("c",)), set()),
        (Case("x", "?", "a", "", ("c",)), {"answer_relevancy", "faithfulness"}),
        (Case("x", "?", "", "b", ("c",)), {"context_precision", "context_recall"}),
    ],
)
def test_where_a_metric_is_defined(case: Case, defined: set[str]):
    assert {name for name in RAGAS if applies(name, case, "en")} == defined


def test_no_answer_where_there_is_one_is_worth_0(judging: InventedVendor):
    silent = Case("1", "?", "", "2 years", ("c",))
    found = evaluate(tuple(RAGAS), [silent], judge_at(judging))["1"]
    assert found.values["chrf"] == found.values["judged_correctness"] == 0.0
    assert found.states["judged_correctness"] == "scored"
    assert found.states["faithfulness"] == "not_applicable"


def test_with_a_judge(judging: InventedVendor):
    judge = judge_at(judging)
    found = evaluate(JUDGED, [LEAVE, WRONG], judge)
    right = found["1"].values
    assert (right["faithfulness"], right["context_recall"], right["judged_correctness"]) == (
        1,
        1,
        1,
    )
    assert right["context_precision"] == pytest.approx(1.0)
    assert 0 < right["answer_relevancy"] < 1
    assert found["2"].values["faithfulness"] == found["2"].values["judged_correctness"] == 0.0
    assert set(found["1"].states.values()) == {"scored"}
    assert judge.requests == len(judging.asked)
    assert len(judging.asked) in (12, 13), "two prompts are the same, maybe asked at once"
    assert judge.paid()[0].input_tokens == 10 * len(judging.asked)
    assert judge.failed == 0


@pytest.mark.parametrize(
    "answer",
    [
        (500, {"error": {"message": "down"}}), said("I think it is right."), said("{}"),
        said('{"reason": "r", "verdict": "Maybe"}'), said('{"verdict": "Corr', finish="length"),
        said("", refusal="no"),
    ],
)  # fmt: skip
def test_a_judge_without_a_verdict_has_failed_and_gives_no_value(judging, answer: Any):
    judging.answer = lambda n, body: answer
    judge = judge_at(judging)
    found = evaluate(JUDGED, [LEAVE], judge)["1"]
    assert found.values == {}
    assert set(found.states.values()) == {"failed"}
    assert judge.failed == judge.requests > 0
    with pytest.raises(JudgeFailed):
        judge.ask("?", Held)


def test_a_verdict_after_hidden_reasoning_is_read(judging: InventedVendor):
    text = (
        '<think>{"verdict": "Refusal"}</think> Here: {"reason": "{r}", "verdict": "Correct Answer"}'
    )
    judging.answer = lambda n, body: said(text)
    assert verdict_of(judge_at(judging)) == "Correct Answer"


def test_a_word_that_was_not_offered_is_no_verdict(judging: InventedVendor):
    judging.answer = lambda n, body: said('{"verdict": "Mostly"}')
    assert verdict_of(judge_at(judging)) is None


def test_what_is_alike_is_asked_once(judging: InventedVendor):
    asked = [asked_about(str(n), "?", "a", "a") for n in range(5)]
    found = list(judge_at(judging).verdicts(asked))
    assert found == [(str(n), "Correct Answer") for n in range(5)]
    assert len(judging.asked) == 1


def test_what_the_judge_said_is_not_bought_again(judging: InventedVendor, tmp_path: Path):
    for _ in range(2):
        evaluate(JUDGED, [LEAVE], judge_at(judging, tmp_path / "responses.jsonl"))
    assert len(judging.asked) == 7


def test_the_limit_of_the_judge_holds(judging: InventedVendor, prices: Any):
    judge = judge_at(judging, book=prices(), most_usd=0.03)  # a request costs $0.02
    with pytest.raises(BudgetExceeded, match="--judge-max-cost"):
        evaluate(JUDGED, [LEAVE, WRONG], judge)
    assert len(judging.asked) < 13


def test_a_refused_key_ends_it(judging: InventedVendor):
    judging.answer = lambda n, body: (401, {"error": {"message": "no"}})
    with pytest.raises(UsageError, match="refuses the key"):
        evaluate(JUDGED, [LEAVE], judge_at(judging))


def test_the_judge_may_have_a_key_of_its_own(judging, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HARNESS_JUDGE_API_KEY", "sk-judge")
    verdict_of(judge_at(judging))
    assert judging.keys[-1] == "Bearer sk-judge"


def test_a_judge_is_an_endpoint_or_a_model_of_this_machine(tiny_llama: Path):
    assert judge_called("endpoint:m", None) == Endpoint("m")
    assert judge_called(str(tiny_llama), None).path == tiny_llama
    with pytest.raises(UsageError, match="no-such-model"):
        judge_called("no-such-model", None)


def test_states_are_counted():
    states = [{"faithfulness": "scored"}, {"faithfulness": "failed"}, {}]
    rows = by_column(
        Scored(str(n), "ok", "a", "a", True, judged=each) for n, each in enumerate(states)
    )
    assert count_states(rows.judged) == {
        "faithfulness": {"scored": 1, "failed": 1, "not_applicable": 0}
    }
