"""A kind of task is one file: declared in it, found by its package, and read by its own reader."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.metrics import kinds as package
from harness.metrics.registry import check_kind, fitting, kinds, known
from harness.metrics.score import Rules, score_row
from harness.types import Example, Output, Query, Row

FILE = """
from dataclasses import replace

from harness.metrics.kind import Kind


def read(row, output, rules, blank):
    right = len(output.text) == len(row.example.target)
    return replace(blank, outcome="ok", predicted=output.text, correct=right), None


KIND = Kind("length", "an answer of the right length", "a text", read, frozenset({"choice"}))
"""


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is part of the package of kinds, with one new file in it."""
    (tmp_path / "length.py").write_text(FILE, encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    kinds.cache_clear()
    yield tmp_path
    kinds.cache_clear()
    for name in ("length", "again"):
        sys.modules.pop(f"harness.metrics.kinds.{name}", None)


def test_a_kind_in_one_file(added: Path) -> None:
    row = Row(Example(Query("1", "?"), "abc"))
    scored = score_row(row, Output("1", "xyz"), Rules("length"))
    assert scored.correct and scored.values["accuracy"] == 1.0  # as of all choices
    (added / "again.py").write_text(FILE, encoding="utf-8")
    kinds.cache_clear()
    with pytest.raises(UsageError, match="'length' a second time"):
        kinds()


def test_the_kinds_are_those_that_are_documented() -> None:
    assert list(kinds()) == [
        "classification", "decision", "description", "extraction", "multi_label",
        "multiple_choice", "numeric_qa", "qa", "ranking", "spans",
    ]  # fmt: skip
    for name, kind in kinds().items():
        assert kind.name == name and kind.summary and kind.row and fitting(name)
        assert {metric.name for metric in fitting(name)} >= set(kind.metrics)
        assert all(kind.instructions) or not kind.metrics


def test_every_metric_of_a_kind_is_for_kinds_that_there_are() -> None:
    groups = {group for kind in kinds().values() for group in kind.groups}
    for metric in known().values():
        assert metric.kinds <= {*kinds(), *groups, "all", "answer"}, metric.name


def test_an_unknown_kind_lists_all_with_what_they_are() -> None:
    with pytest.raises(UsageError, match="unknown --kind 'multilabel'") as raised:
        check_kind("multilabel")
    assert raised.value.hint.startswith("Did you mean 'multi_label'?")
    assert all(f"\n  {name}: {kind.summary}" in raised.value.hint for name, kind in kinds().items())
