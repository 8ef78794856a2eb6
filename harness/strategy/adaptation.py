"""A language model with some weights and some prompting: what ``lora+few-shot`` becomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self

from harness.models.base import Pair
from harness.strategy.base import Pairs, Part, Predictor, Prompting, Strategy, Weights
from harness.strategy.context import Context
from harness.strategy.predictors import EvidencePredictor, ModelPredictor
from harness.strategy.tools.loop import ToolPredictor
from harness.types import Example, Prompt, Query

__all__ = ["Adaptation"]


class Adaptation(Strategy):
    """A language model with some weights and some prompting."""

    weights: Weights
    prompting: tuple[Prompting, ...] = ()  # examples come first, in whatever order they are named

    @property
    def parts(self) -> tuple[Part, ...]:
        """Weights first, then each prompting."""
        return (self.weights, *self.prompting)

    @property
    def readout(self) -> str | None:
        """``retrieval`` where a prompting only retrieves, ``generate`` where it needs text."""
        readouts = {part.readout for part in self.prompting}
        return next((name for name in ("retrieval", "generate") if name in readouts), None)

    @property
    def required(self) -> frozenset[str]:
        """The union of what the parts need; where no answer is generated, no model is."""
        needs = frozenset[str]().union(*(part.required for part in self.parts))
        return needs - {"model"} if self.readout == "retrieval" else needs

    def sized(self, rows: int, kind: str) -> Self:
        """Returns itself, with weights that know the training rows."""
        return self.model_copy(update={"weights": self.weights.sized(rows, kind)})

    def describe(self) -> dict[str, object]:
        """Returns the parts' names, versions and parameters."""
        return {"parts": [part.describe() for part in self.parts]}

    def prepare(self, context: Context) -> None:
        """Fits each prompting, then the weights on pairs rendered by them."""
        self.fit_prompting(context)
        self.fit_weights(context)

    def fit_prompting(self, context: Context) -> None:
        """Fits each prompting; from here on prompts can be rendered."""
        for part in self.prompting:
            part.fit(context.part(part.name))

    def fit_weights(self, context: Context) -> None:
        """Fits the weights, where a model answers, on pairs rendered by the fitted promptings."""
        if self.readout == "retrieval":
            return
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
        model = self.weights.load(context.part(self.weights.name))
        render = self.render(context)
        boxes = [box for part in self.prompting if (box := part.toolbox(context.part(part.name)))]
        if not boxes:
            return ModelPredictor(model, render, context)
        return ToolPredictor(model, render, context, boxes[0])

    def render(self, context: Context) -> Callable[[Query], Prompt]:
        """Returns the function that makes a query's prompt, by promptings that are fitted."""
        ordered = sorted(self.prompting, key=lambda part: part.stage)
        renderers = [part.renderer(context.part(part.name)) for part in ordered]

        def render(query: Query) -> Prompt:
            prompt = context.task.base_prompt(query)
            for renderer in renderers:
                prompt = renderer(query, prompt)
            return prompt

        return render
