"""How a prepared model answers: by likelihood, by text, or by what was retrieved alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from harness.models.base import HoldsPrefix, Model, Scorer, Sessions, SharesPrefixes
from harness.strategy.context import Context
from harness.text import begins_another
from harness.types import GenRequest, Output, Passage, Prompt, Query, ScoreRequest

__all__ = ["EvidencePredictor", "ModelPredictor"]


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
        # A session keeps the prompts' prefix from one call to the next, since the weights stay.
        self._scorer: Scorer = model.session() if isinstance(model, Sessions) else model
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
        return self.model.holding([self._render(query) for query in queries])

    def _score(self, queries: list[Query]) -> Iterator[Output]:
        choices = {query.id: query.choices or self._context.task.labels for query in queries}
        evidence: dict[str, Sequence[Passage]] = {}

        def requests() -> Iterator[ScoreRequest]:
            for query in queries:
                prompt = self._render(query)
                evidence[query.id] = prompt.evidence
                own = tuple(choices[query.id])
                yield ScoreRequest(query.id, prompt, own, ended=begins_another(own))

        for result in self._scorer.score(list(requests())):
            scores = dict(zip(choices[result.id], result.logprobs, strict=True))
            best = max(scores, key=scores.__getitem__)
            output = Output(result.id, best, scores=scores, usage=result.usage, chosen=True)
            yield replace(output, evidence=evidence.pop(result.id))

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
            output = Output(result.id, None, usage=result.usage, error=result.error)
            passages = evidence.pop(result.id)
            if result.error is None:
                output = replace(output, text=result.text, finish=result.finish, evidence=passages)
            yield output
        yield from settled
