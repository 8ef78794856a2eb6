"""Anybody's existing LangChain runnable, measured as it is: ``langchain:module:runnable``.

It gets the question and gives an answer, maybe with the documents that it answered from. Tokens
are those that its models report through LangChain; where one reports none they are unknown, and
the record says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from harness.errors import HarnessError, MissingDependency
from harness.records.keys import digest
from harness.records.model import ModelInfo
from harness.strategy.base import Strategy
from harness.strategy.context import Context
from harness.types import Output, Query

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from harness.strategy.langchain import Meter


class LangChain(Strategy):
    """Asks a runnable that somebody else wrote."""

    name: ClassVar[str] = "langchain"
    summary: ClassVar[str] = "an existing LangChain runnable, as langchain:module:runnable"
    reference: ClassVar[str] = "runnable"
    trial: ClassVar[Mapping[str, Any]] = {"runnable": "harness.models.langchain:echo"}

    runnable: str = Field(description="module:name or path.py:name; a chain, or what makes one.")
    input: str = Field("auto", description="Key of the question; text for the question itself.")
    concurrency: int = Field(1, ge=1, le=256, description="Questions at once.")
    vendor: str | None = Field(
        None, description="The model behind an API that answers: requests cost its tokens' price."
    )

    @property
    def readout(self) -> str:
        """The chain writes the answer."""
        return "generate"

    @property
    def retrieves(self) -> bool:
        """A chain may give the documents that it answered from."""
        return True

    @property
    def behind_api(self) -> bool:
        """Whether a vendor's machines answer."""
        return self.vendor is not None

    def describe(self) -> dict[str, Any]:
        """Adds what the runnable's own file says: an edited chain is another one."""
        file = _chains().source_file(self.runnable)
        text = file.read_text(encoding="utf-8") if file else ""
        return super().describe() | {"source": digest(text)}

    def prepare(self, context: Context) -> None:
        """Loads it once, so that a mistake is told before anything is asked."""
        _chains().load_runnable(self.runnable)

    def predictor(self, context: Context) -> ChainPredictor:
        """Loads it."""
        return ChainPredictor(self, _chains().load_runnable(self.runnable), context)


class ChainPredictor:
    """Asks a runnable each question.

    Args:
        strategy: How it is asked.
        runnable: What is asked.
        context: For the task's way of asking.
    """

    def __init__(self, strategy: LangChain, runnable: Runnable[Any, Any], context: Context) -> None:
        self._strategy, self._runnable, self._task = strategy, runnable, context.task
        wanted = "" if strategy.input == "text" else strategy.input
        self._key = _chains().input_key(runnable) if wanted == "auto" else wanted
        self._models: set[str] = set()

    @property
    def model_info(self) -> ModelInfo | None:
        """Which models answered, as far as they said."""
        name = self._strategy.vendor or ", ".join(sorted(self._models))
        return ModelInfo(name, weights_origin="inside a LangChain runnable") if name else None

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields an output for each query; what the chain raises is that row's error."""
        asked = list(queries)
        meters = [_chains().Meter() for _ in asked]
        texts = [self._task.asked(query) for query in asked]
        inputs = [{self._key: text} if self._key else text for text in texts]
        limit = self._strategy.concurrency
        configs = [{"callbacks": [meter], "max_concurrency": limit} for meter in meters]
        done = self._runnable.batch_as_completed(inputs, configs, return_exceptions=True)
        for at, result in done:
            yield self._output(asked[at], result, meters[at])

    def _output(self, query: Query, result: Any, meter: Meter) -> Output:
        if isinstance(result, HarnessError):
            raise result
        if isinstance(result, Exception):
            said = f"{type(result).__name__}: {result}"[:300]
            return Output(query.id, None, usage=meter.usage, error=said)
        text, evidence = _chains().answer_of(result)
        if not meter.calls and hasattr(result, "usage_metadata"):
            meter.add(result)
        self._models |= meter.models
        return Output(
            query.id, text, finish="stop", usage=meter.usage, evidence=evidence,
            metered=meter.metered,
        )  # fmt: skip


def _chains() -> Any:
    try:
        import harness.strategy.langchain
    except ImportError as error:
        raise MissingDependency(
            f"a runnable needs the package {error.name}", "pip install 'adaptbench[rag]'"
        ) from error
    return harness.strategy.langchain
