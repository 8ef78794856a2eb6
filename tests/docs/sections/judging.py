"""docs/findings.md: how far a small model agrees with people who judged the same answers."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from sklearn.metrics import accuracy_score, cohen_kappa_score

from tests.docs.recomputed.frame import Rule, Says, Table
from tests.docs.recomputed.records import ROOT, Run, run
from tests.docs.recomputed.statistics import Estimate, draws, estimate, percentiles

LABELS = ("Correct Answer", "Incorrect Answer", "Refusal")
Statistic = Callable[[list[str], list[str]], float]


@lru_cache
def verdicts() -> tuple[list[str], list[str], list[str]]:
    """People's labels, the judge's, and the question of each answer."""
    (path,) = (ROOT / "results/judges").glob("qwen2.5-coder-1.5b-*/verdicts.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    assert all(row["judge"] in LABELS for row in rows), "by likelihood none fails"
    questions = [row["id"].rpartition("/")[2] for row in rows]
    return [row["people"] for row in rows], [row["judge"] for row in rows], questions


def binary(labels: list[str]) -> list[str]:
    return [str(label == LABELS[0]) for label in labels]


def figure(statistic: Statistic, *, right_or_not: bool = False) -> Estimate:
    """A statistic of both raters, questions resampled."""
    people, judge, questions = verdicts()
    if right_or_not:
        people, judge = binary(people), binary(judge)
    names, index = np.unique(questions, return_inverse=True)
    labels = sorted({*people, *judge})
    table = np.zeros((len(names), len(labels), len(labels)))
    for cluster, a, b in zip(index, people, judge, strict=True):
        table[cluster, labels.index(a), labels.index(b)] += 1
    drawn = np.tensordot(draws(len(names)), table, axes=1)
    drawn /= drawn.sum((1, 2), keepdims=True)
    same = np.trace(drawn, axis1=1, axis2=2)
    if statistic is cohen_kappa_score:
        chance = (drawn.sum(1) * drawn.sum(2)).sum(1)
        same = (same - chance) / (1 - chance)
    return estimate(statistic(people, judge), *percentiles(same, len(names)))


def counted(people: str, judge: str) -> int:
    return sum(pair == (people, judge) for pair in zip(*verdicts()[:2], strict=True))


def row(cells: list[str]) -> list[list[int]]:
    return [[counted(cells[0], label)] for label in LABELS]


def share(people: str, judge: str) -> float:
    """Percent of the answers with a label of people's that the judge gives a label."""
    return 100 * counted(people, judge) / sum(counted(people, other) for other in LABELS)


def called_right() -> list[int]:
    """Answers that the judge calls right, and those of them that people don't."""
    told = [counted(label, LABELS[0]) for label in LABELS]
    return [sum(told), sum(told[1:])]


def judged() -> Run:
    return run("judged", "insurer-ko", "few-shot+rag")


def by_rule() -> list[int]:
    """Rows that were judged; of these, right by the task's rule, and right by the judge."""
    asked = [row for row in judged().rows if "judged_correctness" in row["values"]]
    right = (
        [row["correct"] for row in asked],
        [row["values"]["judged_correctness"] for row in asked],
    )
    return [len(asked), sum(right[0]), sum(right[1])]


def pairs() -> list[int]:
    """Pairs that were asked; those that flipped, and those of them that went to the first."""
    told = judged().record["judge"]["against"]
    first, second = told["flipped_to_first"], told["flipped_to_second"]
    return [told["asked"], first + second, first]


AGREEMENT: list[Rule] = [
    Says("the first {} by hash", lambda: [len(verdicts()[0])]),
    Says("agrees with people on {} [{}, {}]", lambda: [figure(accuracy_score)]),
    Says("kappa {} [{}, {}]; of right against all else {} [{}, {}], kappa {} [{}, {}]", lambda: [
        figure(cohen_kappa_score), figure(accuracy_score, right_or_not=True),
        figure(cohen_kappa_score, right_or_not=True)]),
    Table("| people \\ judge |", row),
    Says("finds {} % of the refusals and {} % of the wrong answers", lambda: [
        share(LABELS[2], LABELS[2]), share(LABELS[1], LABELS[1])]),
    Says("of {} answers the task's rule calls {} right, this judge {}", by_rule),
    Says("Of {} pairs {} flipped with the position, {} of them to the first", pairs),
    Says("Of {} answers that it calls right, people call {} wrong or a refusal", called_right),
]  # fmt: skip
SECTIONS = {"A small model as a judge": AGREEMENT}
