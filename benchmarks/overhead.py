"""What a run spends outside the model: seconds and memory for each item, at two sizes.

A tiny random model answers questions made up here; the clock stops while its forward pass runs.
What is left is ours: tokenising, planning, packing, reading, and in a whole run the table, the
predictions on disk and the metrics with their intervals. Per item it should be the same for few
and for many.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.contract import Done, Options
from benchmarks.rounds import Notify, Worker
from harness.cli.output import console, table
from harness.types import Prompt, ScoreRequest, Section

__all__ = ["SIDES", "Overhead", "Scoring", "WholeRun", "measure", "show"]

LABELS = ("positive", "negative", "neutral")
WORDS = [
    "revenue",
    "fell",
    "rose",
    "the",
    "claim",
    "was",
    "denied",
    "paid",
    "net",
    "profit",
    "보험",
]
LENGTH = 12  # words of a question
TASK = """\
name: made-up
kind: classification
source: {files: [{path: rows.jsonl}]}
columns: {id: id, input: text, target: label, split: split}
labels: {positive: positive, negative: negative, neutral: neutral}
prompt: {instructions: "Is it positive, negative or neutral?", cue: "Answer:"}
metrics: [accuracy, macro_f1]
primary: accuracy
"""


def question(number: int) -> str:
    """Returns a question that no other number has."""
    words = [WORDS[(number // len(WORDS) ** place) % len(WORDS)] for place in range(LENGTH - 1)]
    return " ".join([*words, str(number)])


@contextmanager
def timed_forward(model_class: Any) -> Iterator[list[float]]:
    """Yields a list of one number: the seconds that forward passes of a class took so far."""
    seconds, forward = [0.0], model_class.forward

    def timed(*args: Any, **options: Any) -> Any:
        since = time.process_time()
        try:
            return forward(*args, **options)
        finally:
            seconds[0] += time.process_time() - since

    model_class.forward = timed
    try:
        yield seconds
    finally:
        model_class.forward = forward


class _Tiny:
    """A tiny Llama in a folder of its own, as long as the process lives."""

    def __init__(self, options: Options) -> None:
        from harness.models.local.tiny import tiny_llama

        self._folder = tempfile.TemporaryDirectory()
        self.root = Path(self._folder.name)
        self.items = options.items or 0
        self.model = tiny_llama(self.root / "model", chat=False)

    def warm_up(self) -> Mapping[str, Any]:
        """Nothing gets faster here."""
        return {}

    def run(self) -> Done:
        """Does the work, and says how long forward passes took."""
        from transformers import LlamaForCausalLM

        with timed_forward(LlamaForCausalLM) as seconds:
            self.work()
        return Done(None, figures={"model_seconds": seconds[0]})

    def work(self) -> None:
        """What is measured."""
        raise NotImplementedError


class Scoring(_Tiny):
    """Scores requests, and forgets the answers as they come."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        from harness.devices import Device
        from harness.models.local.model import load_local

        self._loaded = load_local(self.model, device=Device("cpu", 0, "", "float32"))

    def work(self) -> None:
        """Scores all questions with one call."""
        head = Section("instructions", "Is it positive, negative or neutral?")
        requests = [
            ScoreRequest(str(n), Prompt((head, Section("question", question(n)))), LABELS)
            for n in range(self.items)
        ]
        answered = sum(1 for _ in self._loaded.score(requests))
        assert answered == self.items


class WholeRun(_Tiny):
    """A run from start to end: the table, a strategy, predictions on disk, metrics."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        lines = (
            {"id": str(n), "text": question(n), "label": LABELS[n % 3], "split": "test"}
            for n in range(self.items)
        )
        with (self.root / "rows.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (self.root / "made-up.yaml").write_text(TASK, encoding="utf-8")

    def work(self) -> None:
        """Runs zero-shot on all rows."""
        from harness.config import run_config
        from harness.runs.runner import run

        run(
            run_config(
                strategy="zero-shot",
                task=str(self.root / "made-up.yaml"),
                model=str(self.model),
                device="cpu",
                dtype="float32",
                limit=0,
                results=self.root / "results",
                offline=True,
            )
        )


SIDES = {"scoring": "benchmarks.overhead:Scoring", "run": "benchmarks.overhead:WholeRun"}


@dataclass(frozen=True, slots=True)
class Overhead:
    """What one kind of work took, in processor time."""

    work: str  # ``scoring`` or ``run``
    items: int
    seconds: float  # in all
    model_seconds: float  # inside forward passes
    microseconds_per_item: float  # outside them
    extra_bytes: int  # peak memory beyond what was resident before


def measure(
    items: int,  # how many; each measurement has a process of its own
    notify: Notify,
) -> list[Overhead]:
    """Measures both kinds of work, each at a tenth of the items and at all of them."""
    options = Options("", "tiny", "", "float32", items, threads=1, clock="cpu")
    found = []
    for work, reference in SIDES.items():
        for count in (max(1, items // 10), items):
            notify(f"{work}: {count:,} items")
            worker = Worker(reference, replace(options, items=count))
            answer = worker.ask("run")
            worker.close()
            found.append(_overhead(work, count, answer))
    return found


def _overhead(work: str, items: int, answer: Mapping[str, Any]) -> Overhead:
    inside = answer["figures"]["model_seconds"]
    return Overhead(
        work,
        items,
        answer["seconds"],
        inside,
        (answer["seconds"] - inside) / items * 1e6,
        answer["peak_bytes"] - answer["resident_bytes"],
    )


def as_dict(found: list[Overhead]) -> dict[str, Any]:
    """Returns the figures as one JSON object, with how the time of an item grows."""
    growth = {
        many.work: many.microseconds_per_item / few.microseconds_per_item
        for few, many in zip(found[::2], found[1::2], strict=True)
    }
    return {"benchmark": "overhead", "measured": [asdict(each) for each in found], "growth": growth}


def show(found: list[Overhead], out: Console | None = None) -> None:
    """Prints the figures for people."""
    out = out or console()
    lines = table("work", "items", "seconds", "in the model", "outside, an item", "extra memory")
    for each in found:
        lines.add_row(
            each.work,
            f"{each.items:,}",
            f"{each.seconds:.1f}",
            f"{each.model_seconds:.1f}",
            f"{each.microseconds_per_item:,.0f} µs",
            f"{each.extra_bytes / 2**20:,.0f} MiB",
        )
    out.print(lines)
