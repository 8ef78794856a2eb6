"""What is said while a study runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.runs.study import StudyConfig, execute
from harness.runs.study.config import Cell
from harness.runs.study.execute import Ended, Progress, run_study
from harness.runs.study.state import States

SECONDS = {"majority": 1.0, "lora": 100.0}


def test_time_left_is_told_of_strategies_that_were_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a baseline of a second would promise seconds for a training of an hour."""
    matrix = {"seed": [0, 1], "strategy": list(SECONDS)}
    cells = StudyConfig(name="s", defaults={"task": "words.yaml"}, matrix=matrix).cells()
    cells = sorted(cells, key=lambda cell: str(cell.values["seed"]))
    assert [cell.values["strategy"] for cell in cells] == ["majority", "lora"] * 2
    clock, told = [0.0], list[Progress]()
    monkeypatch.setattr(execute, "time", SimpleNamespace(monotonic=lambda: clock[0]))

    def engine(asked: Iterable[Cell]) -> Iterator[Ended]:
        for cell in asked:
            seconds = SECONDS[str(cell.values["strategy"])]
            clock[0] += seconds
            yield Ended(cell, {"status": "finished"}, seconds)

    run_study(cells, States(tmp_path, "s"), engine, told.append)
    assert [each.eta_seconds for each in told] == [None, 101.0, 100.0, None]
