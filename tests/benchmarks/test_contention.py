"""Neighbours that are planted and ended, and what the figures of their benchmark say."""

import json

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.contention import Cell, Report, busy_neighbours, measure
from benchmarks.contract import Options

OPTIONS = Options("made-up", "tiny", "spinning", "float32", items=20)


def report(quiet: list[float], one: float, two: float, before: list[float]) -> Report:
    cells = [
        Cell("ours", 0, quiet),
        Cell("ours", 1, [seconds * one for seconds in quiet]),
        Cell("ours", 2, [seconds * two for seconds in quiet]),
        Cell("spinning", 0, before),
    ]
    return Report(OPTIONS, cells, True)


@given(st.lists(st.floats(1, 10), min_size=1, max_size=5), st.floats(1, 5), st.floats(1, 5))
def test_the_limits_are_of_the_quiet_time(quiet, one, two):
    found = report(quiet, one, two, quiet)
    assert found.slowdown(found.cell("ours", 1)).value == pytest.approx(one)
    for number, slowdown in ((1, one), (2, two)):
        if abs(slowdown - number - 1) > 1e-6:
            assert found.holds[f"neighbours_{number}"] == (slowdown < number + 1)
    assert found.quiet.value == pytest.approx(1.0)


def test_a_loss_beyond_the_noise_is_a_loss():
    quiet = [2.0, 2.1, 1.9]
    assert report(quiet, 1, 1, [2.1, 2.0, 1.9]).holds["quiet"]
    assert not report(quiet, 1, 1, [1.5, 1.6, 1.4]).holds["quiet"]


def test_neighbours_compute_and_end_with_the_block():
    with pytest.raises(KeyError), busy_neighbours(2) as pids:
        processes = [psutil.Process(pid) for pid in pids]
        before = [sum(process.cpu_times()[:2]) for process in processes]
        while any(sum(p.cpu_times()[:2]) <= b for p, b in zip(processes, before, strict=True)):
            pass
        raise KeyError
    assert not any(psutil.pid_exists(pid) for pid in pids)


@pytest.mark.slow
def test_both_sides_take_turns_beside_neighbours_and_answer_the_same():
    told: list[str] = []
    found = measure(OPTIONS, 1, told.append, side="benchmarks.overhead:Scoring")
    cells = {(cell.side, cell.neighbours): cell for cell in found.cells}
    assert set(cells) == {("ours", 0), ("ours", 1), ("ours", 2), ("spinning", 0)}
    assert all(len(cell.seconds) == 1 and cell.threads for cell in found.cells)
    assert found.same_answers and set(found.holds) == {"neighbours_1", "neighbours_2", "quiet"}
    assert json.loads(json.dumps(found.as_dict()))["limits"] == {"1": 2.0, "2": 3.0}
