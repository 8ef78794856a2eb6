"""Asks a model, does what it calls for, and asks again with the result: a bounded number of times.

Each turn asks the question anew, with what is known by then: passages that were found stand
before it, results below it. So any model can be used, and each turn is an ordinary request whose
tokens are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from harness.models.base import Model
from harness.strategy.context import Context
from harness.strategy.predictors import ModelPredictor
from harness.strategy.tools.calculator import CalculationError, calculate
from harness.strategy.tools.calls import CALCULATE, SEARCH, Wording, read_call
from harness.types import Call, Generation, GenRequest, Output, Passage, Prompt, Query, Tool, Usage

__all__ = ["ToolPredictor", "Toolbox"]

Search = Callable[[str], Sequence[Passage]]


@dataclass(frozen=True)
class Toolbox:
    """What a model may call.

    Attributes:
        words: Of the task's language.
        steps: Calls a question, at most.
        turn_tokens: Longest turn in tokens; an answer has the task's own limit.
        search: Finds passages; None where there is nothing to be searched.
        native: Whether calls go through the interface of the model, not through its text.
    """

    words: Wording
    steps: int
    turn_tokens: int
    search: Search | None = None
    native: bool = False

    @property
    def tools(self) -> tuple[Tool, ...]:
        """The tools that there are."""
        return (SEARCH, CALCULATE) if self.search else (CALCULATE,)

    def call_of(self, result: Generation) -> tuple[Tool, str] | None:
        """Returns what a turn calls for; the first where it calls for several."""
        for name, text in result.calls:
            return next(((tool, text) for tool in self.tools if tool.name == name), None)
        return read_call(result.text, self.tools)

    def use(self, tool: Tool, text: str, prompt: Prompt) -> tuple[Prompt, str]:
        """Uses a tool.

        Args:
            tool: Which one.
            text: What the model gave it.
            prompt: What was asked.

        Returns:
            What is asked next, and what the record says of the result.
        """
        if tool is CALCULATE:
            try:
                told = calculate(text)
            except CalculationError as error:
                told = f"{self.words.failed} ({error})"
            return prompt.with_note(self.words.note(tool, text, told)), told
        assert self.search is not None
        known = prompt.evidence
        fresh = [each for each in self.search(text) if each not in known]
        if not fresh:
            told = self.words.nothing
            return prompt.with_note(self.words.note(tool, text, told)), told
        *head, question = prompt.sections
        asked = replace(question, passages=(*known, *fresh))
        return replace(prompt, sections=(*head, asked)), "; ".join(
            each.place or each.source for each in fresh
        )


@dataclass
class _State:
    """How far one question is."""

    query: Query
    prompt: Prompt
    usage: Usage = field(default_factory=Usage)
    calls: list[Call] = field(default_factory=list)
    last: bool = False

    def output(self, text: str | None, result: Generation) -> Output:
        return Output(
            self.query.id, text, finish=result.finish, usage=self.usage,
            evidence=self.prompt.evidence, error=result.error, calls=tuple(self.calls),
        )  # fmt: skip


class ToolPredictor(ModelPredictor):
    """Answers with tools.

    Args:
        model: The model to ask.
        render: Makes a prompt of a query.
        context: Task and decoding settings.
        toolbox: What it may call.
    """

    def __init__(
        self,
        model: Model,
        render: Callable[[Query], Prompt],
        context: Context,
        toolbox: Toolbox,
    ) -> None:
        super().__init__(model, render, context)
        self._box, self._task = toolbox, context.task

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields an output for each query; all questions take their next turn together."""
        waiting = {query.id: _State(query, self._render(query)) for query in queries}
        for id_ in [id_ for id_, state in waiting.items() if state.prompt.settled]:
            prompt = waiting.pop(id_).prompt
            yield Output(id_, prompt.settled, evidence=prompt.evidence)
        while waiting:
            requests = [self._request(state) for state in waiting.values()]
            for result in self.model.generate(requests):
                output = self._advance(waiting[result.id], result)
                if output is not None:
                    del waiting[result.id]
                    yield output

    def _request(self, state: _State) -> GenRequest:
        prompt, tokens, tools = state.prompt, self._task.max_tokens, self._box.tools
        if state.last:
            prompt, tools = prompt.with_note(self._box.words.last), ()
        else:
            tokens = max(tokens, self._box.turn_tokens)
        offered = tools if self._box.native else ()
        return GenRequest(state.query.id, prompt, tuple(self._task.stop), tokens, tools=offered)

    def _advance(self, state: _State, result: Generation) -> Output | None:
        """Takes a turn into account; gives the answer where it is one.

        A call that was answered before, or one too many, is followed by one last turn. One in
        that turn is no answer.
        """
        state.usage.add(result.usage)
        if result.error is not None:
            return state.output(None, result)
        call = self._box.call_of(result)
        if call is None:
            return state.output(result.text, result)
        if state.last:
            return state.output("", replace(result, finish="stop"))
        tool, text = call
        if any((each.tool, each.input) == (tool.name, text) for each in state.calls):
            state.last = True
            return None
        state.prompt, told = self._box.use(tool, text, state.prompt)
        state.calls.append(Call(tool.name, text, told, result.usage))
        state.last = len(state.calls) >= self._box.steps
        return None
