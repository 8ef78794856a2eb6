"""A model behind a server: an invented vendor on loopback for what goes wrong, and a real one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from invented_vendor import InventedVendor, said

from harness.costs.book import TokenPrice
from harness.costs.budget import Budget
from harness.errors import BudgetExceeded, MissingDependency, UsageError
from harness.models import endpoint as module
from harness.models.endpoint import Endpoint, EndpointModel, throttle
from harness.strategy.context import Monitor
from harness.strategy.long_rows import LongRows
from harness.strategy.predictors import ModelPredictor
from harness.strategy.tools.calls import CALCULATE, wording
from harness.strategy.tools.loop import Toolbox, ToolPredictor
from harness.task.view import TaskView
from harness.types import GenRequest, Prompt, Query, Section

VIEW = TaskView("t", "qa", "ko", (), ("\n",), 24, "짧게.", "질문:", "답:", "모른다")
PRICE = TokenPrice(
    model="m", provider="p", input_usd_per_1m=1_000.0, output_usd_per_1m=2_000.0,
    date="2026-11-01", source="invented",
)  # fmt: skip


def request(number: int = 0, **more: Any) -> GenRequest:
    prompt = Prompt((Section("instructions", "짧게."), Section("question", f"기간? {number}")))
    return GenRequest(str(number), prompt, **more)


def model(vendor: InventedVendor, journal: Path | None = None, **budget: Any) -> EndpointModel:
    return EndpointModel(Endpoint("m", vendor.url), journal, Budget(PRICE, **budget))


def test_an_answer_with_its_usage(vendor: InventedVendor):
    (found,) = model(vendor).generate([request(stop=("\n",), max_tokens=7)])
    assert (found.text, found.finish, found.error) == ("2년", "stop", None)
    assert found.usage.as_dict() == {
        "input_tokens": 10, "cached_tokens": 4, "output_tokens": 5, "reasoning_tokens": 2
    }  # fmt: skip
    (body,) = vendor.asked
    assert body["messages"][0] == {"role": "system", "content": "짧게."}
    assert (body["model"], body["max_tokens"], body["stop"]) == ("m", 7, ["\n"])


def test_many_are_matched_by_id(vendor: InventedVendor):
    vendor.answer = lambda n, body: said(body["messages"][-1]["content"].split()[-1])
    found = {each.id: each.text for each in model(vendor).generate(map(request, range(40)))}
    assert found == {str(n): str(n) for n in range(40)}


@pytest.mark.parametrize(
    ("answer", "finish"),
    [
        (said("2년\n또", finish="stop"), "stop"),
        (said("2년 그리고", finish="length"), "length"),
        (said("2년\n그리고", finish="length"), "stop"),
        (said("", refusal="no"), "refused"),
        (said("", finish="content_filter"), "refused"),
    ],
)
def test_why_an_answer_ends(vendor: InventedVendor, answer: Any, finish: str):
    vendor.answer = lambda n, body: answer
    (found,) = model(vendor).generate([request(stop=("\n",))])
    assert found.finish == finish
    assert "\n" not in found.text


def test_a_call_of_a_function_comes_back_by_its_name(vendor: InventedVendor, tmp_path: Path):
    call = {"name": "calculate", "arguments": '{"expression": "2 * 12"}'}
    told = {"tool_calls": [{"id": "c", "type": "function", "function": call}]}
    vendor.answer = lambda n, body: said("", finish="tool_calls", **told)
    journal = tmp_path / "responses.jsonl"
    for _ in range(2):  # the second time from the journal
        (found,) = model(vendor, journal).generate([request(tools=(CALCULATE,))])
        assert found.calls == (("calculate", "2 * 12"),)
    (body,) = vendor.asked
    (offered,) = body["tools"]
    assert offered["function"]["name"] == "calculate"
    assert offered["function"]["parameters"]["required"] == ["expression"]


def test_a_whole_loop_of_calls(vendor: InventedVendor):
    def answer(n: int, body: dict[str, Any]) -> Any:
        if "tools" not in body:
            return said("3년")
        call = {"name": "calculate", "arguments": '{"expression": "1 + 2"}'}
        told = {"tool_calls": [{"id": "c", "type": "function", "function": call}]}
        return said("", finish="tool_calls", **told)

    vendor.answer = answer
    context = SimpleNamespace(
        task=VIEW, readout="generate", monitor=Monitor(), confidence=False, structured=False
    )
    box = Toolbox(wording("ko"), 1, 64, native=True)
    predictor = ToolPredictor(model(vendor), VIEW.base_prompt, context, box)
    (output,) = predictor.predict([Query("q", "기간?")])
    assert (output.text, output.calls[0].output, output.usage.input_tokens) == ("3년", "3", 20)
    assert "계산: 1 + 2 = 3" in vendor.asked[1]["messages"][-1]["content"]


def test_a_limit_of_rate_is_waited_for(vendor: InventedVendor):
    vendor.answer = lambda n, body: (429, {"error": {"message": "slow down"}}) if n < 2 else said()
    (found,) = model(vendor).generate([request()])
    assert found.text == "2년"
    assert len(vendor.asked) == 2


def test_an_error_is_no_answer(vendor: InventedVendor):
    vendor.answer = lambda n, body: (500, {"error": {"message": "positive"}})
    (found,) = model(vendor).generate([request()])
    assert (found.text, found.usage.as_dict()) == ("", {})
    assert found.error is not None
    assert found.error == "500 positive"


@pytest.mark.parametrize(
    ("status", "match"), [(401, "refuses the key"), (403, "refuses the key"), (404, "know m")]
)
def test_what_can_not_get_better_is_not_tried_again(
    vendor: InventedVendor, status: int, match: str
):
    vendor.answer = lambda n, body: (status, {"error": {"message": "no"}})
    with pytest.raises(UsageError, match=match):
        list(model(vendor).generate([request()]))
    assert len(vendor.asked) == 1


def test_tokens_that_a_server_does_not_count_are_unknown_and_never_none(vendor: InventedVendor):
    vendor.answer = lambda n, body: said(usage=False)
    (found,) = model(vendor).generate([request()])
    assert (found.text, found.metered) == ("2년", False)
    with pytest.raises(UsageError, match="doesn't say how many tokens.*--max-cost can't be kept"):
        list(model(vendor, most_usd=1.0).generate(map(request, range(30))))
    assert len(vendor.asked) < 20


def test_what_was_paid_for_is_not_asked_again(vendor: InventedVendor, tmp_path: Path):
    journal = tmp_path / "responses.jsonl"
    first = list(model(vendor, journal).generate([request(1), request(2)]))
    again = model(vendor, journal)
    assert {each.id: each for each in again.generate([request(1), request(2)])} == {
        each.id: replace(each, replayed=True) for each in first
    }
    assert len(vendor.asked) == 2
    assert "sk-invented" not in journal.read_text(encoding="utf-8")
    other = EndpointModel(Endpoint("other", vendor.url), journal, Budget(None))
    list(other.generate([request(1)]))
    assert len(vendor.asked) == 3, "another model's answer was taken"


def test_the_limit_of_money_ends_the_run_and_keeps_what_was_paid(
    vendor: InventedVendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(throttle, "AT_ONCE", 1)
    journal = tmp_path / "responses.jsonl"
    with pytest.raises(BudgetExceeded, match="--max-cost"):
        list(model(vendor, journal, most_usd=0.05).generate(map(request, range(20))))
    paid = len(vendor.asked)
    assert 1 < paid < 20
    assert len(journal.read_text(encoding="utf-8").splitlines()) == paid
    more = model(vendor, journal, most_usd=10.0)
    assert len(list(more.generate(map(request, range(20))))) == 20
    assert len(vendor.asked) == 20


def test_a_limit_needs_a_price():
    with pytest.raises(UsageError, match="needs a price"):
        Budget(None, most_usd=1.0)


def test_without_a_key_there_is_a_next_step(monkeypatch: pytest.MonkeyPatch):
    for name in module.KEY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(MissingDependency, match="HARNESS_API_KEY"):
        EndpointModel(Endpoint("m"), None, Budget(None))


@pytest.mark.slow
def test_a_real_server_answers_a_whole_run(real_server: str, tmp_path: Path):
    from harness.analysis.summary import summary
    from harness.config import run_config
    from harness.costs.book import load_book
    from harness.runs.runner import run

    url, _, name = real_server.partition("|")
    config = run_config(
        strategy="few-shot", task="insurer-ko", model=f"endpoint:{name}", base_url=url,
        limit=4, set={"k": 2}, results=tmp_path,
    )  # fmt: skip
    found = summary(run(config).folder, load_book(None))
    assert found["status"] == "finished"
    assert found["n"] == 4
    assert found["device"] == "api"
    tokens = found["ledger"]["serve"]["tokens"]
    assert tokens["input_tokens"] > 0
    assert tokens["output_tokens"] > 0
    assert found["cost"]["usd_per_1k_requests"] is None, "an unknown price is no price"
    assert url not in (next(tmp_path.glob("insurer*")) / "run.json").read_text(encoding="utf-8")


TOO_LONG = [  # what servers say, shortened
    {"message": "This model's maximum context length is 8192 tokens.", "type": "BadRequestError"},
    {"message": "too many tokens", "code": "context_length_exceeded"},
    {"message": "request (9 tokens) exceeds the available context size (8 tokens)", "code": 400},
    {"message": "The input token count (9) exceeds the maximum number of tokens allowed (8)."},
    {"message": "prompt is too long: 9 tokens > 8 maximum"},
]


@pytest.mark.parametrize("error", TOO_LONG)
def test_a_prompt_that_is_too_long_is_that_row_s_outcome(vendor: InventedVendor, error: Any):
    def answer(number: int, body: Any) -> Any:
        long = body["messages"][-1]["content"].endswith("1")
        return (400, {"error": error}) if long else said()

    vendor.answer = answer
    asked = SimpleNamespace(
        task=VIEW,
        readout="generate",
        monitor=Monitor(),
        long_rows=LongRows("cut"),
        confidence=False,
        structured=False,
    )
    predictor = ModelPredictor(model(vendor), VIEW.base_prompt, asked)
    found = {each.id: each for each in predictor.predict(Query(n, f"기간? {n}") for n in "012")}
    assert [found[n].finish for n in "012"] == ["stop", "too_long", "stop"]
    assert found["1"].error is None and error["message"][:20] in found["1"].excess


def test_another_bad_request_is_an_error(vendor: InventedVendor):
    vendor.answer = lambda n, body: (400, {"error": {"message": "max_tokens must be positive"}})
    (found,) = model(vendor).generate([request()])
    assert found.finish == "stop" and "max_tokens" in str(found.error)
