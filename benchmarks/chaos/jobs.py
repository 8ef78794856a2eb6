"""What is disturbed: five commands that go through all phases, with a tiny model."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from harness.models.endpoint.throttle import MOST_AT_ONCE

__all__ = ["KILLS", "Job", "jobs", "write_inputs"]

KILLS = 50  # in all that the jobs name
ROWS = 600


@dataclass(frozen=True, slots=True)
class Job:
    """A command, and how often it is killed in which phase."""

    name: str
    arguments: Callable[[Path], list[str]]  # of ``harness``, for a folder of results
    kills: Mapping[str, int]  # by phase of the ledger; ``any`` is any moment after the start
    at_once: int = 0  # Requests to a server that may be under way when it is killed
    reads: tuple[str, ...] = ()  # Jobs whose records it is given
    pages: tuple[str, ...] = ()  # Files besides the records that have to be equal

    @property
    def share(self) -> float:
        """Of all kills."""
        return sum(self.kills.values()) / KILLS


def write_inputs(folder: Path) -> None:
    """Writes a tiny random model, two tables and a study file."""
    from harness.models.local.tiny import tiny_llama

    tiny_llama(folder / "tiny")
    moves = [
        {"text": f"profit of line {n} {'rose' if n % 2 else 'fell'} by {n} %", "label": "ud"[n % 2]}
        for n in range(ROWS)
    ]
    asked = [
        {"question": f"What does policy {n} pay for water?", "answer": f"{17 * n} euros"}
        for n in range(ROWS)
    ]
    for name, rows in (("moves", moves), ("asked", asked)):
        lines = "".join(f"{json.dumps(row)}\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    study = {
        "name": "light",
        "summary": "Three cells without a model.",
        "matrix": {"strategy": ["majority", "bm25-answer", "tfidf"]},
        "defaults": {"task": "insurer-ko", "limit": 150, "ragas": "off"},
    }
    (folder / "light.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")


def jobs(folder: Path, url: str) -> tuple[Job, ...]:
    """Returns the jobs, whose inputs lie in a folder and whose server is at `url`."""
    local = ["--model", str(folder / "tiny"), "--device", "cpu", "--dtype", "float32"]
    quiet = ["--no-latency", "--offline", "--quiet"]
    moves = ["--data", str(folder / "moves.jsonl"), "--input", "text", "--target", "label"]
    moves += ["--split", "40/10/50"]
    asked = ["--data", str(folder / "asked.jsonl"), "--input", "question", "--target", "answer"]
    asked += ["--kind", "qa", "--split", "10/10/80"]
    steps = ["--set", "max_steps=150", "--set", "checkpoint_every=5", "--set", "rank=2"]
    server = ["--model", "endpoint:invented", "--base-url", url, "--no-latency", "--quiet"]

    def run(strategy: str, *options: str) -> Callable[[Path], list[str]]:
        def arguments(results: Path) -> list[str]:
            return ["run", "--strategy", strategy, *options, "--results", str(results)]

        return arguments

    def study(results: Path) -> list[str]:
        return ["study", str(folder / "light.yaml"), "--results", str(results)]

    def report(results: Path) -> list[str]:
        page = results.parent / "page.html"
        return ["report", "--results", str(results), "--out", str(page)]

    return (
        Job("train", run("lora", *moves, *local, *steps, *quiet),
            {"any": 2, "load": 2, "train": 10, "save": 2, "serve": 4}),
        Job("retrieve", run("rag", "--task", "insurer-ko", "--limit", "150", *local, *quiet),
            {"index": 6, "serve": 3, "judge": 2}),
        Job("vendor", run("zero-shot", *asked, *server), {"serve": 10}, at_once=MOST_AT_ONCE),
        Job("study", study, {"any": 5}),
        Job("report", report, {"any": 4}, reads=("train", "study"), pages=("page.html",)),
    )  # fmt: skip
