"""A strategy that abstains below a threshold of confidence, given or chosen on dev."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from harness.analysis.summary import summary
from harness.config import RunConfig, run_config
from harness.costs.book import load_book
from harness.errors import DataError, UsageError
from harness.metrics.selective import Chosen, choose
from harness.records.predictions import stored_predictions
from harness.records.reading import read_record
from harness.runs import abstaining
from harness.runs.contract import check_strategy
from harness.runs.estimate import estimate
from harness.runs.plan import make_plan
from harness.runs.rescore import rescore_run
from harness.runs.runner import run
from harness.strategy.context import Monitor
from harness.strategy.registry import create_strategy


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Rows of which a third can't be told from their text."""
    random.seed(0)
    lines = []
    for number in range(240):
        label = random.choice(("up", "down"))
        word = {"up": "profit rose", "down": "sales fell"}[label]
        text = f"{word} again {number}" if number % 3 else f"nothing is said of it {number}"
        lines.append({"text": text, "label": label})
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    return path


def config(table: Path, strategy: str = "tfidf", **more: Any) -> RunConfig:
    data = {"path": table, "input": "text", "target": "label", "split": "50/20/30"}
    return run_config(
        strategy=strategy, data=data, results=table.parent / "results", latency=False, **more
    )


def report(folder: Path) -> dict[str, Any]:
    return summary(folder, load_book())


def test_a_threshold_is_chosen_on_dev_and_what_isnt_sure_is_held_back(table: Path):
    plain = report(run(config(table)).folder)
    folder = run(config(table, set={"abstain": "tune"})).folder
    found = report(folder)
    held = found["artifact"]["details"]["abstaining"]
    assert held["objective"] == "error" and held["rows"] == found["rows"]["dev"]
    assert 0.5 < held["threshold"] < 1 and held["wrong"] <= 0.05 * held["answered"]
    figures = found["metrics"]
    assert figures["coverage"]["value"] == pytest.approx(2 / 3, abs=0.15)
    assert figures["selective_accuracy"]["value"] > plain["metrics"]["accuracy"]["value"] + 0.05
    assert figures["unheld_accuracy"]["value"] == plain["metrics"]["accuracy"]["value"]
    assert found["outcomes"]["unparsed"] == 0 and found["outcomes"]["abstained"] > 10
    spent = found["ledger"]
    assert spent["tune"]["seconds"] > 0 and spent["tune"]["quantities"]["requests"] == held["rows"]
    assert spent["label"]["quantities"]["dev_rows"] == held["rows"]
    assert plain["ledger"]["label"]["quantities"]["dev_rows"] == 0
    lines = list(stored_predictions(folder, read_record(folder)))
    withheld = [line for line in lines if "withheld" in line]
    assert withheld and all(line["values"]["confidence"] < held["threshold"] for line in withheld)
    assert all(line["text"] == "I don't know" and line["abstained"] for line in withheld)
    assert rescore_run(folder, data=table) == 0
    assert report(folder)["metrics"] == figures


def test_another_error_or_number_uses_the_same_artifact(table: Path):
    first = report(run(config(table, set={"abstain": "tune"})).folder)
    second = report(run(config(table, set={"abstain": "tune", "abstain_error": 0.5})).folder)
    assert second["artifact"]["reused"] and second["artifact"]["name"] == first["artifact"]["name"]
    assert second["metrics"]["coverage"]["value"] > first["metrics"]["coverage"]["value"]
    plain = report(run(config(table)).folder)
    given = report(run(config(table, set={"abstain": 0.9})).folder)
    assert given["artifact"]["name"] == plain["artifact"]["name"]
    assert given["artifact"]["details"]["abstaining"] == {"threshold": 0.9}


def test_where_no_threshold_does_nothing_is_answered_and_that_is_said(
    table: Path, monkeypatch: pytest.MonkeyPatch
):
    told: list[str] = []

    class Ears(Monitor):
        def message(self, text: str) -> None:
            told.append(text)

    def impossible(*given: Any, **more: Any) -> Chosen:
        return choose(*given, **more | {"most": -1.0})

    monkeypatch.setattr(abstaining, "choose", impossible)
    found = report(run(config(table, set={"abstain": "tune"}), Ears()).folder)
    assert found["metrics"]["coverage"]["value"] == 0.0
    assert found["metrics"]["selective_accuracy"]["value"] is None
    assert any("all answers are held back" in text for text in told)


def test_an_interrupted_choice_goes_on_with_the_rows_that_are_missing(
    table: Path, monkeypatch: pytest.MonkeyPatch
):
    class Impatient(Monitor):
        def progress(self, label: str, done: float, total: float, **figures: float | None) -> None:
            if label == "tune":
                raise KeyboardInterrupt

    monkeypatch.setattr(abstaining, "CHUNK", 20)
    tune = config(table, set={"abstain": "tune"})
    with pytest.raises(KeyboardInterrupt):
        run(tune, Impatient())
    found = report(run(tune).folder)
    held, spent = found["artifact"]["details"]["abstaining"], found["ledger"]
    assert held["rows"] == found["rows"]["dev"] == spent["label"]["quantities"]["dev_rows"] > 40
    assert spent["tune"]["quantities"]["requests"] == held["rows"]
    whole = report(run(config(table, set={"abstain": "tune"}, force=True)).folder)
    assert whole["artifact"]["details"]["abstaining"] == held
    assert whole["metrics"] == found["metrics"]


def test_an_artifact_that_lacks_rows_is_refused_in_a_line(table: Path):
    folder = run(config(table, set={"abstain": "tune"})).folder
    artifact = table.parent / "results" / "artifacts" / report(folder)["artifact"]["name"]
    kept = (artifact / abstaining.FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    (artifact / abstaining.FILE).write_text("".join(kept[:-2]), encoding="utf-8")
    with pytest.raises(DataError, match=r"abstaining\.jsonl lacks 2 of \d+ dev rows"):
        run(config(table, set={"abstain": "tune", "abstain_error": 0.4}))


def test_an_estimate_says_that_dev_rows_come_on_top(table: Path):
    told = estimate(config(table, set={"abstain": "tune"}))["notes"]
    assert "dev rows comes on top" in told["abstain"]
    assert "abstain" not in estimate(config(table))["notes"]


def test_keys_and_descriptions_are_as_before_where_nothing_is_said():
    assert "abstain" not in str(create_strategy("tfidf").describe())
    assert "abstain" not in str(create_strategy("lora+few-shot").describe())
    assert create_strategy("few-shot", {"abstain": "0.5"}).describe()["abstain"] == 0.5
    tuned = create_strategy("lora+rag", {"abstain": "tune", "rag.k": 2})
    assert tuned.describe() == create_strategy("lora+rag", {"rag.k": 2}).describe() | {
        "abstain": "tune",
        "abstain_error": 0.05,
    }


@pytest.mark.parametrize("value", ["0", "1.2", "maybe", "-1"])
def test_a_value_that_cant_be_is_refused(value: str):
    for name in ("tfidf", "few-shot"):
        with pytest.raises(UsageError, match="tune, or a number above 0 and at most 1"):
            create_strategy(name, {"abstain": value})


def test_what_cant_say_how_sure_it_is_is_refused_before_anything_is_spent(table: Path):
    tune = {"abstain": "tune"}
    with pytest.raises(UsageError, match="majority gives one answer to everything"):
        run(config(table, "majority", set=tune))
    server = {"model": "endpoint:one", "base_url": "http://127.0.0.1:9/v1"}
    with pytest.raises(UsageError, match="a server gives no probabilities"):
        run(config(table, "zero-shot", set=tune, **server))
    chain = "langchain:harness.models.langchain:echo"
    with pytest.raises(UsageError, match="doesn't say"):
        run(config(table, chain, set=tune))
    data = {"path": table, "input": "text", "target": "label", "split": "70/0/30"}
    with pytest.raises(DataError, match="has none"):
        run(run_config(strategy="tfidf", data=data, results=table.parent / "r", set=tune))


def test_an_own_parameter_of_that_name_stays_the_parts_own(tmp_path: Path):
    path = tmp_path / "own.py"
    path.write_text(
        "from typing import ClassVar\nfrom harness.strategy import Prompting\n\n"
        "class Own(Prompting):\n    name: ClassVar[str] = 'own'\n    abstain: str = ''\n",
        encoding="utf-8",
    )
    made: Any = create_strategy(f"{path}:Own", {"abstain": "sometimes"})
    assert made.abstain is None and made.prompting[0].abstain == "sometimes"


@pytest.mark.parametrize("readout", ["loglikelihood", "generate"])
def test_a_language_model_abstains_by_either_readout(table: Path, tiny_llama: Path, readout: str):
    options = {"model": str(tiny_llama), "readout": readout, "device": "cpu", "dtype": "float32"}
    settings = {"abstain": "tune", "abstain_error": 0.5}
    folder = run(config(table, "zero-shot", set=settings, limit=20, **options)).folder
    found = report(folder)
    assert found["ledger"]["tune"]["tokens"]["input_tokens"] > 0
    lines = list(stored_predictions(folder, read_record(folder)))
    assert len(lines) == 20 and all(0 < line["values"]["confidence"] <= 1 for line in lines)
    plan = make_plan(config(table, "zero-shot", set=settings, limit=20, **options))
    assert plan.keys.artifact != make_plan(config(table, "zero-shot", **options)).keys.artifact


def test_the_contract_holds_for_one_that_abstains():
    value = check_strategy("tfidf", {"abstain": "tune"})
    assert value["passed"], value["checks"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["few-shot", "lora", "tools"])
def test_the_contract_holds_for_a_model_that_abstains(name: str):
    value = check_strategy(name, {"abstain": "tune"})
    assert value["passed"], value["checks"]
