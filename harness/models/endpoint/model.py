"""A model behind an OpenAI-compatible server: a vendor's API, or a server of one's own.

Every response is written to a journal before it is used, so that what was paid for is never
asked again. An error is an error, never an answer; what no row would escape ends the run.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from harness.calls import argument_of
from harness.errors import UsageError
from harness.models.endpoint import throttle
from harness.models.endpoint.address import is_azure
from harness.models.endpoint.batch import Batches, Result
from harness.models.endpoint.client import KEY_VARIABLES, Client
from harness.models.endpoint.failures import Failure
from harness.models.endpoint.guess import longest_of, tokens_in
from harness.models.endpoint.journal import Journal
from harness.models.endpoint.names import Endpoint, server_of
from harness.models.endpoint.pace import Limits
from harness.models.endpoint.parameters import LONGEST, Parameters
from harness.models.endpoint.reply import Malformed, line_of
from harness.models.render import messages
from harness.records.files import Json
from harness.records.keys import digest
from harness.records.model import ModelInfo
from harness.records.personal import mask
from harness.types import Generation, GenRequest, Prompt, ScoreRequest, Scores, Usage

__all__ = ["EndpointModel", "SpendLimit", "body_of"]

BATCHES = "batches.jsonl"
"""What was submitted to wait, beside the journal."""


class SpendLimit(Protocol):
    """Counts what responses cost, and refuses to go on past a limit."""

    @property
    def limited(self) -> bool:
        """Whether there is a limit."""

    def add(self, usage: Usage, unknown: int = 0) -> None:
        """Counts what responses cost; of some of them nobody knows it."""

    def check(self) -> None:
        """Raises where as much as was allowed is spent, or nobody knows how much."""

    def check_time(self) -> None:
        """Raises where the time is over."""
        ...

    def afford(self, usage: Usage) -> None:
        """Raises where what is left doesn't pay for so many tokens."""
        ...


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request as it is sent and kept."""

    request: GenRequest
    key: str  # in the journal
    body: Json
    masked: Json  # of its line: what was masked


class EndpointModel:
    """Asks a server, several requests at once.

    Raises:
        MissingDependency: There is no key for OpenAI's own server.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        journal: Path | None,  # keeps every response; None keeps none
        limit: SpendLimit | None = None,  # checked before each request; None: no limit
        keys: Sequence[str] = (),  # variables that may hold the key, before the usual ones
        notify: Callable[[str], None] = lambda text: None,  # told of a damaged journal
        deadline: float | None = None,  # seconds of a row; None: as `Client` has it
        limits: Limits | None = None,  # requests and tokens a minute; None: none
        wait: bool = False,  # whether requests go in batches; these need a journal
    ) -> None:
        self.endpoint = endpoint
        self.info = ModelInfo(
            name=endpoint.name, digest=endpoint.digest, weights_origin="behind an API", chat=True
        )
        self._limit, self._failures, self._counting = limit, Counter[str](), threading.Lock()
        self._journal = Journal(journal, notify)
        self._parameters = Parameters(self._journal.refused, self._refuse, notify)
        if limit is not None:
            limit.add(*self.paid())
        # More at once would overshoot a limit of money by more.
        most = throttle.AT_ONCE if limit is not None and limit.limited else throttle.MOST_AT_ONCE
        self._client = Client(
            endpoint.name,
            endpoint.base_url,
            (*keys, *KEY_VARIABLES),
            answered=self._journal.lines > 0,
            deadline=deadline,
            most=most,
            limits=limits,
        )
        self._batches = self._opened(journal, notify) if wait else None

    def _opened(self, journal: Path | None, notify: Callable[[str], None]) -> Batches:
        if journal is None or is_azure(server_of(self.endpoint.base_url)):
            raise UsageError(
                "batches are for runs, of a server with OpenAI's form of address",
                "Leave --wait out, or give Azure's newer address: it ends in /openai/v1.",
            )
        check = self._limit.check_time if self._limit is not None else lambda: None
        return Batches(self._client, journal.with_name(BATCHES), notify, check)

    def generate(self, requests: Iterable[GenRequest]) -> Iterator[Generation]:
        """Yields the server's answers as they arrive; a failed request carries its error.

        Raises:
            HarnessError: The server refuses the key, isn't there, doesn't know the model, or fails
                again and again.
            BudgetExceeded: The limit is reached; responses that arrive later are kept.
        """
        if self._batches is not None:
            yield from self._in_batches(self._batches, requests)
            return
        waiting = deque(requests)
        if len(waiting) == 1:
            yield self._answer(waiting[0])
        else:
            yield from self._at_once(waiting)
        self._client.health.settle()

    def paid(self) -> tuple[Usage, int]:
        """Returns the tokens of all responses, and how many don't say what they took.

        Those that stood in the journal are included.
        """
        return replace(self._journal.total), self._journal.unknown

    def described(self) -> Json:
        """Returns for the record what was sent beside the messages, and what was refused."""
        return {
            "sent": dict(self._parameters.sent),
            "refused": dict(self._parameters.refused),
            "masked": self.masked,
            "answered": dict(self._journal.ways),
            "failed": dict(sorted(self._failures.items())),
        }

    @property
    def masked(self) -> dict[str, int] | None:
        """How much was masked in all requests, by kind, each once; None where nothing is to be."""
        return None if self.endpoint.masks is None else self._journal.masked()

    def close(self) -> None:
        """Ends all requests that are under way."""
        self._client.close()

    def score(self, requests: Iterable[ScoreRequest]) -> Iterator[Scores]:
        """Raises `UsageError`: servers don't give likelihoods of a given text."""
        raise UsageError("an endpoint gives no likelihoods", "Use --readout generate.")

    def count_tokens(self, prompt: Prompt) -> int:
        """Raises `UsageError`: only the server knows its tokens, and a guess would be priced."""
        raise UsageError(f"the tokenizer of {self.endpoint.name} isn't known")

    def _at_once(self, waiting: deque[GenRequest]) -> Iterator[Generation]:
        """Yields answers; what was under way when an error ends it is waited for, and kept.

        An interruption waits for nothing: threads are daemons, and their connections are closed.
        """
        count, done = len(waiting), queue.SimpleQueue[Generation | BaseException]()

        def work() -> None:
            while waiting:
                try:
                    done.put(self._answer(waiting.popleft()))
                except IndexError:
                    return
                except BaseException as error:  # shown by the thread that reads
                    waiting.clear()
                    self._client.health.end(error)
                    done.put(error)

        threads = [
            threading.Thread(target=work, daemon=True)
            for _ in range(min(count, self._client.throttle.most))
        ]
        for thread in threads:
            thread.start()
        try:
            for _ in range(count):
                answer = done.get()
                if isinstance(answer, BaseException):
                    for thread in threads:
                        thread.join()
                    raise answer
                yield answer
        except (KeyboardInterrupt, GeneratorExit):
            waiting.clear()
            self.close()
            raise

    def _asked(self, request: GenRequest) -> _Asked:
        found = Counter[str]()
        body = body_of(self.endpoint, request, found)
        key = digest({"id": request.id, "endpoint": self.endpoint.digest, "body": body})
        self._journal.note_masked(key, found)
        return _Asked(request, key, body, {"masked": dict(found)} if found else {})

    def _answer(self, request: GenRequest) -> Generation:
        asked = self._asked(request)
        if (line := self._journal.answer(asked.key)) is not None:
            return _generation(request, line, replayed=True)
        check = self._limit.check if self._limit is not None else lambda: None
        sent, mended = self._parameters.body(asked.body), self._parameters.mended
        try:
            line = self._client.post("/chat/completions", sent, line_of, check, mended)
        except Failure as failure:
            return self._failed(asked, failure)
        return self._kept(asked, line)

    def _kept(self, asked: _Asked, line: Json, **batch: str) -> Generation:
        self._keep({"key": asked.key, **line, **asked.masked, **batch})
        return _generation(asked.request, line)

    def _failed(self, asked: _Asked, failure: Failure, **batch: str) -> Generation:
        with self._counting:
            self._failures[failure.kind] += 1
        finish: Literal["stop", "too_long"] = "too_long" if failure.kind == "too_long" else "stop"
        used = failure.usage if isinstance(failure, Malformed) else Usage()
        if isinstance(failure, Malformed):  # its tokens are paid
            about = {"error": failure.reason, "usage": None if used is None else used.as_dict()}
            self._keep({"key": asked.key, **about, **asked.masked, **batch})
        return Generation(
            *(asked.request.id, "", finish, used or Usage(), failure.reason),
            metered=used is not None,
        )

    def _in_batches(self, batches: Batches, requests: Iterable[GenRequest]) -> Iterator[Generation]:
        """Yields answers; those that an earlier attempt submitted are waited for, not asked again.

        What was refused for a parameter is submitted again without it.
        """
        asked = {each.key: each for each in map(self._asked, requests)}
        for key in list(asked):
            if (line := self._journal.answer(key)) is not None:
                yield _generation(asked.pop(key).request, line, replayed=True)
        sent: dict[str, Json] = {}
        while True:
            for result in batches.results():
                each = asked.get(result.key)
                if each is None:  # another command's, or its line was kept before a kill
                    continue
                answered = self._result(each, result, sent.get(result.key, each.body))
                if answered is not None:
                    del asked[result.key]
                    yield answered
            if not asked:
                return
            sent = {key: self._parameters.body(each.body) for key, each in asked.items()}
            if self._limit is not None:
                read = round(sum(tokens_in(body, 2) for body in sent.values()))
                written = sum(map(longest_of, sent.values()))
                self._limit.afford(Usage(input_tokens=read, output_tokens=written))
            batches.submit(sent)

    def _result(self, asked: _Asked, result: Result, sent: Json) -> Generation | None:
        """Keeps what a batch gave for a request; None where it is to be asked again."""
        failure = result.failure
        if result.answer is not None:
            try:
                return self._kept(asked, line_of(result.answer), batch=result.batch)
            except Malformed as malformed:
                failure = malformed
        assert failure is not None
        if self._parameters.mended(failure, sent) is not None:
            return None
        return self._failed(asked, failure, batch=result.batch)

    def _refuse(self, name: str, instead: str) -> None:
        self._journal.keep({"parameter": name, "instead": instead})

    def _keep(self, line: Json) -> None:
        self._journal.keep(line)
        if self._limit is not None:
            told = line["usage"]
            self._limit.add(Usage(**(told or {})), int(told is None))


def body_of(
    endpoint: Endpoint,
    request: GenRequest,
    found: Counter[str] | None = None,  # gets how much was masked, by kind
) -> Json:
    """Returns what a server is asked, as long as it refuses nothing of it."""
    sampling, turns = request.sampling, messages(request.prompt)
    if endpoint.masks is not None:
        for turn in turns:
            turn["content"] = mask(turn["content"], endpoint.masks, found)
    body: Json = {
        "model": endpoint.name,
        "messages": turns,
        "max_tokens": request.max_tokens,
        "temperature": sampling.temperature,
    }
    if request.stop:
        body["stop"] = list(request.stop[:4])  # a server takes four; all are cut here, too
    if request.tools:
        body["tools"] = [tool.schema for tool in request.tools]
    if sampling.temperature > 0:
        body |= {"top_p": sampling.top_p, "seed": sampling.seed}
    if LONGEST[1] in endpoint.request:
        del body[LONGEST[0]]
    return {**body, **endpoint.request}


def _generation(request: GenRequest, line: Json, *, replayed: bool = False) -> Generation:
    text: str = line["text"]
    cuts = [at for stop in request.stop if stop and (at := text.strip("\n").find(stop)) >= 0]
    text = text.strip("\n")[: min(cuts)] if cuts else text
    finish: Literal["length", "stop", "refused"] = "stop"
    if line["refusal"] or line["finish"] == "content_filter":
        finish = "refused"
    elif line["finish"] == "length" and not cuts:
        finish = "length"
    told = line["usage"]
    return Generation(
        request.id,
        text.strip(),
        finish,
        Usage() if told is None else Usage(**told),
        calls=() if finish == "refused" else _calls(line),
        metered=told is not None,
        replayed=replayed,
    )


def _calls(line: Json) -> tuple[tuple[str, str], ...]:
    return tuple((name, argument_of(text)) for name, text in line.get("calls", ()))
