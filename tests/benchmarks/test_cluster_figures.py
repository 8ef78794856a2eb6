"""What the benchmark of clusters shows of its figures."""

from __future__ import annotations

import pytest

from benchmarks.cluster import Figures, as_dict, show

FOUND = [
    Figures("local", 20, wall_seconds=60.0, cpu_seconds=50.0, others_cpu_seconds=1.0),
    Figures("ray", 20, wall_seconds=40.0, cpu_seconds=70.0, others_cpu_seconds=2.0),
    Figures("ray", 20, wall_seconds=44.0, cpu_seconds=74.0, others_cpu_seconds=4.0),
    Figures("local", 20, wall_seconds=62.0, cpu_seconds=52.0, others_cpu_seconds=3.0),
]


def test_both_engines_stand_below_each_other_with_their_means(capsys: pytest.CaptureFixture[str]):
    show(FOUND)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()[-2:]]
    assert lines == [["local", "20", "61.0", "51.0", "2.0"], ["ray", "20", "42.0", "72.0", "3.0"]]
    assert as_dict(FOUND)["rounds"][0]["engine"] == "local"
