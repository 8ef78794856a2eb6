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


PARITY: list[Rule] = [
    Says("with {} training rows of `fpb`", lambda: [of("fpb").record["task"]["rows"]["train"]]),
    Says("{} test rows each", lambda: [len(of(task).rows) for task in ("fpb",)]),
    Table("| answers | form |", news),
    Table("| form | exact match |", insurer),
]
SECTIONS = {"What is deployed is what was measured": PARITY}
