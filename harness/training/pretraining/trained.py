"""What continued pre-training and training from scratch share: next-token training on text."""

from __future__ import annotations

import json
import math
import shutil
from abc import abstractmethod
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from harness.records.files import Json, write_json
from harness.records.ledger import Spend
from harness.strategy.base import Pretraining
from harness.strategy.context import Context
from harness.strategy.training_plan import TrainingPlan
from harness.training.pretraining.texts import Sequences, sequences
from harness.training.recipe import Recipe, plan_steps
from harness.training.room import positions_at_once

if TYPE_CHECKING:
    from harness.models.local.model import LocalModel

__all__ = ["TrainedOnText"]

DONE, DETAILS = "pretraining.json", "pretraining"
PHASE, ORDER = "pretrain", "pretraining-order"


class TrainedOnText(Pretraining, Recipe):
    """Weights trained on plain text. Its fields are those of the training recipe.

    A subclass says what the texts are and from which model it starts. All tokens are predicted: a
    sequence is a training row whose prompt is its first token.
    """

    memory: ClassVar[str] = "16N bytes"

    min_steps: None = Field(None, exclude=True, description="Has no meaning here.")
    batch_size: int = Field(2, ge=1, description="Sequences of a micro-batch.")
    accumulation: int = Field(4, ge=1, description="Micro-batches of an optimizer step.")
    max_length: int = Field(512, ge=8, description="Tokens of a sequence.")
    evaluations: int = Field(
        0, ge=0, description="Looks at the held-out loss; the best weights stay."
    )
    held_out: float = Field(
        0.05, ge=0, lt=0.5, description="Share of the text, its end, that only measures."
    )

    @abstractmethod
    def texts(self, context: Context) -> list[str]:
        """Returns the documents, in the order in which they are read."""

    @abstractmethod
    def start(self, context: Context, texts: list[str]) -> LocalModel:
        """Returns the model to train, with the weights trainable that are trained."""

    def more(self, context: Context, model: LocalModel, own: Sequences) -> Sequences:
        """Returns the sequences with those that are no text of the task's; here there are none."""
        return own

    def finished(self, model: LocalModel) -> None:
        """Makes the model whole after training, where something stands beside its weights."""

    def recipe(self, model: LocalModel) -> Recipe:
        """Returns the hyper-parameters for a model; here they are the same for all."""
        return self

    def figures(self, model: LocalModel, result: Json) -> Json:
        """Returns further figures for the record, and ``notes`` for the user."""
        return {}

    def workload(self) -> TrainingPlan:
        """Returns the recipe's plan, for all weights."""
        return self.planned("full")

    def lengths(self, context: Context, folder: Path) -> list[int]:
        """Returns the tokens of each sequence of the task's text, by a folder's tokenizer."""
        from harness.models.local.model import tokenizer_of

        tokenizer = tokenizer_of(folder)
        own = sequences(self.texts(context), tokenizer, self.max_length, self.held_out)
        return [len(row.ids) for row in own.train]

    def fit(self, context: Context) -> None:
        """Trains, or goes on from the last checkpoint. Does nothing where training is finished."""
        done = context.artifact / DONE
        if done.is_file():
            context.details[DETAILS] = json.loads(done.read_text(encoding="utf-8"))
            return
        from harness.models.local.model import quiet_libraries

        with quiet_libraries(), context.monitor.graceful():
            with context.ledger.phase(PHASE) as spend:
                texts = self.texts(context)
                model = self.start(context, texts)
                own = sequences(texts, model.tokenizer, self.max_length, self.held_out)
                result = self._train(context, model, own, spend)
            with context.ledger.phase("save"):
                self._save(model, self.weights(context))
        context.details[DETAILS] = result
        write_json(done, result)
        # Three times the model's size, and of no more use.
        shutil.rmtree(context.artifact / "checkpoints", ignore_errors=True)

    def _train(self, context: Context, model: LocalModel, own: Sequences, spend: Spend) -> Json:
        from harness.training.fitting import run_loop

        rows, recipe = self.more(context, model, own), self.recipe(model)
        per_step = recipe.batch_size * recipe.accumulation
        context.monitor.message(
            f"{self.name}: {own.tokens:,} tokens of the task's text in {len(own.train):,} "
            f"sequences; {recipe.steps(len(rows.train)):,} steps of up to {per_step} sequences."
        )
        everything = [*rows.train, *rows.held_out]
        most = positions_at_once(self.workload(), model, everything, context.monitor)
        before = self._perplexity(context, model, own, most)
        looked_at = rows.held_out if self.evaluations else ()
        trained = run_loop(
            context, spend, recipe, model, rows.train, dev=looked_at, most=most, stream=ORDER
        )
        self.finished(model)
        after = self._perplexity(context, model, own, most)
        result = asdict(trained) | {
            "sequences": len(rows.train),
            "tokens": rows.tokens,
            "tokens_trained": self._trained(context, rows, recipe, trained.steps),
            "held_out_tokens": sum(len(row.ids) - row.prompt_length for row in own.held_out),
            "perplexity_before": before,
            "perplexity_after": after,
        }
        figures = self.figures(model, result)
        notes = [_learnt(result), *figures.pop("notes", ())]
        for note in notes:
            context.monitor.message(f"{self.name}: {note}.")
        return result | figures | {"notes": notes}

    def _trained(self, context: Context, rows: Sequences, recipe: Recipe, steps: int) -> int:
        """Returns how many tokens so many steps read, those of an interrupted attempt included."""
        lengths = [len(row.ids) for row in rows.train]
        plan = plan_steps(lengths, recipe, context.stream(ORDER))
        return sum(lengths[row] for step in plan[:steps] for batch in step for row in batch)

    def _perplexity(
        self, context: Context, model: LocalModel, own: Sequences, most: int | None
    ) -> float | None:
        """Returns the perplexity of the held-out text; None where there is none."""
        from harness.training.losses import mean_loss

        if not own.held_out:
            return None
        with context.ledger.phase("validate") as spend:
            loss = mean_loss(
                model.module,
                own.held_out,
                device=model.device.torch,
                pad_id=model.pad_id,
                batch=self.batch_size,
                most=most,
                spend=spend,
            )
        return math.exp(loss)

    def _save(self, model: LocalModel, folder: Path) -> None:
        """Writes the whole model with its tokenizer, in the type that it answers with."""
        model.module.to(model.device.torch_dtype)
        model.module.save_pretrained(str(folder), safe_serialization=True)
        model.tokenizer.save_pretrained(str(folder))


def _learnt(result: Json) -> str:
    tokens, before = result["held_out_tokens"], result["perplexity_before"]
    if before is None:
        return "no text was held out: what was learnt of it isn't measured"
    after = result["perplexity_after"]
    return f"perplexity of {tokens:,} held-out tokens {before:,.1f} before, {after:,.1f} after"
