"""What answering is billed for: each response of a server once, whenever a run is killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from invented_vendor import InventedVendor

from harness.models.endpoint import Endpoint, EndpointModel
from harness.records.files import read_lines
from harness.records.ledger import Ledger, PhaseTotal, read_ledger, totals
from harness.runs import serving
from harness.runs.runner import CHUNK
from harness.runs.serving import Bill, serve
from harness.strategy.predictors import answered
from harness.types import GenRequest, Output, Prompt, Query, Section, Usage

ROWS = [Query(f"r{n}", f"question {n}") for n in range(12)]
EACH = Usage(10, 4, 5, 2)  # that the invented vendor says of each response


class Asking:
    """Asks a server, and keeps what it says in a journal."""

    def __init__(self, url: str, journal: Path) -> None:
        self.model = EndpointModel(Endpoint("m", url), journal)

    def predict(self, queries: Sequence[Query]) -> Iterator[Output]:
        requests = [
            GenRequest(query.id, Prompt((Section("question", query.text),)), max_tokens=5)
            for query in queries
        ]
        for result in self.model.generate(requests):
            yield answered(Output(result.id, None), result)


def answer(folder: Path, url: str, progress: Callable[[int], None] = lambda n: None) -> None:
    for half in (ROWS[:6], ROWS[6:]):
        asked(folder, url, half, progress)


def asked(
    folder: Path, url: str, queries: Sequence[Query], progress: Callable[[int], None] | None = None
) -> None:
    """Answers queries as a run does, from its journal where it can."""
    asking, ledger = Asking(url, folder / "responses.jsonl"), folder / "ledger.jsonl"
    bill = Bill(asking.model.paid, ledger, "serve")
    serve(asking, queries, Ledger(ledger), progress or (lambda n: None), bill=bill)


def total(folder: Path) -> PhaseTotal:
    return totals(read_ledger(folder / "ledger.jsonl"))["serve"]


def times(count: int) -> dict[str, int]:
    return {name: count * value for name, value in EACH.as_dict().items()}


@pytest.mark.parametrize("alive", [0.0, 3600.0], ids=["seconds kept", "seconds lost"])
@pytest.mark.parametrize("kills", [(3,), (3, 5), (1, 1, 6)])
def test_each_response_is_billed_once(
    tmp_path: Path, vendor: InventedVendor, monkeypatch: pytest.MonkeyPatch,
    kills: tuple[int, ...], alive: float,
) -> None:  # fmt: skip
    monkeypatch.setattr(serving, "ALIVE_SECONDS", alive)
    folder = tmp_path / "0"
    folder.mkdir()
    for number, kill in enumerate(kills, 1):
        left = tmp_path / f"{number}"

        def copy(done: int, kill: int = kill, left: Path = left, folder: Path = folder) -> None:
            """Leaves the folder as a kill at this moment would."""
            if done == kill and not left.exists():
                shutil.copytree(folder, left)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            asked(folder, vendor.url, ROWS[:6], copy)
        folder = left
    answer(folder, vendor.url)
    found = total(folder)
    assert len(read_lines(folder / "responses.jsonl")) == 12
    assert found.usage.as_dict() == times(12)
    assert found.quantities["requests"] == 12
    noted = [line["event"] for line in read_lines(folder / "ledger.jsonl")].count("beat")
    assert noted >= 12 if alive == 0 else noted == 0


def test_an_interrupted_phase_and_a_finished_one_are_billed_once(
    tmp_path: Path, vendor: InventedVendor
) -> None:
    for _ in range(2):  # as where a kill came between the phase's end and the predictions
        asked(tmp_path, vendor.url, ROWS)
    assert total(tmp_path).usage.as_dict() == times(12)
    assert total(tmp_path).quantities["replayed_requests"] == 12


COMMAND = [
    sys.executable,
    "-m",
    "harness",
    "run",
    "--strategy",
    "zero-shot",
    "--readout",
    "generate",
]


@pytest.mark.slow
def test_a_run_that_is_killed_while_it_answers_pays_and_bills_each_response_once(
    tmp_path: Path, vendor: InventedVendor
) -> None:
    lines = [{"text": f"profit {n}", "label": "ud"[n % 2]} for n in range(200)]
    table = tmp_path / "rows.jsonl"
    table.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    command = [
        *COMMAND, "--data", table, "--input", "text", "--target", "label", "--model", "endpoint:m",
        "--base-url", vendor.url, "--results", tmp_path / "r", "--limit", "40",
    ]  # fmt: skip
    environment = os.environ | {"HARNESS_API_KEY": "invented"}
    said = vendor.answer

    def slowly(number: int, body: dict[str, object]) -> tuple[int, object]:
        time.sleep(0.1)
        return said(number, body)

    vendor.answer = slowly
    for kill in (6, 20):
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        while len(vendor.asked) < kill and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    vendor.answer = said
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    (journal,) = (tmp_path / "r").glob("*/responses.jsonl")
    rows = len(read_lines(journal.with_name("predictions.jsonl")))
    assert rows == 40 and len(read_lines(journal)) == rows, done.stderr
    assert total(journal.parent).usage.as_dict() == times(rows)


STRATEGY = """
import os, signal
from typing import ClassVar
from harness.strategy import Strategy
from harness.types import Output, Usage

class Counting(Strategy):
    name: ClassVar[str] = "counting"
    summary: ClassVar[str] = "answers, and dies on the way where it is told to"

    def prepare(self, context):
        pass

    def predictor(self, context):
        answered = []
        class Answers:
            def predict(self, queries):
                for query in queries:
                    context.ledger.alive()
                    answered.append(query.id)
                    at = next((n for n in (150, 100) if not os.path.exists(f"died-{n}")), 0)
                    if len(answered) == at:
                        open(f"died-{at}", "w").close()
                        os.kill(os.getpid(), signal.SIGKILL)
                    yield Output(query.id, "u", usage=Usage(1))
        return Answers()
"""


@pytest.mark.slow
def test_a_kill_loses_the_chunk_that_was_under_way_and_what_is_done_again_shows(
    tmp_path: Path,
) -> None:
    (tmp_path / "counting.py").write_text(STRATEGY, encoding="utf-8")
    lines = [{"text": f"profit {n}", "label": "ud"[n % 2]} for n in range(400)]
    table = tmp_path / "rows.jsonl"
    table.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    command = [
        *COMMAND[:4], "--strategy", f"{tmp_path / 'counting.py'}:Counting", "--data", table,
        "--input", "text", "--target", "label", "--split", "20/5/75", "--results", tmp_path / "r",
    ]  # fmt: skip
    kept, codes = [], []
    for _ in range(3):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        codes.append(done.returncode)
        (folder,) = (path.parent for path in (tmp_path / "r").glob("*/run.json"))
        kept.append(len(read_lines(folder / "predictions.jsonl")))
    assert codes == [-9, -9, 0], done.stderr
    rows = kept[-1]
    assert kept == [CHUNK, CHUNK, rows] and rows > 2 * CHUNK
    useful = sum(line["usage"]["input_tokens"] for line in read_lines(folder / "predictions.jsonl"))
    spans = [span for span in read_ledger(folder / "ledger.jsonl") if span.phase == "serve"]
    again = sum(span.usage.input_tokens for span in spans if not span.finished)
    assert (useful, again) == (rows, (150 - CHUNK - 1) + (100 - 1))
    assert sum(span.usage.input_tokens for span in spans) == useful + again
    assert sum(span.quantities.get("requests", 0) for span in spans) == rows
