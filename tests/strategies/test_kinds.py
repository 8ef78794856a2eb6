"""Every kind of task goes through strategies of each family, or is refused with the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.config import run_config
from harness.errors import DataError, UsageError
from harness.metrics.registry import kinds
from harness.records.predictions import scored_rows
from harness.records.reading import read_metrics, read_record
from harness.runs.ask import ask_run
from harness.runs.predicting.rows import Naming, read_new_rows
from harness.runs.runner import run as run_
from harness.task.table import task_from_data
from harness.task.tables import Layout

MOODS = ("rose sharply", "fell again", "stayed as it was")
ROWS: dict[str, tuple[dict[str, Any], Any]] = {
    "classification": (
        {"target": "label"},
        lambda n: {"label": ("up", "down", "flat")[n % 3]},
    ),
    "multiple_choice": (
        {"target": "right", "choices": ("a", "b")},
        lambda n: {"a": "it went up", "b": "it went down", "right": "AB"[n % 2]},
    ),
    "qa": ({"target": "answer"}, lambda n: {"answer": MOODS[n % 3]}),
    "numeric_qa": ({"target": "answer"}, lambda n: {"answer": f"{n % 3 + 1}.5 %"}),
    "multi_label": (
        {"flags": ("up", "news")},
        lambda n: {"up": int(n % 3 == 0), "news": int(n % 2 == 0)},
    ),
    "extraction": (
        {"input": "tokens", "tags": "tags"},
        lambda n: {"tokens": ["Acme" if n % 3 else "It", *MOODS[n % 3].split(), str(n)],
                   "tags": ["B-ORG" if n % 3 else "O"] + ["O"] * (len(MOODS[n % 3].split()) + 1)},
    ),
    "spans": (
        {"target": "spans", "context": "passage"},
        lambda n: {"passage": f"Report {n}. Sales and costs {MOODS[n % 3]}.",
                   "spans": ["sales", "costs"] if n % 3 else ["sales"]},
    ),
}  # fmt: skip
"""Options of a bare table of each kind, and what a row has beside its text."""


def table(folder: Path, kind: str) -> Any:
    options, row = ROWS[kind]
    lines = [
        {"text": f"Profit {MOODS[n % 3]} in year {n}", "split": "test" if n > 40 else "train"}
        | row(n)
        for n in range(54)
    ]
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return {"path": path, "kind": kind, "input": "text"} | options


def run(folder: Path, kind: str, strategy: str, **given: Any) -> Path:
    config = run_config(
        strategy=strategy, data=table(folder, kind), results=folder / "results", device="cpu",
        dtype="float32", offline=True, latency=False, **given,
    )  # fmt: skip
    return run_(config).folder


def test_every_kind_that_a_table_serves_is_here() -> None:
    assert ROWS.keys() == {name for name, kind in kinds().items() if kind.metrics}


@pytest.mark.parametrize("strategy", ["majority", "tfidf"])
@pytest.mark.parametrize("kind", ROWS)
def test_a_baseline_learns_every_kind(tmp_path: Path, kind: str, strategy: str) -> None:
    folder = run(tmp_path, kind, strategy)
    record, derived = read_record(folder), read_metrics(folder)
    assert derived is not None
    assert derived.primary == kinds()[kind].metrics[0]
    rows = scored_rows(folder, record)
    assert len(rows) == 13 and set(rows.outcomes.there()) == {"ok"}
    figure = derived.metrics[derived.primary]
    assert figure.value is not None and figure.low is not None
    # The words give it away, but for half of the second label; options are read without the question.
    if strategy == "tfidf" and kind != "multiple_choice":
        assert figure.value > 0.6


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["zero-shot", "few-shot", "lora", "lora+few-shot"])
@pytest.mark.parametrize("kind", ROWS)
def test_a_model_goes_through_every_kind(
    tmp_path: Path, tiny_llama: Path, kind: str, strategy: str
) -> None:
    short = {"lora.max_steps": 2} if "lora" in strategy else {}
    short |= {"few-shot.k": 2} if "few-shot" in strategy else {}
    folder = run(tmp_path, kind, strategy, model=str(tiny_llama), set=short)
    rows = scored_rows(folder, read_record(folder))
    assert len(rows) == 13 and "error" not in rows.outcomes.there()


@pytest.mark.parametrize("kind", ["multi_label", "extraction", "spans", "numeric_qa"])
@pytest.mark.parametrize("strategy", ["bm25-answer", "encoder-finetune", "embedding-head"])
def test_what_a_strategy_cant_do_is_refused(tmp_path: Path, kind: str, strategy: str) -> None:
    if (strategy, kind) == ("bm25-answer", "spans"):
        match = "has no documents"  # a passage may be a span
    else:
        match = f"{strategy} is for .*; rows is {kind}"
    with pytest.raises(UsageError, match=match):
        run(tmp_path, kind, strategy)


@pytest.mark.parametrize("kind", ["multi_label", "extraction", "spans", "numeric_qa"])
def test_written_answers_have_no_likelihoods(tmp_path: Path, tiny_llama: Path, kind: str) -> None:
    with pytest.raises(UsageError, match="are written, not chosen"):
        run(tmp_path, kind, "zero-shot", model=str(tiny_llama), readout="loglikelihood")


@pytest.mark.parametrize("kind", ROWS)
def test_a_new_row_is_asked_what_a_row_of_the_task_is(kind: str, tmp_path: Path) -> None:
    """With its context and its options, tokens as a text."""
    task = task_from_data(**table(tmp_path, kind))
    new = read_new_rows(tmp_path / "rows.jsonl", task.spec, Naming(), Layout())
    data = task.load()
    known_rows = (*data.train, *data.dev, *data.test)
    rows = {row.origin: row.example.query for row in known_rows}
    assert len(rows) == new.count == 54
    for line, asked in zip(new.lines(), new.asked(), strict=True):
        query, known = asked.query, rows[line.origin]
        assert query is not None and (query.text, query.choices) == (known.text, known.choices)


def test_what_comes_with_a_context_is_asked_with_it_or_not_at_all(
    tmp_path: Path, tiny_llama: Path
) -> None:
    data = table(tmp_path, "spans") | {"kind": "qa", "target": "split", "input": "text"}
    alone = tmp_path / "alone.jsonl"
    alone.write_text('{"text": "Profit?"}\n', encoding="utf-8")
    with pytest.raises(DataError, match="passage"):
        read_new_rows(alone, task_from_data(**data).spec, Naming(), Layout())
    config = run_config(
        strategy="zero-shot", data=data, model=str(tiny_llama), results=tmp_path / "results",
        limit=2, offline=True, latency=False, device="cpu", dtype="float32",
    )  # fmt: skip
    folder = run_(config).folder
    with pytest.raises(UsageError, match="comes with its 'passage'"):
        ask_run(folder, ["Profit?"], {"model": str(tiny_llama)})
