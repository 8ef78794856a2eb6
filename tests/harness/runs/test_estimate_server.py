"""What a run of a model behind a server will take, said before it, and compared with what it took."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hostile_server import HostileServer, right
from typer.testing import CliRunner

from harness.analysis.summary import summary
from harness.cli import app
from harness.config import RunConfig, run_config
from harness.costs.book import load_book
from harness.errors import UsageError
from harness.records.reading import read_record
from harness.runs.estimate import estimate
from harness.runs.runner import run

Made = Callable[..., RunConfig]
ROWS = 30
PRICES = (
    "tokens:\n- {model: m, provider: p, input_usd_per_1m: 1000, output_usd_per_1m: 2000,"
    " date: 2026-11-01, source: invented}\n"
)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HostileServer]:
    monkeypatch.setenv("HARNESS_API_KEY", "sk-invented-key")
    made = HostileServer()
    yield made
    made.close()


@pytest.fixture
def config(server: HostileServer, tmp_path: Path) -> Made:
    rows = [
        {"question": f"보험 {n}의 대기 기간은?", "answer": f"{n}일", "split": split}
        for split, count in (("test", ROWS), ("train", 20))
        for n in range(count)
    ]
    table = tmp_path / "rows.jsonl"
    table.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (tmp_path / "prices.yaml").write_text(PRICES, encoding="utf-8")

    def made(**more: Any) -> RunConfig:
        data = {"path": table, "input": "question", "target": "answer", "kind": "qa"}
        return run_config(**{
            "strategy": "few-shot", "set": {"k": 3}, "data": data, "model": "endpoint:m", "limit": 0,
            "base_url": server.url, "results": tmp_path / "results",
            "prices": tmp_path / "prices.yaml", **more,
        })  # fmt: skip

    return made


def test_the_first_requests_are_shown_as_they_are_sent(server: HostileServer, config: Made) -> None:
    server.play = lambda n, body, head: [right()]
    value = estimate(config(), show=3)
    assert not server.asked, "a dry run asked the server"
    run(config())
    sent = [json.dumps(body, ensure_ascii=False) for body in server.asked]
    assert len(value["requests"]) == 3
    for each in value["requests"]:
        assert each["url"] == f"{server.url}/chat/completions"
        assert each["body"] in sent and "대기 기간은" in each["body"]


def test_tokens_and_dollars_are_given_for_the_whole_run(config: Made) -> None:
    value = estimate(config())
    rows, most = ROWS, json.loads(estimate(config(), show=1)["requests"][0]["body"])["max_tokens"]
    for kind in ("input_tokens", "output_tokens", "usd"):
        low, middle, high = (value[f"{end}_{kind}"] for end in ("low", "expected", "high"))
        assert 0 < low <= middle <= high, kind
    assert value["high_output_tokens"] == value["output_tokens_at_most"] == rows * most
    assert value["expected_usd"] == pytest.approx(
        value["expected_input_tokens"] / 1e3 + value["expected_output_tokens"] / 500
    )
    half = estimate(config(limit=ROWS // 2))
    assert half["expected_input_tokens"] == pytest.approx(
        value["expected_input_tokens"] / 2, rel=0.1
    )
    assert "max_cost" in estimate(config(max_cost=value["low_usd"]))["notes"]


def test_turns_of_tools_are_counted(config: Made) -> None:
    value = estimate(config(strategy="tools", set={"search": False, "steps": 3}))
    assert value["low_output_tokens"] == ROWS, "an answer without a call"
    assert value["high_output_tokens"] == ROWS * (3 * 64 + 32), "three calls, then the answer"
    assert value["low_input_tokens"] < value["expected_input_tokens"] < value["high_input_tokens"]
    assert "turn" not in value["notes"]["turns"] and "call" in value["notes"]["turns"]


@pytest.mark.slow
def test_the_bounds_hold_what_real_tokenizers_make_of_the_text() -> None:
    """By the tokenizers of the models that are cached, where they are."""
    from transformers import AutoTokenizer

    from harness.models.endpoint.guess import tokens_of
    from harness.models.sources.cache import cache_folder

    texts = ["육아휴직 급여는 월 150만 원이고, 최대 1년 동안 지급합니다. 신청은 30일 전에 합니다.",
             "The insurer pays 80 % of the bill after a waiting period of 90 days."]  # fmt: skip
    found = [path for name in ("gemma-3-270m", "qwen2.5-coder-1.5b-instruct")
             if (path := cache_folder() / "models" / name).is_dir()]  # fmt: skip
    if not found:
        pytest.skip("no such model is cached: harness models fetch gemma-3-270m")
    for path in found:
        tokenizer = AutoTokenizer.from_pretrained(str(path))
        for text in texts:
            counted = len(tokenizer(text, add_special_tokens=False).input_ids)
            assert tokens_of(text, 0) <= counted <= tokens_of(text, 2), (path.name, text)


def test_the_record_and_the_screen_hold_it_beside_what_was_paid(
    server: HostileServer, config: Made
) -> None:
    from harness.cli.shown import _estimated

    server.play = lambda n, body, head: [right()]
    folder = run(config()).folder
    estimated = read_record(folder).server
    assert estimated and estimated.estimate and estimated.estimate.input[1] > 0
    found = summary(folder, load_book(config().prices))
    assert found["server"]["estimate"]["actual_usd"] == pytest.approx(
        found["cost"]["by_phase"]["serve"]
    )
    ((title, text),) = _estimated(found)
    assert title == "estimated" and "expected $" in text and "; took $" in text
    unpriced = dict(_estimated(summary(folder, load_book(None))))
    assert "; took 300" in unpriced["estimated tokens, read"]
    kept = json.loads((folder / "run.json").read_text(encoding="utf-8"))["server"]["estimate"]
    assert kept.keys() == {"input", "output"}, "a record holds quantities, no money"


def test_an_unknown_price_is_refused_unless_allowed_or_here(server: HostileServer, config: Made):
    far = {"base_url": "https://vendor.invalid/v1", "model": "endpoint:nobody-sells-this"}
    with pytest.raises(
        UsageError, match=r"nobody knows what the tokens .* at vendor\.invalid cost"
    ):
        run(config(**far))
    assert not config().results.exists()
    judged = {"judge": "endpoint:nobody-sells-this", "judge_url": "https://vendor.invalid/v1"}
    with pytest.raises(UsageError, match="nobody knows"):
        run(config(**judged))
    value = estimate(config(**far))
    assert value["expected_usd"] is None and "--allow-unpriced" in value["notes"]["usd"]
    assert value["expected_input_tokens"] > 0
    server.play = lambda n, body, head: [right()]
    run(config(model="endpoint:nobody-sells-this"))  # a server on this machine
    assert len(server.asked) == ROWS


def test_what_is_allowed_is_asked(
    config: Made, monkeypatch: pytest.MonkeyPatch, server: HostileServer
):
    place = server.url.removeprefix("http://").removesuffix("/v1")
    monkeypatch.setenv("http_proxy", f"http://{place}")  # leads to the server, whatever is asked
    monkeypatch.setenv("no_proxy", "")
    far = {"base_url": "http://vendor.invalid/v1", "model": "endpoint:nobody-sells-this"}
    assert run(config(**far, limit=2, allow_unpriced=True)).folder.is_dir()
    assert len(server.asked) == 2


def test_the_command_prints_it(server: HostileServer, config: Made, tmp_path: Path) -> None:
    table = tmp_path / "rows.jsonl"
    command = [
        "run", "--dry-run", "--show", "1", "--strategy", "zero-shot", "--data", str(table), "--input",
        "question", "--target", "answer", "--kind", "qa", "--model", "endpoint:m", "--base-url",
        server.url, "--results", str(tmp_path / "results"), "--prices", str(tmp_path / "prices.yaml"),
    ]  # fmt: skip
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.exception
    for name in ("low usd", "expected usd", "high usd", "expected input tokens"):
        assert name in done.stdout
    shown = done.stdout.partition("POST ")[2].splitlines()
    assert shown[0] == f"{server.url}/chat/completions" and json.loads(shown[1])["model"] == "m"
    refused = CliRunner().invoke(app, ["run", "--show", "1"])
    assert isinstance(refused.exception, UsageError)
