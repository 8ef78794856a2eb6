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
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict

from harness.context import Context
from harness.models.base import Model, Pair, Scorer, Sessions
from harness.types import Example, GenRequest, Output, Passage, Prompt, Query, ScoreRequest

if TYPE_CHECKING:
    from harness.tools.loop import Toolbox

__all__ = [
    "Adaptation",
    "Frozen",
    "Pairs",
    "Part",
    "Predictor",
    "Prompting",
    "Renderer",
    "Strategy",
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
    """Answers queries from a prepared artifact.

    One that can compute beforehand what its prompts begin with also has ``warm(queries)``, a
    context manager that gives the number of such tokens; latency is measured in it. One that
    finds out which model answers has ``model_info``, None until it knows.
    """

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields one output a query, in any order, matched by id."""
        ...


class Strategy(Part, ABC):
    """A whole way of answering a task's questions."""

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


class Weights(Part):
    """A way of changing weights, or of leaving them."""

    needs: ClassVar[frozenset[str]] = frozenset({"model"})

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


class Adaptation(Strategy):
    """A language model with some weights and some prompting.

    Attributes:
        weights: How the weights are changed.
        prompting: What the prompt holds; examples first, whatever order they are named in.
    """

    weights: Weights
    prompting: tuple[Prompting, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """Weights first, then each prompting."""
        return (self.weights, *self.prompting)

    @property
    def readout(self) -> str | None:
        """``retrieval`` where a prompting only retrieves, ``generate`` where it needs text."""
        found = {part.readout for part in self.prompting}
        return next((name for name in ("retrieval", "generate") if name in found), None)

    @property
    def required(self) -> frozenset[str]:
        """The union of what the parts need; without an answer there is no need of a model."""
        needs = frozenset[str]().union(*(part.required for part in self.parts))
        return needs - {"model"} if self.readout == "retrieval" else needs

    def describe(self) -> dict[str, Any]:
        """Returns the parts' names, versions and parameters."""
        return {"parts": [part.describe() for part in self.parts]}

    def prepare(self, context: Context) -> None:
        """Fits each prompting, then the weights on pairs rendered by them."""
        for part in self.prompting:
            part.fit(context.part(part.name))
        if self.readout == "retrieval":
            return
        render = self._render(context)

        def pairs(examples: Sequence[Example]) -> list[Pair]:
            return [
                Pair(example.query.id, render(example.query), example.target)
                for example in examples
            ]

        self.weights.fit(
            context.part(self.weights.name),
            Pairs(lambda: pairs(context.train), lambda: pairs(context.dev)),
        )

    def predictor(self, context: Context) -> Predictor:
        """Loads the model and answers by the task's readout."""
        if self.readout == "retrieval":
            return EvidencePredictor(self._render(context))
        model = self.weights.load(context.part(self.weights.name))
        render = self._render(context)
        boxes = [box for part in self.prompting if (box := part.toolbox(context.part(part.name)))]
        if not boxes:
            return ModelPredictor(model, render, context)
        from harness.tools.loop import ToolPredictor

        return ToolPredictor(model, render, context, boxes[0])

    def _render(self, context: Context) -> Callable[[Query], Prompt]:
        ordered = sorted(self.prompting, key=lambda part: part.stage)
        renderers = [part.renderer(context.part(part.name)) for part in ordered]

        def render(query: Query) -> Prompt:
            prompt = context.task.base_prompt(query)
            for renderer in renderers:
                prompt = renderer(query, prompt)
            return prompt

        return render


class EvidencePredictor:
    """Gives what the prompt would hold as evidence, and no answer.

    Args:
        render: Makes a prompt of a query.
    """

    def __init__(self, render: Callable[[Query], Prompt]) -> None:
        self._render = render

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields an output for each query, without a text."""
        for query in queries:
            yield Output(query.id, None, evidence=self._render(query).evidence)


class ModelPredictor:
    """Asks a model each question, and reads its answer off the likelihood or the text.

    Args:
        model: The model to ask.
        render: Makes a prompt of a query.
        context: Task and decoding settings.
    """

    def __init__(self, model: Model, render: Callable[[Query], Prompt], context: Context) -> None:
        self.model = model
        self._render = render
        self._context = context
        # What the prompts begin with is held from one call to the next: the weights stay.
        self._scorer: Scorer = model.session() if isinstance(model, Sessions) else model
        if reason := getattr(model, "unshared", ""):
            context.monitor.message(f"Prompts share less than they could: {reason}")

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields an output for each query."""
        if self._context.readout == "loglikelihood":
            return self._score(list(queries))
        return self._generate(queries)

    @contextmanager
    def warm(self, queries: Sequence[Query]) -> Iterator[int]:
        """Holds what the prompts of queries begin with, for single requests."""
        hold = getattr(self.model, "holding", None)
        with hold([self._render(q) for q in queries]) if hold else nullcontext(0) as held:
            yield held

    def _score(self, queries: list[Query]) -> Iterator[Output]:
        choices = {query.id: query.choices or self._context.task.labels for query in queries}
        evidence: dict[str, Sequence[Passage]] = {}

        def requests() -> Iterator[ScoreRequest]:
            for query in queries:
                prompt = self._render(query)
                evidence[query.id] = prompt.evidence
                yield ScoreRequest(query.id, prompt, tuple(choices[query.id]))

        for result in self._scorer.score(list(requests())):
            scores = dict(zip(choices[result.id], result.logprobs, strict=True))
            best = max(scores, key=scores.__getitem__)
            found = evidence.pop(result.id)
            yield Output(result.id, best, scores=scores, usage=result.usage, evidence=found)

    def _generate(self, queries: Iterable[Query]) -> Iterator[Output]:
        task = self._context.task
        evidence: dict[str, Sequence[Passage]] = {}
        settled: list[Output] = []

        def requests() -> Iterator[GenRequest]:
            for query in queries:
                prompt = self._render(query)
                evidence[query.id] = prompt.evidence
                if prompt.settled:
                    settled.append(Output(query.id, prompt.settled, evidence=prompt.evidence))
                    continue
                yield GenRequest(query.id, prompt, tuple(task.stop), task.max_tokens)

        for result in self.model.generate(requests()):
            found = evidence.pop(result.id)
            if result.error is not None:
                yield Output(result.id, None, usage=result.usage, error=result.error)
                continue
            yield Output(
                result.id, result.text, finish=result.finish, usage=result.usage, evidence=found
            )
        yield from settled
