"""Continued pre-training on the task's own text (Gururangan et al. 2020, arXiv 2004.10964)."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from harness.errors import DataError, UsageError
from harness.strategy.context import Context
from harness.strategy.family import Family
from harness.strategy.space import Range, Space
from harness.strategy.training_plan import TrainingPlan
from harness.task.corpus import Corpus, corpus_of_folder, corpus_of_passages
from harness.training.pretraining import Sequences, TrainedOnText, sequences
from harness.types import Passage

from .lora import LoRA

if TYPE_CHECKING:
    from harness.models.local.model import LocalModel
    from harness.training.recipe import Recipe


class ContinuedPretraining(TrainedOnText):
    """Trains the model on the documents before it is asked, or adapted further."""

    name: ClassVar[str] = "continued-pretraining"
    summary: ClassVar[str] = "next-token training on the task's documents, before all else"
    family: ClassVar[Family] = "pre-training"
    trains: ClassVar[str] = "every weight, or rank r matrices that are then merged"
    paper: ClassVar[str] = "Gururangan et al. 2020, arXiv 2004.10964"
    needs: ClassVar[frozenset[str]] = frozenset({"model", "corpus"})
    space: ClassVar[Space] = {
        "learning_rate": Range(1e-5, 3e-4, log=True),
        "epochs": Range(1, 8),
    }

    epochs: float = Field(3.0, gt=0, description="Passes over the text.")
    learning_rate: float | None = Field(
        None, gt=0, description="Peak learning rate; by default 1e-4, that of `lora` with matrices."
    )
    method: Literal["full", "lora"] = Field("full", description="Train all weights, or matrices.")
    rank: int = Field(16, ge=1, le=1024, description="Of the matrices, with method=lora.")
    rows: bool = Field(False, description="Read the questions of the training rows too.")
    replay: float = Field(
        0.0, ge=0, lt=1, description="Share of general text in training, against forgetting."
    )
    replay_text: Path | None = Field(None, description="That text: a file, or a folder of files.")

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.replay > 0) != (self.replay_text is not None):
            raise ValueError("replay and replay_text=PATH go together: no general text is shipped")
        return self

    @property
    def required(self) -> frozenset[str]:
        """The documents; where rows are read, these."""
        return self.needs - {"corpus"} | {"train"} if self.rows else self.needs

    @property
    def optional(self) -> frozenset[str]:
        """Documents beside rows."""
        return frozenset({"corpus"})

    def describe(self) -> dict[str, object]:
        """Names the general text by its content, since a path may come to hold another."""
        if self.replay_text is None:
            return super().describe()
        text = {"replay_text": self.replay_text.name, "replay_digest": self._general().digest}
        return super().describe() | text

    def _general(self) -> Corpus:
        path = Path(self.replay_text or "").expanduser()
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            return corpus_of_passages((Passage(text, path.name),))
        if path.is_dir():
            return corpus_of_folder(path)
        raise UsageError(f"there is no text at replay_text={path}", "Name a file or a folder.")

    def texts(self, context: Context) -> list[str]:
        """Returns the documents, then the questions of the training rows where they are wanted."""
        return texts_of(context.corpus, context) + (asked(context) if self.rows else [])

    def start(self, context: Context, texts: list[str]) -> LocalModel:
        """Loads the run's model; all of it learns, or new matrices beside it."""
        import torch

        from harness.models.local.model import LocalModel

        model = context.load_model()
        if not isinstance(model, LocalModel):
            raise DataError(
                f"{self.name} can't train the model {model.info.name}: its server keeps the weights",
                "Take a model that runs here (`harness list models`).",
            )
        torch.manual_seed(context.stream("pretraining-initialisation"))
        if self.method == "lora":
            self._lora.attach(model)
        else:
            model.module.requires_grad_(True)
        return model

    @property
    def _lora(self) -> LoRA:
        own = {name: getattr(self, name) for name in ("rank", "learning_rate")}
        return LoRA(alpha=2.0 * self.rank, **own)

    def recipe(self, model: LocalModel) -> Recipe:
        """Returns itself with a learning rate for the method."""
        rate = self.learning_rate
        if rate is None:
            rate = self._lora.recipe(model).peak if self.method == "lora" else 1e-4
        return self.model_copy(update={"learning_rate": rate})

    def workload(self) -> TrainingPlan:
        """Returns the recipe's plan, for all weights or for the matrices."""
        plan = super().workload()
        if self.method == "full":
            return plan
        return replace(plan, method="lora", rank=self.rank, targets=self._lora.targets)

    def more(self, context: Context, model: LocalModel, own: Sequences) -> Sequences:
        """Adds sequences of general text, drawn so that they are their share of all."""
        if not self.replay:
            return own
        general = sequences(texts_of(self._general(), context), model.tokenizer, self.max_length)
        wanted = math.ceil(len(own.train) * self.replay / (1 - self.replay))
        order = context.rng("replay").permutation(len(general.train))[:wanted]
        if len(order) < wanted:
            context.monitor.message(
                f"{self.name}: the general text has {len(order)} sequences, and {wanted} make "
                f"{self.replay:.0%} of all: all of it is read."
            )
        return Sequences([*own.train, *(general.train[at] for at in order)], own.held_out)

    def finished(self, model: LocalModel) -> None:
        """Adds the matrices to the weights."""
        if self.method == "lora":
            model.module = model.module.merge_and_unload(safe_merge=True)


def asked(context: Context) -> list[str]:
    """Returns the questions of the training rows, without their answers: they cost no label."""
    return [context.task.asked(query) for query in context.train.queries]


def texts_of(corpus: Corpus | None, context: Context) -> list[str]:
    """Returns the texts of documents, and says which files were left out."""
    from harness.retrieval.corpus_index import corpus_documents, left_out

    if corpus is None:
        return []
    documents, files = corpus_documents(corpus)
    for note in left_out(files):
        context.monitor.message(note)
    return [document.page_content for document in documents]
