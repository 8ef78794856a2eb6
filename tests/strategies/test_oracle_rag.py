"""Gold passages reach a strategy that needs them, and no other."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.config import run_config
from harness.errors import UsageError
from harness.runs.plan import make_plan
from harness.strategy.registry import create_strategy
from harness.task.view import TaskView
from harness.types import Passage, Prompt, Query, Section

VIEW = TaskView("t", "qa", "ko", (), ("\n",), 24, "", "질문:", "답:", "모른다")
GOLD = Passage("육아휴직은 최대 2년으로 한다.", "휴직.pdf")


def _task(folder: Path, *, passages: bool) -> str:
    rows = [{"q": f"질문 {n}", "a": f"답 {n}", "p": [{"document": "a.txt", "text": f"문장 {n}"}]}
            for n in range(60)]  # fmt: skip
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    columns = {"input": "q", "target": "a"} | ({"passages": "p"} if passages else {})
    task = {"name": "t", "kind": "qa", "language": "ko", "columns": columns,
            "source": {"files": [{"path": "rows.jsonl"}]},
            "metrics": ["exact_match"], "primary": "exact_match"}  # fmt: skip
    (folder / "t.yaml").write_text(json.dumps(task), encoding="utf-8")
    return str(folder / "t.yaml")


def _plan(strategy: str, task: str):
    return make_plan(run_config(strategy=strategy, task=task, offline=True), fetch=False)


def test_gold_passages_are_granted_by_need(tmp_path):
    task = _task(tmp_path, passages=True)
    row = _plan("oracle-rag", task).rows.test[0]
    assert _plan("oracle-rag", task).example(row).query.passages == row.passages != ()
    assert _plan("zero-shot", task).example(row).query.passages == ()


def test_answers_with_passages_are_scored_for_what_they_rest_on(tmp_path):
    task = _task(tmp_path, passages=True)
    names = _plan("oracle-rag", task).metrics
    assert {"grounded", "source_grounded"} <= {*names} and "source_correctness" not in names
    assert not {"grounded", "source_grounded"} & {*_plan("zero-shot", task).metrics}
    (tmp_path / "units.jsonl").write_text(json.dumps({"id": "a.txt", "text": "문장"}), "utf-8")
    without_gold = json.loads(Path(_task(tmp_path, passages=False)).read_text())
    without_gold["corpus"] = {"files": [{"path": "units.jsonl"}]}
    (tmp_path / "t.yaml").write_text(json.dumps(without_gold), encoding="utf-8")
    names = _plan("bm25-answer", str(tmp_path / "t.yaml")).metrics
    assert {"grounded", "source_grounded"} <= {*names}
    assert not {"hit@1", "source_correctness"} & {*names}


def test_without_gold_passages_the_next_step_is_said(tmp_path):
    with pytest.raises(UsageError, match="no gold passages"):
        _plan("oracle-rag", _task(tmp_path, passages=False))


def test_examples_get_their_own_passages():
    shown = Query("e", "육아휴직 기간?", passages=(GOLD,))
    asked = Query("q", "병가 기간?", passages=(Passage("병가는 60일로 한다.", "휴직.pdf"),))
    prompt = Prompt((
        Section("example", shown.text, "2년", shown), Section("question", asked.text, query=asked),
    ))  # fmt: skip
    (part,) = create_strategy("oracle-rag").prompting
    found = part.renderer(SimpleNamespace(task=VIEW))(asked, prompt)
    assert [section.passages for section in found.sections[1:]] == [(GOLD,), asked.passages]
    assert found.evidence == asked.passages
    rule, *sections = found.sections
    assert '"모른다"' in rule.text
    assert [section.kind for section in sections] == ["example", "question"]


def test_examples_come_first_whatever_the_order_of_names():
    for name in ("few-shot+oracle-rag", "oracle-rag+few-shot"):
        stages = [part.stage for part in create_strategy(name).prompting]
        assert sorted(stages) == ["examples", "passages"]
