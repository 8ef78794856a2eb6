"""Letters within a task, and wins over the tasks, from records with known answers."""

import numpy as np

from harness.costs.book import load_book
from harness.report.build import build_report
from tests.documents import ROOT


def right(count):
    return (np.random.default_rng(0).permutation(300) < count).astype(float)


def letters(task):
    return {row.name: row.letters for row in task.rows}


def test_letters_of_each_task_and_wins_over_all(write, tmp_path):
    tasks = {"one": (270, 268, 90), "two": (200, 40, 42)}
    for attempt, (task, counts) in enumerate(tasks.items(), 1):
        declared = {"name": task, "digest": task, "kind": "qa", "rows": {"test": 300}}
        for name, count in zip(("lora", "few-shot", "majority"), counts, strict=True):
            write(name, right(count), task=declared, attempt=attempt, key=task + name)
    data = build_report([tmp_path / "results"], load_book()).data
    assert {task.name: letters(task) for task in data.tasks} == {
        "one": {"lora": "a", "few-shot": "a", "majority": "b"},
        "two": {"lora": "a", "majority": "b", "few-shot": "b"},
    }
    assert {each.name: (each.wins, each.ties, each.losses) for each in data.records} == {
        "lora": (3, 1, 0),
        "few-shot": (1, 2, 1),
        "majority": (0, 1, 3),
    }


def test_seeds_are_averaged_and_a_figure_of_all_rows_gives_way_to_right_and_wrong(write, tmp_path):
    labels = ["a", "b"] * 150
    for seed in (0, 1):
        answers = [x if i % (7 + seed) else "c" for i, x in enumerate(labels)]
        values = [float(x == y) for x, y in zip(labels, answers, strict=True)]
        write("good", values, seed=seed, labels=(labels, answers), primary="macro_f1")
    write("bad", right(150), labels=(labels, ["a"] * 300), primary="macro_f1")
    (task,) = build_report([tmp_path / "results"], load_book()).data.tasks
    (pair,) = task.pairs
    assert (pair.metric, pair.a, pair.b) == ("correct", "good", "bad")
    assert pair.difference > 0.3 and letters(task) == {"good": "a", "bad": "b"}


def test_a_lower_loss_wins():
    tasks = build_report([ROOT / "results" / "korean-insurance"], load_book()).data.tasks
    (claims,) = [task for task in tasks if task.name == "insurer-claims-ko"]
    (pair,) = [pair for pair in claims.pairs if (pair.a, pair.b) == ("majority", "qlora")]
    assert claims.rows[0].name == "majority"
    assert pair.difference > 0 and pair.p_value < 0.05
