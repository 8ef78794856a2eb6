"""So many requests and tokens a minute, over processes and kills. A minute is a second here."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from invented_vendor import InventedVendor, said
from test_endpoint import request

from harness.config import run_config
from harness.models.endpoint import Endpoint, EndpointModel, Limits, pace
from harness.models.endpoint.pace import Pace
from harness.runs.runner import run

MINUTE, SLACK = 1.0, 2.0  # of slack more than it is: a request may take that long to arrive


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pace, "WINDOW_SECONDS", MINUTE)
    monkeypatch.setattr(pace, "SLACK_SECONDS", SLACK)
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))


def model(vendor: InventedVendor, **limits: int) -> EndpointModel:
    return EndpointModel(Endpoint("m", vendor.url), None, limits=Limits(**limits))


def arrivals(vendor: InventedVendor, tokens: int = 15) -> list[float]:
    times: list[float] = []
    lock = threading.Lock()

    def answer(number: int, body: dict[str, Any]) -> Any:
        with lock:
            times.append(time.monotonic())
        status, value = said()
        value["usage"] = {"prompt_tokens": tokens - 5, "completion_tokens": 5}
        return status, value

    vendor.answer = answer
    return times


def most_in_a_minute(times: list[float]) -> int:
    return max(sum(start <= each < start + MINUTE for each in times) for start in times)


@pytest.mark.slow
def test_no_minute_has_more_requests_whoever_asks(vendor: InventedVendor) -> None:
    times = arrivals(vendor)
    two = [model(vendor, requests=12) for _ in range(2)]  # as two runs beside each other
    threads = [
        threading.Thread(target=lambda each=each: list(each.generate(map(request, range(16)))))
        for each in two
    ]
    began = time.monotonic()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(times) == 32
    assert most_in_a_minute(times) <= 12
    assert 2 * MINUTE < time.monotonic() - began < 4 * (MINUTE + SLACK), (
        "slower than the limit asks"
    )


@pytest.mark.slow
def test_no_minute_has_more_tokens_and_what_was_answered_counts_as_it_was(
    vendor: InventedVendor,
) -> None:
    times = arrivals(vendor, tokens=100)
    most = 1_000
    began = time.monotonic()
    found = list(model(vendor, tokens=most).generate(map(request, range(20))))
    assert not any(each.error for each in found)
    assert most_in_a_minute(times) * 100 <= most
    assert time.monotonic() - began < 4 * (MINUTE + SLACK), "it counts bytes where tokens are known"


@pytest.mark.slow
def test_a_run_s_options_hold(vendor: InventedVendor, tmp_path: Path) -> None:
    times = arrivals(vendor)
    run(run_config(
        strategy="zero-shot", task="insurer-ko", limit=12, model="endpoint:m", base_url=vendor.url,
        rpm=5, tpm=1_000_000, results=tmp_path / "results",
    ))  # fmt: skip
    assert len(times) == 12 and most_in_a_minute(times) <= 5


def test_what_a_killed_process_began_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "SLACK_SECONDS", 0.1)
    code = f"""if True:
        import os, signal
        from pathlib import Path
        from harness.models.endpoint.pace import Limits, Pace
        held = Pace(Limits(requests=5), ("server", "key", "m"), Path({str(tmp_path)!r}))
        for _ in range(4):
            assert held.take(10)[0]
        os.kill(os.getpid(), signal.SIGKILL)
    """
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    after = Pace(Limits(requests=5), ("server", "key", "m"), tmp_path)
    assert after.take(10)[0]
    name, seconds = after.take(10)
    assert not name and 0 < seconds <= MINUTE + 0.1
    assert Pace(Limits(requests=5), ("server", "key", "other"), tmp_path).take(10)[0]
    time.sleep(seconds)
    assert after.take(10)[0]


def test_a_request_above_the_limit_waits_for_an_empty_minute(tmp_path: Path) -> None:
    limited = Pace(Limits(tokens=100), ("s", "k", "m"), tmp_path)
    name, _ = limited.take(40)
    assert limited.take(100)[1] > 0
    limited.settle(name, 10)
    assert limited.take(90)[0]
    empty = Pace(Limits(tokens=100), ("s", "k", "n"), tmp_path)
    assert empty.take(5_000)[0] and empty.take(1)[1] > 0


def test_a_torn_or_strange_line_is_no_reason_to_stop(tmp_path: Path) -> None:
    asked = ("s", "k", "m")
    assert Pace(Limits(requests=2), asked, tmp_path).take(1)[0]
    (path,) = tmp_path.glob("*.txt")
    path.write_bytes(b"9 half\n\xff\n" + path.read_bytes() + b"12.5 to")
    limited = Pace(Limits(requests=2), asked, tmp_path)
    assert limited.take(1)[0] and limited.take(1)[1] > 0
