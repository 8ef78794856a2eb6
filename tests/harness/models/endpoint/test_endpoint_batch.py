"""Requests that may wait, against a stand-in for OpenAI's batch API: no vendor is asked here."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from batch_stand_in import BatchStandIn
from invented_vendor import said
from test_endpoint import request

from harness.analysis.summary import summary
from harness.costs.book import load_book
from harness.errors import BudgetExceeded, TooManyErrors, UsageError
from harness.models.endpoint import Endpoint, EndpointModel, batch, client
from harness.records.files import read_lines
from harness.records.reading import read_record
from harness.runs.estimate import estimate
from harness.runs.runner import run
from tests.harness.server_runs import Made, priced_runs

ROWS = 20


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> BatchStandIn:
    monkeypatch.setenv("HARNESS_API_KEY", "sk-invented-key")
    monkeypatch.setattr(batch, "POLL_SECONDS", (0.01, 0.05))
    monkeypatch.setattr(client, "PAUSES", (0.01, 0.02))
    return BatchStandIn()


@pytest.fixture
def config(stand_in: BatchStandIn, tmp_path: Path) -> Made:
    return priced_runs(stand_in.url, tmp_path, ROWS, provider="openai", wait=True)


def row(body: dict[str, Any]) -> int:
    return int("".join(filter(str.isdigit, body["messages"][-1]["content"])))


def test_a_run_is_one_batch_at_half_the_price(stand_in: BatchStandIn, config: Made) -> None:
    stand_in.answer = lambda body: said(str(row(body)))
    folder = run(config()).folder
    assert len(stand_in.batches) == 1 and len(stand_in.asked) == ROWS
    found = summary(folder, load_book(config().prices))
    assert found["metrics"]["exact_match"]["value"] == 1.0
    assert found["server"]["answered"] == {"singly": 0, "in_batches": ROWS}
    full = ROWS * (10 * 1000 + 5 * 2000) / 1e6
    assert found["cost"]["by_phase"]["serve"] == pytest.approx(full / 2)
    assert found["server"]["estimate"]["actual_usd"] == pytest.approx(full / 2)
    assert "answered in batches 20" in found["notes"]["server"]
    assert found["throughput"] is None, "seconds of waiting are no speed"
    dry = estimate(config()), estimate(config(wait=False))
    assert dry[0]["expected_usd"] == pytest.approx(dry[1]["expected_usd"] / 2)
    assert run(config()).reused and len(stand_in.batches) == 1


def test_more_than_one_file_where_there_are_many(
    stand_in: BatchStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "MOST_REQUESTS", 7)
    stand_in.answer = lambda body: said(body["messages"][-1]["content"].split()[-1])
    model = EndpointModel(Endpoint("m", stand_in.url), tmp_path / "r.jsonl", wait=True)
    found = {each.id: each.text for each in model.generate(map(request, range(20)))}
    assert found == {str(n): str(n) for n in range(20)}
    assert [len(each["lines"]) for each in stand_in.batches.values()] == [7, 7, 6]


def test_what_failed_alone_is_submitted_again(stand_in: BatchStandIn, config: Made) -> None:
    odd = {3: (400, {"error": {"message": "no"}}), 5: (500, {"error": {"message": "oops"}}),
           7: (200, {"choices": []}), 9: None}  # fmt: skip
    stand_in.answer = lambda body: odd.get(row(body), said(str(row(body))))
    with pytest.raises(TooManyErrors, match="4 of 20"):
        run(config())
    folder = next(config().results.glob("*/run.json")).parent
    server = read_record(folder).server
    assert server is not None and server.failed == {"down": 1, "form": 1, "row": 1, "silent": 1}
    stand_in.answer = lambda body: said(str(row(body)))
    assert run(config()).folder == folder
    assert sorted(map(row, stand_in.asked[ROWS:])) == [3, 5, 7, 9]
    assert summary(folder, load_book(None))["metrics"]["exact_match"]["value"] == 1.0


def test_an_expired_batch_gives_what_it_has(stand_in: BatchStandIn, config: Made) -> None:
    stand_in.status = "expired"
    stand_in.answer = lambda body: said("x") if row(body) < 12 else None
    with pytest.raises(TooManyErrors, match="8 of 20"):
        run(config())
    folder = next(config().results.glob("*/run.json")).parent
    lines = read_lines(folder / "predictions.jsonl")
    assert sum("batch_expired" in (line.get("error") or "") for line in lines) == 8
    stand_in.status, stand_in.answer = "completed", lambda body: said("x")
    run(config())
    assert len(stand_in.asked) == ROWS + 8


def test_a_refused_batch_ends_the_run_with_its_reason(stand_in: BatchStandIn, config: Made) -> None:
    stand_in.status = "failed"
    with pytest.raises(UsageError, match=r"refused the batch batch_0: .*no model m"):
        run(config())
    stand_in.status = "completed"
    run(config())
    assert len(stand_in.batches) == 2


@pytest.mark.usefixtures("stand_in")
def test_a_server_without_batches_is_said(vendor: Any, tmp_path: Path) -> None:
    vendor.answer = lambda n, body: (404, {"error": {"message": "Not Found"}})
    model = EndpointModel(Endpoint("m", vendor.url), tmp_path / "r.jsonl", wait=True)
    with pytest.raises(UsageError, match=r"takes no batch|doesn't know m"):
        list(model.generate(map(request, range(3))))
    azure = Endpoint("m", "https://x.openai.azure.com/openai?api-version=1")
    with pytest.raises(UsageError, match="batches are for runs"):
        EndpointModel(azure, tmp_path / "r.jsonl", wait=True)


@pytest.mark.parametrize("lists", [True, False])
def test_a_lost_answer_submits_nothing_twice(
    stand_in: BatchStandIn, config: Made, lists: bool
) -> None:
    stand_in.lose_next, stand_in.lists = 1, lists
    run(config())
    assert len(stand_in.batches) == (1 if lists else 2), "a list shows what was submitted"


def test_a_server_that_is_down_for_a_while_is_waited_for(
    stand_in: BatchStandIn, config: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "RETRIES", 1)
    stand_in.down = 3
    run(config())
    assert len(stand_in.batches) == 1


def test_refused_parameters_are_left_out_of_the_next_batch(
    stand_in: BatchStandIn, config: Made
) -> None:
    def answer(body: dict[str, Any]) -> Any:
        if "max_tokens" in body:
            error = {"message": "Unsupported parameter: 'max_tokens' is not supported"}
            return 400, {"error": error}
        return said(str(row(body)))

    stand_in.answer = answer
    folder = run(config()).folder
    assert len(stand_in.batches) == 2 and len(stand_in.asked) == 2 * ROWS
    server = read_record(folder).server
    assert server is not None and server.refused == {"max_tokens": "max_completion_tokens"}


def test_no_more_is_submitted_than_the_money_may_pay_for(
    stand_in: BatchStandIn, config: Made
) -> None:
    with pytest.raises(BudgetExceeded, match=r"these requests may cost .*--max-cost"):
        run(config(max_cost=0.01))
    assert not stand_in.batches
    run(config(max_cost=50.0))


CODE = """if True:
    import json, sys
    from pathlib import Path
    from harness.config import run_config
    from harness.models.endpoint import batch
    from harness.runs.runner import run
    batch.POLL_SECONDS = (0.02, 0.05)
    values = json.loads(sys.argv[1])
    run(run_config(**values))
"""


@pytest.mark.slow
def test_killed_at_any_time_it_goes_on_with_what_was_submitted(
    stand_in: BatchStandIn, config: Made, tmp_path: Path
) -> None:
    stand_in.answer, stand_in.looks = lambda body: said(str(row(body))), 10**9
    values = config().model_dump(mode="json", exclude_unset=True)
    command = [sys.executable, "-c", CODE, json.dumps(values)]
    for stage in ("POST /files", "POST /batches", "GET /batches/batch_0"):
        process = subprocess.Popen(command, env=os.environ, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while stage not in stand_in.calls and time.monotonic() < until:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -9
        stand_in.calls.clear()
    assert len(stand_in.batches) == 1, "it was submitted again"
    stand_in.looks = 0
    folder = run(config()).folder
    assert len(stand_in.batches) == 1 and len(stand_in.asked) == ROWS
    lines = read_lines(folder / "predictions.jsonl")
    assert len(lines) == len({line["id"] for line in lines}) == ROWS
    found = summary(folder, load_book(config().prices))
    assert found["ledger"]["serve"]["tokens"]["input_tokens"] == 10 * ROWS
