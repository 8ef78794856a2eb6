"""No strategy can reach a test answer, whatever it follows from what it is given."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.config import run_config
from harness.records.ledger import Ledger
from harness.runs.loader import loader_of
from harness.runs.plan import make_plan
from harness.runs.prepare import context_of

SKIPPED = (types.ModuleType, type, str, bytes, int, float, types.BuiltinFunctionType)


def neighbours(value: Any) -> Iterator[Any]:
    """Everything that one step of ordinary Python leads to: items, attributes, closures."""
    if isinstance(value, dict):
        yield from value.keys()
        yield from value.values()
    elif isinstance(value, list | tuple | set | frozenset):
        yield from value
    yield from getattr(value, "__dict__", {}).values()
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                yield getattr(value, name)
    if isinstance(value, types.MethodType):
        yield value.__self__
        yield value.__func__
    for cell in getattr(value, "__closure__", None) or ():
        yield cell.cell_contents
    yield from getattr(value, "__defaults__", None) or ()


def texts(*roots: Any) -> set[str]:
    """All strings that can be reached from the roots."""
    found, seen, waiting = set(), set(), list(roots)
    kept = []  # keeps temporary objects alive, so that no id is used twice
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            found.add(value)
        if id(value) in seen or isinstance(value, SKIPPED):
            continue
        seen.add(id(value))
        kept.append(value)
        waiting.extend(neighbours(value))
    return found


@pytest.fixture
def plan(tmp_path: Path) -> Any:
    """A run on questions of which each has an answer that stands nowhere else."""
    lines = [{"question": f"what is number {n}?", "answer": f"secret-{n}"} for n in range(100)]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    data = {"path": path, "input": "question", "target": "answer", "kind": "qa"}
    return make_plan(run_config(strategy="majority", data=data, results=tmp_path / "results"))


@pytest.fixture
def given(plan: Any, tmp_path: Path) -> list[Any]:
    """All that a strategy is handed: the context, and the queries of `predict`."""
    context = context_of(plan, tmp_path, Ledger(tmp_path / "l.jsonl"), loader_of(plan))
    return [context, [row.example.query for row in plan.rows.test]]


def targets(rows: Any) -> set[str]:
    return {row.example.target for row in rows}


def test_the_probe_finds_what_is_there(plan, given):
    reached = texts(*given)
    assert targets(plan.rows.train) <= reached
    assert targets(plan.rows.dev) <= reached


def test_no_test_answer_can_be_reached(plan, given):
    reached = texts(*given)
    assert len(targets(plan.rows.test)) > 10
    assert not targets(plan.rows.test) & reached


def test_neither_the_file_of_the_rows_nor_a_way_to_load_it_is_there(given):
    context, _ = given
    assert not [text for text in texts(*given) if text.endswith("rows.jsonl")]
    assert not hasattr(context.task, "load")
