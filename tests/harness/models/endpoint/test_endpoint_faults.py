"""Many requests through a proxy that does wrong, and through kills: none is lost, none doubled."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from faulty_proxy import FaultyProxy
from hostile_server import HostileServer, right
from test_endpoint_tricks import requests, row

from harness.models.endpoint import Endpoint, EndpointModel, client, throttle
from harness.records.files import read_lines

AT_ONCE = 16


@pytest.fixture
def behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[HostileServer]:
    """The server that answers each row with its number."""
    monkeypatch.setenv("HARNESS_API_KEY", "sk-invented-key")
    monkeypatch.setattr(client, "PAUSES", (0.05, 0.4))
    monkeypatch.setattr(throttle, "AT_ONCE", AT_ONCE)
    monkeypatch.setattr(throttle, "MOST_AT_ONCE", AT_ONCE)
    made = HostileServer(lambda n, body, head: [right(str(row(body)))])
    yield made
    made.close()


def check(behind: HostileServer, count: int, delay: float, journal: Path) -> float:
    """Asks through a faulty proxy; returns the wall time as a multiple of the injected delays."""
    proxy = FaultyProxy(behind.url, delay)
    model = EndpointModel(Endpoint("m", proxy.url), journal)
    began = time.monotonic()
    found = list(model.generate(requests(count)))
    wall = time.monotonic() - began
    assert proxy.most <= AT_ONCE
    assert sorted(int(each.id) for each in found) == list(range(count)), "lost, or doubled"
    failed = {each.id for each in found if each.error}
    for each in found:
        assert each.error or each.text == each.id, "the answer of another row"
    kinds = model.described()["failed"]
    assert sum(kinds.values()) == len(failed) and kinds.keys() <= {"form", "down"}
    cut = proxy.met["cut"] + proxy.met["html"]
    assert kinds.get("form", 0) == cut, "what may be paid was asked again"
    reached = Counter(row(body) for body in behind.asked)
    assert max(reached.values()) == 1, "a row was paid twice"
    lines = [line for line in read_lines(journal) if "text" in line]
    assert len(lines) == len({line["key"] for line in lines}) == count - len(failed)
    delayed = proxy.injected / AT_ONCE + proxy.held
    proxy.faults, proxy.delay = {}, 0.0
    again = list(EndpointModel(Endpoint("m", proxy.url), journal).generate(requests(count)))
    proxy.close()
    assert not any(each.error for each in again)
    assert {each.id for each in again if not each.replayed} == failed, "what was paid, or not all"
    return wall / delayed


def test_a_hundred_requests_through_a_faulty_proxy(behind: HostileServer, tmp_path: Path) -> None:
    check(behind, 120, 0.02, tmp_path / "responses.jsonl")


@pytest.mark.slow
def test_two_thousand_requests_at_sixteen_at_once(behind: HostileServer, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ratio = check(behind, 2_000, 0.15, tmp_path / "responses.jsonl")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before  # in KiB
    assert grown < 50 << 10, f"{grown} KiB more, with all that both servers keep"
    # 1.28 on a quiet machine, 2.87 when rare failures halved what runs at once; between them, since
    # both servers share this process' cores with other tests.
    assert ratio <= 2, f"{ratio:.2f} times the injected delays"


CODE = """if True:
    import sys
    from pathlib import Path
    sys.path[:0] = sys.argv[3].split("|")
    from test_endpoint_tricks import requests
    from harness.models.endpoint import Endpoint, EndpointModel, throttle
    throttle.AT_ONCE = throttle.MOST_AT_ONCE = 16
    list(EndpointModel(Endpoint("m", sys.argv[1]), Path(sys.argv[2])).generate(requests(400)))
"""


@pytest.mark.slow
def test_ten_kills_ask_at_most_what_was_under_way_again(
    behind: HostileServer, tmp_path: Path
) -> None:
    def play(number: int, body: Any, head: bytes) -> list[bytes]:
        time.sleep(0.05)
        return [right(str(row(body)))]

    behind.play = play
    journal, kills, count = tmp_path / "responses.jsonl", 10, 400
    folders = "|".join(path for path in sys.path if "tests" in path)
    command = [sys.executable, "-c", CODE, behind.url, str(journal), folders]
    for kill in range(kills):
        process = subprocess.Popen(command, env=os.environ)
        until, goal = time.monotonic() + 60, len(behind.asked) + 20 + kill
        while len(behind.asked) < goal and time.monotonic() < until:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -9, "it ended before it was killed"
    assert len(read_lines(journal)) < count
    model = EndpointModel(Endpoint("m", behind.url), journal)
    found = {each.id: each.text for each in model.generate(requests(count))}
    assert found == {str(n): str(n) for n in range(count)}
    lines = read_lines(journal)
    assert len(lines) == len({line["key"] for line in lines}) == count
    assert count < len(behind.asked) <= count + AT_ONCE * kills
