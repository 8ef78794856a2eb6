"""A text encoder with a classification head, every weight trained (Devlin et al. 2019,
arXiv 1810.04805; for small tables longer, as Mosbach et al. 2021, arXiv 2006.04884, advise).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, TypeAdapter

from harness.records.files import write_json
from harness.records.model import ModelInfo
from harness.strategy.base import Predictor
from harness.strategy.classifying import (
    Classifier,
    ClassPredictor,
    Reading,
    check_classes,
    readable,
)
from harness.strategy.context import Context
from harness.strategy.family import Family
from harness.strategy.space import Range, Space
from harness.training.recipe import Recipe
from harness.types import Usage

if TYPE_CHECKING:
    from harness.models.local.classifier import TextClassifier

MODEL, DONE, ENCODER = "model", "training.json", "encoder.json"


class EncoderFineTune(Classifier, Recipe):
    """Trains all weights of an encoder with a new head on the labels."""

    name: ClassVar[str] = "encoder-finetune"
    summary: ClassVar[str] = "a text encoder with a classification head, every weight trained"
    family: ClassVar[Family] = "encoder"
    trains: ClassVar[str] = "every weight of an encoder"
    memory: ClassVar[str] = "16N bytes of the encoder's N"
    paper: ClassVar[str] = "Devlin et al. 2019, arXiv 1810.04805"
    needs: ClassVar[frozenset[str]] = frozenset({"train", "encoder"})
    space: ClassVar[Space] = {
        "learning_rate": Range(2e-5, 5e-4, log=True),
        "epochs": Range(3.0, 20.0),
        "batch_size": (8, 16, 32),
    }

    encoder: str = Field(
        "minilm", description="minilm (English), a folder, or a hub id (klue/bert-base for Korean)."
    )
    revision: str | None = Field(None, description="Revision of a hub encoder.")
    epochs: float = Field(4.0, gt=0, description="Passes over the training rows.")
    min_steps: int | None = Field(
        None, ge=0, exclude=True, description="Least steps where epochs isn't set; by default 120."
    )
    learning_rate: float | None = Field(
        None,
        gt=0,
        description="Peak learning rate; by default 5e-5 (Devlin et al.), 1e-4 of an encoder narrower "
        "than 512, as MiniLM is.",
    )
    warmup_ratio: float = Field(0.1, ge=0, lt=1, description="Part of the steps that warm up.")
    weight_decay: float = Field(0.01, ge=0, description="AdamW's decoupled weight decay.")
    max_length: int = Field(
        512, ge=8, description="Longest text in tokens, if the encoder reads as many."
    )

    def describe(self) -> dict[str, object]:
        """Adds the digest of an encoder that is a folder."""
        from harness.models.sources.encoders import digests

        return super().describe() | digests(encoder=self.encoder)

    def sized(self, rows: int, kind: str) -> Self:
        """Returns the recipe with its epochs for so many training rows."""
        return self.model_copy(update={"epochs": self.epochs_of(rows, kind)})

    def floor(self, kind: str) -> int:
        """Returns the least steps: on few rows a few passes teach nothing."""
        return 120 if self.min_steps is None else self.min_steps

    def reading(self) -> Reading:
        """Returns the encoder's sizes, its training, and what counts a text's tokens."""
        from harness.models.local.model import tokenizer_of
        from harness.models.local.sizes import encoder_sizes_of_folder
        from harness.models.sources.encoders import encoder_folder

        folder = encoder_folder(self.encoder, self.revision, offline=True)
        tokens, most = tokenizer_of(folder), self.max_length
        return Reading(
            encoder_sizes_of_folder(folder),
            self.planned("full"),
            lambda text: min(most, len(tokens(text)["input_ids"])),
        )

    def prepare(self, context: Context) -> None:
        """Trains, or goes on from the last checkpoint. Does nothing where training is finished."""
        done = context.artifact / DONE
        if done.is_file():
            context.details["training"] = json.loads(done.read_text(encoding="utf-8"))
            return
        model = self._fresh(context)
        result = self._train(context, model)
        with context.ledger.phase("save"):
            model.save(context.artifact / MODEL)
            write_json(context.artifact / ENCODER, model.info.as_dict())
        context.details["training"] = result
        write_json(done, result)

    def _fresh(self, context: Context) -> TextClassifier:
        """Loads the encoder, with a head of random weights."""
        import torch

        from harness.models.local.classifier import load_classifier
        from harness.models.sources.encoders import ENCODERS, encoder_folder, name_of

        with context.ledger.phase("load"):
            folder = encoder_folder(self.encoder, self.revision)
            name = self.encoder if self.encoder in ENCODERS else name_of(self.encoder, folder)
            torch.manual_seed(context.stream("initialisation"))
            return load_classifier(folder, name, device=context.device, labels=context.task.labels)

    def _train(self, context: Context, model: TextClassifier) -> Mapping[str, object]:
        from harness.training.fitting import announce_epochs, run_loop

        most = min(self.max_length, model.window)
        rows = readable(context, context.train, model.excess(most), model.info.name)
        dev = []
        if self.evaluations:
            dev = readable(context, context.dev, model.excess(most), model.info.name)
        check_classes(rows, self.name)
        recipe = self._rated(model)
        usual = type(self).model_fields["epochs"].default
        announce_epochs(context.monitor, recipe, len(rows), usual)
        model.module.requires_grad_(True)
        with context.monitor.graceful(), context.ledger.phase("train") as spend:
            result = run_loop(
                context,
                spend,
                recipe,
                model,
                [model.labelled(model.tokens(text, most), label) for text, label in rows],
                dev=[model.labelled(model.tokens(text, most), label) for text, label in dev],
                loss=model.loss,
            )
        return asdict(result) | {"least_steps": self.floor(context.task.kind)}

    def _rated(self, model: TextClassifier) -> Self:
        """Returns itself with a learning rate for the encoder; MiniLM's was chosen on dev rows."""
        if self.learning_rate is not None:
            return self
        narrow = model.module.config.hidden_size < 512
        return self.model_copy(update={"learning_rate": 1e-4 if narrow else 5e-5})

    def predictor(self, context: Context) -> Predictor:
        """Loads the trained encoder."""
        from harness.models.local.classifier import load_classifier

        with context.ledger.phase("load"):
            about = json.loads((context.artifact / ENCODER).read_text(encoding="utf-8"))
            info = TypeAdapter(ModelInfo).validate_python(about)
            folder = context.artifact / MODEL
            model = load_classifier(folder, info.name, device=context.device, info=info)
        most = min(self.max_length, model.window)

        def classify(texts: Sequence[str]) -> Iterable[tuple[Sequence[float], Usage]]:
            return model.probabilities([model.tokens(text, most) for text in texts])

        return ClassPredictor(model.labels, classify, model.excess(most), context.long_rows, info)
