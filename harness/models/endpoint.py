"""A model behind an OpenAI-compatible server: a vendor's API, or a server of one's own.

Every response is written to a journal before it is used, so that what was paid for is never
asked again. An error is an error, never an answer; a wrong key ends the run at once.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from harness.calls import argument_of
from harness.errors import MissingDependency, UsageError, needs
from harness.models.render import messages
from harness.records.files import append_lines, read_lines
from harness.records.keys import digest
from harness.records.model import ModelInfo
from harness.types import Generation, GenRequest, Prompt, ScoreRequest, Scores, Usage

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.chat import ChatCompletion

__all__ = ["PREFIX", "TOO_LONG", "Endpoint", "EndpointModel", "SpendLimit", "is_endpoint"]

PREFIX = "endpoint:"
KEY_VARIABLES = ("HARNESS_API_KEY", "OPENAI_API_KEY")
AT_ONCE = 8
RETRIES = 5  # by the client, with growing pauses: rate limits, time-outs, server errors
TIMEOUT_SECONDS = 120.0
TOO_LONG = re.compile(
    r"context[ _](length|size|window)|prompt is too long|input token count|maximum input length",
    re.IGNORECASE,
)
"""How servers say that a request is longer than the model's context (OpenAI, vLLM, llama.cpp, ...).
"""


def is_endpoint(name: str) -> bool:
    """Whether a model's name asks for a server: ``endpoint:NAME``."""
    return name.startswith(PREFIX)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Which model, behind which server."""

    name: str  # as the server knows it
    base_url: str | None = None  # up to and including ``/v1``; None for OpenAI's own

    @property
    def digest(self) -> str:
        """Identifies model and server; what the server really runs can't be known."""
        return digest({"endpoint": self.base_url or "openai", "model": self.name})


class SpendLimit(Protocol):
    """Counts what responses cost, and refuses to go on past a limit."""

    def add(self, usage: Usage) -> None:
        """Counts what a response cost."""
        ...

    def check(self) -> None:
        """Raises `BudgetExceeded` where as much as was allowed is spent."""
        ...


class EndpointModel:
    """Asks a server, several requests at once.

    Raises:
        MissingDependency: There is no key for OpenAI's own server, or the package is missing.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        journal: Path | None,  # keeps every response; None keeps none
        limit: SpendLimit | None = None,  # checked before each request; None: no limit
        keys: Sequence[str] = (),  # variables that may hold the key, before the usual ones
    ) -> None:
        self.endpoint = endpoint
        self.info = ModelInfo(
            name=endpoint.name, digest=endpoint.digest, weights_origin="behind an API", chat=True
        )
        self._limit = limit
        self._journal = journal
        self._lock = threading.Lock()
        lines = read_lines(journal, []) if journal else []
        self._kept = {line["key"]: line for line in lines}
        if limit is not None:
            for line in lines:
                limit.add(Usage(**line["usage"]))
        self._client = _client(endpoint, keys)

    def generate(self, requests: Iterable[GenRequest]) -> Iterator[Generation]:
        """Yields the server's answers as they arrive; a failed request carries its error.

        Raises:
            UsageError: The server refuses the key or doesn't know the model.
            BudgetExceeded: The limit is reached; responses that arrive later are kept.
        """
        with ThreadPoolExecutor(AT_ONCE) as pool:
            waiting: set[Future[Generation]] = {
                pool.submit(self._answer, request) for request in requests
            }
            try:
                for done in as_completed(waiting):
                    yield done.result()
            finally:
                for future in waiting:
                    future.cancel()

    def score(self, requests: Iterable[ScoreRequest]) -> Iterator[Scores]:
        """Raises `UsageError`: servers don't give likelihoods of a given text."""
        raise UsageError("an endpoint gives no likelihoods", "Use --readout generate.")

    def count_tokens(self, prompt: Prompt) -> int:
        """Raises `UsageError`: only the server knows its tokens, and a guess would be priced."""
        raise UsageError(f"the tokenizer of {self.endpoint.name} isn't known")

    def _answer(self, request: GenRequest) -> Generation:
        body = _body(self.endpoint, request)
        key = digest({"id": request.id, "endpoint": self.endpoint.digest, "body": body})
        line = self._kept.get(key)
        if line is None:
            if self._limit is not None:
                self._limit.check()
            line = self._ask(key, body)
            if "error" in line:
                finish = line.get("finish", "stop")
                return Generation(request.id, "", finish, Usage(), error=line["error"])
            self._keep(line)
        return _generation(request, line)

    def _ask(self, key: str, body: dict[str, Any]) -> dict[str, Any]:
        import openai

        try:
            response = self._client.chat.completions.create(**body)
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise UsageError(
                f"the server refuses the key: {_quoted(error)}",
                f"Set {' or '.join(KEY_VARIABLES)} in the environment.",
            ) from error
        except openai.NotFoundError as error:
            raise UsageError(
                f"the server doesn't know {self.endpoint.name}: {_quoted(error)}",
                "Check --model endpoint:NAME and --base-url (it ends in /v1).",
            ) from error
        except openai.BadRequestError as error:
            line = {"error": f"{type(error).__name__}: {_quoted(error)}"}
            return line | {"finish": "too_long"} if TOO_LONG.search(str(error)) else line
        except openai.OpenAIError as error:
            return {"error": f"{type(error).__name__}: {_quoted(error)}"}
        return _line(key, response)

    def _keep(self, line: dict[str, Any]) -> None:
        with self._lock:
            if self._journal is not None:
                append_lines(self._journal, [line])
            self._kept[line["key"]] = line
        if self._limit is not None:
            self._limit.add(Usage(**line["usage"]))


def _client(endpoint: Endpoint, keys: Sequence[str]) -> OpenAI:
    with needs("an endpoint", "api"):
        import openai
    names = (*keys, *KEY_VARIABLES)
    key = next((os.environ[name] for name in names if os.environ.get(name)), None)
    if key is None and endpoint.base_url is None:
        raise MissingDependency(
            "there is no key for the API",
            f"Set {names[0]} in the environment, or name a server of your own.",
        )
    return openai.OpenAI(
        api_key=key or "none",
        base_url=endpoint.base_url,
        max_retries=RETRIES,
        timeout=TIMEOUT_SECONDS,
    )


def _body(endpoint: Endpoint, request: GenRequest) -> dict[str, Any]:
    sampling = request.sampling
    body: dict[str, Any] = {
        "model": endpoint.name,
        "messages": messages(request.prompt),
        "max_tokens": request.max_tokens,
        "temperature": sampling.temperature,
    }
    if request.stop:
        body["stop"] = list(request.stop[:4])  # a server takes four; all are cut here, too
    if request.tools:
        body["tools"] = [tool.schema for tool in request.tools]
    if sampling.temperature > 0:
        body |= {"top_p": sampling.top_p, "seed": sampling.seed}
    return body


def _line(key: str, response: ChatCompletion) -> dict[str, Any]:
    """Makes a line of the journal; a server that reports no token usage is refused."""
    if response.usage is None:
        raise UsageError(
            "the server reports no token usage, so the cost is unknown", "Use a server that does."
        )
    choice, counted = response.choices[0], response.usage
    into, out = counted.prompt_tokens_details, counted.completion_tokens_details
    usage = Usage(
        input_tokens=counted.prompt_tokens,
        cached_tokens=getattr(into, "cached_tokens", None) or 0,
        output_tokens=counted.completion_tokens,
        reasoning_tokens=getattr(out, "reasoning_tokens", None) or 0,
    )
    return {
        "key": key,
        "model": response.model,
        "text": choice.message.content or "",
        "finish": choice.finish_reason,
        "refusal": bool(getattr(choice.message, "refusal", None)),
        "usage": usage.as_dict(),
        "calls": [
            [call.function.name, call.function.arguments]
            for call in choice.message.tool_calls or ()
            if call.type == "function"
        ],
    }


def _generation(request: GenRequest, line: dict[str, Any]) -> Generation:
    text: str = line["text"]
    cuts = [at for stop in request.stop if stop and (at := text.strip("\n").find(stop)) >= 0]
    text = text.strip("\n")[: min(cuts)] if cuts else text
    usage = Usage(**line["usage"])
    if line["refusal"] or line["finish"] == "content_filter":
        return Generation(request.id, text.strip(), "refused", usage)
    cut_off = line["finish"] == "length" and not cuts
    finish: Literal["length", "stop"] = "length" if cut_off else "stop"
    calls = tuple((name, argument_of(text)) for name, text in line.get("calls", ()))
    return Generation(request.id, text.strip(), finish, usage, calls=calls)


def _quoted(error: Exception) -> str:
    """Returns a server's message as one line of at most 299 characters."""
    return json.dumps(str(error), ensure_ascii=False)[1:300].rstrip('"')
