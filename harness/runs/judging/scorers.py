"""Computes ragas' metrics for one row, with our judge and our embeddings in the place of its own."""

from __future__ import annotations

import asyncio
import math
import os
import warnings
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from harness.metrics.ragas import Case
from harness.runs.judging.judge import Judge, JudgeFailed

if TYPE_CHECKING:
    from harness.retrieval.embedders.base import Embedder

__all__ = ["Scorer", "make_scorers"]

Scorer = Callable[[Case], Awaitable[float]]

os.environ.setdefault("RAGAS_DO_NOT_TRACK", "true")  # read once, when ragas is imported


def make_scorers(
    names: Sequence[str], judge: Judge | None, embedder: Callable[[], Embedder]
) -> dict[str, Scorer]:
    """Makes what computes each metric.

    Args:
        names: Of `harness.metrics.ragas.RAGAS`.
        judge: For the judged ones.
        embedder: Opens what makes vectors, where a metric needs them.

    Returns:
        By name a coroutine function of a row; it raises `JudgeFailed` where there is no verdict.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ragas about packages that it uses itself
        found = _offline(names, embedder)
        return found | (_judged(names, judge, embedder) if judge is not None else {})


def _offline(names: Sequence[str], embedder: Callable[[], Embedder]) -> dict[str, Scorer]:
    from ragas.metrics.collections import (
        CHRFScore,
        NonLLMStringSimilarity,
        RougeScore,
        SemanticSimilarity,
    )

    compared: dict[str, Callable[[], Any]] = {
        "non_llm_string_similarity": NonLLMStringSimilarity,
        "chrf": CHRFScore,
        "rouge_l": RougeScore,
        "semantic_similarity": lambda: SemanticSimilarity(embeddings=_embeddings(embedder())),
    }
    made = {name: make() for name, make in compared.items() if name in names}
    return {name: _comparing(metric) for name, metric in made.items()} | _contexts(names)


def _comparing(metric: Any) -> Scorer:
    async def score(case: Case) -> float:
        found = await metric.ascore(reference=case.reference, response=case.response)
        return float(found.value)

    return score


def _contexts(names: Sequence[str]) -> dict[str, Scorer]:
    """The two that ragas has in its older interface only."""
    from ragas.dataset_schema import SingleTurnSample
    from ragas.metrics._context_precision import NonLLMContextPrecisionWithReference
    from ragas.metrics._context_recall import NonLLMContextRecall

    made = {
        "non_llm_context_precision": NonLLMContextPrecisionWithReference(),
        "non_llm_context_recall": NonLLMContextRecall(),
    }

    def scorer(metric: Any) -> Scorer:
        async def score(case: Case) -> float:
            sample = SingleTurnSample(
                retrieved_contexts=list(case.contexts), reference_contexts=list(case.gold)
            )
            return float(await metric.single_turn_ascore(sample))

        return score

    return {name: scorer(metric) for name, metric in made.items() if name in names}


def _judged(
    names: Sequence[str], judge: Judge, embedder: Callable[[], Embedder]
) -> dict[str, Scorer]:
    from ragas.metrics.collections import (
        AnswerRelevancy,
        ContextPrecisionWithReference,
        ContextRecall,
        Faithfulness,
    )

    llm = _judge_llm(judge)
    made: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
        "faithfulness": (lambda: Faithfulness(llm=llm), ("response", "retrieved_contexts")),
        # One question instead of three: a greedy judge would make the same one each time.
        "answer_relevancy": (
            lambda: AnswerRelevancy(llm=llm, embeddings=_embeddings(embedder()), strictness=1),
            ("response",),
        ),
        "context_precision": (
            lambda: ContextPrecisionWithReference(llm=llm),
            ("reference", "retrieved_contexts"),
        ),
        "context_recall": (lambda: ContextRecall(llm=llm), ("reference", "retrieved_contexts")),
    }
    found = {name: _asking(make(), wants) for name, (make, wants) in made.items() if name in names}
    if "judged_correctness" in names:
        found["judged_correctness"] = _correctness(judge)
    return found


def _asking(metric: Any, wants: Sequence[str]) -> Scorer:
    async def score(case: Case) -> float:
        given = {
            "response": case.response,
            "reference": case.reference,
            "retrieved_contexts": list(case.contexts),
        }
        wanted = {name: given[name] for name in wants}
        value = float((await metric.ascore(user_input=case.question, **wanted)).value)
        if not math.isfinite(value):
            raise JudgeFailed("the judge found no statement to judge")
        return value

    return score


def _correctness(judge: Judge) -> Scorer:
    async def score(case: Case) -> float:
        asked = (case.question, case.reference, case.response)
        verdict = await asyncio.to_thread(judge.verdict, *asked)
        return float(verdict == "Correct Answer")

    return score


def _judge_llm(judge: Judge) -> Any:
    from ragas.llms.base import InstructorBaseRagasLLM

    class JudgeLLM(InstructorBaseRagasLLM):
        """Our judge where ragas expects a client of the package instructor."""

        def generate(self, prompt: str, response_model: type[Any]) -> Any:
            return judge.ask(prompt, response_model)

        async def agenerate(self, prompt: str, response_model: type[Any]) -> Any:
            return await asyncio.to_thread(self.generate, prompt, response_model)

    return JudgeLLM()


def _embeddings(embedder: Embedder) -> Any:
    from ragas.embeddings.base import BaseRagasEmbedding

    class Embeddings(BaseRagasEmbedding):
        """Our embedder where ragas expects one of its own; both sides are embedded alike."""

        def embed_text(self, text: str, **_: Any) -> list[float]:
            return [float(value) for value in embedder.embed_queries([text])[0]]

        async def aembed_text(self, text: str, **_: Any) -> list[float]:
            return self.embed_text(text)

    return Embeddings()
