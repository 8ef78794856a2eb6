"""The contract that every way of adapting a model fulfils.

A strategy is a frozen pydantic model: its fields are its hyper-parameters and nothing else. What
it learns goes into the artifact folder, so that it can answer from that folder alone.
Baselines implement `prepare` and `predictor` themselves; an `Adaptation` is one `Weights` and any
number of `Prompting`, written ``lora+few-shot``.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, Self, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field, field_validator

from harness.models.base import Model, Pair
from harness.records.keys import digest
from harness.records.model import ModelInfo
from harness.strategy.context import Context, Renderer
from harness.strategy.family import FAMILIES, Family
from harness.strategy.space import Space
from harness.strategy.training_plan import UNTRAINED, TrainingPlan
from harness.types import Example, Output, Query

if TYPE_CHECKING:
    from harness.strategy.tools.loop import Toolbox

__all__ = [
    "TUNE",
    "Frozen",
    "HoldsModel",
    "Labelling",
    "NamesModel",
    "Pairs",
    "Part",
    "Predictor",
    "Pretraining",
    "Prompting",
    "Renderer",
    "Strategy",
    "WarmsUp",
    "Weights",
]


class Part(BaseModel):
    """What strategies, weights and promptings share: a name and hyper-parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClassVar[str] = ""  # what the user types
    summary: ClassVar[str] = ""  # one line for ``list strategies``
    family: ClassVar[Family | None] = None
    trains: ClassVar[str] = "nothing"  # what is trained, in a few words
    memory: ClassVar[str] = "the model"  # rule for the memory that preparing takes, in a few words
    paper: ClassVar[str] = ""  # who introduced it: ``Hu et al. 2021, arXiv 2106.09685``
    space: ClassVar[Space] = {}  # parameters that tuning varies
    version: ClassVar[int] = 1  # raised whenever the same parameters would give other results
    # What has to be there, of ``model``, ``train``, ``dev``, ``corpus`` and ``gold_passages``; also
    # ``encoder`` or ``embedder``, of torch, which the strategy loads itself on the run's device.
    needs: ClassVar[frozenset[str]] = frozenset()
    kinds: ClassVar[frozenset[str]] = frozenset()  # kinds of task that it can do; empty for all
    # Parameters that only decide how answers are given: all of their values can use the same
    # prepared artifact.
    served: ClassVar[frozenset[str]] = frozenset()
    # Named sets of parameters, chosen by ``--set preset=NAME``.
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {}
    # Whether `fit` updates the artifact of the task's older version, instead of preparing anew.
    refreshes: ClassVar[bool] = False
    # What its preparing takes that ``--dry-run`` doesn't estimate.
    unestimated: ClassVar[str] = ""
    # Whether a first study of somebody's rows tries it (`harness.strategy.first_study`); not inherited.
    tried_first: ClassVar[bool] = False
    constant: ClassVar[bool] = False  # whether it gives one answer to everything by design
    reference: ClassVar[str] = ""  # the parameter that ``NAME:VALUE`` sets, if any
    # Values for parameters without a default, for the contract suite.
    trial: ClassVar[Mapping[str, object]] = {}

    def describe(self) -> dict[str, object]:
        """Returns what identifies this part in a key: name, version and parameters.

        A class from elsewhere has its file's digest, since nobody raises its version at each edit.
        """
        about = {"name": self.name, "version": self.version}
        return about | _own_source(type(self)) | self.model_dump(mode="json")

    def sized(self, rows: int, kind: str) -> Self:
        """Returns itself, with the parameters that hang on how many training rows of what kind."""
        return self

    @property
    def own_family(self) -> Family | None:
        """The family with these parameters, for a part whose parameters decide it."""
        return self.family

    @property
    def required(self) -> frozenset[str]:
        """What this part, with these parameters, needs."""
        return self.needs

    @property
    def models(self) -> tuple[str, ...]:
        """Names of models that it loads beside the run's, by `Context.of_model`."""
        return ()

    @property
    def optional(self) -> frozenset[str]:
        """What it uses where it is there: ``corpus``, or nothing."""
        return frozenset()


def _own_source(part: type[Part]) -> dict[str, str]:
    """Returns the digest of the file of a class that isn't shipped; nothing for one that is."""
    if part.__module__.partition(".")[0] in ("harness", "harness_strategies"):
        return {}
    file = getattr(sys.modules.get(part.__module__), "__file__", None)
    return {"source": digest(Path(file).read_text(encoding="utf-8"))} if file else {}


class Predictor(Protocol):
    """Answers queries from a prepared artifact; it may also be `WarmsUp` or `NamesModel`."""

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields one output a query, in any order, matched by id."""


@runtime_checkable
class WarmsUp(Protocol):
    """A predictor that can compute the KV cache of its prompts' common prefix beforehand."""

    def warm(self, queries: Sequence[Query]) -> AbstractContextManager[int]:
        """Keeps that cache while inside, and gives the prefix's number of tokens."""


@runtime_checkable
class NamesModel(Protocol):
    """A predictor that learns from its answers which model gave them."""

    @property
    def model_info(self) -> ModelInfo | None:
        """The model; None until it is known."""


TUNE: Literal["tune"] = "tune"
"""In the place of a number: it is chosen on dev rows."""


@runtime_checkable
class HoldsModel(Protocol):
    """A predictor that answers with a model that it has loaded."""

    @property
    def model(self) -> object:
        """The model; None where none takes part."""


class Strategy(Part, ABC):
    """A complete way of answering a task's questions."""

    abstain: float | Literal["tune"] | None = Field(
        None,
        description="Confidence, 0-1, below which an answer is held back; tune: chosen on dev.",
    )
    abstain_error: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Share of wrong ones among the answers on dev that abstain=tune allows, "
        "where a task declares no losses.",
    )

    @field_validator("abstain", mode="before")
    @classmethod
    def _share_or_tune(cls, value: object) -> object:
        if value is None or value == TUNE:
            return value
        try:
            share = float(str(value))
        except ValueError:
            share = 0.0
        if not 0 < share <= 1:
            raise ValueError("it is tune, or a number above 0 and at most 1")
        return share

    def describe(self) -> dict[str, object]:
        """Returns what a part does; what is abstained by stands there where it is."""
        about = super().describe()
        for name in Strategy.model_fields:
            about.pop(name, None)
        return about | self.abstaining

    @property
    def abstaining(self) -> dict[str, object]:
        """The parameters of abstaining that are in force."""
        if self.abstain is None:
            return {}
        error = {"abstain_error": self.abstain_error} if self.abstain == TUNE else {}
        return {"abstain": self.abstain, **error}

    @property
    def parts(self) -> tuple[Part, ...]:
        """Its parts, weights first: itself, unless it combines others."""
        return (self,)

    @abstractmethod
    def prepare(self, context: Context) -> None:
        """Trains, indexes, chooses examples. Writes into ``context.artifact`` only.

        Called again after an interruption, it resumes from its own checkpoints.
        """

    @abstractmethod
    def predictor(self, context: Context) -> Predictor:
        """Returns a predictor made from ``context.artifact`` alone."""

    @property
    def readout(self) -> str | None:
        """How answers are made, where the task's readout of a language model doesn't apply."""
        return None

    @property
    def families(self) -> tuple[Family, ...]:
        """The families of its parts, in the order of `FAMILIES`."""
        found = {part.own_family for part in self.parts}
        return tuple(family for family in FAMILIES if family in found)

    @property
    def retrieves(self) -> bool:
        """Whether answers come with retrieved passages."""
        return "corpus" in self.required

    @property
    def makes_model(self) -> bool:
        """Whether the model that answers is made by preparing, so that the run names none."""
        return False

    @property
    def behind_api(self) -> bool:
        """Whether a vendor's machines answer, without a model that the run loads."""
        return False


class Prompting(Part):
    """A way of asking: what stands in the prompt beside the question."""

    @property
    def readout(self) -> str | None:
        """``retrieval`` where passages alone are wanted, ``generate`` where text is needed."""
        return None

    stage: ClassVar[Literal["examples", "passages"]] = "examples"
    """Passages are added after the examples, so that examples get theirs too."""

    # Whether `fit` tries prompts: the other promptings are fitted before, for `Context.prompts`.
    tries: ClassVar[bool] = False

    def draft(self) -> Prompting:
        """Returns one that is quickly fitted, with prompts about as long: for an estimate."""
        return self

    def fit(self, context: Context) -> None:
        """Chooses or builds what the prompts will hold, and writes it to ``context.artifact``."""

    def renderer(self, context: Context) -> Renderer:
        """Returns the function that adds this prompting's sections to a prompt."""
        return lambda query, prompt: prompt

    def toolbox(self, context: Context) -> Toolbox | None:
        """Returns the tools that a model may call while it answers; None where it has none."""
        return None


class Labelling(Part):
    """A way of getting answers to training rows from others than people, before all else."""

    def count(self, rows: int) -> int:
        """Returns about how many rows it makes of so many."""
        return rows

    def fit(self, context: Context) -> None:
        """Answers the questions of the training rows, and writes that to ``context.artifact``."""

    def labelled(self, context: Context) -> Sequence[Example]:
        """Returns the training rows with those answers, from ``context.artifact`` alone."""
        return context.train


class Pretraining(Part):
    """A way of making the weights that all other parts start from, of plain text."""

    # Without ``model`` it makes one of its own, and a run names none.
    needs: ClassVar[frozenset[str]] = frozenset({"model"})
    # Weights that follow where none are named, with their parameters: ``{"lora": {"rank": 4}}``.
    follows: ClassVar[Mapping[str, Mapping[str, object]]] = {}

    @property
    def own_family(self) -> Family | None:
        """``from scratch`` where no model is given."""
        return self.family if "model" in self.required else "from scratch"

    def workload(self) -> TrainingPlan | None:
        """Returns what `fit` will do; None where that isn't known."""
        return None

    def draft(self, context: Context) -> Path | None:
        """Returns a folder with the configuration and the tokenizer that its model will have.

        They are quickly made, for an estimate; None where they are those of the run's model.
        """
        return None

    def lengths(self, context: Context, folder: Path) -> list[int]:
        """Returns the tokens of each sequence that `fit` will train on, by a folder's tokenizer."""
        return []

    def fit(self, context: Context) -> None:
        """Trains, and writes a whole model to the folder `weights` of ``context``."""

    def weights(self, context: Context) -> Path:
        """Returns the folder of that model: configuration, weights, tokenizer."""
        return context.artifact / "model"


@dataclass(frozen=True)
class Pairs:
    """Training pairs of each split, rendered only when called, since reading labels is counted."""

    train: Callable[[], list[Pair]]
    dev: Callable[[], list[Pair]]


class Weights(Part):
    """A way of changing a model's weights, declared by `workload`, or of leaving them."""

    needs: ClassVar[frozenset[str]] = frozenset({"model"})
    # Whether a vendor trains them: the model is one behind a server, a `TunedThere`.
    by_vendor: ClassVar[bool] = False

    @property
    def quantization(self) -> str | None:
        """How weights are kept in memory: ``nf4``, ``int8``, or None where not quantised."""
        return None

    def workload(self) -> TrainingPlan | None:
        """Returns what `fit` will do; `UNTRAINED` for nothing, None where that isn't known."""
        return UNTRAINED if type(self).fit is Weights.fit else None

    def fit(self, context: Context, pairs: Pairs) -> None:
        """Trains on the pairs, and writes the result to ``context.artifact``."""

    def load(self, context: Context) -> Model:
        """Returns the adapted model, from ``context.artifact``."""
        return context.load_model()


class Frozen(Weights):
    """The model as it is."""

    name: ClassVar[str] = "frozen"
    summary: ClassVar[str] = "the model as it is"
