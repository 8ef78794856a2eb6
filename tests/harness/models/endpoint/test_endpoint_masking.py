"""What leaves the machine has no personal data in it, as far as its form shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hostile_server import HostileServer, http, right

from harness.analysis.summary import summary
from harness.cli.notes import footnotes
from harness.config import RunConfig, run_config
from harness.costs.book import load_book
from harness.errors import UsageError
from harness.models.endpoint import Endpoint
from harness.records.files import read_lines
from harness.records.reading import read_record
from harness.runs.estimate import estimate
from harness.runs.runner import run

SECRETS = {
    "resident number": "850631-1234568", "phone": "010-0123-4567", "card": "0412-3456-7890-1234",
    "account": "000-21-483920", "e-mail": "hana49@example.com", "policy": "GF24-0381",
}  # fmt: skip
Made = Callable[..., RunConfig]


@pytest.fixture
def config(server: HostileServer, tmp_path: Path) -> Made:
    """Twelve test rows, two for each kind; an example for few-shot has all of them."""
    rows = [
        {"question": f"{n}번: {value} 맞나요?", "answer": "예", "split": "test"}
        for n, value in enumerate([*SECRETS.values()] * 2)
    ]
    rows.append(
        {"question": f"예시 {' / '.join(SECRETS.values())}", "answer": "예", "split": "train"}
    )
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")
    task = tmp_path / "mine.yaml"
    task.write_text(
        "name: mine\nkind: qa\nlanguage: ko\nlicence: own\nsummary: invented\n"
        "source: {files: [{path: rows.jsonl}]}\ncolumns: {input: question, target: answer, split: split}\nmetrics: [exact_match]\nprimary: exact_match\n"
        "masks: {policy: '[A-Z]{2}[0-9]{2}-[0-9]{4}'}\n", "utf-8",
    )  # fmt: skip

    def made(**more: Any) -> RunConfig:
        return run_config(**{
            "strategy": "few-shot", "set": {"k": 1}, "task": str(task), "model": "endpoint:m",
            "base_url": server.url, "results": tmp_path / "results", "limit": 0, **more,
        })  # fmt: skip

    return made


def test_nothing_of_it_is_sent_and_the_record_counts_each_kind(
    server: HostileServer, config: Made
) -> None:
    sent: list[str] = []
    server.play = lambda n, body, head: [
        sent.append(json.dumps(body, ensure_ascii=False)) or right()
    ]
    folder = run(config(mask_pii=True)).folder
    assert len(sent) == 12
    for kind, value in SECRETS.items():
        assert not any(value in text for text in sent), kind
        assert any(f"[{kind}]" in text for text in sent), kind
    found = read_record(folder).server
    assert found is not None and found.masked == dict.fromkeys(SECRETS, 12 + 2)
    shown = dict(footnotes(summary(folder, load_book(None))))["the server"]
    assert "masked in what it was sent: account 14" in shown and "policy 14" in shown
    value = estimate(config(mask_pii=True, results=folder.parent / "other"), show=2)
    assert not any(secret in str(value["requests"]) for secret in SECRETS.values())


def test_counts_survive_a_resumed_run_and_a_record_without_texts(
    server: HostileServer, config: Made
) -> None:
    down = http("down", status="400 Bad Request")

    def row(body: Any) -> int:
        return int(re.match(r"\d+", body["messages"][-1]["content"])[0])

    server.play = lambda n, body, head: [down if row(body) % 2 else right()]
    with pytest.raises(Exception, match="6 of 12 rows have no answer"):
        run(config(mask_pii=True, store_text="ids"))
    server.play = lambda n, body, head: [right()]
    folder = run(config(mask_pii=True, store_text="ids")).folder
    found = read_record(folder).server
    assert found is not None and found.masked == dict.fromkeys(SECRETS, 14)
    kept = (folder / "responses.jsonl").read_text(encoding="utf-8")
    assert "text" not in {key for line in read_lines(folder / "responses.jsonl") for key in line}
    assert not any(value in kept for value in SECRETS.values())


def test_without_the_option_all_is_sent_and_it_is_another_run(
    server: HostileServer, config: Made
) -> None:
    server.play = lambda n, body, head: [right()]
    first = run(config()).folder
    assert any("010-0123-4567" in str(body) for body in server.asked)
    found = read_record(first).server
    assert found is not None and found.masked is None
    assert run(config(mask_pii=True)).folder != first
    assert Endpoint("m", "u", masks={}).digest != Endpoint("m", "u").digest
    assert Endpoint("m", "u", masks={}).digest != Endpoint("m", "u", masks={"a": "b"}).digest


def test_a_judge_is_sent_no_more_than_the_model(server: HostileServer, config: Made) -> None:
    pytest.importorskip("ragas")
    server.play = lambda n, body, head: [right("예 010-0123-4567")]
    judged = {"judge": "endpoint:j", "judge_url": server.url}
    folder = run(config(mask_pii=True, **judged)).folder
    asked = [body for body in server.asked if body["model"] == "j"]
    assert asked and not any(value in str(asked) for value in SECRETS.values())
    judge = read_record(folder).judge
    assert judge is not None and judge.masked and judge.masked["phone"] >= 12


def test_an_embedder_behind_a_server_is_refused(server: HostileServer, config: Made) -> None:
    with pytest.raises(UsageError, match="--mask-pii doesn't mask what rag sends"):
        run(config(strategy="rag", set={"embedder": "api:x"}, mask_pii=True))
    assert not server.asked
