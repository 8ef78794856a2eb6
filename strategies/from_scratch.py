"""A small model of one's own, made of the task's text alone: what that takes, and what it gives."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field, model_validator

from harness.records.files import Json
from harness.strategy.context import Context
from harness.strategy.family import Family
from harness.strategy.space import Range, Space
from harness.training.pretraining import TrainedOnText

from .continued_pretraining import asked, texts_of

if TYPE_CHECKING:
    from harness.models.local.model import LocalModel

CONTEXT = 2048  # tokens that the model can read, at least


class FromScratch(TrainedOnText):
    """Makes a tokenizer and a decoder, and trains it on documents and questions."""

    name: ClassVar[str] = "from-scratch"
    summary: ClassVar[str] = "a small model of one's own, trained on the task's text, then tuned"
    family: ClassVar[Family] = "from scratch"
    trains: ClassVar[str] = "every weight of a new model, and its tokenizer"
    paper: ClassVar[str] = "Hoffmann et al. 2022, arXiv 2203.15556"
    needs: ClassVar[frozenset[str]] = frozenset({"train"})
    follows: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "full-finetune": {"learning_rate": 1e-3, "epochs": 8.0}
    }
    space: ClassVar[Space] = {
        "learning_rate": Range(3e-4, 3e-3, log=True),
        "epochs": Range(2, 20),
        "vocabulary": (1024, 4096, 8192),
    }
    trial: ClassVar[Mapping[str, object]] = {
        "layers": 1,
        "hidden": 32,
        "heads": 2,
        "vocabulary": 400,
        "max_length": 64,
    }
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "1m": {"layers": 3, "hidden": 128, "heads": 4, "vocabulary": 2048},
        "3m": {"layers": 4, "hidden": 192, "heads": 6, "vocabulary": 4096},
        "10m": {"layers": 6, "hidden": 320, "heads": 5, "vocabulary": 8192},
        "30m": {"layers": 8, "hidden": 512, "heads": 8, "vocabulary": 8192},
    }

    epochs: float = Field(10.0, gt=0, description="Passes over the text.")
    learning_rate: float | None = Field(1e-3, gt=0, description="Peak learning rate.")
    weight_decay: float = Field(0.1, ge=0, description="AdamW's decoupled weight decay.")
    vocabulary: int = Field(4096, ge=300, description="Tokens of its tokenizer, at most.")
    layers: int = Field(4, ge=1, description="Blocks of the decoder.")
    hidden: int = Field(192, ge=16, description="Width.")
    heads: int = Field(6, ge=1, description="Heads of attention; they divide the width.")
    rows: bool = Field(True, description="Read the questions of the training rows too.")

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.hidden % (2 * self.heads):
            raise ValueError("hidden has to be a multiple of 2 heads")
        return self

    @property
    def required(self) -> frozenset[str]:
        """The documents, where no rows are read."""
        return self.needs if self.rows else frozenset({"corpus"})

    @property
    def optional(self) -> frozenset[str]:
        """Documents beside rows."""
        return frozenset({"corpus"})

    @property
    def model_name(self) -> str:
        """The model's name in the record: blocks and width."""
        return f"scratch-{self.layers}x{self.hidden}"

    def texts(self, context: Context) -> list[str]:
        """Returns the documents, then the questions of the training rows."""
        return texts_of(context.corpus, context) + (asked(context) if self.rows else [])

    def draft(self, context: Context) -> Path:
        """Returns a folder with the tokenizer and the configuration, without weights."""
        return self._make(context, self.texts(context), None)

    def _make(self, context: Context, texts: list[str], seed: int | None) -> Path:
        from harness.training.pretraining.scratch import make_model

        folder = context.artifact / "start" / self.model_name
        sizes = {name: getattr(self, name) for name in ("vocabulary", "layers", "hidden", "heads")}
        reads = max(CONTEXT, self.max_length)
        make_model(folder, texts, context=reads, seed=seed, **sizes)
        return folder

    def start(self, context: Context, texts: list[str]) -> LocalModel:
        """Makes the tokenizer and the model, and loads them."""
        from harness.models.local.model import LocalModel

        folder = self._make(context, texts, context.stream("pretraining-initialisation"))
        model = replace(context, base=folder).load_model()
        assert isinstance(model, LocalModel)
        model.module.requires_grad_(True)
        return model

    def fit(self, context: Context) -> None:
        """Makes and trains it; what it started from isn't kept."""
        super().fit(context)
        shutil.rmtree(context.artifact / "start", ignore_errors=True)

    def weights(self, context: Context) -> Path:
        """Returns the folder of the trained model."""
        return context.artifact / self.model_name

    def figures(self, model: LocalModel, result: Json) -> Json:
        """Compares the tokens with the number that is best for a model of this size."""
        from harness.training.pretraining.scratch import OPTIMAL

        sizes = model.info.architecture
        assert sizes is not None
        optimal, read = OPTIMAL * sizes.parameters, result["tokens_trained"]
        note = (
            f"{self.model_name} has {sizes.parameters:,} weights and {sizes.vocabulary:,} tokens in "
            f"its vocabulary; it read {read:,} tokens ({result['tokens']:,} of text, "
            f"{read / result['tokens']:.3g} times), "
            f"{read / optimal:.2%} of the {optimal:,} that are compute-optimal for its size "
            f"({OPTIMAL} a weight; Hoffmann et al. 2022, arXiv 2203.15556)"
        )
        return {
            "notes": [note],
            "weights": sizes.parameters,
            "vocabulary": sizes.vocabulary,
            "tokens_a_weight": read / sizes.parameters,
            "compute_optimal_tokens": optimal,
        }
