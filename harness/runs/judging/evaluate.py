"""Computes ragas' and judged metrics of a run's rows, a few rows at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

from harness.errors import HarnessError
from harness.metrics.ragas import CORRECTNESS, RAGAS, Case, State, applies, silent
from harness.runs.judging.judge import Judge, JudgeFailed
from harness.runs.judging.questions import Correctness, Evaluated, judged
from harness.runs.judging.scorers import JudgedMetric, make_scorers

if TYPE_CHECKING:
    from harness.retrieval.embedders.base import Embedder

__all__ = ["Evaluator"]

AT_ONCE = 8


class Evaluator:
    """Computes metrics of `harness.metrics.ragas`, by default with multilingual-e5-small."""

    def __init__(
        self,
        names: Sequence[str],
        language: str,
        judge: Judge | None = None,
        embedder: Callable[[], Embedder] | None = None,
    ) -> None:
        self.names, self.judge = tuple(names), judge
        self._language, self._open = language, cache(embedder or _default)
        others = [name for name in names if name != CORRECTNESS]
        self._scorers = make_scorers(others, judge, self._open) if others else {}

    def evaluate(self, cases: Sequence[Case]) -> Iterator[Evaluated]:
        """Yields the metrics of each row, in the rows' order.

        Raises:
            BudgetExceeded: The budget is spent; the judge's responses so far are kept.
            UsageError: The judge's server refuses.
        """
        if "semantic_similarity" in self.names:  # all texts at once; scorers then hit the cache
            texts = {text for case in cases for text in (case.response, case.reference) if text}
            self._open().embed_queries(sorted(texts))
        found: dict[str, Evaluated] = {}
        if self.judge is not None and CORRECTNESS in self.names:
            found = {each.id: each for each in judged(Correctness(), cases, self.judge)}
        for start in range(0, len(cases), AT_ONCE):
            for each in asyncio.run(self._some(cases[start : start + AT_ONCE])):
                yield each.beside(found[each.id]) if found else each

    async def _some(self, cases: Sequence[Case]) -> list[Evaluated]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            asyncio.get_running_loop().set_default_executor(pool)
            try:
                results = await asyncio.gather(*map(self._one, cases), return_exceptions=True)
            except asyncio.CancelledError:  # ctrl-C: the threads are waited for, so they end
                if self.judge is not None:
                    self.judge.close()
                raise
        for each in results:  # only now, when all have ended: each may have cost something
            if isinstance(each, BaseException):
                raise each
        return [each for each in results if isinstance(each, Evaluated)]

    async def _one(self, case: Case) -> Evaluated:
        values: dict[str, float] = {}
        states: dict[str, State] = {}
        for name, scorer in self._scorers.items():
            value, state = await self._score(name, scorer, case)
            if value is not None:
                values[name] = value
            if "judge" in RAGAS[name].needs:
                states[name] = state
        return Evaluated(case.id, values, states)

    async def _score(
        self, name: str, scorer: JudgedMetric, case: Case
    ) -> tuple[float | None, State]:
        if silent(name, case):
            return 0.0, "scored"
        if not applies(name, case, self._language):
            return None, "not_applicable"
        try:
            return await scorer(case), "scored"
        except JudgeFailed:
            return None, "failed"
        except HarnessError:
            raise
        except ValueError as error:
            raise HarnessError(f"{name} failed on row {case.id!r}: {error}") from error


def _default() -> Embedder:
    from harness.retrieval.embedders import EmbedderConfig, open_embedder

    return open_embedder(EmbedderConfig())
