"""A finished run is judged: compared with the right answer, by a rubric, against another run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from invented_vendor import InventedVendor, said

from harness.analysis.compare import compare_runs
from harness.analysis.summary import summary
from harness.cli.shown import judge_lines
from harness.config import run_config
from harness.costs.book import load_book
from harness.errors import BudgetExceeded, HarnessError, UsageError
from harness.metrics.ragas import Case
from harness.records.files import read_json, read_lines
from harness.records.reading import read_record
from harness.records.store import METRICS, PREDICTIONS
from harness.runs.judged import judge_run
from harness.runs.judging.questions import read_rubric
from harness.runs.rescore import rescore_run
from harness.runs.runner import run

N = 12


@pytest.fixture
def task(tmp_path: Path) -> Path:
    """Half of the answers are the most frequent one."""
    rows = [
        {"q": f"How long is leave of kind {n}?", "a": "2 weeks" if n % 2 else f"{n} days", "s": s}
        for n in range(2 * N)
        for s in (["train", "test"][n >= N],)
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    declared = {"name": "t", "kind": "qa", "metrics": ["exact_match"], "primary": "exact_match",
                "columns": {"input": "q", "target": "a", "split": "s"},
                "source": {"files": [{"path": "rows.jsonl"}]}}  # fmt: skip
    (tmp_path / "t.yaml").write_text(json.dumps(declared), encoding="utf-8")
    return tmp_path / "t.yaml"


@pytest.fixture
def config(task: Path, tmp_path: Path):
    def made(strategy: str = "majority", **more: Any):
        return run_config(strategy=strategy, task=str(task), results=tmp_path / "results",
                          latency=False, **more)  # fmt: skip

    return made


@pytest.fixture
def asked(judging: InventedVendor, tmp_path: Path):
    def made(judge: str = "endpoint:judge-1", **more: Any):
        return run_config(judge=judge, judge_url=judging.url, allow_unpriced=True,
                          results=tmp_path / "results", **more)  # fmt: skip

    return made


def test_a_finished_run_is_judged_and_stays_so(config, asked, task: Path, judging):
    folder = run(config()).folder
    judge_run(folder, asked(), task=str(task))
    found = summary(folder, load_book())
    assert found["metrics"]["judged_correctness"]["value"] == 0.5
    assert found["metrics"]["judged_correctness"]["n"] == N
    assert found["judge"]["states"]["judged_correctness"]["scored"] == N
    assert found["judge"]["requests"] == len(judging.asked) == N
    lines = read_lines(folder / "judgements.jsonl")
    assert {line["values"]["judged_correctness"] for line in lines} == {0.0, 1.0}
    before = read_json(folder / METRICS)
    rescore_run(folder, task=str(task))
    assert read_json(folder / METRICS) == before
    judge_run(folder, asked(), task=str(task))
    assert len(judging.asked) == N, "what was said once is kept"
    assert summary(folder, load_book())["judge"]["requests"] == N
    assert read_json(folder / METRICS) == before
    same = compare_runs(folder, folder, metric="judged_correctness")
    assert (same["difference"], same["n"]) == (0, N)


def test_the_record_says_how_a_server_was_asked(config, asked, task: Path, judging):
    folder, by_rule = run(config()).folder, judging.answer
    judge_run(folder, asked(), task=str(task))
    told = read_record(folder).judge
    assert told and (told.structured, told.refused, told.version) == (True, {}, 3)
    error = (400, {"error": {"message": "response_format is not supported"}})
    judging.answer = lambda n, body: error if "response_format" in body else by_rule(n, body)
    judge_run(folder, asked("endpoint:judge-2"), task=str(task))
    told = read_record(folder).judge
    assert told and (told.structured, told.refused) == (False, {"response_format": ""})
    found = summary(folder, load_book())
    assert found["metrics"]["judged_correctness"]["n"] == N, "its verdicts are read all the same"
    assert "  its server refuses response_format (left out)" in judge_lines(found["judge"])


def test_a_limit_of_dollars_loses_nothing(config, asked, task: Path, judging, prices: Any):
    folder = run(config()).folder
    with pytest.raises(BudgetExceeded):
        judge_run(folder, asked(prices=prices(), judge_max_cost=0.05), task=str(task))
    assert "judged_correctness" not in summary(folder, load_book())["metrics"]
    judge_run(folder, asked(prices=prices(), judge_max_cost=9.0), task=str(task))
    found = summary(folder, load_book())
    assert found["metrics"]["judged_correctness"]["n"] == N
    assert len(judging.asked) == N
    assert found["ledger"]["judge"]["tokens"]["input_tokens"] == 10 * N


def test_failed_verdicts_and_a_limit_of_rows_are_states(config, asked, task: Path, judging):
    by_rule = judging.answer
    judging.answer = lambda n, body: said("hm") if n == 1 else by_rule(n, body)
    folder = run(config()).folder
    judge_run(folder, asked(limit=4), task=str(task))
    counts = {"scored": 3, "failed": 1, "not_applicable": 0}
    assert read_json(folder / METRICS)["judged"]["judged_correctness"] == counts
    assert summary(folder, load_book())["metrics"]["judged_correctness"]["n"] == 3


def test_a_rubric_gives_points(config, asked, task: Path, tmp_path: Path):
    criteria = [{"name": "unit", "asks": "weeks", "points": 3}, {"name": "days", "asks": "days"}]
    (tmp_path / "r.yaml").write_text(json.dumps({"criteria": criteria}), encoding="utf-8")
    folder = run(config()).folder
    judge_run(folder, asked(), task=str(task), rubric=tmp_path / "r.yaml")
    metrics = summary(folder, load_book())["metrics"]
    assert metrics["judged_rubric"]["value"] == 0.75, "the answer is always 2 weeks"
    assert (metrics["rubric.unit"]["value"], metrics["rubric.days"]["value"]) == (1, 0)
    before = read_json(folder / METRICS)
    rescore_run(folder, task=str(task))
    assert read_json(folder / METRICS) == before
    one = {"criteria": [{"name": "short", "asks": "2"}]}
    (tmp_path / "r.yaml").write_text(json.dumps(one), encoding="utf-8")
    judge_run(folder, asked(), task=str(task), rubric=tmp_path / "r.yaml")
    metrics = summary(folder, load_book())["metrics"]
    assert metrics["judged_rubric"]["value"] == metrics["rubric.short"]["value"] == 1
    assert "rubric.unit" not in metrics, "the criteria are those of the rubric"
    assert "rubric.unit" not in read_lines(folder / PREDICTIONS)[0]["values"]
    silent = Case("1", "?", "", "2 weeks")
    values = read_rubric(tmp_path / "r.yaml").known(silent)
    assert values == {"judged_rubric": 0, "rubric.short": 0}, "no answer meets no criterion"


def test_a_rubric_with_a_mistake_is_refused(config, asked, task: Path, tmp_path: Path):
    (tmp_path / "r.yaml").write_text("criteria:\n- {name: a, asks: b, point: 2}\n", "utf-8")
    folder = run(config()).folder
    with pytest.raises(HarnessError, match=r"r\.yaml.*point"):
        judge_run(folder, asked(), task=str(task), rubric=tmp_path / "r.yaml")


@pytest.fixture
def pair(config, task: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Two runs: one always says 2 weeks; the other is right on half of the rows, else silent."""
    one = run(config()).folder
    other = run(config(seed=1)).folder
    lines = read_lines(other / PREDICTIONS)
    for line in lines:
        line["predicted"] = line["target"]
    lines[0] |= {"outcome": "unparsed", "predicted": None}
    from harness.records.files import write_lines

    write_lines(other / PREDICTIONS, lines)
    return one, other


def test_pairs_are_asked_in_both_orders(pair, asked, task: Path, judging: InventedVendor):
    one, other = pair
    judge_run(one, asked(), task=str(task), against=other)
    silent = read_lines(other / PREDICTIONS)[0]
    values = {line["id"]: line["values"]["judged_preference"]
              for line in read_lines(one / "judgements.jsonl")}  # fmt: skip
    for line in read_lines(one / PREDICTIONS):
        wanted = 0.5 if line["target"] == "2 weeks" else 0.0
        assert values[line["id"]] == (1.0 if line["id"] == silent["id"] else wanted)
    pairs = summary(one, load_book())["judge"]["against"]
    assert pairs["asked"] * 2 == len(judging.asked)
    assert (pairs["flipped_to_first"], pairs["flipped_to_second"]) == (0, 0)


def test_a_judge_that_looks_at_the_position_ties_and_is_counted(pair, asked, task, judging):
    judging.answer = lambda n, body: said('{"verdict": "A"}')
    one, other = pair
    judge_run(one, asked(), task=str(task), against=other)
    found = summary(one, load_book())
    pairs = found["judge"]["against"]
    assert pairs["flipped_to_first"] == pairs["asked"] > 0 == pairs["flipped_to_second"]
    values = [line["values"]["judged_preference"] for line in read_lines(one / PREDICTIONS)]
    assert set(values) == {0.5, 1.0}, "only where the other said nothing one wins"
    assert any("flipped with the position" in line for line in judge_lines(found["judge"]))


def test_another_judge_takes_the_place_of_all_verdicts(config, asked, task: Path, judging):
    folder, said_ = run(config()).folder, []
    judge_run(folder, asked(), task=str(task))

    from harness.strategy.context import Monitor

    class Heard(Monitor):
        def message(self, text: str) -> None:
            said_.append(text)

    judge_run(folder, asked("endpoint:judge-2"), task=str(task), monitor=Heard())
    assert "verdicts of judge-1, prompt 3 are replaced by those of judge-2" in said_
    assert summary(folder, load_book())["judge"]["name"] == "judge-2"


def test_a_model_of_this_machine_judges_a_run(config, asked, task: Path, tmp_path: Path):
    from harness.models.local.tiny import tiny_llama

    place = tiny_llama(tmp_path / "judge", context=1024)
    folder = run(config(judge=str(place))).folder
    found = summary(folder, load_book())
    assert set(found["judge"]["states"]) == {"judged_correctness"}
    assert found["judge"]["local"] and found["judge"]["usd"] > 0, "its seconds are priced"
    assert str(tmp_path) not in (folder / "run.json").read_text("utf-8")
    later = run(config(seed=1)).folder
    judge_run(later, asked(str(place)), task=str(task))
    assert (
        summary(later, load_book())["metrics"]["judged_correctness"]
        == found["metrics"]["judged_correctness"]
    )


def test_labels_and_other_tasks_are_refused(config, asked, task: Path, tmp_path: Path):
    folder = run(config()).folder
    labels = run(run_config(strategy="majority", task="insurer-claims-en", limit=5, train_limit=20,
                            results=tmp_path / "results", latency=False)).folder  # fmt: skip
    with pytest.raises(UsageError, match="free text"):
        judge_run(labels, asked())
    with pytest.raises(UsageError, match="no finished run of t"):
        judge_run(folder, asked(), task=str(task), against=labels)
