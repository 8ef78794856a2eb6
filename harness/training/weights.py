"""What LoRA, QLoRA and full fine-tuning share: training with the one loop, saving, loading."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field

from harness.errors import DataError
from harness.metrics.registry import kinds
from harness.models.base import Model, Pair
from harness.records.files import write_json
from harness.strategy.base import Pairs, Weights
from harness.strategy.context import Context
from harness.strategy.long_rows import LongRows
from harness.training.recipe import Recipe
from harness.training.room import positions_at_once

if TYPE_CHECKING:
    from harness.models.local.model import LocalModel
    from harness.models.render import Encoded
    from harness.training.loop import Stepping

__all__ = ["ADAPTER", "BesideFrozen", "TrainedWeights"]

ADAPTER = "adapter"
DONE = "training.json"
WIDTH_RATE = 1.28
STEPS_OF_LABELS, STEPS_OF_TEXT = 120, 75


class TrainedWeights(Weights, Recipe):
    """Weights trained on the task's pairs. Its fields are those of the training recipe.

    A subclass says what is trainable (`attach`), how that is written and loaded again, and, for
    estimates, what training will do (`workload`, made with `planned`).
    """

    needs: ClassVar[frozenset[str]] = frozenset({"model", "train"})

    @property
    def merges(self) -> bool:
        """Whether what was trained is added to the weights for answering."""
        return False

    def recipe(self, model: LocalModel) -> Recipe:
        """Returns the hyper-parameters for a model; here they are the same for all."""
        return self

    def sized(self, rows: int, kind: str) -> Self:
        """Returns the recipe with its epochs for so many training rows."""
        return self.model_copy(update={"epochs": self.epochs_of(rows, kind)})

    def notes(self, model: LocalModel) -> tuple[str, ...]:
        """Says what the user should know of the model before it is trained."""
        return ()

    @abstractmethod
    def attach(self, model: LocalModel) -> None:
        """Makes the parameters trainable that this strategy trains, in place."""

    def stepping(self, model: LocalModel) -> Stepping | None:
        """Returns what a method does around each step of the optimizer."""
        return None

    def quantities(self, model: LocalModel) -> dict[str, float]:
        """Returns facts of the training for the ledger, beside how many weights learn."""
        return {}

    @abstractmethod
    def save(self, model: LocalModel, folder: Path) -> None:
        """Writes what was trained, as safetensors."""

    def fit(self, context: Context, pairs: Pairs) -> None:
        """Trains, or goes on from the last checkpoint. Does nothing where training is finished."""
        done = context.artifact / DONE
        if done.is_file():
            context.details["training"] = json.loads(done.read_text(encoding="utf-8"))
            return
        examples = pairs.train()
        if not examples:
            raise DataError(f"{self.name} has no training rows", "Raise --train-limit.")
        from harness.models.local.model import quiet_libraries
        from harness.training.targets import adapted

        dev = pairs.dev() if self.evaluations else []
        with quiet_libraries():
            model, notes = self._model(context)
            result = self._train(context, model, examples, dev)
            result |= adapted(model.module) | ({"notes": notes} if notes else {})
            with context.ledger.phase("save"):
                self.save(model, context.artifact / ADAPTER)
        context.details["training"] = result
        write_json(done, result)

    def _model(self, context: Context) -> tuple[LocalModel, tuple[str, ...]]:
        """Loads the model and makes it trainable; returns it with notes on it."""
        import torch

        from harness.models.local.model import LocalModel
        from harness.models.local.soft_prompt import learnt_ids, refuse_wrapped

        model = context.load_model(quantization=self.quantization)
        if not isinstance(model, LocalModel):
            raise DataError(f"{self.name} can't train the model {model.info.name}")
        notes = self.notes(model)
        for note in notes:
            context.monitor.message(note)
        torch.manual_seed(context.stream("initialisation"))
        self.attach(model)
        refuse_wrapped(model.module)
        model.encoder.before = learnt_ids(model.module)
        return model, notes

    def _train(
        self, context: Context, model: LocalModel, examples: list[Pair], dev: list[Pair]
    ) -> dict[str, Any]:
        from harness.training.fitting import announce_epochs, run_loop

        recipe = self.recipe(model)
        examples, dev = self._readable(context.long_rows, model, examples, dev)
        usual = type(self).model_fields["epochs"].default
        announce_epochs(context.monitor, recipe, len(examples), usual)
        with context.monitor.graceful(), context.ledger.phase("train") as spend:
            encoded = [model.encode(pair.prompt, pair.target) for pair in examples]
            looked_at = [model.encode(pair.prompt, pair.target) for pair in dev]
            long = _longer(encoded, context.task.max_tokens)
            if long and context.readout == "generate":
                context.monitor.message(long)
            spend.quantities |= self.quantities(model)
            result = run_loop(
                context,
                spend,
                recipe,
                model,
                encoded,
                dev=looked_at,
                most=positions_at_once(
                    self.workload(), model, [*encoded, *looked_at], context.monitor
                ),
                stepping=self.stepping(model),
            )
        return asdict(result) | {"least_steps": self.floor(context.task.kind)}

    def _readable(
        self, rule: LongRows, model: LocalModel, examples: list[Pair], dev: list[Pair]
    ) -> tuple[list[Pair], list[Pair]]:
        """Returns the pairs that the model can read whole, after those that can't were cut."""
        window = model.window.at_most(self.max_length)
        kept, looked_at = rule.pairs(examples, window), rule.pairs(dev, window)
        if kept:
            return kept, looked_at
        raise DataError(
            f"all training rows are too long: {rule.first}",
            "--long-rows cut shortens them; fewer examples or passages make prompts shorter.",
        )

    def load(self, context: Context) -> Model:
        """Loads the model with what was trained."""
        return context.load_model(
            quantization=self.quantization, adapter=context.artifact / ADAPTER, merge=self.merges
        )


class BesideFrozen(TrainedWeights):
    """Few new weights beside a frozen model: they need a higher rate, and a least number of steps."""

    min_steps: int | None = Field(
        None,
        ge=0,
        exclude=True,
        description="Least optimizer steps where epochs isn't set; by default 120 where an answer "
        "is one of few, 75 where it is text.",
    )
    learning_rate: float | None = Field(
        None, gt=0, description="Peak learning rate; by default 1.28 / hidden size of the model."
    )

    def floor(self, kind: str) -> int:
        """Returns the least steps: below them rows of labels taught nothing at all.

        A row of labels teaches one token, a text many. Measured in docs/findings.md.
        """
        if self.min_steps is not None:
            return self.min_steps
        return STEPS_OF_LABELS if kinds()[kind].chosen else STEPS_OF_TEXT

    def recipe(self, model: LocalModel) -> Recipe:
        """Returns itself, with a learning rate that falls with the model's width.

        That a good rate of Adam goes with 1 / width is from Yang et al. 2022 (arXiv 2203.03466);
        the constant comes from LoRA on models with widths of 576 and 640 (rate 2e-3); a 7B model
        with a width of 4096 gets 3e-4.
        """
        if self.learning_rate is not None:
            return self
        width = model.module.config.get_text_config().hidden_size
        return self.model_copy(update={"learning_rate": WIDTH_RATE / width})


def _longer(encoded: Sequence[Encoded], most: int) -> str:
    """Says how many answers have more tokens than one may have; "" where none has."""
    lengths = [len(each.ids) - each.prompt_length for each in encoded]  # the end token included
    longer = [length - 1 for length in lengths if length - 1 > most]
    if not longer:
        return ""
    return (
        f"{len(longer)} of {len(lengths)} training answers are longer than the {most} tokens that "
        f"an answer may have, the longest {max(longer)}: raise --max-tokens, or max_tokens in the "
        "task file."
    )
