"""Asks a model, does what it calls for, and asks again with the result: a bounded number of times.

Each turn asks the question again, with the passages retrieved so far before it and the results
below it. So any model can be used, and each turn is an ordinary request whose tokens are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from harness.models.base import Model
from harness.strategy.context import Context
from harness.strategy.predictors import ModelPredictor, answered
from harness.strategy.tools.calculator import CalculationError, calculate
from harness.strategy.tools.calls import CALCULATE, SEARCH, Wording, read_call
from harness.types import Call, Generation, GenRequest, Output, Passage, Prompt, Query, Tool, Usage

__all__ = ["ToolPredictor", "Toolbox"]

Search = Callable[[str], Sequence[Passage]]


@dataclass(frozen=True)
class Toolbox:
    """What a model may call."""

    words: Wording
    steps: int  # most calls for a question
    turn_tokens: int  # most tokens of a call; an answer has the task's own limit
    search: Search | None = None  # None where there are no documents
    native: bool = False  # whether calls take the form that the model was tuned for

    @property
    def tools(self) -> tuple[Tool, ...]:
        """The tools that the model may call."""
        return (SEARCH, CALCULATE) if self.search else (CALCULATE,)

    def call_of(self, result: Generation) -> tuple[Tool, str] | None:
        """Returns the tool that a turn calls first, and the text for it."""
        for name, text in result.calls:
            return next(((tool, text) for tool in self.tools if tool.name == name), None)
        return read_call(result.text, self.tools)

    def use(self, tool: Tool, text: str, prompt: Prompt) -> tuple[Prompt, str]:
        """Uses a tool on a text; returns the next prompt, and the result for the record."""
        if tool is SEARCH and self.search is not None:
            known = prompt.evidence
            if fresh := [each for each in self.search(text) if each not in known]:
                *head, question = prompt.sections
                question = replace(question, passages=(*known, *fresh))
                places = "; ".join(each.place or each.source for each in fresh)
                return replace(prompt, sections=(*head, question)), places
            result = self.words.nothing
        else:
            try:
                result = calculate(text)
            except CalculationError as error:
                result = f"{self.words.failed} ({error})"
        return prompt.with_note(self.words.note(tool, text, result)), result


@dataclass
class _Dialogue:
    """The turns of one question so far."""

    query: Query
    prompt: Prompt
    usage: Usage = field(default_factory=Usage)
    metered: bool = True
    replayed: bool = True  # until a turn is asked
    calls: list[Call] = field(default_factory=list)
    last: bool = False
    excess: str = ""  # of the first turn that was too long

    def output(self, result: Generation) -> Output:
        evidence, calls = self.prompt.evidence, tuple(self.calls)
        output = Output(self.query.id, None, evidence=evidence, calls=calls, excess=self.excess)
        whole = replace(result, usage=self.usage, metered=self.metered, replayed=self.replayed)
        return answered(output, whole)


class ToolPredictor(ModelPredictor):
    """Asks a model each question, and lets it call tools before it answers."""

    def __init__(
        self, model: Model, render: Callable[[Query], Prompt], context: Context, toolbox: Toolbox
    ) -> None:
        super().__init__(model, render, context)
        self._box, self._task = toolbox, context.task

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields an output for each query; all questions take their next turn together."""
        waiting = {query.id: _Dialogue(query, self._render(query)) for query in queries}
        for id_ in [id_ for id_, dialogue in waiting.items() if dialogue.prompt.settled]:
            prompt = waiting.pop(id_).prompt
            yield Output(id_, prompt.settled, evidence=prompt.evidence)
        while waiting:
            requests = []
            for id_, dialogue in [*waiting.items()]:
                request = self._turn(dialogue)
                fitted = self._fitted(request.prompt, tokens=request.max_tokens)
                dialogue.excess = dialogue.excess or fitted.excess
                if fitted.prompt is None:
                    del waiting[id_]
                    yield dialogue.output(Generation(id_, "", "too_long", Usage()))
                else:
                    requests.append(replace(request, prompt=fitted.prompt))
            for result in self.model.generate(requests):
                output = self._advance(waiting[result.id], result)
                if output is not None:
                    del waiting[result.id]
                    yield output

    def _turn(self, dialogue: _Dialogue) -> GenRequest:
        prompt, tokens, tools = dialogue.prompt, self._task.max_tokens, self._box.tools
        if dialogue.last:
            prompt, tools = prompt.with_note(self._box.words.last), ()
        else:
            tokens = max(tokens, self._box.turn_tokens)
        offered = tools if self._box.native else ()
        return replace(self._request(dialogue.query.id, prompt, tokens), tools=offered)

    def _advance(self, dialogue: _Dialogue, result: Generation) -> Output | None:
        """Returns a turn's answer, or None when it did what the turn calls for."""
        dialogue.usage.add(result.usage)
        dialogue.metered = dialogue.metered and result.metered
        dialogue.replayed = dialogue.replayed and result.replayed
        if result.error is not None:
            return dialogue.output(result)
        call = self._box.call_of(result)
        if call is None:
            return dialogue.output(result)
        if dialogue.last:  # a call in the last turn counts as no answer
            return dialogue.output(replace(result, text="", finish="stop"))
        tool, text = call
        if any((each.tool, each.input) == (tool.name, text) for each in dialogue.calls):
            dialogue.last = True  # a repeated call: one turn is left
            return None
        dialogue.prompt, outcome = self._box.use(tool, text, dialogue.prompt)
        dialogue.calls.append(Call(tool.name, text, outcome, result.usage))
        dialogue.last = len(dialogue.calls) >= self._box.steps
        return None
