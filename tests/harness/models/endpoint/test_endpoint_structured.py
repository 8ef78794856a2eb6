"""Answers that a server binds to the task's labels or form: what is sent, read, refused and noted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from invented_vendor import InventedVendor, said

from harness.config import RunConfig, run_config
from harness.errors import UsageError
from harness.records.predictions import stored_predictions
from harness.records.reading import read_record
from harness.runs.estimate import estimate
from harness.runs.runner import run

LONG = "a long label, " * 8
LABELS = ("up", "down", LONG.strip())
ROWS = {
    "classification": [{"text": f"Up {n} %", "target": LABELS[n % 3]} for n in range(6)],
    "multi_label": [{"text": f"Up {n} %", "target": "up|down"} for n in range(6)],
    "spans": [{"text": f"What is {n}?", "target": f"{n} won|{n} won net"} for n in range(6)],
    "qa": [{"text": f"What is {n}?", "target": str(n)} for n in range(6)],
}
Made = Callable[..., RunConfig]


@pytest.fixture
def config(vendor: InventedVendor, tmp_path: Path) -> Made:
    def made(kind: str, split: str = "0/0/100", **more: Any) -> RunConfig:
        table = tmp_path / f"{kind}.jsonl"
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS[kind])
        table.write_text("".join(lines), encoding="utf-8")
        data = {
            "path": table,
            "input": "text",
            "target": "target",
            "kind": kind,
            "split": split,
        }
        return run_config(**{
            "strategy": "zero-shot", "data": data, "model": "endpoint:m", "base_url": vendor.url,
            "structured": True, "results": tmp_path / "results", **more,
        })  # fmt: skip

    return made


@pytest.mark.parametrize(
    ("kind", "given", "read"),
    [
        ("classification", "down", "down"),
        ("multi_label", ["down", "up"], "down; up"),
        ("multi_label", [], "none"),
        ("spans", ["1 won", "2 won"], "1 won\n2 won"),
    ],
)
def test_an_answer_is_bound_and_read(
    vendor: InventedVendor, config: Made, kind: str, given: object, read: str
) -> None:
    vendor.answer = lambda n, body: said(json.dumps({"answer": given}, indent=1))
    folder = run(config(kind)).folder
    (body, *_) = vendor.asked
    form = body["response_format"]["json_schema"]["schema"]["properties"]["answer"]
    labels = form.get("enum") or form["items"].get("enum")
    assert (labels is None) == (kind == "spans")
    assert "stop" not in body, "a stop string would cut JSON"
    if kind == "classification":
        assert set(labels) == set(LABELS) and body["max_tokens"] > len(max(LABELS, key=len))
    record = read_record(folder)
    assert {line["predicted"] for line in stored_predictions(folder, record)} == {read}
    assert record.server and (record.server.unbound, record.server.refused) == (0, {})


def test_a_server_that_refuses_it_answers_freely_and_the_record_says_so(
    vendor: InventedVendor, config: Made
) -> None:
    refused = "Invalid parameter: 'response_format' of type 'json_schema' is not supported"

    def answer(number: int, body: dict[str, Any]) -> tuple[int, Any]:
        return (400, {"error": {"message": refused}}) if "response_format" in body else said("down")

    vendor.answer = answer
    folder = run(config("classification")).folder
    record = read_record(folder)
    assert {line["predicted"] for line in stored_predictions(folder, record)} == {"down"}
    assert record.server and record.server.refused == {"response_format": ""}
    assert "response_format (left out)" in record.server.note


def test_one_that_ignores_it_is_counted_and_a_cut_answer_is_none(
    vendor: InventedVendor, config: Made
) -> None:
    texts = ["up", "up", "up", '{\n\n"answer"', "up", '{"answer": "up"}']
    vendor.answer = lambda n, body: said(texts[n - 1], finish="length" if n == 4 else "stop")
    folder = run(config("classification")).folder
    record = read_record(folder)
    outcomes = [line["outcome"] for line in stored_predictions(folder, record)]
    assert sorted(outcomes) == ["ok"] * 5 + ["truncated"]
    assert record.server and record.server.unbound == 5
    assert "5 answers" in record.server.note


def test_it_is_another_result_and_counted_beforehand(config: Made) -> None:
    bound, free = (estimate(config("classification", structured=each)) for each in (True, False))
    assert bound["high_input_tokens"] > free["high_input_tokens"]
    assert bound["output_tokens_at_most"] > free["output_tokens_at_most"]
    from harness.runs.plan import make_plan

    keys = {
        make_plan(config("classification", structured=each)).keys.result for each in (True, False)
    }
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("kind", "more", "reason"),
    [
        ("qa", {}, "no such form"),
        ("classification", {"strategy": "tfidf", "split": "50/0/50"}, "server"),
        ("classification", {"readout": "loglikelihood"}, "likelihoods"),
        ("classification", {"request": {"response_format": {}}}, "--request"),
        ("classification", {"mask_pii": True}, "--mask-pii"),
        ("classification", {"strategy": "tools", "set": {"search": False}}, "tools"),
    ],
)
def test_it_is_refused_where_it_has_no_place(
    config: Made, kind: str, more: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        estimate(config(kind, **more))
