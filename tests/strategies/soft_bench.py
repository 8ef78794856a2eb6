"""A tiny task and a tiny model on which weights are trained, interrupted and looked at."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tiny_models import tiny_gemma3

from harness import devices
from harness.models.local import scoring
from harness.models.local.model import LocalModel, load_local
from harness.models.local.tiny import tiny_llama
from harness.runs.contract import _Bench as ContractBench
from harness.runs.contract import _config
from harness.runs.plan import make_plan
from harness.runs.prepare import context_of, ledger_of
from harness.strategy.context import Monitor
from harness.strategy.registry import create_strategy

CPU = devices.select("cpu", "float32")


class Stopping(Monitor):
    """Asks training to stop after so many steps."""

    def __init__(self, steps: int | None) -> None:
        self.left, self.said = steps, []

    def message(self, text: str) -> None:
        self.said.append(text)

    def stopping(self) -> bool:
        if self.left is None:
            return False
        self.left -= 1
        return self.left <= 0


@dataclass
class Made:
    """A prepared artifact."""

    bench: Bench
    context: Any
    strategy: Any
    said: list[str]
    ledger: Path

    @property
    def folder(self) -> Path:
        return self.context.artifact / self.strategy.weights.name

    @property
    def adapter(self) -> Path:
        return self.folder / "adapter"

    @property
    def training(self) -> dict[str, Any]:
        return json.loads((self.folder / "training.json").read_text(encoding="utf-8"))

    def load(self) -> LocalModel:
        """Loads the model as it answers."""
        model = self.strategy.weights.load(self.context.part(self.strategy.weights.name))
        assert isinstance(model, LocalModel)
        return model

    def scores(self, batch: int | None = None) -> list[float]:
        """The scores of all labels of all test rows, by id."""
        before = dict(scoring.TOKEN_BUDGET)
        if batch is not None:
            scoring.TOKEN_BUDGET["cpu"] = batch
        try:
            outputs = list(self.strategy.predictor(self.context).predict(self.bench.queries))
        finally:
            scoring.TOKEN_BUDGET.update(before)
        ordered = sorted(outputs, key=lambda output: output.id)
        return [score for output in ordered for score in output.scores.values()]


class Bench:
    """The contract suite's tiny task, with a model of one's choice."""

    def __init__(self, root: Path, kind: str) -> None:
        self.root, self.count = root, 0
        strategy = create_strategy("lora")
        config = _config(root, "lora", strategy, {})
        self.model = root / "tiny"
        tiny_gemma3(self.model) if kind == "gemma3" else tiny_llama(self.model)
        self.config = config.model_copy(update={"model": str(self.model), "train_limit": 24})
        self.rows = make_plan(self.config).rows
        self.plan_queries = ContractBench("lora", make_plan(self.config), root).queries[:6]

    @property
    def queries(self) -> list[Any]:
        return self.plan_queries

    def load(self) -> LocalModel:
        """Loads the model without anything that was learnt."""
        return load_local(self.model, device=CPU)

    def digest(self) -> str:
        """The digest of the model's files."""
        files = sorted(path for path in self.model.iterdir() if path.is_file())
        return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()

    def prepared(
        self, strategy: str, *, seed: int = 0, stop_after: int | None = None, **values: Any
    ) -> Made:
        """Prepares, after an interruption if `stop_after` steps are given."""
        self.count += 1
        settings = {"batch_size": 4, "log_every": 100} | values
        config = self.config.model_copy(
            update={"strategy": strategy, "set": settings, "seed": seed}
        )
        plan = make_plan(config)
        artifact = self.root / f"artifact-{self.count}"
        artifact.mkdir()
        ledger = self.root / f"ledger-{self.count}.jsonl"
        monitors = [Stopping(stop_after)] if stop_after else []
        said: list[str] = []
        for monitor in [*monitors, Stopping(None)]:
            context = context_of(plan, artifact, ledger_of(plan, ledger))
            object.__setattr__(context, "monitor", monitor)
            try:
                plan.strategy.prepare(context)
                assert monitor.left is None, "it wasn't interrupted"
            except KeyboardInterrupt:
                assert monitor.left is not None
            said = monitor.said
        return Made(self, context, plan.strategy, said, ledger)
