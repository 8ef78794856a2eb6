"""docs/findings.md: several in a row, a person at last."""

from __future__ import annotations

import re

import numpy as np

from tests.docs.recomputed.cascade import Found, Prices, cascade
from tests.docs.recomputed.frame import Rule, Says, Table
from tests.docs.recomputed.records import book, runs

INSURER, TUNED, CLAIMS = "korean-insurance", "tuned", "insurer-claims-ko"
L4 = book()["defaults"]["projection"]
NEWS = Prices(1, 0.2, L4)


def asked(cells: list[str]) -> tuple[Prices, list[float]]:
    """The prices of a row, and its figures: of claims, what a person costs in won."""
    told = [float(each) for each in re.findall(r"\$(\d+(?:\.\d+)?)", cells[1])]
    if not told:
        return Prices(), [person()]
    return Prices(*told, hardware=L4 if "on an L4" in cells[0] else None), told


def person() -> float:
    rows = [row["values"] for one in runs(INSURER, CLAIMS) for row in one.rows]
    (won,) = {values["expected_loss"] for values in rows if values["handover"]}
    return float(won)


def row(cells: list[str]) -> list[list[object]]:
    prices, told = asked(cells)
    study, task = (TUNED, "fpb") if "fpb" in cells[0] else (INSURER, cells[0].strip("`"))
    found = cascade(study, task, prices)
    first, last = found.stages
    if f"`{first}`, then a person" not in cells[3] or last != "person":
        raise LookupError(f"the cascade of {cells[0]} is {found.stages}")
    if (cells[2].split(",")[0] == "a person") != (found.best == "person"):
        raise LookupError(f"the best alone is {found.best}: {cells[2]}")
    words = ["less" if each < 0 else "more" for each in found.difference]
    if re.findall("less|more", cells[4]) != words:
        raise LookupError(f"not {words}: {cells[4]}")
    return [told, [found.alone], [found.total], [abs(each) for each in found.difference]]


def decided() -> list[float]:
    """Claims that `tfidf` keeps, all of them, and what the surest of them lose."""
    found = cascade(INSURER, CLAIMS, Prices())
    (one,) = (each for each in runs(INSURER, CLAIMS) if "_tfidf_" in each.folder.name)
    handed = {row["id"]: row["values"]["handover"] for row in one.rows}
    sure = {
        row["id"]: max(row["scores"].values()) / sum(row["scores"].values()) for row in one.rows
    }
    own = sorted((name for name in sure if not handed[name]), key=lambda name: -sure[name])
    count = round((1 - found.passed[0]) * len(one.rows))
    lost = {row["id"]: row["values"]["expected_loss"] for row in one.rows}
    mean = float(np.mean([lost[name] for name in own[:count]]))
    return [len(own), len(one.rows), count, mean, person()]


def passed() -> list[float]:
    return [100 * cascade(INSURER, "insurer-ko", Prices(1, 0.5)).passed[0]]


def news() -> list[float]:
    found: Found = cascade(TUNED, "fpb", NEWS)
    assert found.difference[2] < 0
    assert len([one for one in runs(TUNED, "fpb") if "_lora_" in one.folder.name]) == 3
    saved = -100 * found.difference[0] / found.alone
    return [100 * found.passed[0], saved, NEWS.person / NEWS.error]  # type: ignore[operator]


CASCADE: list[Rule] = [
    Table("| task | what an answer costs |", row),
    Says("decides {} of {} claims itself, and the {} that it is surest of lose\n{} won each, where a "
         "person costs {}", decided),
    Says("leaves unanswered ({} %)", passed),
    Says("over three seeds passes the {} % that it is\nleast sure of on to a person and costs {} % less "
         "than alone, if a person costs a {} of a wrong", news),
    Says("At {} of one it isn't shown", lambda: [0.5]),
]  # fmt: skip
SECTIONS = {"A cascade": CASCADE}
