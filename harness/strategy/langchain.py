"""What goes into somebody's LangChain runnable and what comes out of it, with its tokens."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, LLMResult
from langchain_core.runnables import Runnable

from harness.errors import UsageError, nearest
from harness.models.langchain import USAGE
from harness.strategy.registry import load_object
from harness.types import Passage, Usage

__all__ = ["Meter", "answer_of", "input_key", "load_runnable", "source_file"]

QUESTIONS = ("question", "input", "query", "text")
ANSWERS = ("answer", "output", "result", "output_text", "text", "response")
SOURCES = ("context", "source_documents", "documents", "docs")
FORMS = (
    "It may be text, a message, or a dict with an answer "
    f"({', '.join(ANSWERS)}) and its documents ({', '.join(SOURCES)})."
)


def load_runnable(reference: str) -> Runnable[Any, Any]:
    """Loads ``module:name`` or ``path.py:name``; a function without arguments makes one.

    Args:
        reference: A module that can be imported, from the working directory too, or a file.

    Raises:
        UsageError: It isn't there, fails to load, or is no runnable.
    """
    module, _, name = reference.rpartition(":")
    if not module:
        raise UsageError(
            f"{reference!r} names no runnable", "Example: --strategy langchain:my_module:chain"
        )
    found = load_object(reference) if module.endswith(".py") else _attribute(module, name)
    if not isinstance(found, Runnable) and callable(found):
        found = found()
    if not isinstance(found, Runnable):
        raise UsageError(
            f"{reference} is no runnable of LangChain but a {type(found).__name__}",
            "Name a chain, or a function without arguments that returns one.",
        )
    return found


def _attribute(module: str, name: str) -> Any:
    _find_here()
    try:
        loaded = importlib.import_module(module)
    except ImportError as error:
        raise UsageError(
            f"the module {module} can't be imported: {error}",
            "Run in its folder, or name the file: --strategy langchain:path.py:chain",
        ) from error
    if not hasattr(loaded, name):
        raise UsageError(f"{module} has no {name!r}", nearest(name, vars(loaded)))
    return getattr(loaded, name)


def _find_here() -> None:
    """Lets modules of the working directory be found, after all that is installed."""
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))


def source_file(reference: str) -> Path | None:
    """Returns the file that a runnable is defined in, without running it; None where unknown."""
    module = reference.rpartition(":")[0]
    if module.endswith(".py"):
        return path if (path := Path(module).expanduser()).is_file() else None
    _find_here()
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and Path(spec.origin).is_file() else None


def input_key(runnable: Runnable[Any, Any]) -> str:
    """Finds under which key a runnable wants its question; empty where it takes the text itself.

    Raises:
        UsageError: It wants other things beside a question.
    """
    schema = runnable.get_input_jsonschema()
    fields: Mapping[str, Any] = schema.get("properties", {})
    if schema.get("type") != "object" or set(fields) <= {"root"}:  # "root": a mapping of the text
        return ""
    required = [str(name) for name in schema.get("required") or fields]
    for name in QUESTIONS:
        if name in fields and set(required) <= {name}:
            return name
    if len(required) == 1:
        return required[0]
    raise UsageError(
        f"the runnable wants {', '.join(required)}, and a task has a question only",
        "Let the chain fetch the rest itself, or say where the question goes: --set input=KEY.",
    )


def answer_of(result: Any) -> tuple[str, tuple[Passage, ...]]:
    """Reads the answer, and what it was answered from, out of a runnable's result.

    Args:
        result: Text, a message, or a dict; a dict's messages end with the answer.

    Raises:
        UsageError: It is something else.
    """
    if isinstance(result, str):
        return result, ()
    if isinstance(result, BaseMessage):
        return result.text, ()
    if isinstance(result, Mapping):
        found = next((result[name] for name in ANSWERS if result.get(name) is not None), None)
        if found is None and result.get("messages"):
            found = result["messages"][-1]
        if isinstance(found, str | BaseMessage):
            given = next((result[name] for name in SOURCES if result.get(name)), ())
            return answer_of(found)[0], _passages(given)
        raise UsageError(f"the runnable's dict has no answer among {', '.join(result)}", FORMS)
    raise UsageError(f"the runnable returns a {type(result).__name__}", FORMS)


def _passages(given: Any) -> tuple[Passage, ...]:
    documents: Sequence[Any] = [given] if isinstance(given, str) else given
    return tuple(
        Passage(each.page_content, str(each.metadata.get("source", "")), _span(each.metadata))
        if isinstance(each, Document)
        else Passage(str(each), "")
        for each in documents
    )


def _span(about: Mapping[str, Any]) -> tuple[int, int] | None:
    """Where a chunk stands; ``start`` and ``end`` are this harness's own."""
    start, end = about.get("start"), about.get("end")
    return (start, end) if isinstance(start, int) and isinstance(end, int) else None


class Meter(BaseCallbackHandler):
    """Adds up the tokens of every model call inside a chain.

    Attributes:
        usage: Of the calls that said theirs.
        calls: Model calls that ended.
        unknown: Those that didn't say how many tokens they took.
        models: Names of the models that answered.
    """

    def __init__(self) -> None:
        self.usage, self.calls, self.unknown = Usage(), 0, 0
        self.models: set[str] = set()

    @property
    def metered(self) -> bool:
        """Whether all tokens are known; a chain that calls no model of LangChain tells none."""
        return self.calls > 0 and not self.unknown

    def on_llm_end(self, response: LLMResult, **_: Any) -> None:
        """Counts one call."""
        for generations in response.generations:
            first = generations[0] if generations else None
            message = first.message if isinstance(first, ChatGeneration) else None
            self.add(message, (response.llm_output or {}).get("token_usage"))

    def add(self, message: Any, counted: Mapping[str, Any] | None = None) -> None:
        """Counts what a message, or an older model's own table, says."""
        self.calls += 1
        found = _usage(message) if isinstance(message, AIMessage) else None
        if found is None and counted and counted.get("prompt_tokens") is not None:
            found = Usage(
                input_tokens=counted["prompt_tokens"],
                output_tokens=counted.get("completion_tokens") or 0,
            )
        if found is None:
            self.unknown += 1
        else:
            self.usage.add(found)
        if isinstance(message, AIMessage) and (name := message.response_metadata.get("model_name")):
            self.models.add(str(name))


def _usage(message: AIMessage) -> Usage | None:
    """Returns our own counts where the model is ours, else LangChain's."""
    if own := message.response_metadata.get(USAGE):
        return Usage(**own)
    counted = message.usage_metadata
    if counted is None:
        return None
    into, out = counted.get("input_token_details", {}), counted.get("output_token_details", {})
    return Usage(
        input_tokens=counted["input_tokens"],
        cached_tokens=into.get("cache_read") or 0,
        output_tokens=counted["output_tokens"],
        reasoning_tokens=out.get("reasoning") or 0,
    )
