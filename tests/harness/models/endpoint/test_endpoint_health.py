"""When a server's failures end a run, and what one row's failure doesn't end."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hostile_server import HostileServer, http, right
from test_endpoint_tricks import requests, row

from harness.errors import BudgetExceeded, HarnessError, MissingDependency, UsageError
from harness.models.endpoint import Endpoint, EndpointModel, client
from harness.models.endpoint.throttle import Throttle
from harness.records.files import read_lines

pytestmark = pytest.mark.slow  # servers are waited for
QUOTA = '{"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}'
REFUSED = {
    "401": (http('{"error": "bad key"}', status="401 Unauthorized"), UsageError, "refuses the key: 401 bad key"),
    "403": (http('{"error": "no entry"}', status="403 Forbidden"), UsageError, "no entry"),
    "404": (http('{"error": "no model m"}', status="404 Not Found"), UsageError, "doesn't know m: 404 no model m"),
    "quota": (http(QUOTA, status="429 Too Many"), BudgetExceeded, "quota is used up: 429 You exceeded"),
    "402": (http('{"error": {"message": "Insufficient Balance"}}', status="402 Pay"), BudgetExceeded, "Insufficient Balance"),
    "500": (http("oops", status="500 Sorry"), MissingDependency, "the server fails: 500 oops"),
    "html": (http("<html>Sign in"), UsageError, "can't be used.*<html>Sign in"),
}  # fmt: skip


def model(server: HostileServer, journal: Path | None = None) -> EndpointModel:
    return EndpointModel(Endpoint("m", server.url), journal)


@pytest.mark.parametrize("name", REFUSED)
def test_a_server_that_refuses_everything_ends_the_run_with_the_first_reason(
    server: HostileServer, name: str
):
    data, kind, match = REFUSED[name]
    server.play = lambda n, body, head: [data]
    with pytest.raises(kind, match=match) as raised:
        list(model(server).generate(requests(200)))
    assert type(raised.value) is kind and raised.value.hint
    assert len({row(body) for body in server.asked}) <= 40, "the rows after it were asked, too"


@pytest.mark.parametrize("name", ["401", "403", "404", "quota", "402"])
def test_so_it_does_where_there_is_one_row_only(server: HostileServer, name: str):
    data, kind, match = REFUSED[name]
    server.play = lambda n, body, head: [data]
    with pytest.raises(kind, match=match):
        list(model(server).generate(requests(1)))


@pytest.mark.parametrize("name", ["403", "404", "html"])
def test_what_one_row_meets_does_not_end_the_run_now_or_later(
    server: HostileServer, name: str, tmp_path: Path
):
    data = REFUSED[name][0]
    server.play = lambda n, body, head: [data if row(body) == 5 else right()]
    journal = tmp_path / "responses.jsonl"
    for _ in range(2):  # the second time that row alone is asked
        found = {each.id: each for each in model(server, journal).generate(requests(12))}
        assert [id_ for id_, each in found.items() if each.error] == ["5"]
    assert len(server.asked) == 13


def test_what_was_paid_before_the_quota_ended_is_kept(server: HostileServer, tmp_path: Path):
    server.play = lambda n, body, head: [right() if n <= 20 else REFUSED["quota"][0]]
    journal = tmp_path / "responses.jsonl"
    with pytest.raises(BudgetExceeded, match="quota"):
        list(model(server, journal).generate(requests(104)))
    assert len(read_lines(journal)) == 20
    before = len(server.asked)
    assert before < 40
    server.play = lambda n, body, head: [right()]
    assert not any(each.error for each in model(server, journal).generate(requests(104)))
    assert len(server.asked) - before == 84, "what was paid is asked again"


def test_a_missing_server_is_told_within_seconds(server: HostileServer):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(MissingDependency, match=f"no server at {place}.*refused"):
        list(EndpointModel(Endpoint("m", place), None).generate(requests(1000)))
    with pytest.raises(MissingDependency, match="no server"):
        list(EndpointModel(Endpoint("m", "http://name.invalid/v1"), None).generate(requests(9)))


def test_a_hanging_server_ends_the_run_after_one_deadline(server: HostileServer):
    server.play = lambda n, body, head: [time.sleep(9), b""][1:]
    began = time.monotonic()
    with pytest.raises(MissingDependency, match="doesn't answer in time: no answer in 1 s"):
        list(model(server).generate(requests(1000)))
    assert time.monotonic() - began < 3
    assert len(server.asked) <= 16


def test_one_that_hangs_most_of_the_time_ends_it_too(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(client, "DEADLINE_SECONDS", 0.2)

    def play(number: int, body: Any, head: bytes) -> Iterable[bytes]:
        if row(body) % 3:
            time.sleep(1)
        return [right()]

    server.play = play
    with pytest.raises(MissingDependency, match="in time"):
        list(model(server).generate(requests(1000)))
    assert len(server.asked) < 60


def test_a_server_that_restarts_is_waited_for(server: HostileServer):
    down = http("restarting", status="503 Service Unavailable")
    server.play = lambda n, body, head: [down] if 10 < n <= 30 else [right()]
    assert not any(each.error for each in model(server).generate(requests(40)))


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("0.4", 0.4, 1.0), ("-5", 0.0, 0.4), ("nan", 0.0, 0.4), ("soon", 0.0, 0.4), ("0", 0.0, 0.4),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0, 0.4), ("2026-01-01", 0.0, 0.4),
    ],
)  # fmt: skip
def test_retry_after_is_kept_to(server: HostileServer, said: str, least: float, most: float):
    busy = http("slow down", f"retry-after: {said}", status="429 Too Many Requests")
    server.play = lambda n, body, head: [busy if n == 1 else right()]
    began = time.monotonic()
    (found,) = model(server).generate(requests(1))
    assert found.text == "2"
    assert least <= time.monotonic() - began < most


def test_retry_after_may_be_a_date(server: HostileServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, "DEADLINE_SECONDS", 5.0)
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    busy = http("slow down", f"retry-after: {when}", status="503 Busy")
    server.play = lambda n, body, head: [busy if n == 1 else right()]
    began = time.monotonic()
    (found,) = model(server).generate(requests(1))
    assert found.text == "2"
    assert 0.5 < time.monotonic() - began < 3


@pytest.mark.parametrize("said", ["3600", "1e400", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])  # fmt: skip
def test_a_pause_past_the_deadline_is_not_waited_for(server: HostileServer, said: str):
    busy = http("slow down", f"retry-after: {said}", status="429 Too Many Requests")
    server.play = lambda n, body, head: [busy] if row(body) == 0 else [right()]
    began = time.monotonic()
    found = {each.id: each for each in model(server).generate(requests(1))}
    assert "it asks to wait" in str(found["0"].error) and "a row has 1 s" in str(found["0"].error)
    assert time.monotonic() - began < 1.5


def test_more_at_once_while_it_goes_well_and_half_after_too_much(server: HostileServer):
    def play(number: int, body: Any, head: bytes) -> Iterable[bytes]:
        time.sleep(0.01)
        return [right()]

    server.play = play
    asked = model(server)
    found = list(asked.generate(requests(600)))
    assert sorted(int(each.id) for each in found) == list(range(600))
    assert server.most > 12, "no more than at the start run at once"
    grown = asked._client.throttle.limit
    most = int(grown)

    def full(number: int, body: Any, head: bytes) -> Iterable[bytes]:
        if server.open > 4:
            return [http("too many", status="429 Too Many Requests")]
        return play(number, body, head)

    server.play = full
    assert most > 12
    list(asked.generate(requests(700)[600:]))
    assert asked._client.throttle.limit < grown / 2


def test_no_more_at_once_where_the_server_only_queues(server: HostileServer):
    lock = threading.Lock()

    def play(number: int, body: Any, head: bytes) -> Iterable[bytes]:
        with lock:
            time.sleep(0.005)
        return [right()]

    server.play = play
    asked = model(server)
    assert len(list(asked.generate(requests(400)))) == 400
    assert server.most <= 24, "it answers one at a time: more at once only wait"


def test_a_throttle_counts_what_runs():
    throttle, running, most = Throttle(3), [], []

    def work() -> None:
        with throttle.slot(None) as began:
            running.append(1)
            most.append(len(running))
            time.sleep(0.01)
            running.pop()
        throttle.well(began)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert max(most) == 3
    throttle.hold(0.2)
    with pytest.raises(TimeoutError), throttle.slot(time.monotonic() + 0.1):
        pass


def test_an_interruption_ends_at_once_and_keeps_what_was_paid(
    server: HostileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(client, "DEADLINE_SECONDS", 60.0)

    def play(number: int, body: Any, head: bytes) -> Iterable[bytes]:
        if number > 10:
            time.sleep(30)
        return [right()]

    server.play = play
    journal = tmp_path / "responses.jsonl"
    sent: list[float] = []

    def interrupt() -> None:
        while not journal.exists() or len(read_lines(journal)) < 10:
            time.sleep(0.02)
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        list(model(server, journal).generate(requests(100)))
    assert time.monotonic() - sent[0] < 3
    assert len(read_lines(journal)) == 10
    asked = len(server.asked)
    time.sleep(0.2)
    assert len(server.asked) == asked, "it goes on asking"


def test_a_full_disk_ends_the_run(
    server: HostileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from harness.errors import StorageError
    from harness.models.endpoint import journal

    def full(path: Path, lines: Any) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(journal, "append_lines", full)
    with pytest.raises(StorageError):
        list(model(server, tmp_path / "responses.jsonl").generate(requests(100)))
    assert len(server.asked) < 40, "it goes on paying for what can't be kept"


def test_an_address_that_is_none_is_told():
    for url in ("127.0.0.1:8000/v1", "ftp://host/v1", "http:///v1", "nonsense"):
        with pytest.raises(HarnessError, match="no address"):
            EndpointModel(Endpoint("m", url), None)


def test_proxies_and_passwords_in_addresses(server: HostileServer, monkeypatch: pytest.MonkeyPatch):
    heads: list[bytes] = []

    def play(number: int, body: Any, head: bytes) -> Iterable[bytes]:
        heads.append(head.lower())
        return [right()]

    server.play = play
    place = server.url.removeprefix("http://").removesuffix("/v1")
    own = f"http://user:pass%20word@{place}/v1?api-version=3"
    assert not next(iter(EndpointModel(Endpoint("m", own), None).generate(requests(1)))).error
    assert heads[0].startswith(b"post /v1/chat/completions?api-version=3 ")
    assert b"authorization: basic dxnlcjpwyxnzihdvcmq=" in heads[0]
    monkeypatch.setenv("http_proxy", f"http://p:q@{place}")
    monkeypatch.setenv("no_proxy", "")
    far = EndpointModel(Endpoint("m", "http://vendor.invalid/v1"), None)
    assert not next(iter(far.generate(requests(1)))).error
    assert heads[1].startswith(b"post http://vendor.invalid/v1/chat/completions ")
    assert b"authorization: bearer sk-invented-key" in heads[1]
