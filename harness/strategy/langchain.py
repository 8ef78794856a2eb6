"""Loads a LangChain runnable, and reads its answer, its documents and its tokens."""

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

from harness.errors import UsageError
from harness.models.langchain import USAGE
from harness.strategy.registry import attribute_of, load_object
from harness.types import Passage, Usage

__all__ = ["TokenCounter", "answer_of", "input_key", "load_runnable", "source_file"]

QUESTIONS = ("question", "input", "query", "text")
ANSWERS = ("answer", "output", "result", "output_text", "text", "response")
SOURCES = ("context", "source_documents", "documents", "docs")
FORMS = (
    "It may be text, a message, or a dict with an answer "
    f"({', '.join(ANSWERS)}) and its documents ({', '.join(SOURCES)})."
)


def load_runnable(reference: str) -> Runnable[Any, Any]:
    """Loads ``module:name`` or ``path.py:name``, or calls such a function to get a runnable.

    Raises:
        UsageError: It isn't there, fails to load, or is no runnable.
    """
    module, _, name = reference.rpartition(":")
    if not module:
        raise UsageError(
            f"{reference!r} names no runnable", "Example: --strategy langchain:my_module:chain"
        )
    runnable = load_object(reference) if module.endswith(".py") else _imported(module, name)
    if not isinstance(runnable, Runnable) and callable(runnable):
        runnable = runnable()
    if not isinstance(runnable, Runnable):
        raise UsageError(
            f"{reference} is no runnable of LangChain but a {type(runnable).__name__}",
            "Name a chain, or a function without arguments that returns one.",
        )
    return runnable


def _imported(module: str, name: str) -> object:
    _search_working_directory()
    try:
        return attribute_of(importlib.import_module(module), name, module)
    except ImportError as error:
        raise UsageError(
            f"the module {module} can't be imported: {error}",
            "Run in its folder, or name the file: --strategy langchain:path.py:chain",
        ) from error


def _search_working_directory() -> None:
    """Lets modules of the working directory be imported; installed ones come first."""
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))


def source_file(reference: str) -> Path | None:
    """Returns the file that defines a runnable, without running it; None where unknown."""
    module = reference.rpartition(":")[0]
    if module.endswith(".py"):
        return path if (path := Path(module).expanduser()).is_file() else None
    _search_working_directory()
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and Path(spec.origin).is_file() else None


def input_key(runnable: Runnable[Any, Any]) -> str:
    """Returns the key of a runnable's question; empty where it takes a text.

    Raises:
        UsageError: It needs other input beside a question.
    """
    schema = runnable.get_input_jsonschema()
    fields: Mapping[str, object] = schema.get("properties", {})
    if schema.get("type") != "object" or set(fields) <= {"root"}:  # "root": it takes a text
        return ""
    required = [str(name) for name in schema.get("required") or fields]
    for name in QUESTIONS:
        if name in fields and set(required) <= {name}:
            return name
    if len(required) == 1:
        return required[0]
    raise UsageError(
        f"the runnable needs {', '.join(required)}, but a task only has a question",
        "Let the chain get the rest itself, or name the question's key: --set input=KEY.",
    )


def answer_of(result: object) -> tuple[str, tuple[Passage, ...]]:
    """Reads the answer and its documents from a runnable's result: text, a message, or a dict.

    Raises:
        UsageError: The result is something else.
    """
    if isinstance(result, str):
        return result, ()
    if isinstance(result, BaseMessage):
        return result.text, ()
    if isinstance(result, Mapping):
        answer = next((result[name] for name in ANSWERS if result.get(name) is not None), None)
        if answer is None and result.get("messages"):
            answer = result["messages"][-1]
        if isinstance(answer, str | BaseMessage):
            sources = next((result[name] for name in SOURCES if result.get(name)), ())
            return answer_of(answer)[0], _passages(sources)
        raise UsageError(f"the runnable's dict has no answer among {', '.join(result)}", FORMS)
    raise UsageError(f"the runnable returns a {type(result).__name__}", FORMS)


def _passages(documents: str | Sequence[object]) -> tuple[Passage, ...]:
    return tuple(
        Passage(each.page_content, str(each.metadata.get("source", "")), _span(each))
        if isinstance(each, Document)
        else Passage(str(each), "")
        for each in ([documents] if isinstance(documents, str) else documents)
    )


def _span(document: Document) -> tuple[int, int] | None:
    """Returns a chunk's place in its file, where this harness's own splitter noted it."""
    start, end = document.metadata.get("start"), document.metadata.get("end")
    return (start, end) if isinstance(start, int) and isinstance(end, int) else None


class TokenCounter(BaseCallbackHandler):
    """Adds up the tokens of every model call inside a chain; `unknown` calls reported none."""

    def __init__(self) -> None:
        self.usage, self.calls, self.unknown = Usage(), 0, 0
        self.models: set[str] = set()

    @property
    def metered(self) -> bool:
        """Whether all tokens are known; a model that isn't LangChain's reports none."""
        return self.calls > 0 and not self.unknown

    def on_llm_end(self, response: LLMResult, **_: Any) -> None:
        """Counts one call."""
        for generations in response.generations:
            first = generations[0] if generations else None
            message = first.message if isinstance(first, ChatGeneration) else None
            self.add(message, (response.llm_output or {}).get("token_usage"))

    def add(self, message: object, reported: Mapping[str, int | None] | None = None) -> None:
        """Counts what a message says, or what an older model reports beside it."""
        self.calls += 1
        usage = _usage(message) if isinstance(message, AIMessage) else None
        if usage is None and reported and (read := reported.get("prompt_tokens")) is not None:
            usage = Usage(input_tokens=read, output_tokens=reported.get("completion_tokens") or 0)
        if usage is None:
            self.unknown += 1
        else:
            self.usage.add(usage)
        if isinstance(message, AIMessage) and (name := message.response_metadata.get("model_name")):
            self.models.add(str(name))


def _usage(message: AIMessage) -> Usage | None:
    """Returns this harness's own counts where it runs the model, else LangChain's."""
    if own := message.response_metadata.get(USAGE):
        return Usage(**own)
    if (tokens := message.usage_metadata) is None:
        return None
    return Usage(
        input_tokens=tokens["input_tokens"],
        cached_tokens=tokens.get("input_token_details", {}).get("cache_read") or 0,
        output_tokens=tokens["output_tokens"],
        reasoning_tokens=tokens.get("output_token_details", {}).get("reasoning") or 0,
    )
