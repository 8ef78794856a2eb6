"""docs/findings.md: questions that a model proposed, against the gold of the invented insurer."""

from __future__ import annotations

import json
from typing import Any

from tests.docs.recomputed.frame import Rule, Table
from tests.docs.recomputed.records import ROOT
from tests.docs.recomputed.statistics import Estimate, wilson
from tests.docs.sections.news import code

PASSED = ("", "not needed")  # of what no filter dropped


def record(task: str) -> dict[str, Any]:
    path = ROOT / "results" / "questions" / f"{task}.json"
    return json.loads(path.read_text("utf-8"))


def proposals(task: str) -> list[dict[str, Any]]:
    return [each for each in record(task)["proposals"] if each["kind"] == "answerable"]


def right(found: list[dict[str, Any]]) -> tuple[Estimate, int]:
    """The share that gold calls right, of those that it judges, and how many these are."""
    verdicts = [each["verdict"] for each in found if each.get("verdict") in ("right", "wrong")]
    return wilson(verdicts.count("right"), len(verdicts)), len(verdicts)


def row(cells: list[str]) -> list[list[object]]:
    every = proposals(code(cells[0]))
    passed = [each for each in every if each["dropped"] in PASSED]
    outside = [each for each in passed if each["verdict"] == "outside"]
    before, after = right(every), right(passed)
    return [[len(every)], [len(passed)], [*before], [*after], [len(outside)]]


RULES: list[Rule] = [
    Table("| documents | proposed |", row),
]
SECTIONS = {"Questions that a model proposes": RULES}
