"""Whole runs of a model behind a server: what is asked again, billed, kept, and never written."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hostile_server import HostileServer, http, right

from harness.analysis.summary import summary
from harness.config import RunConfig
from harness.costs.book import load_book
from harness.errors import BudgetExceeded, TooManyErrors, UsageError
from harness.models.endpoint import client
from harness.records.files import read_lines
from harness.runs.runner import run
from harness.strategy.context import Monitor
from tests.harness.server_runs import Made, priced_runs

KEY = "sk-very/secret+key"
ROWS = 104
DOWN = http("down", status="500 Down")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HostileServer]:
    monkeypatch.setenv("HARNESS_API_KEY", KEY)
    monkeypatch.setattr(client, "RETRIES", 0)
    monkeypatch.setattr(client, "PAUSES", (0.01, 0.02))
    made = HostileServer()
    yield made
    made.close()


@pytest.fixture
def config(server: HostileServer, tmp_path: Path) -> Made:
    return priced_runs(server.url, tmp_path, ROWS)


def row(body: dict[str, Any]) -> int:
    return int("".join(filter(str.isdigit, body["messages"][-1]["content"])))


def folder_of(config: RunConfig) -> Path:
    return next(config.results.glob("*/run.json")).parent


def served(folder: Path, config: RunConfig) -> dict[str, Any]:
    return summary(folder, load_book(config.prices))["ledger"]["serve"]


def counted(rows: int) -> dict[str, int]:
    return {"input_tokens": 10 * rows, "cached_tokens": 4 * rows, "output_tokens": 5 * rows,
            "reasoning_tokens": 2 * rows}  # fmt: skip


@pytest.mark.parametrize("force", [False, True])
def test_the_next_call_asks_only_what_failed(server: HostileServer, config: Made, force: bool):
    server.play = lambda n, body, head: [DOWN] if row(body) % 26 == 0 else [right("2\u2028x")]
    with pytest.raises(TooManyErrors, match="4 of 104"):
        run(config())
    server.play = lambda n, body, head: [right("3")]
    told: list[str] = []
    monitor = Monitor()
    monitor.message = told.append  # type: ignore[method-assign]
    folder = run(config(force=force), monitor).folder
    assert len(server.asked) == ROWS + 4
    assert folder == folder_of(config()), "what was paid was left behind"
    lines = read_lines(folder / "predictions.jsonl")
    assert len({line["id"] for line in lines}) == len(lines) == ROWS
    assert sum(line["text"] == "3" for line in lines) == 4
    assert any("4 of 104 rows have no answer" in text for text in told)
    spent = served(folder, config())
    assert spent["tokens"] == counted(ROWS)
    assert run(config()).reused
    assert len(server.asked) == ROWS + 4


def test_force_beside_a_whole_record_asks_anew_and_leaves_it_as_it_is(
    server: HostileServer, config: Made
):
    first = run(config(limit=6)).folder
    before = {path.name: path.read_bytes() for path in first.iterdir() if path.is_file()}
    second = run(config(limit=6, force=True)).folder
    assert second != first and len(server.asked) == 12
    assert before == {path.name: path.read_bytes() for path in first.iterdir() if path.is_file()}
    assert served(second, config())["tokens"] == counted(6)


DAMAGE: list[bytes] = [
    b'{"key": "torn', b"[]\n", b"null\n", b"\xff\xfe\n", b'{"other": 1}\n', b'{"key": 3}\n',
    b'{"key": "a", "text": 5, "finish": null, "usage": {}, "refusal": false}\n',
    b'{"key": "a", "text": "x", "usage": {"input_tokens": -3}}\n',
    b'{"key": "a", "text": "x", "usage": {"input_tokens": null}}\n',
    b'{"key": "a", "text": "x", "usage": {"dollars": 1}}\n', b'{"key": "a", "text": "x"}\n',
    b'{"key": "a", "text": "x", "usage": {}, "calls": [[null, "x"]]}\n', b"[" * 100_000 + b"\n",
]  # fmt: skip


def test_a_damaged_journal_is_named_and_its_rows_are_asked_again(
    server: HostileServer, config: Made
):
    server.play = lambda n, body, head: [right("2\u2028\u0085x") if n <= 60 else QUOTA]
    with pytest.raises(BudgetExceeded):
        run(config())
    journal = folder_of(config()) / "responses.jsonl"
    lines = journal.read_bytes().split(b"\n")[:-1]
    assert len(lines) == 60
    (folder_of(config()) / "predictions.jsonl").unlink(missing_ok=True)
    damaged = [*lines[:30], *(each.rstrip(b"\n") for each in DAMAGE[1:]), *lines[31:], DAMAGE[0]]
    journal.write_bytes(b"\n".join(damaged))
    asked = len(server.asked)
    server.play = lambda n, body, head: [right("2")]
    told: list[str] = []
    monitor = Monitor()
    monitor.message = told.append  # type: ignore[method-assign]
    folder = run(config(), monitor).folder
    assert len(server.asked) - asked == ROWS - 59
    assert any("responses.jsonl, line 31, 32" in text for text in told), told
    assert len(read_lines(folder / "predictions.jsonl")) == ROWS


QUOTA = http('{"error": {"code": "insufficient_quota"}}', status="429 No")


@pytest.mark.slow
def test_what_was_killed_is_billed_once(server: HostileServer, config: Made, tmp_path: Path):
    asked = config()

    def play(number: int, body: Any, head: bytes) -> Iterable[bytes]:
        if 40 < number <= 60:
            time.sleep(30)
        return [right("2")]

    server.play = play
    command = [
        sys.executable, "-m", "harness", "run", "-s", "zero-shot", "--data", str(asked.data.path),
        "--input", "question", "--target", "answer", "--kind", "qa", "--split", "0/0/100",
        "-m", "endpoint:m", "--base-url", server.url, "--limit", "0",
        "--results", str(asked.results), "--prices", str(asked.prices),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        paths = list(asked.results.glob("*/responses.jsonl"))
        if paths and len(read_lines(paths[0])) == 40:
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = len(server.asked)
    server.play = lambda n, body, head: [right("2")]
    folder = run(asked).folder
    assert len(server.asked) - before == ROWS - 40
    spent = served(folder, asked)
    assert spent["tokens"] == counted(ROWS)
    assert spent["quantities"]["requests"] == ROWS
    assert summary(folder, load_book(asked.prices))["cost"]["usd_per_1k_requests"] == pytest.approx(
        20.0
    )


@pytest.mark.parametrize("usage", [None, {"prompt_tokens": -30_000_000, "completion_tokens": 1}])
def test_tokens_that_nobody_counted_have_no_price(
    server: HostileServer, config: Made, usage: Any, monkeypatch: pytest.MonkeyPatch
):
    server.play = lambda n, body, head: [right("2", usage=usage)]
    folder = run(config(limit=6)).folder
    found = summary(folder, load_book(config().prices))
    assert found["ledger"]["serve"]["quantities"]["unmetered_requests"] == 6
    assert found["cost"]["usd_per_1k_requests"] is None
    assert found["cost"]["by_phase"]["serve"] is None
    assert "don't say how many tokens" in found["cost"]["notes"]["usd_per_1k_requests"]
    with pytest.raises(UsageError, match="--max-cost can't be kept"):
        run(config(max_cost=1.0))
    assert len(server.asked) < 6 + 20


@pytest.mark.parametrize("store", ["full", "masked", "ids"])
def test_no_key_is_kept_whatever_a_server_sends_back(
    server: HostileServer, config: Made, store: str, tmp_path: Path
):
    forms = [KEY, base64.b64encode(KEY.encode()).decode(), "sk-very%2Fsecret%2Bkey"]

    def play(number: int, body: Any, head: bytes) -> Iterable[bytes]:
        text = f"{head.decode()} {' '.join(forms)}"
        if row(body) < 1:
            return [http(json.dumps({"error": {"message": text}}), status="400 Bad")]
        return [right(text) if row(body) % 2 else right(choices=text)]

    server.play = play
    own = server.url.replace("http://", "http://me:pass-word@") + "?key=another-key"
    with pytest.raises(TooManyErrors):
        run(config(store_text=store, base_url=own, limit=30))
    secrets = [*forms, "pass-word", "another-key", base64.b64encode(b"me:pass-word").decode()]
    for path in config().results.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        for secret in secrets:
            assert secret.encode() not in content, (path.name, secret)


@pytest.mark.parametrize("store", ["masked", "ids"])
def test_no_answer_stays_where_texts_are_not_kept(server: HostileServer, config: Made, store: str):
    mail = "kim.minji@insurer.example"

    def play(number: int, body: Any, head: bytes) -> Iterable[bytes]:
        return [DOWN if row(body) < 2 else right(f"Ask {mail} for it")]

    server.play = play
    with pytest.raises(TooManyErrors):
        run(config(store_text=store))
    folder = folder_of(config())
    count = len(server.asked)
    for path in folder.rglob("*"):
        assert path.is_dir() or mail.encode() not in path.read_bytes(), path.name
    assert {frozenset(line) for line in read_lines(folder / "responses.jsonl")} == {
        frozenset({"key", "usage"})
    }
    server.play = lambda n, body, head: [right(f"Ask {mail} for it")]
    run(config(store_text=store))
    assert len(server.asked) == count + 2, "what was paid is asked again"
    assert served(folder, config())["tokens"] == counted(ROWS)


@pytest.mark.slow
def test_the_screen_shows_no_key(server: HostileServer, config: Made):
    def play(number: int, body: Any, head: bytes) -> Iterable[bytes]:
        return [http(json.dumps({"error": {"message": head.decode()}}), status="401 No")]

    server.play = play
    own = server.url.replace("http://", "http://me:pass-word@")
    command = [sys.executable, "-m", "harness", "run", "-s", "zero-shot", "--data",
               str(config().data.path), "--input", "question", "--target", "answer", "--kind", "qa",
               "--split", "0/0/100", "-m", "endpoint:m", "--base-url", own, "--json",
               "--results", str(config().results)]  # fmt: skip
    told = subprocess.run(command, capture_output=True, text=True, env={**os.environ})
    assert told.returncode == 2, told.stderr
    assert "the server refuses the key: 401 POST /v1/chat/completions" in told.stderr
    for secret in (KEY, "pass-word", base64.b64encode(b"me:pass-word").decode()):
        assert secret not in told.stdout + told.stderr


@pytest.mark.slow
def test_a_row_that_a_server_fails_ends_no_chain(
    server: HostileServer, config: Made, tmp_path: Path
):
    pytest.importorskip("langchain_core")
    chain = tmp_path / "chain.py"
    chain.write_text(
        "from langchain_core.runnables import RunnableLambda\n"
        "from harness.models.langchain import chat_model\n"
        f"model = chat_model('endpoint:m', base_url={server.url!r})\n"
        "chain = RunnableLambda(lambda question: question) | model\n", encoding="utf-8",
    )  # fmt: skip
    server.play = lambda n, body, head: [DOWN if n == 3 else right("2")]
    asked = config(strategy=f"langchain:{chain}:chain", model=None, base_url=None, limit=6)
    with pytest.raises(TooManyErrors, match="1 of 6"):
        run(asked)
    lines = read_lines(folder_of(asked) / "predictions.jsonl")
    assert [line["error"] for line in lines if "error" in line] == [
        "NoAnswer: m gave no answer: 500 down"
    ]
    assert not any(
        line.get("error") for line in read_lines(run(asked).folder / "predictions.jsonl")
    )


def test_a_run_has_a_deadline_too_and_the_same_command_goes_on(server: HostileServer, config: Made):
    def slowly(number: int, body: Any, head: bytes) -> Iterable[bytes]:
        time.sleep(0.2)
        return [right("2")]

    server.play = slowly
    asked = config(run_deadline=0.5)
    with pytest.raises(BudgetExceeded, match="0.5 s of --run-deadline are over"):
        run(asked)
    first = len(server.asked)
    assert 0 < first < ROWS
    lines = read_lines(folder_of(asked) / "predictions.jsonl")
    assert first == len(read_lines(folder_of(asked) / "responses.jsonl")) >= len(lines)
    server.play = lambda n, body, head: [right("2")]
    assert len(read_lines(run(config()).folder / "predictions.jsonl")) == ROWS
    assert len(server.asked) == ROWS, "what was answered was asked again"
