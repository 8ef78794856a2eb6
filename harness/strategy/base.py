"""The contract that every way of adapting a model fulfils.

A strategy is a frozen pydantic model: its fields are its hyper-parameters and nothing else. What
it learns goes into the artifact folder, so that a prediction can be made from that folder alone.

    Strategy             prepare(context), predictor(context)
    ├── baselines        implement both themselves
    └── Adaptation       one `Weights` and any number of `Prompting`, written ``lora+few-shot``

A file under ``strategies/`` holds what is particular to one of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self, runtime_checkable

from pydantic import BaseModel, ConfigDict

from harness.models.base import Model, Pair
from harness.records.model import ModelInfo
from harness.strategy.context import Context
from harness.types import Output, Prompt, Query

if TYPE_CHECKING:
    from harness.strategy.tools.loop import Toolbox

__all__ = [
    "UNTRAINED",
    "Frozen",
    "NamesModel",
    "Pairs",
    "Part",
    "Predictor",
    "Prompting",
    "Renderer",
    "Strategy",
    "TrainingPlan",
    "WarmsUp",
    "Weights",
]

Renderer = Callable[[Query, Prompt], Prompt]
"""Adds sections to a prompt, given what stands there already."""


class Part(BaseModel):
    """What strategies, weights and promptings share: a name and hyper-parameters.

    Attributes:
        name: What the user types.
        summary: One line for ``list strategies``.
        version: Raised whenever the same parameters would give other results.
        needs: Of ``model``, ``train``, ``corpus``, ``gold_passages``: what has to be there.
        kinds: Kinds of task that it can do; empty for all.
        served: Parameters that only decide how answers are given: what was prepared is good for
            all of their values.
        presets: Named sets of parameters, chosen by ``--set preset=NAME``.
        refreshes: Whether `fit` brings what an older version left up to date, instead of
            starting anew.
        reference: The parameter that ``NAME:VALUE`` sets; empty where there is none.
        trial: Parameters that have no default, as the contract suite sets them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClassVar[str] = ""
    summary: ClassVar[str] = ""
    version: ClassVar[int] = 1
    needs: ClassVar[frozenset[str]] = frozenset()
    kinds: ClassVar[frozenset[str]] = frozenset()
    served: ClassVar[frozenset[str]] = frozenset()
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    refreshes: ClassVar[bool] = False
    reference: ClassVar[str] = ""
    trial: ClassVar[Mapping[str, Any]] = {}

    def describe(self) -> dict[str, Any]:
        """Returns what identifies this part in a key: name, version and parameters."""
        return {"name": self.name, "version": self.version, **self.model_dump(mode="json")}

    @property
    def required(self) -> frozenset[str]:
        """What this part, with these parameters, needs."""
        return self.needs


class Predictor(Protocol):
    """Answers queries from a prepared artifact; it may also be `WarmsUp` or `NamesModel`."""

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields one output a query, in any order, matched by id."""
        ...


@runtime_checkable
class WarmsUp(Protocol):
    """A predictor that can compute beforehand what its prompts begin with."""

    def warm(self, queries: Sequence[Query]) -> AbstractContextManager[int]:
        """Holds it, and gives the number of its tokens; latency is measured inside."""
        ...


@runtime_checkable
class NamesModel(Protocol):
    """A predictor that finds out by itself which model answers."""

    @property
    def model_info(self) -> ModelInfo | None:
        """The model; None until it is known."""
        ...


class Strategy(Part, ABC):
    """A whole way of answering a task's questions."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """What it consists of, weights first: itself, unless it combines others."""
        return (self,)

    @abstractmethod
    def prepare(self, context: Context) -> None:
        """Trains, indexes, chooses examples. Writes into ``context.artifact`` only.

        Called again after an interruption, it goes on from its own checkpoints.
        """

    @abstractmethod
    def predictor(self, context: Context) -> Predictor:
        """Returns what answers, made from ``context.artifact`` alone."""

    @property
    def readout(self) -> str | None:
        """How answers come about, where it isn't the language model that gives them."""
        return None

    @property
    def retrieves(self) -> bool:
        """Whether answers come with passages that were retrieved."""
        return "corpus" in self.required

    @property
    def behind_api(self) -> bool:
        """Whether a vendor's machines answer, without a model of the run's."""
        return False


class Prompting(Part):
    """A way of asking: what stands in the prompt beside the question."""

    @property
    def readout(self) -> str | None:
        """``retrieval`` where only what was found is wanted, ``generate`` where text is needed."""
        return None

    stage: ClassVar[Literal["examples", "passages"]] = "examples"
    """Passages come after the examples, so that examples get theirs too."""

    def draft(self) -> Self:
        """Returns one whose prompts are about as long, and that is quickly fitted: to estimate."""
        return self

    def fit(self, context: Context) -> None:
        """Chooses or builds what the prompts will hold, into ``context.artifact``."""
        return None

    def renderer(self, context: Context) -> Renderer:
        """Returns the function that adds this prompting's sections to a prompt."""
        return lambda query, prompt: prompt

    def toolbox(self, context: Context) -> Toolbox | None:
        """Returns what a model may call while it answers; None where it just answers."""
        return None


@dataclass(frozen=True)
class Pairs:
    """Training pairs, made only when asked for, since reading labels is counted.

    Attributes:
        train: Returns the pairs of the train split.
        dev: Returns the pairs of the dev split.
    """

    train: Callable[[], list[Pair]]
    dev: Callable[[], list[Pair]]


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What a training will do, as far as it is known before a row is read: for estimates.

    Attributes:
        method: What is trained: ``full`` for all weights, ``lora``, ``qlora``, ``adapters``, ...
            (`harness.costs.flops.METHODS`).
        epochs: Passes over the rows.
        max_steps: Optimizer steps, instead of epochs.
        batch_size: Rows of a micro-batch.
        accumulation: Micro-batches of an optimizer step.
        rows: Training rows that are used, at most; None for all.
        rank: Of low-rank matrices; 0 where there are none.
        targets: Names of the projections that have such matrices.
        trainable: Weights that are trained, where neither ``full`` nor rank and targets say it.
        float32_rest: Whether what isn't quantised is held in float32.
        recompute: Whether activations are recomputed in the backward pass.
    """

    method: str = "full"
    epochs: float = 1.0
    max_steps: int | None = None
    batch_size: int = 1
    accumulation: int = 1
    rows: int | None = None
    rank: int = 0
    targets: tuple[str, ...] = ()
    trainable: int | None = None
    float32_rest: bool = False
    recompute: bool = False

    def sequences(self, rows: int) -> float:
        """Returns how often a row goes through the model, of so many training rows."""
        if self.max_steps is not None:
            return self.max_steps * self.batch_size * self.accumulation
        return self.epochs * (rows if self.rows is None else min(rows, self.rows))


UNTRAINED = TrainingPlan(epochs=0)
"""The plan of weights that stay as they are."""


class Weights(Part):
    """A way of changing weights, or of leaving them. One that changes them declares `workload`."""

    needs: ClassVar[frozenset[str]] = frozenset({"model"})

    @property
    def quantization(self) -> str | None:
        """How the model's weights are kept in memory: ``nf4``, ``int8``, or None: as they are."""
        return None

    def workload(self) -> TrainingPlan | None:
        """Returns what `fit` will do; `UNTRAINED` for nothing, None where that isn't known."""
        return UNTRAINED if type(self).fit is Weights.fit else None

    def fit(self, context: Context, pairs: Pairs) -> None:
        """Trains on the pairs, into ``context.artifact``."""
        return None

    def load(self, context: Context) -> Model:
        """Returns the adapted model, from ``context.artifact``."""
        return context.load_model()


class Frozen(Weights):
    """The model as it is."""

    name: ClassVar[str] = "frozen"
    summary: ClassVar[str] = "the model as it is"
