"""Computes ragas' metrics for one row, with this harness's judge and embedder."""

from __future__ import annotations

import asyncio
import inspect
import math
import warnings
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from harness.metrics.ragas import Case
from harness.runs.judging.judge import AnswerT, Judge, JudgeFailed

if TYPE_CHECKING:
    from ragas.embeddings.base import BaseRagasEmbedding
    from ragas.llms.base import InstructorBaseRagasLLM
    from ragas.metrics.base import SingleTurnMetric
    from ragas.metrics.collections import BaseMetric

    from harness.retrieval.embedders.base import Embedder

__all__ = ["JudgedMetric", "make_scorers"]

JudgedMetric = Callable[[Case], Awaitable[float]]


def make_scorers(
    names: Sequence[str], judge: Judge | None, embedder: Callable[[], Embedder]
) -> dict[str, JudgedMetric]:
    """Returns a coroutine function of a row for each metric of `harness.metrics.ragas`.

    It raises `JudgeFailed` where there is no verdict. The embedder is only opened for a metric
    that needs it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ragas warns about packages that it imports itself
        scorers = _offline(names, embedder) | _contexts(names)
        return scorers | (_judged(names, judge, embedder) if judge is not None else {})


def _offline(names: Sequence[str], embedder: Callable[[], Embedder]) -> dict[str, JudgedMetric]:
    from ragas.metrics.collections import (
        CHRFScore,
        NonLLMStringSimilarity,
        RougeScore,
        SemanticSimilarity,
    )

    metrics: dict[str, Callable[[], BaseMetric]] = {
        "non_llm_string_similarity": NonLLMStringSimilarity,
        "chrf": CHRFScore,
        "rouge_l": RougeScore,
        "semantic_similarity": lambda: SemanticSimilarity(embeddings=_embeddings(embedder())),
    }
    return {name: _scorer(metric()) for name, metric in metrics.items() if name in names}


def _contexts(names: Sequence[str]) -> dict[str, JudgedMetric]:
    """Returns the two metrics that ragas only has in its older interface."""
    from ragas.dataset_schema import SingleTurnSample
    from ragas.metrics._context_precision import NonLLMContextPrecisionWithReference
    from ragas.metrics._context_recall import NonLLMContextRecall

    metrics: dict[str, Callable[[], SingleTurnMetric]] = {
        "non_llm_context_precision": NonLLMContextPrecisionWithReference,
        "non_llm_context_recall": NonLLMContextRecall,
    }

    def scorer(metric: SingleTurnMetric) -> JudgedMetric:
        async def score(case: Case) -> float:
            sample = SingleTurnSample(
                retrieved_contexts=list(case.contexts), reference_contexts=list(case.gold)
            )
            return float(await metric.single_turn_ascore(sample))

        return score

    return {name: scorer(metric()) for name, metric in metrics.items() if name in names}


def _judged(
    names: Sequence[str], judge: Judge, embedder: Callable[[], Embedder]
) -> dict[str, JudgedMetric]:
    from ragas.metrics.collections import (
        AnswerRelevancy,
        ContextPrecisionWithReference,
        ContextRecall,
        Faithfulness,
    )

    llm = _judge_llm(judge)
    metrics: dict[str, Callable[[], BaseMetric]] = {
        "faithfulness": lambda: Faithfulness(llm=llm),
        # One question instead of three: a greedy judge would make the same one each time.
        "answer_relevancy": lambda: AnswerRelevancy(
            llm=llm, embeddings=_embeddings(embedder()), strictness=1
        ),
        "context_precision": lambda: ContextPrecisionWithReference(llm=llm),
        "context_recall": lambda: ContextRecall(llm=llm),
    }
    return {name: _scorer(metric()) for name, metric in metrics.items() if name in names}


def _scorer(metric: BaseMetric) -> JudgedMetric:
    parameters = inspect.signature(metric.ascore).parameters

    async def score(case: Case) -> float:
        values = {
            "user_input": case.question,
            "response": case.response,
            "reference": case.reference,
            "retrieved_contexts": list(case.contexts),
        }
        arguments = {name: value for name, value in values.items() if name in parameters}
        value = float((await metric.ascore(**arguments)).value)
        if not math.isfinite(value):
            raise JudgeFailed("the judge found no statement to judge")
        return value

    return score


def _judge_llm(judge: Judge) -> InstructorBaseRagasLLM:
    from ragas.llms.base import InstructorBaseRagasLLM

    class JudgeLLM(InstructorBaseRagasLLM):
        """This harness's judge where ragas expects a client of the package instructor."""

        def generate(self, prompt: str, response_model: type[AnswerT]) -> AnswerT:
            return judge.ask(prompt, response_model)

        async def agenerate(self, prompt: str, response_model: type[AnswerT]) -> AnswerT:
            return await asyncio.to_thread(self.generate, prompt, response_model)

    return JudgeLLM()


def _embeddings(embedder: Embedder) -> BaseRagasEmbedding:
    from ragas.embeddings.base import BaseRagasEmbedding

    class Embeddings(BaseRagasEmbedding):
        """This harness's embedder where ragas expects its own; both texts are embedded alike."""

        def embed_text(self, text: str, **_: object) -> list[float]:
            return [float(value) for value in embedder.embed_queries([text])[0]]

        async def aembed_text(self, text: str, **_: object) -> list[float]:
            return self.embed_text(text)

    return Embeddings()
