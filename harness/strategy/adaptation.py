"""A language model with some weights and some prompting: what ``lora+few-shot`` becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Self

from harness.models.base import Model, Pair
from harness.strategy.base import (
    Labelling,
    Pairs,
    Part,
    Predictor,
    Pretraining,
    Prompting,
    Strategy,
    Weights,
)
from harness.strategy.context import Context, CountedRows, Renderer
from harness.strategy.predictors import EvidencePredictor, ModelPredictor
from harness.strategy.tools.loop import ToolPredictor
from harness.strategy.training_plan import UNTRAINED
from harness.types import Example, Prompt, Query

__all__ = ["Adaptation"]


class Adaptation(Strategy):
    """A language model with some weights and some prompting.

    What makes the training rows comes before all else, then what makes the weights to start from.
    """

    weights: Weights
    prompting: tuple[Prompting, ...] = ()  # examples come first, in whatever order they are named
    labelling: Labelling | None = None
    pretraining: Pretraining | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """Weights first, then each prompting, then what comes before both."""
        before = (part for part in (self.labelling, self.pretraining) if part)
        return (self.weights, *self.prompting, *before)

    @property
    def readout(self) -> str | None:
        """``retrieval`` where a prompting only retrieves, ``generate`` where it needs text."""
        readouts = {part.readout for part in self.prompting}
        return next((name for name in ("retrieval", "generate") if name in readouts), None)

    @property
    def retrieves(self) -> bool:
        """Whether answers come with passages; other parts may read documents while they prepare."""
        return any("corpus" in part.required for part in self.prompting)

    @property
    def required(self) -> frozenset[str]:
        """The union of what the parts need; where no answer is generated, no model is."""
        needs = frozenset[str]().union(*(part.required for part in self.parts))
        return needs - {"model"} if self.readout == "retrieval" else needs

    @property
    def optional(self) -> frozenset[str]:
        """What a part uses where it is there."""
        return frozenset[str]().union(*(part.optional for part in self.parts)) - self.required

    @property
    def makes_model(self) -> bool:
        """Whether the pre-training starts from no model."""
        return self.pretraining is not None and "model" not in self.pretraining.required

    def sized(self, rows: int, kind: str) -> Self:
        """Returns itself, with weights that know the training rows."""
        rows = self.labelling.count(rows) if self.labelling else rows
        return self.model_copy(update={"weights": self.weights.sized(rows, kind)})

    def describe(self) -> dict[str, object]:
        """Returns the parts' names, versions and parameters."""
        return {"parts": [part.describe() for part in self.parts], **self.abstaining}

    def prepare(self, context: Context) -> None:
        """Fits each prompting, then the weights on pairs rendered by them."""
        self.fit_prompting(context)
        self.fit_weights(context)

    def fit_prompting(self, context: Context) -> None:
        """Fits each prompting; from here on prompts can be rendered."""
        if self.labelling:
            self.labelling.fit(context.part(self.labelling.name))
        self.fit_pretraining(context)
        context = self._after(context)
        fitted: list[Prompting] = []
        for part in sorted(self.prompting, key=lambda part: part.tries):
            fitted.append(part)
            prompts = self._tried(context, part, tuple(fitted))
            part.fit(replace(context.part(part.name), prompts=prompts))

    def _tried(
        self, context: Context, part: Prompting, fitted: tuple[Prompting, ...]
    ) -> Callable[[Renderer], Callable[[Query], Prompt]]:
        """Returns what makes prompts with a renderer in a part's place, by what is fitted."""
        there = self.model_copy(update={"prompting": fitted})
        return lambda renderer: there.render(context, {part.name: renderer})

    def fit_pretraining(self, context: Context) -> None:
        """Makes the weights to start from, where a model answers and they are made."""
        if self.pretraining and self.readout != "retrieval":
            rows = self._labelled(context, self.labelling) if self.labelling else context
            self.pretraining.fit(rows.part(self.pretraining.name))

    def _after(self, context: Context) -> Context:
        """Returns the context with the rows and the weights that were made for this strategy."""
        if self.labelling:
            context = self._labelled(context, self.labelling)
        if self.pretraining and self.readout != "retrieval":
            base = self.pretraining.weights(context.part(self.pretraining.name))
            context = replace(context, base=base)
        return context

    def _labelled(self, context: Context, labelling: Labelling) -> Context:
        rows = labelling.labelled(context.part(labelling.name))
        return replace(context, train=CountedRows(rows))  # nobody has to be paid for these labels

    def fit_weights(self, context: Context) -> None:
        """Fits the weights, where a model answers, on pairs rendered by the fitted promptings."""
        if self.readout == "retrieval":
            return
        context = self._after(context)
        render = self.render(context)

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
            return EvidencePredictor(self.render(context))
        model, context = self.model(context), self._after(context)
        render = self.render(context)
        boxes = [box for part in self.prompting if (box := part.toolbox(context.part(part.name)))]
        if not boxes:
            return ModelPredictor(model, render, context)
        return ToolPredictor(model, render, context, boxes[0])

    @property
    def changes_weights(self) -> bool:
        """Whether another model answers than the run's as it is: trained, quantised, or made."""
        kept = self.weights.workload() == UNTRAINED and self.weights.quantization is None
        return not kept or self.pretraining is not None

    def model(self, context: Context) -> Model:
        """Loads the adapted model."""
        context = self._after(context)
        return self.weights.load(context.part(self.weights.name))

    def render(
        self, context: Context, instead: Mapping[str, Renderer] = {}
    ) -> Callable[[Query], Prompt]:
        """Returns the function that makes a query's prompt, by promptings that are fitted.

        `instead` gives renderers by name that take the place of a prompting's own.
        """
        ordered = sorted(self.prompting, key=lambda part: part.stage)
        renderers = [
            instead.get(part.name) or part.renderer(context.part(part.name)) for part in ordered
        ]

        def render(query: Query) -> Prompt:
            prompt = context.task.base_prompt(query)
            for renderer in renderers:
                prompt = renderer(query, prompt)
            return prompt

        return render
