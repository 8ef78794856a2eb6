"""A whole run that is evaluated by ragas and a judge: values, states, cost, limits, resumption."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ragas")

from invented_vendor import InventedVendor, said

from harness.analysis.summary import summary
from harness.config import run_config
from harness.costs.book import load_book
from harness.errors import BudgetExceeded, UsageError
from harness.metrics.ragas import JUDGED
from harness.models.endpoint import Endpoint, pace
from harness.records.files import read_json, read_lines
from harness.records.store import METRICS, PREDICTIONS
from harness.runs.estimate import estimate
from harness.runs.judging import judge
from harness.runs.judging.agreement import human_labels, measure_judge
from harness.runs.rescore import rescore_run
from harness.runs.runner import run
from harness.types import GenRequest


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("harness.runs.judging.evaluate._default", _hashed)
    rows = [
        {"q": f"How long is leave of kind {n}?", "a": f"{n} weeks",
         "p": [{"document": f"u{n}", "text": f"Leave of kind {n} is {n} weeks."}]}
        for n in range(60)
    ]  # fmt: skip
    units = [{"id": f"u{n}", "text": f"Leave of kind {n} is {n} weeks."} for n in range(60)]
    for name, lines in (("rows", rows), ("units", units)):
        text = "\n".join(map(json.dumps, lines))
        (tmp_path / f"{name}.jsonl").write_text(text, encoding="utf-8")
    task = {"name": "t", "kind": "qa", "columns": {"input": "q", "target": "a", "passages": "p"},
            "source": {"files": [{"path": "rows.jsonl"}]},
            "corpus": {"files": [{"path": "units.jsonl"}]},
            "metrics": ["exact_match"], "primary": "exact_match"}  # fmt: skip
    (tmp_path / "t.yaml").write_text(json.dumps(task), encoding="utf-8")

    def made(strategy: str = "bm25-answer", **more: Any):
        return run_config(strategy=strategy, task=str(tmp_path / "t.yaml"), limit=6,
                          results=tmp_path / "results", latency=False, **more)  # fmt: skip

    return made


def _hashed() -> Any:
    from harness.retrieval.embedders import EmbedderConfig, open_embedder

    return open_embedder(EmbedderConfig(model="hashed", cache=False))


def test_what_retrieves_is_evaluated_without_a_judge(config: Any):
    folder = run(config()).folder
    found = summary(folder, load_book())
    assert found["metrics"]["non_llm_context_recall"]["value"] == 1.0
    assert 0.3 < found["metrics"]["chrf"]["value"] < 1
    assert found["metrics"]["source_correctness"]["value"] == 1.0
    assert (
        found["metrics"]["grounded"]["value"] == found["metrics"]["source_grounded"]["value"] == 1
    )
    assert found["ledger"]["judge"]["quantities"]["rows"] == 6
    assert found["judge"] is None
    assert not (folder / "contexts.jsonl").exists()
    assert "chrf" in summary(run(config("majority", ragas="on")).folder, load_book())["metrics"]
    assert "chrf" not in summary(run(config("majority")).folder, load_book())["metrics"]
    assert "chrf" not in summary(run(config(ragas="off")).folder, load_book())["metrics"]


def test_a_judged_run_has_its_own_columns_of_cost(config, judging, prices, tmp_path: Path):
    asked = config(judge="endpoint:judge-1", judge_url=judging.url, prices=prices())
    folder = run(asked).folder
    book = load_book(prices())
    found = summary(folder, book)
    assert found["metrics"]["faithfulness"] | {"method": ""} == {
        "value": 1.0, "low": found["metrics"]["faithfulness"]["low"], "high": 1.0, "n": 6,
        "method": "", "higher_is_better": True,
    }  # fmt: skip
    assert set(read_json(folder / METRICS)["judged"]) == set(JUDGED)
    spent = found["ledger"]["judge"]
    assert spent["tokens"]["input_tokens"] == 10 * len(judging.asked)
    assert found["judge"]["usd"] == found["cost"]["by_phase"]["judge"]
    assert found["judge"]["usd"] == pytest.approx(len(judging.asked) * 0.02)
    assert found["cost"]["development_usd"] < 0.01, "judging is in neither cost"
    assert found["judge"]["measured"] is None
    assert judging.url not in (folder / "run.json").read_text(encoding="utf-8")
    before = read_json(folder / METRICS)
    rescore_run(folder, task=str(tmp_path / "t.yaml"))
    assert read_json(folder / METRICS) == before


def test_what_a_judge_takes_is_estimated_by_its_own_prompts(config, judging, prices):
    asked = config(judge="endpoint:judge-1", judge_url=judging.url, prices=prices())
    value = estimate(asked)
    assert not judging.asked, "a dry run asked the judge"
    assert 0 < value["low_judge_usd"] < value["expected_judge_usd"] < value["high_judge_usd"]
    assert "one statement" in value["notes"]["judge"]
    less = asked.model_copy(update={"judge_max_cost": value["low_judge_usd"]})
    assert "judge_max_cost" in estimate(less)["notes"]
    assert value["judge_requests"] == 6 * 6, "a metric each, faithfulness twice"
    assert "bm25-answer" in value["notes"]["judge_passages"]


def test_the_schema_of_a_verdict_counts_in_an_estimate(config, judging, monkeypatch):
    asked = config(judge="endpoint:judge-1", judge_url=judging.url)
    bound = estimate(asked)
    free = lambda id_, prompt, schema: GenRequest(id_, prompt, max_tokens=judge.MAX_TOKENS + 32)  # noqa: E731
    monkeypatch.setattr(judge, "_request", free)
    read = bound["high_judge_tokens"] - estimate(asked)["high_judge_tokens"]
    assert read > 50 * bound["judge_requests"], "a schema has more than a hundred characters"


def test_a_judge_is_held_to_the_limits_of_a_minute(config, judging, prices, monkeypatch, tmp_path):
    monkeypatch.setattr(pace, "WINDOW_SECONDS", 0.5)
    monkeypatch.setattr(pace, "SLACK_SECONDS", 0.0)
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    times: list[float] = []
    answer = judging.answer

    def timed(number: int, body: Any) -> Any:
        times.append(time.monotonic())
        return answer(number, body)

    judging.answer = timed
    run(config(judge="endpoint:judge-1", judge_url=judging.url, prices=prices(), rpm=25))
    assert len(times) == 90
    assert times[-1] - times[0] > 1.4, "more than 25 in what stands for a minute"


def test_the_record_says_how_the_judge_compares_with_people(config, judging, tmp_path: Path):
    from test_judging_agreement import write_data

    rows = human_labels(write_data(tmp_path), 20)
    measure_judge(Endpoint("judge-1", judging.url), rows, tmp_path / "results", load_book())
    asked = config(judge="endpoint:judge-1", judge_url=judging.url)
    found = summary(run(asked).folder, load_book())
    assert found["judge"]["measured"]["kappa"]["value"] > 0
    assert found["judge"]["usd"] is None
    from harness.cli.shown import judge_lines

    lines = judge_lines(found["judge"])
    assert any("against people: agreement" in line for line in lines)
    alone = "don't use its verdicts alone"
    assert any(alone in line for line in lines)
    found["judge"]["measured"]["right_or_not"]["kappa"]["value"] = 0.9
    assert not any(alone in line for line in judge_lines(found["judge"]))


def test_failed_verdicts_are_in_no_mean(config, judging: InventedVendor):
    by_rule = judging.answer
    judging.answer = lambda n, body: said("hm") if n % 5 == 0 else by_rule(n, body)
    asked = config(judge="endpoint:judge-1", judge_url=judging.url)
    folder = run(asked).folder
    states = read_json(folder / METRICS)["judged"]
    failed = sum(counts["failed"] for counts in states.values())
    assert failed >= len(judging.asked) // 5
    for name, counts in states.items():
        assert sum(counts.values()) == 6
        assert read_json(folder / METRICS)["metrics"][name]["n"] == counts["scored"]
    lines = read_lines(folder / PREDICTIONS)
    assert all(name not in line["values"] for line in lines for name, state in
               line["judged"].items() if state == "failed")  # fmt: skip


def test_a_limit_of_the_judge_loses_no_answer(config, judging: InventedVendor, prices: Any):
    asked = config(judge="endpoint:judge-1", judge_url=judging.url, prices=prices(),
                   judge_max_cost=0.1)  # fmt: skip
    with pytest.raises(BudgetExceeded):
        run(asked)
    (folder,) = asked.results.glob("t_*")
    assert len(read_lines(folder / PREDICTIONS)) == 6
    paid = len(judging.asked)
    assert run(asked.model_copy(update={"judge_max_cost": 10.0})).folder == folder
    assert summary(folder, load_book())["metrics"]["faithfulness"]["n"] == 6
    tokens = summary(folder, load_book())["ledger"]["judge"]["tokens"]
    assert tokens["input_tokens"] == 10 * len(judging.asked), "both attempts, each token once"
    bodies = [json.dumps(body, sort_keys=True) for body in judging.asked]
    assert len(bodies) > paid
    assert len(bodies) - len(set(bodies)) <= 8, "at most what was under way is bought again"


def test_labels_have_no_judge(judging: InventedVendor):
    asked = run_config(strategy="majority", task="insurer-claims-en", judge="endpoint:judge-1")
    from harness.runs.plan import make_plan

    with pytest.raises(UsageError, match="free text"):
        make_plan(asked)


def test_another_judge_is_another_record(config, judging: InventedVendor):
    from harness.runs.plan import make_plan

    keys = {make_plan(config(judge=judge, judge_url=judging.url)).keys.run
            for judge in (None, "endpoint:a", "endpoint:b")}  # fmt: skip
    assert len(keys) == 3


@pytest.mark.slow
def test_a_real_server_that_writes_nonsense_gives_no_verdict(config, real_server: str, monkeypatch):
    """`transformers serve` with a tiny random model: its tokens are counted, its text is no JSON."""
    monkeypatch.setattr("harness.runs.judging.judge.MAX_TOKENS", 32)
    url, _, name = real_server.partition("|")
    folder = run(config(judge=f"endpoint:{name}", judge_url=url)).folder
    found = summary(folder, load_book())
    assert found["judge"]["failed"] == found["judge"]["requests"] >= 18
    assert found["judge"]["tokens"]["input_tokens"] > 1000
    assert found["judge"]["usd"] is None
    for name_, counts in found["judge"]["states"].items():
        assert counts["failed"] == 6, name_
        assert found["metrics"][name_] | {"n": 0, "value": None} == found["metrics"][name_]
