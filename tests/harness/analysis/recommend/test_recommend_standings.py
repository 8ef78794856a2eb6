"""Letters and wins from records."""

from __future__ import annotations

import numpy as np

from harness.analysis.recommend.standings import standings
from harness.metrics.statistics.multiple import Record


def right(count, seed=0):  # type: ignore[no-untyped-def]
    return (np.random.default_rng(seed).permutation(300) < count).astype(float)


def test_letters_of_each_task_and_wins_over_all(write, tmp_path) -> None:  # type: ignore[no-untyped-def]
    tasks = {"one": (270, 268, 90), "two": (200, 40, 42)}
    for attempt, (task, counts) in enumerate(tasks.items(), 1):
        declared = {"name": task, "digest": task, "kind": "qa", "rows": {"test": 300}}
        for name, count in zip(("lora", "few-shot", "majority"), counts, strict=True):
            write(name, right(count), task=declared, attempt=attempt, key=task + name)
    found = standings(tmp_path / "results")
    assert {each.task: dict(each.pairs.letters) for each in found.tasks} == {
        "one": {"lora": "a", "few-shot": "a", "majority": "b"},
        "two": {"lora": "a", "majority": "b", "few-shot": "b"},
    }
    assert found.records[None] == {
        "lora": Record(wins=3, ties=1, losses=0),
        "few-shot": Record(wins=1, ties=2, losses=1),
        "majority": Record(wins=0, ties=1, losses=3),
    }


def test_seeds_are_averaged_and_a_figure_of_all_rows_gives_way_to_right_and_wrong(  # type: ignore[no-untyped-def]
    write, tmp_path
) -> None:
    labels = ["a", "b"] * 150
    for seed in (0, 1):
        told = [x if i % (7 + seed) else "c" for i, x in enumerate(labels)]
        write("good", [float(x == y) for x, y in zip(labels, told, strict=True)], seed=seed,
              labels=(labels, told), primary="macro_f1")  # fmt: skip
    write("bad", right(150), labels=(labels, ["a"] * 300), primary="macro_f1")
    (found,) = standings(tmp_path / "results").tasks
    assert found.metric == "correct"
    pair = found.pairs.pairs["good", "bad"]
    assert pair.difference > 0.3 and found.pairs.letters == {"good": "a", "bad": "b"}
