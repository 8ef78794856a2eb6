"""Somebody's chain is measured as it is: input, output, sources, tokens, and what is unknown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("langchain_core")

from langchain_core.runnables import RunnableParallel, RunnablePassthrough

from harness.analysis.summary import summary
from harness.config import run_config
from harness.costs.book import load_book
from harness.errors import TooManyErrors, UsageError
from harness.records.files import read_lines
from harness.records.store import PREDICTIONS
from harness.runs.runner import run
from harness.strategy.langchain import answer_of, input_key, load_runnable, source_file
from harness.strategy.registry import create_strategy

HERE = Path(__file__).resolve().parent
FILE = HERE / "chain_module.py"


@pytest.fixture
def measure(tmp_path: Path):
    rows = [{"q": f"기간은? {n}", "a": "2년", "p": [{"document": "휴직.pdf", "text": "최대 2년"}]}
            for n in range(60)]  # fmt: skip
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    task = {"name": "t", "kind": "qa", "language": "ko",
            "columns": {"input": "q", "target": "a", "passages": "p"},
            "source": {"files": [{"path": "rows.jsonl"}]},
            "metrics": ["exact_match"], "primary": "exact_match"}  # fmt: skip
    (tmp_path / "t.yaml").write_text(json.dumps(task), encoding="utf-8")

    def measured(name: str, **more: Any) -> tuple[Path, dict[str, Any]]:
        config = run_config(strategy=f"langchain:{FILE}:{name}", task=str(tmp_path / "t.yaml"),
                            results=tmp_path / "results", limit=4, latency=False, **more)  # fmt: skip
        folder = run(config).folder
        return folder, summary(folder, load_book())

    return measured


def test_answer_sources_and_tokens_come_out(measure):
    folder, found = measure("sourced")
    assert found["metrics"]["exact_match"]["value"] == 1.0
    (line, *_) = read_lines(folder / PREDICTIONS)
    assert line["evidence"][0]["source"] == "휴직.pdf"
    assert line["values"]["hit@1"] == 1.0


def test_unknown_tokens_are_unknown_and_not_0(measure):
    folder, found = measure("uncounted")
    assert found["metrics"]["exact_match"]["value"] == 1.0
    assert found["ledger"]["serve"]["quantities"]["unmetered_requests"] == 4
    assert found["cost"]["usd_per_1k_requests"] > 0
    assert found["cost"]["usd_per_1k_tokens"] is None
    assert "4 requests don't say" in found["notes"]["usd_per_1k_tokens"]
    assert not any(line.get("metered", True) for line in read_lines(folder / PREDICTIONS))


def test_behind_an_api_unknown_tokens_have_no_price(measure):
    _, found = measure("uncounted", set={"vendor": "gpt-4o-mini"})
    assert (found["device"], found["model"]) == ("api", "gpt-4o-mini")
    assert found["cost"]["usd_per_1k_requests"] is None


def test_a_chain_that_fails_is_an_error_and_no_answer(measure, tmp_path: Path):
    with pytest.raises(TooManyErrors):
        measure("failing")
    (path,) = tmp_path.glob(f"results/*/{PREDICTIONS}")
    assert all(line["error"] == "ValueError: no such index" for line in read_lines(path))


def test_our_model_in_a_chain_is_measured_through_the_command_line(
    tiny_llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from typer.testing import CliRunner

    from harness.cli import app

    monkeypatch.setenv("CHAIN_MODEL", str(tiny_llama))
    monkeypatch.chdir(HERE)
    asked = ["run", "--strategy", "langchain:chain_module:ours", "--task", "insurer-ko", "--limit",
             "3", "--results", str(tmp_path), "--json", "--quiet", "--no-latency"]  # fmt: skip
    found = json.loads(CliRunner().invoke(app, asked).stdout)
    tokens = found["ledger"]["serve"]["tokens"]
    assert found["n"] == 3
    assert tokens["input_tokens"] > 30
    assert 0 < tokens["output_tokens"] <= 18
    assert tokens["computed_tokens"] > 0
    assert found["cost"]["usd_per_1k_tokens"] > 0
    assert found["model"] == tiny_llama.name


@pytest.mark.parametrize(
    ("name", "key"),
    [("uncounted", "question"), ("sourced", ""), ("piped", ""), ("failing", "")],
)
def test_where_the_question_goes(name: str, key: str):
    assert input_key(load_runnable(f"{FILE}:{name}")) == key


def test_a_key_can_be_named(measure):
    _, found = measure("keyed", set={"input": "query"})
    assert found["n"] == 4


def test_a_chain_that_wants_more_than_a_question_is_refused():
    from langchain_core.prompts import PromptTemplate

    with pytest.raises(UsageError, match="needs context, question"):
        input_key(PromptTemplate.from_template("{context} {question}"))


@pytest.mark.parametrize(
    ("result", "text", "sources"),
    [
        ("2년", "2년", []),
        ({"result": "2년", "source_documents": ["문장"]}, "2년", [""]),
        ({"output": "2년"}, "2년", []),
        ({"answer": "2년", "context": "문장"}, "2년", [""]),
    ],
)
def test_forms_of_an_answer(result: Any, text: str, sources: list[str]):
    found, passages = answer_of(result)
    assert (found, [passage.source for passage in passages]) == (text, sources)


def test_an_agent_ends_with_its_last_message():
    from langchain_core.messages import AIMessage, HumanMessage

    assert answer_of({"messages": [HumanMessage("?"), AIMessage("2년")]})[0] == "2년"


@pytest.mark.parametrize("result", [7, None, {"x": "2년"}, ["2년"]])
def test_another_form_is_refused(result: Any):
    with pytest.raises(UsageError):
        answer_of(result)


@pytest.mark.parametrize(
    ("reference", "match"),
    [
        ("no_such_module:chain", "can't be imported"),
        (f"{FILE}:chian", "has no 'chian'"),
        (f"{FILE}:number", "no runnable"),
        ("chain", "names no runnable"),
    ],
)
def test_what_can_not_be_loaded_is_said(reference: str, match: str):
    with pytest.raises(UsageError, match=match):
        load_runnable(reference)


def test_an_edited_chain_is_another_one(tmp_path: Path):
    path = tmp_path / "mine.py"
    keys = []
    for word in ("a", "b"):
        path.write_text(f"from langchain_core.runnables import RunnableLambda\nchain = RunnableLambda(lambda q: '{word}')\n", "utf-8")  # fmt: skip
        keys.append(create_strategy(f"langchain:{path}:chain").describe()["source"])
    assert keys[0] != keys[1]
    assert source_file("no_such_module:chain") is None


def test_a_mapping_in_front_takes_the_text():
    assert input_key(RunnableParallel(question=RunnablePassthrough())) == ""


def test_a_question_that_is_too_long_is_that_row_s_outcome(measure, tiny_llama, monkeypatch):
    folder, found = measure("too_long")
    long = [line for line in read_lines(folder / PREDICTIONS) if line["outcome"] == "truncated"]
    assert found["n"] == 4 and all("context_length" in line["excess"] for line in long)
    monkeypatch.setenv("CHAIN_MODEL", str(tiny_llama))
    _, found = measure("ours_too_long")
    assert found["outcomes"]["truncated"] == 4 and found["long_rows"]["test"] == 4
