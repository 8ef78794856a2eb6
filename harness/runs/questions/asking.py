"""The model that proposes: what it answers is on disk before it is used, and asked for once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from harness.config import RunConfig
from harness.costs.book import load_book
from harness.models.base import Model
from harness.models.endpoint import Endpoint
from harness.records.files import Json, append_lines, each_line
from harness.records.keys import digest
from harness.records.ledger import PhaseTotal, read_ledger, totals
from harness.runs.loader import RESPONSES, ModelNote, loader_of
from harness.runs.plan import Rows, make_plan
from harness.runs.predicting.answer import together
from harness.runs.prepare import LEDGER, ledger_of, price_of
from harness.runs.serving import Bill
from harness.strategy.context import Monitor
from harness.task.task import Task
from harness.types import GenRequest, Prompt

__all__ = ["Asker"]

ANSWERS = "answers.jsonl"


class Asker:
    """Asks a plan's model, and keeps answers and what they took in a folder.

    Args:
        config: Names the model, and the server where it is behind one.
        task: Stands in for the task of a run; its rows are never loaded.
        folder: Where answers, a server's responses and the ledger lie.
        monitor: Told of progress.
    """

    def __init__(self, config: RunConfig, task: Task, folder: Path, monitor: Monitor) -> None:
        none = Rows([], [], [], {"train": "", "dev": "", "test": ""})
        self.plan = make_plan(config, monitor, given=(task, none))
        self.failed: dict[str, str] = {}  # by question: why a server gave no answer
        self._folder, self._monitor, self._note = folder, monitor, ModelNote()
        self._ledger = ledger_of(self.plan, folder / LEDGER)
        self._model: Model | None = None
        self._known = {line["key"]: line["text"] for line in each_line(folder / ANSWERS, [])}
        if isinstance(
            self.plan.model, Endpoint
        ):  # costs nothing, and its journal says what was paid
            self._load()

    @property
    def name(self) -> str:
        """The model's name."""
        return self.plan.model.name if self.plan.model else "none"

    def texts(self, label: str, prompts: Sequence[Prompt], max_tokens: int) -> list[str | None]:
        """Returns what the model writes to each prompt; None where a server gave no answer."""
        keys = [self._key(prompt, max_tokens) for prompt in prompts]
        missing = {
            key: GenRequest(key, prompt, ("\n\n",), max_tokens)
            for key, prompt in zip(keys, prompts, strict=True)
            if key not in self._known
        }
        requests, size = list(missing.values()), together(self.plan)
        for start in range(0, len(requests), size):
            self._monitor.progress(label, len(prompts) - len(requests) + start, len(prompts))
            self._ask(requests[start : start + size])
        self._monitor.progress(label, len(prompts), len(prompts))
        return [self._known.get(key) for key in keys]

    def _key(self, prompt: Prompt, max_tokens: int) -> str:
        model = self.plan.model
        return digest([model.digest if model else "", asdict(prompt), max_tokens])[:32]

    def _ask(self, requests: Sequence[GenRequest]) -> None:
        model, path = self._load(), self._folder / LEDGER
        bill = Bill(self._note.paid, path, "serve") if self._note.paid else None
        lines = []
        with self._ledger.phase("serve") as spend:
            try:
                for made in model.generate(requests):
                    if bill is None:
                        spend.usage.add(made.usage)
                    if made.error is None:
                        lines.append({"key": made.id, "text": made.text})
                    else:
                        self.failed[made.id] = made.error
            finally:
                spend.count(requests=len(lines))
                if bill is not None:
                    bill.add(spend)
                append_lines(self._folder / ANSWERS, lines)
        self._known |= {line["key"]: line["text"] for line in lines}

    def _load(self) -> Model:
        if self._model is None:
            notify = self._monitor.message
            with self._ledger.phase("load"):
                self._model = loader_of(self.plan, self._note, self._folder / RESPONSES, notify)()
        return self._model

    def spent(self) -> Json:
        """Returns what all answers took, those of earlier attempts included; dollars, or why not."""
        phases = totals(read_ledger(self._folder / LEDGER))
        serving, config = phases.get("serve", PhaseTotal()), self.plan.config
        cost = price_of(self.plan, self._note.info, load_book(config.prices), deployment=phases)
        each, requests = cost.usd_per_1k_requests, serving.quantities.get("requests", 0.0)
        return {
            "requests": int(requests),
            "seconds": round(serving.seconds, 1),
            "input_tokens": serving.usage.input_tokens,
            "output_tokens": serving.usage.output_tokens,
            "usd": None if each is None else each * requests / 1000,
            "usd_note": cost.notes.get("usd_per_1k_requests", ""),
        }
