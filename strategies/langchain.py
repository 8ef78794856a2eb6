"""An existing LangChain runnable, measured as it is: ``langchain:module:runnable``.

It gets the question and returns an answer, with or without the documents that it used. Tokens are
those that its models report to LangChain; where a model reports none, the record says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from harness.errors import HarnessError, MissingDependency, TooLong
from harness.models.endpoint import TOO_LONG
from harness.records.keys import digest
from harness.records.model import ModelInfo
from harness.strategy.base import Strategy
from harness.strategy.context import Context
from harness.strategy.family import Family
from harness.types import Output, Query

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from harness.strategy.langchain import TokenCounter


class LangChain(Strategy):
    """Asks a runnable that somebody else wrote."""

    name: ClassVar[str] = "langchain"
    summary: ClassVar[str] = "an existing LangChain runnable, as langchain:module:runnable"
    family: ClassVar[Family] = "prompting"
    memory: ClassVar[str] = "the chain's own"
    reference: ClassVar[str] = "runnable"
    trial: ClassVar[Mapping[str, Any]] = {"runnable": "harness.models.langchain:echo"}

    runnable: str = Field(
        description="module:name or path.py:name of a chain, or of a function that returns one."
    )
    input: str = Field(
        "auto", description="Key of the question in the chain's input; text: it takes a text."
    )
    concurrency: int = Field(1, ge=1, le=256, description="Questions at once.")
    vendor: str | None = Field(
        None, description="The API model that answers; its price per token is what requests cost."
    )

    @property
    def readout(self) -> str:
        """The chain writes the answer."""
        return "generate"

    @property
    def retrieves(self) -> bool:
        """A chain may return the documents that it used."""
        return True

    @property
    def behind_api(self) -> bool:
        """Whether a vendor's machines answer."""
        return self.vendor is not None

    def describe(self) -> dict[str, Any]:
        """Adds a digest of the runnable's file, so that an edited chain is run again."""
        file = _adapter().source_file(self.runnable)
        text = file.read_text(encoding="utf-8") if file else ""
        return super().describe() | {"source": digest(text)}

    def prepare(self, context: Context) -> None:
        """Loads the runnable once, so that a mistake shows before any question."""
        _adapter().load_runnable(self.runnable)

    def predictor(self, context: Context) -> ChainPredictor:
        """Loads the runnable."""
        return ChainPredictor(self, _adapter().load_runnable(self.runnable), context)


class ChainPredictor:
    """Puts each question to a runnable."""

    def __init__(self, strategy: LangChain, runnable: Runnable[Any, Any], context: Context) -> None:
        self._strategy, self._runnable, self._task = strategy, runnable, context.task
        key = "" if strategy.input == "text" else strategy.input
        self._key = _adapter().input_key(runnable) if key == "auto" else key
        self._models: set[str] = set()

    @property
    def model_info(self) -> ModelInfo | None:
        """The models that answered, as far as they gave their names."""
        name = self._strategy.vendor or ", ".join(sorted(self._models))
        return ModelInfo(name, weights_origin="inside a LangChain runnable") if name else None

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields an output for each query; what the chain raises is that row's error."""
        rows = list(queries)
        counters = [_adapter().TokenCounter() for _ in rows]
        texts = [self._task.asked(query) for query in rows]
        inputs = [{self._key: text} if self._key else text for text in texts]
        limit = self._strategy.concurrency
        configs = [{"callbacks": [counter], "max_concurrency": limit} for counter in counters]
        results = self._runnable.batch_as_completed(inputs, configs, return_exceptions=True)
        for number, result in results:
            yield self._output(rows[number], result, counters[number])

    def _output(self, query: Query, result: object, counter: TokenCounter) -> Output:
        if isinstance(result, TooLong):
            return Output(query.id, None, finish="too_long", excess=result.message)
        if isinstance(result, HarnessError):
            raise result
        if isinstance(result, Exception):
            message = f"{type(result).__name__}: {result}"[:300]
            if type(result).__name__ == "BadRequestError" and TOO_LONG.search(str(result)):
                return Output(query.id, None, "too_long", usage=counter.usage, excess=message)
            return Output(query.id, None, usage=counter.usage, error=message)
        text, evidence = _adapter().answer_of(result)
        if not counter.calls and hasattr(result, "usage_metadata"):
            counter.add(result)
        self._models |= counter.models
        output = Output(query.id, text, finish="stop", usage=counter.usage, evidence=evidence)
        return replace(output, metered=counter.metered)


def _adapter() -> ModuleType:
    try:
        import harness.strategy.langchain
    except ImportError as error:
        raise MissingDependency(
            f"a runnable needs the package {error.name}", "pip install 'adaptbench[rag]'"
        ) from error
    return harness.strategy.langchain
