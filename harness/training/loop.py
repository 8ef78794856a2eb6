"""Completion-only training: loss on the answers, logits only where there is one."""

from __future__ import annotations

import copy
import logging
import math
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch

from harness import devices
from harness.errors import DataError, OutOfMemory, TrainingDiverged
from harness.models.local.forward import inference_mode
from harness.models.local.fused_lora import fused_adapters
from harness.models.local.packing import can_pack, packing
from harness.models.local.soft_prompt import learnt_ids
from harness.models.local.threads import settle
from harness.models.render import Encoded
from harness.records.ledger import Ledger, PhaseTotal, Spend, totals
from harness.training.checkpoints import load_checkpoint, save_checkpoint
from harness.training.losses import Loss, answer_loss, mean_over, packed_answer_loss
from harness.training.optimizers import Masters, learning_rate, make_optimizer
from harness.training.recipe import Recipe, plan_steps
from harness.training.room import parts

__all__ = ["LogLine", "Loss", "Stepping", "TrainResult", "train"]

log = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 60.0
"""Returns the summed loss of rows, and the positions that ran; each row has one label."""
REPEATED = "steps_repeated"
"""Steps that a killed attempt took after its last checkpoint: they are taken, and billed, again."""


@dataclass(frozen=True)
class LogLine:
    """State after a step; losses are means a label token, in nats."""

    step: int
    steps: int
    loss: float
    dev_loss: float | None
    lr: float
    grad_norm: float
    tokens_per_second: float
    eta_seconds: float


@dataclass
class TrainResult:
    """What training did."""

    steps: int = 0  # optimizer steps that were taken
    planned_steps: int = 0  # as the recipe asks for
    final_loss: float = math.nan  # mean loss a label token, nats, of the last step
    best_dev_loss: float | None = None  # None where none was measured
    optimizer: str = "adamw"
    learning_rate: float = math.nan
    trainable_parameters: int = 0  # how many weights learnt
    packed: bool = False  # rows ran without padding, a batch's shared prefix once
    rows_at_once: int = 0  # most rows that ran at a time; fewer than a batch where memory is short
    positions_at_once: int = 0  # most of their tokens, padding included
    stopped_early: bool = False  # patience ended it
    history: list[dict[str, Any]] = field(default_factory=list)


class Stepping(Protocol):
    """What a method does around each optimizer step, numbered from 1."""

    def before(self, step: int, steps: int) -> None:
        """Adds to the gradients."""

    def after(self, step: int, steps: int) -> None:
        """Changes weights, while the gradients are still there."""

    def state(self) -> dict[str, torch.Tensor]:
        """Returns what a checkpoint keeps; that of a resumed training is copied into it."""


def train(
    module: torch.nn.Module,
    rows: Sequence[Encoded],
    *,
    recipe: Recipe,
    device: torch.device,
    seed: int,
    pad_id: int,  # fills short rows
    checkpoint_dir: Path,
    ledger: Ledger,  # gets phases of their own for evaluations and checkpoints
    spend: Spend,  # gets tokens and sizes of the training
    dev: Sequence[Encoded] = (),
    on_log: Callable[[LogLine], None] = lambda line: None,
    should_stop: Callable[[], bool] = lambda: False,
    most: int | None = None,  # positions that may run at a time; the result is that of any number
    loss: Loss | None = None,  # in place of that of the answers' tokens, for models without a head
    stepping: Stepping | None = None,
) -> TrainResult:
    """Trains the weights that require gradients; goes on from the last checkpoint.

    Raises:
        TrainingDiverged: The loss is no number.
        DataError: A row is longer than ``max_length``.
        KeyboardInterrupt: `should_stop` asked for it; a checkpoint was written.
    """
    _check_lengths([*rows, *dev], recipe)
    trainer = _Trainer(module, rows, recipe, device, seed, pad_id, dev, most, loss, stepping)
    trainer.resume(checkpoint_dir)
    counted = totals(ledger.earlier(spend.phase)).get(spend.phase, PhaseTotal()).quantities
    repeated = counted.get("steps", 0) - counted.get(REPEATED, 0) - trainer.result.steps
    if repeated > 0:
        spend.count(**{REPEATED: repeated})
    spend.count(recompute=float(recipe.checkpointing))
    spend.quantities["trainable_parameters"] = trainer.result.trainable_parameters
    spend.quantities["full"] = float(all(p.requires_grad for p in module.parameters()))
    try:
        fused = nullcontext() if loss else fused_adapters(module)
        with fused, packing(module) if trainer.packs else nullcontext():
            trainer.run(ledger, spend, checkpoint_dir, on_log, should_stop)
    except (RuntimeError, MemoryError) as error:
        if not devices.out_of_memory(error):
            raise
        raise OutOfMemory(
            f"out of memory with micro-batches of {len(trainer.running)} rows",
            "--set checkpointing=true, a lower rank or max_length, or a smaller model.",
        ) from error
    return trainer.result


def _check_lengths(rows: Sequence[Encoded], recipe: Recipe) -> None:
    longest = max(len(row.ids) for row in rows)
    if longest > recipe.max_length:
        raise DataError(
            f"a training row has {longest} tokens, max_length is {recipe.max_length}",
            "Shorten the row, or --set max_length=...",
        )


class _Trainer:
    """The state of one training."""

    def __init__(
        self,
        module: torch.nn.Module,
        rows: Sequence[Encoded],
        recipe: Recipe,
        device: torch.device,
        seed: int,
        pad_id: int,
        dev: Sequence[Encoded],
        most: int | None = None,
        loss: Loss | None = None,
        stepping: Stepping | None = None,
    ) -> None:
        self.stepping = stepping
        self.module, self.rows, self.dev = module, rows, dev
        self.recipe, self.device, self.pad_id = recipe, device, pad_id
        self.masters = Masters(module)
        self.trainable = self.masters.weights
        if recipe.checkpointing:
            module.gradient_checkpointing_enable({"use_reentrant": False})
            module.enable_input_require_grads()
        self.own_loss = loss
        self.packs = loss is None and can_pack(module)
        self.learnt = 0 if loss else len(learnt_ids(module))  # tokens of each row that aren't text
        self.shares = not any(
            isinstance(layer, torch.nn.Dropout) and layer.p > 0 for layer in module.modules()
        )
        self.optimizer, name = make_optimizer(self.trainable, recipe)
        self.plan = plan_steps([len(row.ids) for row in rows], recipe, seed)
        count = sum(parameter.numel() for parameter in self.trainable.values())
        self.result = TrainResult(
            planned_steps=len(self.plan),
            optimizer=name,
            learning_rate=recipe.peak,
            trainable_parameters=count,
            packed=self.packs,
        )
        self.best: dict[str, torch.Tensor] | None = None
        self.waited = 0
        self.most = most  # positions at a time; fewer once memory ran out
        self.running: Sequence[Encoded] = ()  # rows that ran last
        torch.manual_seed(seed)

    def resume(self, folder: Path) -> None:
        """Takes up the last checkpoint, if there is one."""
        state = load_checkpoint(folder, self._kept(), self.optimizer)
        if state is not None:
            self.masters.publish()
            self.result = TrainResult(**state["result"])
            self.best, self.waited = state["best"], state["waited"]

    def _kept(self) -> dict[str, torch.Tensor]:
        """Returns what a checkpoint holds: the weights that learn, and a method's own state."""
        return {**self.trainable, **(self.stepping.state() if self.stepping else {})}

    def run(
        self,
        ledger: Ledger,
        spend: Spend,
        folder: Path,
        on_log: Callable[[LogLine], None],
        should_stop: Callable[[], bool],
    ) -> None:
        self.module.train()
        steps, began, saved = len(self.plan), time.monotonic(), time.monotonic()
        first, tokens = self.result.steps, 0
        while self.result.steps < steps and not self.result.stopped_early:
            step = self.result.steps
            rate = learning_rate(step, steps, self.recipe)
            loss, norm, seen = self._step(step, rate, spend)
            tokens += seen
            self.result.steps, self.result.final_loss = step + 1, loss
            dev_loss = self._evaluate(step + 1, steps, ledger)
            self.result.history.append({"step": step + 1, "loss": loss, "dev_loss": dev_loss})
            seconds = time.monotonic() - began
            if (step + 1) % self.recipe.log_every == 0 or step + 1 == steps:
                left = seconds / (step + 1 - first) * (steps - step - 1)
                speed = tokens / seconds
                on_log(LogLine(step + 1, steps, loss, dev_loss, rate, norm, speed, left))
            stop = should_stop()
            if stop or self._due(step + 1, saved):
                with ledger.phase("save"):
                    state = {"result": asdict(self.result), "waited": self.waited}
                    save_checkpoint(folder, self._kept(), self.optimizer, self.best, state)
                saved = time.monotonic()
            if stop:
                raise KeyboardInterrupt
        if self.best is not None:
            with torch.no_grad():
                for name, value in self.best.items():
                    self.trainable[name].copy_(value)
            self.masters.publish()

    def _text(self, rows: Sequence[Encoded]) -> int:
        return sum(len(row.ids) - self.learnt for row in rows)

    def _due(self, step: int, saved: float) -> bool:
        if self.recipe.checkpoint_every:
            return step % self.recipe.checkpoint_every == 0
        return time.monotonic() - saved > CHECKPOINT_SECONDS

    def _step(self, step: int, rate: float, spend: Spend) -> tuple[float, float, int]:
        """Takes one optimizer step: the mean over all label tokens of its micro-batches."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        rows = [self.rows[row] for batch in self.plan[step] for row in batch]
        labels, seen = sum(map(_labels, rows)), self._text(rows)
        loss, ran = self._gradients(self.plan[step], labels, spend)
        spend.usage.computed_tokens += ran
        spend.usage.input_tokens += seen
        spend.usage.scored_positions += labels
        spend.count(steps=1, sequences=len(rows))
        if self.stepping:
            self.stepping.before(step + 1, len(self.plan))
        weights = list(self.trainable.values())
        norm = torch.nn.utils.clip_grad_norm_(weights, self.recipe.max_grad_norm).item()
        if not math.isfinite(loss) or not math.isfinite(norm):
            raise TrainingDiverged(
                f"the loss is no number at step {step + 1} (learning rate {rate:.2g})",
                "Lower learning_rate or max_grad_norm, raise warmup_ratio, or --dtype float32.",
            )
        self.optimizer.step()
        if self.stepping:
            self.stepping.after(step + 1, len(self.plan))
        self.optimizer.zero_grad(set_to_none=True)
        self.masters.publish()
        return loss, norm, seen

    def _gradients(
        self, batches: Sequence[Sequence[int]], labels: int, spend: Spend
    ) -> tuple[float, int]:
        """Returns a step's mean loss and positions; halves micro-batches where memory runs out."""
        while True:
            try:
                return self._backward(batches, labels)
            except (RuntimeError, MemoryError) as error:
                if not devices.out_of_memory(error) or len(self.running) == 1:
                    raise
            # Outside the handler: only here are the tensors of the failed pass free.
            # A half, and a little more, since the rows of a batch aren't of quite one length.
            self.most = _positions(self.running) * 11 // 20
            self.result.rows_at_once = self.result.positions_at_once = 0
            spend.count(halvings=1)
            log.warning("Out of memory: %d positions at a time from here on.", self.most)
            self.module.zero_grad(set_to_none=True)
            self.optimizer.zero_grad(set_to_none=True)
            if self.device.type == "cuda":
                torch.cuda.empty_cache()

    def _backward(self, batches: Sequence[Sequence[int]], labels: int) -> tuple[float, int]:
        loss, positions = 0.0, 0
        for batch in batches:
            for rows in parts([self.rows[row] for row in batch], self.most):
                total, ran = self._loss(rows)
                part = total / labels
                part.backward()
                loss += part.item()
                positions += ran
        return loss, positions

    def _loss(self, rows: Sequence[Encoded]) -> tuple[torch.Tensor, int]:
        """Returns the summed cross-entropy of the answers' tokens, and the positions that ran."""
        settle(self.device.type)
        self.running, result = rows, self.result
        result.rows_at_once = max(result.rows_at_once, len(rows))
        result.positions_at_once = max(result.positions_at_once, _positions(rows))
        if self.own_loss:
            return self.own_loss(rows)
        if self.packs:
            share = self.shares or not self.module.training
            return packed_answer_loss(self.module, rows, share=share, device=self.device)
        return answer_loss(self.module, rows, self.pad_id, self.device)

    def _evaluate(self, step: int, steps: int, ledger: Ledger) -> float | None:
        """Returns the dev loss where this step measures it, and keeps the best weights."""
        count = self.recipe.evaluations
        if not self.dev or step not in {round(steps * (n + 1) / count) for n in range(count)}:
            return None
        with ledger.phase("validate") as spend, inference_mode(self.module):
            loss = mean_over(
                self._loss, self.dev, self.recipe.batch_size, self.most, spend, self.learnt
            )
        if self.result.best_dev_loss is None or loss < self.result.best_dev_loss:
            self.result.best_dev_loss, self.waited = loss, 0
            self.best = {n: copy.deepcopy(p.detach()) for n, p in self.trainable.items()}
        else:
            self.waited += 1
            self.result.stopped_early = self.waited >= (self.recipe.patience or math.inf)
        return loss


def _positions(rows: Sequence[Encoded]) -> int:
    return len(rows) * max(len(row.ids) for row in rows)


def _labels(row: Encoded) -> int:
    return len(row.ids) - row.prompt_length
