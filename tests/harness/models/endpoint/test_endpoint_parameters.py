"""Parameters that a server refuses are renamed or left out, once for all rows, and noted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from invented_vendor import InventedVendor, said
from test_endpoint import request

from harness.config import run_config
from harness.costs.book import load_book
from harness.errors import UsageError
from harness.models.endpoint import Endpoint, EndpointModel
from harness.models.endpoint.journal import reduce_journal
from harness.models.endpoint.parameters import request_of
from harness.runs.runner import run
from harness.strategy.context import Monitor
from harness.types import Sampling

SAYS = {  # what vendors say, shortened
    "max_tokens": {"message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                   "'max_completion_tokens' instead.", "param": "max_tokens", "code": "unsupported_parameter"},
    "temperature": {"message": "Unsupported value: 'temperature' does not support 0 with this model. Only the "
                    "default (1) value is supported.", "code": "unsupported_value"},
    "seed": {"message": "Unrecognized request argument supplied: seed"},
    "top_p": "top_p: Extra inputs are not permitted",
    "stop": "the field stop is not allowed for this model",
    "reasoning_effort": {"message": "Unknown parameter: 'reasoning_effort'.", "type": "invalid_request_error"},
}  # fmt: skip


def picky(*names: str) -> Any:
    """A server that takes none of these parameters, and names one of them each time."""

    def answer(number: int, body: dict[str, Any]) -> Any:
        for name in names:
            if name in body:
                return 400, {"error": SAYS[name]}
        return said()

    return answer


def model(vendor: InventedVendor, journal: Path | None = None, **more: Any) -> EndpointModel:
    told: list[str] = more.pop("told", [])
    return EndpointModel(Endpoint("m", vendor.url, more), journal, notify=told.append)


def test_what_is_refused_is_left_out_for_all_rows_and_said_once(
    vendor: InventedVendor, tmp_path: Path
) -> None:
    vendor.answer = picky(*SAYS)
    told: list[str] = []
    journal = tmp_path / "responses.jsonl"
    asked = model(vendor, journal, reasoning_effort="low", told=told)
    one = [request(n, stop=("\n",), sampling=Sampling(0.5, 0.9, 3)) for n in range(40)]
    (first, *_) = asked.generate(one[:1])
    assert (first.text, len(vendor.asked)) == ("2년", len(SAYS) + 1)
    assert [each.error for each in asked.generate(one[1:])] == [None] * 39
    assert len(vendor.asked) == len(SAYS) + 40, "a row was refused for what is known"
    last = vendor.asked[-1]
    assert last.keys() == {"model", "messages", "max_completion_tokens"}
    assert last["max_completion_tokens"] == one[0].max_tokens
    assert len(told) == len(SAYS)
    assert any("temperature" in text and "differ from one time" in text for text in told)
    assert asked.described()["refused"] == {
        **dict.fromkeys(SAYS, ""), "max_tokens": "max_completion_tokens"
    }  # fmt: skip
    reduce_journal(journal)
    again = model(vendor, journal, reasoning_effort="low", told=told)
    list(again.generate([request(99, stop=("\n",), sampling=Sampling(0.5, 0.9, 3))]))
    assert len(vendor.asked) == len(SAYS) + 41 and len(told) == len(SAYS), "it was forgotten"
    for part in ("sent", "refused"):
        assert again.described()[part] == asked.described()[part]


def test_many_rows_at_once_that_are_all_refused_at_first(vendor: InventedVendor) -> None:
    vendor.answer = picky(*SAYS)
    asked = model(vendor, reasoning_effort="low")
    rows = [request(n, stop=("\n",), sampling=Sampling(0.5, 0.9, 3)) for n in range(60)]
    assert [each.error for each in asked.generate(rows)] == [None] * 60


@pytest.mark.parametrize(
    "error",
    [
        {"message": "max_tokens must be positive"},
        {"message": "max_tokens is too large: 5000. This model supports at most 4096"},
        {"message": "The model m is not supported in this region"},
        {"message": "messages: images are not supported"},
    ],
)
def test_another_refusal_is_that_row_s_error(vendor: InventedVendor, error: Any) -> None:
    vendor.answer = lambda n, body: (400, {"error": error})
    (found,) = model(vendor).generate([request()])
    assert error["message"] in str(found.error) and len(vendor.asked) == 1


def test_the_length_of_an_answer_is_never_left_open(vendor: InventedVendor) -> None:
    error = {"message": "max_tokens and max_completion_tokens are not supported"}
    vendor.answer = lambda n, body: (400, {"error": error})
    (found,) = model(vendor).generate([request()])
    assert found.error and "max_completion_tokens" in vendor.asked[-1]
    assert len(vendor.asked) == 2


def test_own_parameters_are_sent_and_are_another_model(vendor: InventedVendor) -> None:
    given = request_of({"reasoning_effort": "low", "top_k": "5", "max_completion_tokens": "900"})
    list(EndpointModel(Endpoint("m", vendor.url, given), None).generate([request()]))
    (body,) = vendor.asked
    assert (body["reasoning_effort"], body["top_k"]) == ("low", 5)
    assert body["max_completion_tokens"] == 900 and "max_tokens" not in body
    assert Endpoint("m", vendor.url, given).digest != Endpoint("m", vendor.url).digest
    with pytest.raises(UsageError, match="--request can't set messages"):
        request_of({"messages": "[]"})


def test_the_record_and_the_screen_say_it(vendor: InventedVendor, tmp_path: Path) -> None:
    from harness.analysis.summary import summary
    from harness.cli.notes import footnotes

    vendor.answer = picky("max_tokens", "temperature")
    told: list[str] = []
    monitor = Monitor()
    monitor.message = told.append  # type: ignore[method-assign]
    config = run_config(
        strategy="zero-shot", task="insurer-ko", limit=3, model="endpoint:m", base_url=vendor.url,
        request={"reasoning_effort": "low"}, results=tmp_path,
    )  # fmt: skip
    found = summary(run(config, monitor).folder, load_book(None))
    assert found["server"]["refused"] == {"max_tokens": "max_completion_tokens", "temperature": ""}
    assert found["server"]["sent"]["reasoning_effort"] == "low"
    assert "temperature" not in found["server"]["sent"]
    assert sum("the server refuses" in text for text in told) == 2
    said_of = dict(footnotes(found))["the server"]
    assert said_of == "refuses max_tokens (max_completion_tokens instead), temperature (left out)"
