"""docs/findings.md: every real set once, and the two that papers report."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import yaml
from sklearn.metrics import f1_score

from tests.docs.recomputed.frame import Rule, Says, Table
from tests.docs.recomputed.records import ROOT, Run, run, runs
from tests.docs.recomputed.statistics import Estimate, draws, estimate, f1, percentiles, scored
from tests.docs.sections.news import code

SETS = "real-sets"


@lru_cache
def task_file(name: str) -> dict[str, object]:
    return yaml.safe_load((ROOT / "tasks" / f"{name}.yaml").read_text("utf-8"))


def published(task: str, system: str, metric: str = "weighted_f1") -> float:
    """What the task's file quotes of a system."""
    (value,) = (
        each["value"]
        for each in task_file(task)["published"]
        if each["system"].startswith(system) and each["metric"] == metric
    )
    return value


def over_labels(one: Run) -> Estimate:
    """Mean over labels of weighted F1 of yes and no; clusters resampled."""
    rows = sorted(one.rows, key=lambda row: row["id"])
    sides = [
        [set((row[side] or "").split("; ")) for row in rows] for side in ("target", "predicted")
    ]
    labels = sorted(set(task_file("headlines")["labels"].values()))
    names, index = np.unique([one.clusters[row["id"]] for row in rows], return_inverse=True)
    weights, drawn, values = draws(len(names)), [], []
    for label in labels:
        there, told = (np.array([label in each for each in side]) for side in sides)
        values.append(f1_score(there, told, average="weighted"))
        cells = [
            weights @ np.bincount(index, (there == a) & (told == b), len(names))
            for a, b in ((1, 1), (1, 0), (0, 1), (0, 0))
        ]
        drawn.append(weighted(*cells))
    return estimate(float(np.mean(values)), *percentiles(np.mean(drawn, axis=0), len(names)))


def weighted(hit, missed, false, right):  # type: ignore[no-untyped-def]
    """Weighted F1 of two classes, from counts of each draw."""
    yes, no = hit + missed, false + right
    by_yes, by_no = 2 * hit / (yes + hit + false), 2 * right / (no + right + missed)
    return (np.nan_to_num(by_yes) * yes + np.nan_to_num(by_no) * no) / (yes + no)


def primary(one: Run) -> Estimate:
    metric = task_file(one.record["task"]["name"])["primary"]
    if metric == "mean_weighted_f1":
        return over_labels(one)
    if metric.endswith("_f1") and metric != "token_f1":
        return f1(one, metric.removesuffix("_f1"))
    return scored(one, metric)


def each_set(cells: list[str]) -> list[list[object]]:
    """A row of the table of all sets."""
    task = code(cells[0])
    if (metric := task_file(task)["primary"]) != cells[1].replace(" ", "_").lower():
        raise LookupError(f"{task} is measured by {metric}")
    plain, asked = run(SETS, task, code(cells[2])), runs(SETS, task, "zero-shot")
    prompt = [primary(asked[0])] if asked else []
    assert all(len(one.rows) == 50 for one in asked)
    return [[primary(plain)], [len(plain.rows)], prompt]


def of_papers(cells: list[str]) -> list[list[object]]:
    one = run(SETS, code(cells[0]), code(cells[1]))
    return [[f1(one, "weighted")], [scored(one, "correct")], [len(one.rows)], [one.labels]]


REPORTED = (
    ("fpb-fingpt", "FinGPT v3.3"), ("fpb-fingpt", "FinBERT"), ("fpb-fingpt", "GPT-4"),
    ("fpb-fingpt", "FinGPT v3.1.2"), ("fiqa", "FinMA"),
)  # fmt: skip


def of(strategy: str, task: str = "fpb-fingpt") -> Run:
    return run(SETS, task, strategy)


REAL: list[Rule] = [
    Table("| set | strategy | weighted F1 |", of_papers),
    Says("FinGPT v3.3 {}, FinBERT {}, GPT-4\n  {} and FinGPT's QLoRA {}; on those of `fiqa` FinMA {}",
         lambda: [published(*each) for each in REPORTED]),
    Says("`lora` is {} [{}, {}] above `tfidf`, on `fiqa` {} [{}, {}]", lambda: [
        f1(of("lora", task), "weighted", of("tfidf", task)) for task in ("fpb-fingpt", "fiqa")]),
    Says("the first {} rows", lambda: [len(of("zero-shot").rows)]),
    Table("| set | metric | baseline |", each_set),
]  # fmt: skip
SECTIONS = {"Every real set once": REAL}
