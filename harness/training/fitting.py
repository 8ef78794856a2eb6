"""The training loop as a strategy runs it: with its context's ledger, monitor and random streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch

from harness.devices import Device
from harness.models.render import Encoded
from harness.records.ledger import Spend
from harness.strategy.context import Context, Monitor
from harness.training.loop import LogLine, Loss, Stepping, TrainResult, train
from harness.training.recipe import Recipe

__all__ = ["Trained", "announce_epochs", "run_loop"]


class Trained(Protocol):
    """What is trained: a language model, or an encoder."""

    module: torch.nn.Module
    device: Device
    pad_id: int


def announce_epochs(monitor: Monitor, recipe: Recipe, rows: int, usual: float) -> None:
    """Says that there are more passes over the rows than `usual`, for want of rows."""
    if not recipe.max_steps and recipe.epochs > usual:
        monitor.message(
            f"Training makes {recipe.epochs:g} passes over {rows} rows: "
            f"{recipe.steps(rows)} steps (--set epochs=... for another number)."
        )


def run_loop(
    context: Context,
    spend: Spend,  # of the phase that trains, which has begun
    recipe: Recipe,
    model: Trained,
    rows: Sequence[Encoded],
    *,
    dev: Sequence[Encoded] = (),
    most: int | None = None,  # positions that may run at a time
    loss: Loss | None = None,  # in place of that of the answers' tokens
    stepping: Stepping | None = None,
    stream: str = "order",  # of the random numbers by which rows are ordered
) -> TrainResult:
    """Trains in the artifact's folder, and goes on from the last checkpoint there."""

    def log(line: LogLine) -> None:
        context.monitor.progress(
            spend.phase,
            line.step,
            line.steps,
            loss=line.loss,
            dev_loss=line.dev_loss,
            tokens_per_second=line.tokens_per_second,
            eta_seconds=line.eta_seconds,
        )

    return train(
        model.module,
        rows,
        dev=dev,
        most=most,
        loss=loss,
        stepping=stepping,
        recipe=recipe,
        device=model.device.torch,
        seed=context.stream(stream),
        pad_id=model.pad_id,
        checkpoint_dir=context.artifact / "checkpoints",
        ledger=context.ledger,
        spend=spend,
        on_log=log,
        should_stop=context.monitor.stopping,
    )
