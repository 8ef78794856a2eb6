"""docs/findings.md: the forms in which a trained model is deployed."""

from __future__ import annotations

from functools import lru_cache

from tests.docs.recomputed.frame import Rule, Says, Table
from tests.docs.recomputed.records import Run, runs
from tests.docs.recomputed.statistics import Figure, difference, scored
from tests.docs.sections.news import code

READOUTS = {"likelihood": "loglikelihood", "written": "generate"}


@lru_cache
def of(task: str, form: str = "trained", readout: str = "generate") -> Run:
    (found,) = (
        one
        for one in runs("parity", task)
        if (one.record["config"].get("form", "trained"), one.record["readout"]) == (form, readout)
    )
    return found


def against(one: Run, other: Run) -> list[object]:
    """The difference of right answers, the share of equal answers, the rows that flipped."""
    mine, theirs = ({row["id"]: row for row in each.rows} for each in (one, other))
    said = [
        (mine[name]["predicted"], theirs[name]["predicted"]) for name in mine.keys() & theirs.keys()
    ]
    said = [pair for pair in said if any(pair)]
    same = sum(a == b for a, b in said) / len(said)
    flipped = sum(mine[name]["correct"] != theirs[name]["correct"] for name in mine)
    return [[difference(one, other)], [Figure(same)], [flipped]]


def line(task: str, form: str, readout: str) -> list[list[object]]:
    one, other = of(task, form, readout), of(task, "trained", readout)
    found = [[] for _ in range(3)] if form == "trained" else against(one, other)
    return [[scored(one, "correct")], *found, [one.peak_mib("serve")]]


def news(cells: list[str]) -> list[list[object]]:
    return line("fpb", code(cells[1]), READOUTS[cells[0]])


def insurer(cells: list[str]) -> list[list[object]]:
    return line("insurer-ko", code(cells[0]), "generate")


def beside(a: Run, b: Run, *wanted: int) -> list[object]:
    """Of the difference a - b, the share of equal answers and the rows that flipped those wanted."""
    found = against(a, b)
    return [found[number] for number in wanted]


def labels_in_likelihood(form: str) -> Run:
    return of("fpb", form, "loglikelihood")


PARITY: list[Rule] = [
    Says("with {} training rows of `fpb`", lambda: [of("fpb").record["task"]["rows"]["train"]]),
    Says("`insurer-ko`; {} test rows each", lambda: [len(of("fpb").rows)]),
    Table("| answers | form |", news),
    Table("| form | exact match |", insurer),
    Says("written to `insurer-ko` {} are those of the same weights in process\n  (`merged`), and {} rows flip",
         lambda: beside(of("insurer-ko", "vllm"), of("insurer-ko", "merged"), 1, 2)),
    Says("it gives {} of the\n  answers again, and is {} [{}, {}] below",
         lambda: beside(of("insurer-ko"), of("insurer-ko", "merged"), 1, 0)),
    Says("**{} bits change next to nothing, {} bits something**: `gguf-q8` flips {} row, `gguf-q4` {}, and is {} [{}, {}] below",
         lambda: [8, 4, beside(of("fpb"), of("fpb", "gguf-q8"), 2), beside(of("fpb"), of("fpb", "gguf-q4"), 2, 0)]),
    Says("with `nf4` {} rows of `fpb` flip, in both directions, and {} of the\n  labels stay",
         lambda: beside(labels_in_likelihood("trained"), labels_in_likelihood("nf4"), 2, 1)),
    Says("{} of the answers stay and {} rows\n  flip, though exact match is {} [{}, {}] below",
         lambda: beside(of("insurer-ko"), of("insurer-ko", "nf4"), 1, 2, 0)),
    Says("`gguf-q4` is alike: {} stay, {} rows\n  flip",
         lambda: beside(of("insurer-ko"), of("insurer-ko", "gguf-q4"), 1, 2)),
]  # fmt: skip
SECTIONS = {"What is deployed is what was measured": PARITY}
