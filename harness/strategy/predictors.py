"""How a prepared model answers: by likelihood, by text, or by what was retrieved alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from harness.metrics.registry import kinds
from harness.models.base import HasWindow, HoldsPrefix, Model, Scorer, Sessions, SharesPrefixes
from harness.models.window import Fitted
from harness.strategy.context import Context
from harness.text import begins_another
from harness.types import Generation, GenRequest, Output, Prompt, Query, ScoreRequest, Scores

__all__ = ["EvidencePredictor", "ModelPredictor", "answered"]


class EvidencePredictor:
    """Gives the passages of a query's prompt as evidence, and no answer."""

    def __init__(self, render: Callable[[Query], Prompt]) -> None:
        self._render = render

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields an output without a text for each query."""
        for query in queries:
            yield Output(query.id, None, evidence=self._render(query).evidence)


class ModelPredictor:
    """Asks a model each question, and reads its answer off the likelihood or the text."""

    def __init__(self, model: Model, render: Callable[[Query], Prompt], context: Context) -> None:
        self.model = model
        self._render = render
        self._context = context
        self._window = model.window if isinstance(model, HasWindow) else None
        # A session keeps from one call to the next what depends on the weights, since they stay.
        writes = context.readout != "loglikelihood"
        self._scorer: Scorer = (
            model.session(writes=writes) if isinstance(model, Sessions) else model
        )
        if isinstance(model, SharesPrefixes) and model.unshared:
            context.monitor.message(f"The prompts' common prefixes aren't shared: {model.unshared}")

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields an output for each query."""
        if self._context.readout == "loglikelihood":
            return self._score(list(queries))
        return self._generate(queries)

    def warm(self, queries: Sequence[Query]) -> AbstractContextManager[int]:
        """Keeps the KV cache of the prompts' common prefix, for single requests."""
        if not isinstance(self.model, HoldsPrefix):
            return nullcontext(0)
        fitted = (self._fitted(self._render(query)).prompt for query in queries)
        return self.model.holding([prompt for prompt in fitted if prompt is not None])

    def _fitted(self, prompt: Prompt, answers: Sequence[str] = (), tokens: int = 0) -> Fitted:
        """Returns a request's prompt as the model can read it, by the rule for long rows."""
        if self._window is None:
            return Fitted(prompt)
        return self._window.fit(prompt, answers, tokens, cut=self._context.long_rows.cut)

    def _score(self, queries: list[Query]) -> Iterator[Output]:
        choices = {query.id: query.choices or self._context.task.labels for query in queries}
        begun: dict[str, Output] = {}
        requests: list[ScoreRequest] = []
        for query in queries:
            prompt, answers = self._render(query), tuple(choices[query.id])
            ended = begins_another(answers)
            fitted = self._fitted(prompt, answers, int(ended))
            output = Output(query.id, None, evidence=prompt.evidence, excess=fitted.excess)
            if fitted.prompt is None:
                yield replace(output, finish="too_long")
                continue
            begun[query.id] = output
            requests.append(ScoreRequest(query.id, fitted.prompt, answers, ended=ended))
        for result in self._scorer.score(requests):
            output = _ended(begun.pop(result.id), result)
            if result.error is None:
                scores = dict(zip(choices[result.id], result.logprobs, strict=True))
                best = max(scores, key=scores.__getitem__)
                output = replace(output, text=best, scores=scores, chosen=True)
            yield output

    def _generate(self, queries: Iterable[Query]) -> Iterator[Output]:
        task = self._context.task
        begun: dict[str, Output] = {}
        settled: list[Output] = []

        def requests() -> Iterator[GenRequest]:
            for query in queries:
                prompt = self._render(query)
                output = Output(query.id, prompt.settled or None, evidence=prompt.evidence)
                if prompt.settled:
                    settled.append(output)
                    continue
                fitted = self._fitted(prompt, tokens=task.max_tokens)
                if fitted.prompt is None:
                    settled.append(replace(output, finish="too_long", excess=fitted.excess))
                else:
                    begun[query.id] = replace(output, excess=fitted.excess)
                    request = self._request(query.id, fitted.prompt, task.max_tokens)
                    yield replace(request, schema=self._schema(query))

        for result in self.model.generate(requests()):
            yield answered(begun.pop(result.id), result)
        yield from settled

    def _schema(self, query: Query) -> Mapping[str, object] | None:
        task = self._context.task
        schema = kinds()[task.kind].schema if self._context.structured else lambda choices: None
        return schema(query.choices or task.labels)

    def _request(self, id_: str, prompt: Prompt, tokens: int) -> GenRequest:
        stop, sure = tuple(self._context.task.stop), self._context.confidence
        return GenRequest(id_, prompt, stop, tokens, confidence=sure)


def answered(output: Output, result: Generation) -> Output:
    """Returns an output with what a model generated for it, or with why it did not."""
    output = _ended(output, result)
    if output.error is not None or result.finish == "too_long":
        return output
    return replace(output, text=result.text, finish=result.finish, confidence=result.confidence)


def _ended(output: Output, result: Generation | Scores) -> Output:
    """Returns an output with what a request took, and why it has no answer if it has none."""
    output = replace(output, usage=result.usage, metered=result.metered, replayed=result.replayed)
    if result.finish == "too_long":
        return replace(output, finish="too_long", excess=result.error or output.excess)
    return replace(output, error=result.error)
