"""docs/findings.md: questions to a Korean insurer, each family tuned for the same dollars."""

from __future__ import annotations

from tests.docs.recomputed.frame import Rule, Says, Table
from tests.docs.recomputed.records import Run, run, runs
from tests.docs.recomputed.statistics import (
    Figure,
    difference,
    mean,
    over_seeds_difference,
    scored,
)
from tests.docs.sections.news import code, forgotten
from tests.docs.sections.readme import of

METRIC = "exact_match"


def asked(strategy: str) -> Run:
    return run("tuned", "insurer-ko", strategy)


def tried(one: Run) -> list[float]:
    """Scores on dev of the settings that were finished."""
    return [each["value"] for each in one.record["tuning"]["tried"] if each["value"] is not None]


def several(strategy: str) -> tuple[Run, ...]:
    return runs("tuned", "insurer-ko", strategy)


def seeds(strategy: str) -> list[Figure]:
    return [scored(one, METRIC)[0] for one in several(strategy)]


def part(one: Run, name: str) -> float:
    found = mean(one.values(METRIC, of(name)), one.clusters)
    return found[0].value


def row(cells: list[str]) -> list[list[object]]:
    one = asked(code(cells[0]))
    tuning = one.record["tuning"]
    best = tuning["tried"][tuning["best"]]["parameters"]
    found = ", ".join(f"{name}={value}" for name, value in best.items())
    if found != (code(cells[2]) if best else ""):
        raise LookupError(f"{cells[0]} found {found}")
    return [
        [len(tuning["tried"])],
        [],
        [one.weights] if one.weights else [],
        [max(tried(one))],
        [scored(one, METRIC)],
        [part(one, "seen")],
        [part(one, "unseen")],
        [one.once],
        forgotten(one),
    ]


def above(a: str, b: str) -> object:
    return difference(asked(a), asked(b), METRIC)


def sizes() -> list[float]:
    one = asked("lora")
    tuning, rows = one.record["tuning"], one.record["task"]["rows"]
    return [rows["train"], len(one.rows), tuning["rows"], tuning["usd"]]


TUNED: list[Rule] = [
    Says("{} training rows, {} test rows, seed 0; each family searched on the {} dev rows for {},",
         sizes),
    Table("| strategy | tried | found |", row),
    Says("at its defaults gets {}, {} and {} with three seeds, the best LoRA that was\n  found {}, {} "
         "and {}: {} [{}, {}] more", lambda: [
             seeds("few-shot+rag"), seeds("lora"),
             over_seeds_difference(several("few-shot+rag"), several("lora"), METRIC)]),
    Says("no training row shows ({}) as on the others ({})", lambda: [
        part(asked("few-shot+rag"), "unseen"), part(asked("few-shot+rag"), "seen")]),
    Says("has {} on dev and {} on the test ({} on seen facts, {} on others), and general text takes "
         "{} % [{} %, {} %] more", lambda: [
             max(tried(asked("lora"))), scored(asked("lora"), METRIC)[0],
             part(asked("lora"), "seen"), part(asked("lora"), "unseen"),
             forgotten(asked("lora"))]),
    Says("`full-finetune` is {} [{}, {}] and learnt tokens are {} [{}, {}] below", lambda: [
        above("lora", "full-finetune"), above("lora", "prompt-tuning")]),
    Says("more settings than {} of a CPU", lambda: [asked("lora").record["tuning"]["usd"]]),
]  # fmt: skip

SECTIONS = {"Families at equal dollars: `insurer-ko`": TUNED}
