"""What a server may send in place of an answer: each is that row's error, and the next row goes on."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hostile_server import HostileServer, dripping, http, right
from invented_vendor import said

from harness.models.endpoint import Endpoint, EndpointModel, client
from harness.records.files import read_lines
from harness.types import GenRequest, Prompt, Section

pytestmark = pytest.mark.slow  # servers are waited for
MESSAGE = {"role": "assistant", "content": "2"}


def requests(count: int) -> list[GenRequest]:
    return [GenRequest(str(n), Prompt((Section("question", f"row {n}"),))) for n in range(count)]


def row(body: dict[str, Any]) -> int:
    return int(body["messages"][-1]["content"].split()[-1].strip("."))


def chat(**changes: Any) -> bytes:
    return right(**changes)


def message(**changes: Any) -> bytes:
    return right(choices=[{"index": 0, "finish_reason": "stop", "message": MESSAGE | changes}])


def call(**function: Any) -> bytes:
    return message(tool_calls=[{"id": "c", "type": "function", "function": function}])


DEEP = "[" * 1_000_000
TRICKS: dict[str, bytes] = {
    "html": http("<html><title>Sign in</title></html>"),
    "nothing": http(""),
    "a list": http("[]"),
    "a text": http('"ok"'),
    "null": http("null"),
    "cut JSON": http(json.dumps(said()[1])[:80]),
    "not UTF-8": http(b'{"choices": "\xff\xfe"}'),
    "deep": http(DEEP),
    "deep inside": http('{"choices": ' + DEEP + "]" * 1_000_000 + "}"),
    "a number of 5,000 digits": http('{"usage": {"prompt_tokens": ' + "9" * 5000 + "}}"),
    "no choices": chat(choices=[]),
    "null choices": chat(choices=None),
    "choices of another type": chat(choices={"0": 1}),
    "a choice that is a text": chat(choices=["x"]),
    "no message": chat(choices=[{"index": 0}]),
    "null message": chat(choices=[{"message": None}]),
    "a message that is a list": chat(choices=[{"message": []}]),
    "content that is a list": message(content=[{"type": "text", "text": "2"}]),
    "content that is a number": message(content=2),
    "half of a character": message(content="\ud83d"),
    "a refusal that is an object": message(refusal={"why": 1}),
    "finish of another type": chat(choices=[{"message": MESSAGE, "finish_reason": 3}]),
    "calls that are a text": message(tool_calls="calculate"),
    "a call that is null": message(tool_calls=[None]),
    "a call without a function": message(tool_calls=[{"type": "function"}]),
    "a call without a name": call(name=None, arguments="{}"),
    "a call with an empty name": call(name="", arguments="{}"),
    "arguments that are an object": call(name="calculate", arguments={"x": 1}),
    "an error with status 200": http(json.dumps({"error": {"message": "no capacity"}})),
    "too short a body": http(b'{"choices": 1}', length=5000),
    "too long a body": http(json.dumps(said()[1]), length=40),
    "packed": http(gzip.compress(b"0" * 10**7), "content-encoding: gzip"),
    "a length of 1 GB": http("{}", length=1 << 30),
    "a redirect": http("", "location: /v1/elsewhere", status="307 Temporary Redirect"),
    "a redirect elsewhere": http("", "location: http://127.0.0.2:1/", status="302 Found"),
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n" * 3,
    "a long status line": b"HTTP/1.1 200 " + b"x" * 100_000,
    "many headers": http("{}", *(f"x-{n}: 1" for n in range(300))),
    "a chunk that is cut off": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n{\"a\"",
    "a chunk of a wrong size": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}",
    "403": http('{"error": {"message": "not this one"}}', status="403 Forbidden"),
    "404": http('{"error": {"message": "not this one"}}', status="404 Not Found"),
    "400 in HTML": http("<h1>Bad</h1>", status="400 Bad Request"),
    "400 with a deep body": http(DEEP, status="400 Bad Request"),
    "an error that is a list": http('{"error": [[1]]}', status="400 Bad Request"),
}  # fmt: skip


def endless(start: bytes, piece: bytes) -> Iterable[bytes]:
    yield start
    while True:
        yield piece


def test_each_is_an_error_of_its_row_and_says_why(server: HostileServer, tmp_path: Path):
    names = list(TRICKS)

    def play(number: int, body: Any, head: bytes) -> Iterable[bytes]:
        at = row(body)
        return [right("7") if at % 2 else TRICKS[names[at // 2]]]

    server.play = play
    journal = tmp_path / "responses.jsonl"
    model = EndpointModel(Endpoint("m", server.url), journal)
    found = {int(each.id): each for each in model.generate(requests(2 * len(names)))}
    for at, name in enumerate(names):
        bad, good = found[2 * at], found[2 * at + 1]
        assert (good.text, good.error) == ("7", None), f"the row beside {name!r}"
        assert bad.error and bad.text == "", f"{name!r} was taken for an answer"
        assert len(bad.error) < 700 and bad.error.isprintable(), name
        bad.error.encode()
    assert len(server.asked) == 2 * len(names), "one was asked twice"
    count = len(server.asked)
    again = EndpointModel(Endpoint("m", server.url), journal)
    assert len(list(again.generate(requests(2 * len(names))))) == 2 * len(names)
    assert len(server.asked) - count == len(names), "the next call asks what failed, and no more"
    assert all("text" in line or "error" in line for line in read_lines(journal))


@pytest.mark.parametrize(
    "play",
    [
        lambda: endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * (1 << 20)),
        lambda: endless(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
                        b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"),
    ],
)  # fmt: skip
def test_a_body_without_end_is_cut_off_early(
    server: HostileServer, play: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(client, "DEADLINE_SECONDS", 20.0)
    server.play = lambda n, body, head: [right()] if row(body) else play()
    found = {e.id: e for e in EndpointModel(Endpoint("m", server.url), None).generate(requests(2))}
    assert "longer than 16 MiB" in str(found["0"].error)
    assert found["1"].text == "2"


@pytest.mark.parametrize(
    "play",
    [
        lambda: (time.sleep(3), right())[1:],
        lambda: dripping(right(), 0.05),
        lambda: [http("{", length=500), *dripping(b" " * 400, 0.05)],
        lambda: endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["silent", "headers that drip", "a body that drips", "only 100 Continue"],
)
def test_a_slow_answer_ends_at_the_deadline(server: HostileServer, play: Any):
    server.play = lambda n, body, head: [right()] if row(body) else play()
    model = EndpointModel(Endpoint("m", server.url), None)
    began = time.monotonic()
    found = {each.id: each for each in model.generate(requests(2))}
    assert time.monotonic() - began < 2.5
    assert found["0"].error == "no answer in 1 s"
    assert found["1"].text == "2"
    assert len(server.asked) == 2, "a slow request was sent again: it would be paid twice"


USAGES: list[Any] = [
    None, [], "many", {}, {"prompt_tokens": None, "completion_tokens": 1},
    {"prompt_tokens": -5, "completion_tokens": 1}, {"prompt_tokens": 10, "completion_tokens": -100},
    {"prompt_tokens": 1.5, "completion_tokens": 1}, {"prompt_tokens": "10", "completion_tokens": 1},
    {"prompt_tokens": True, "completion_tokens": 1}, {"prompt_tokens": 10},
    {"prompt_tokens": 0, "completion_tokens": 0}, {"prompt_tokens": 10**30, "completion_tokens": 1},
    {"prompt_tokens": 10, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": -9}},
    {"prompt_tokens": 10, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 11}},
    {"prompt_tokens": 10, "completion_tokens": 1, "prompt_tokens_details": 3},
    {"prompt_tokens": 10, "completion_tokens": 1,
     "completion_tokens_details": {"reasoning_tokens": "2"}},
]  # fmt: skip


def test_usage_is_whole_and_not_negative_or_it_is_unknown(server: HostileServer):
    server.play = lambda n, body, head: [chat(usage=USAGES[row(body)])]
    model = EndpointModel(Endpoint("m", server.url), None)
    for each in model.generate(requests(len(USAGES))):
        assert each.text == "2"
        assert (each.metered, each.usage.as_dict()) == (False, {}), USAGES[int(each.id)]


def test_details_that_are_null_are_none(server: HostileServer):
    told = {"prompt_tokens": 3, "completion_tokens": 0, "prompt_tokens_details": None,
            "completion_tokens_details": {"reasoning_tokens": None}}  # fmt: skip
    server.play = lambda n, body, head: [chat(usage=told)]
    (found,) = EndpointModel(Endpoint("m", server.url), None).generate(requests(1))
    assert found.metered and found.usage.as_dict() == {"input_tokens": 3}


def test_what_a_useless_answer_took_is_paid(server: HostileServer, tmp_path: Path):
    server.play = lambda n, body, head: [right()] if row(body) else [message(content=["2"])]
    journal = tmp_path / "responses.jsonl"
    found = list(EndpointModel(Endpoint("m", server.url), journal).generate(requests(2)))
    assert all(each.usage.input_tokens == 10 for each in found)
    assert {line["usage"]["input_tokens"] for line in read_lines(journal)} == {10}


def test_what_follows_an_answer_is_no_answer_to_the_next(server: HostileServer):
    """A body that is longer than it says would otherwise be read as the next row's response."""
    server.play = lambda n, body, head: (
        [right("first") + right("smuggled")] if n == 1 else [right()]
    )
    model = EndpointModel(Endpoint("m", server.url), None)
    texts = [next(iter(model.generate([request]))).text for request in requests(3)]
    assert texts == ["first", "2", "2"]
