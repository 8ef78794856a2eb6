"""A model behind an OpenAI-compatible server: a vendor's API, or a server of one's own.

Every response is written to a journal before it is used, so that what was paid for is never
asked again. An error is an error, never an answer; what no row would escape ends the run.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Generic, Literal, Protocol, TypeVar

from harness.errors import UsageError
from harness.models.base import Pair
from harness.models.endpoint import throttle
from harness.models.endpoint.address import is_azure
from harness.models.endpoint.batch import Batches, Result
from harness.models.endpoint.client import KEY_VARIABLES, Client
from harness.models.endpoint.failures import Failure
from harness.models.endpoint.guess import longest_of, tokens_in
from harness.models.endpoint.jobs import FILE, Jobs
from harness.models.endpoint.journal import Journal
from harness.models.endpoint.likelihood import (
    HINT,
    NEEDED,
    Unable,
    part_line,
    parts_of,
    scores_of,
)
from harness.models.endpoint.names import Endpoint, server_of
from harness.models.endpoint.pace import Limits
from harness.models.endpoint.parameters import Parameters
from harness.models.endpoint.reply import Malformed, answer_in, generation_of, line_of
from harness.models.endpoint.requests import body_of, wrapped
from harness.records.files import Json
from harness.records.keys import digest
from harness.records.model import ModelInfo
from harness.types import Generation, GenRequest, Prompt, ScoreRequest, Scores, Usage

__all__ = ["EndpointModel", "SpendLimit"]

AskT = TypeVar("AskT", GenRequest, ScoreRequest)
SaidT = TypeVar("SaidT", Generation, Scores)

BATCHES = "batches.jsonl"
"""What was submitted to wait, beside the journal."""
CANT = "this server can't say how likely a given answer is"


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

    def afford(self, usage: Usage) -> None:
        """Raises where what is left doesn't pay for so many tokens."""

    def afford_training(self, tokens: int) -> None:
        """Raises where the limit doesn't pay for training on so many tokens."""


@dataclass(frozen=True, slots=True)
class _Asked(Generic[AskT]):
    """A request as it is sent and kept."""

    request: AskT
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
            name=endpoint.name,
            digest=endpoint.digest,
            weights_origin="behind an API",
            chat=True,
            tuned=endpoint.tuned,
        )
        self._limit, self._failures, self._counting = limit, Counter[str](), threading.Lock()
        self._journal = Journal(journal, notify)
        self._parameters = Parameters(self._journal.refused, self._refuse, notify)
        if limit is not None:
            limit.add(*self.paid())
        # More at once would overshoot a limit of money by more.
        most = throttle.AT_ONCE if limit is not None and limit.limited else throttle.MOST_AT_ONCE
        self._client = Client(
            endpoint.asked,
            endpoint.base_url,
            (*keys, *KEY_VARIABLES),
            answered=self._journal.lines > 0,
            deadline=deadline,
            most=most,
            limits=limits,
        )
        self._batches = self._opened(journal, notify) if wait else None
        self._scores = False  # whether the server was seen to give likelihoods
        self._binds = False  # whether it was asked to bind an answer to a form

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
            yield from self._at_once(waiting, self._answer)
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
            "masked": None if self.endpoint.masks is None else self._journal.masked(),
            "answered": dict(self._journal.ways),
            "failed": dict(sorted(self._failures.items())),
            "unbound": sum(answer_in(each) is None for each in self._journal.texts)
            if self._binds
            else None,
            "stand_in": self.endpoint.stand_in,
        }

    def tune(
        self,
        pairs: Sequence[Pair],
        settings: Mapping[str, object],  # of the job: its seed, its hyperparameters with n_epochs
        folder: Path,  # keeps what was begun
        notify: Callable[[str], None],
    ) -> Json:
        """Has the vendor train on pairs, and waits for it: see `Jobs.made`."""
        return Jobs(self._client, self.endpoint, folder / FILE, notify, self._limit).made(
            pairs, settings
        )

    def close(self) -> None:
        """Ends all requests that are under way."""
        self._client.close()

    def score(self, requests: Iterable[ScoreRequest]) -> Iterator[Scores]:
        """Yields how likely continuations are, as rows end; a failed one carries its error.

        Raises:
            UsageError: The server can't say it; the first row is asked alone to find that out.
            HarnessError: As of `generate`.
            DataError: Two continuations of a row are the same tokens.
        """
        waiting = deque(requests)
        while waiting and not self._scores:
            yield self._scored(waiting.popleft())
        yield from self._at_once(waiting, self._scored)
        self._client.health.settle()

    def count_tokens(self, prompt: Prompt) -> int:
        """Raises `UsageError`: only the server knows its tokens, and a guess would be priced."""
        raise UsageError(f"the tokenizer of {self.endpoint.name} isn't known")

    def _at_once(self, waiting: deque[AskT], ask: Callable[[AskT], SaidT]) -> Iterator[SaidT]:
        """Yields answers; what was under way when an error ends it is waited for, and kept.

        An interruption waits for nothing: threads are daemons, and their connections are closed.
        """
        count, done = len(waiting), queue.SimpleQueue[SaidT | BaseException]()

        def work() -> None:
            while waiting:
                try:
                    done.put(ask(waiting.popleft()))
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

    def _asked(self, request: GenRequest) -> _Asked[GenRequest]:
        found = Counter[str]()
        self._binds = self._binds or wrapped(request.schema)
        return self._named(request, body_of(self.endpoint, request, found), found)

    def _named(self, request: AskT, body: Json, found: Counter[str]) -> _Asked[AskT]:
        key = digest({"id": request.id, "endpoint": self.endpoint.digest, "body": body})
        self._journal.note_masked(key, found)
        return _Asked(request, key, body, {"masked": dict(found)} if found else {})

    def _scored(self, request: ScoreRequest) -> Scores:
        """Asks for the parts of a row one after another; each answer is kept before the next."""
        lines, usage, told, replayed = list[Json](), Usage(), True, True
        for part in parts_of(self.endpoint, request):
            asked = self._named(request, part.body, part.found)
            line = self._journal.answer(asked.key)
            try:
                if line is None:
                    replayed = False
                    line = self._post(part.body, partial(part_line, part, lines), self._unmended)
                    self._keep({"key": asked.key, **line, **asked.masked})
            except Failure as failure:
                used = self._lost(asked, failure)
                if isinstance(failure, Unable) or _refuses(failure):
                    raise UsageError(f"{CANT}: {failure.reason}", HINT) from failure
                usage.add(used or Usage())
                return Scores(
                    *(request.id, (), (), (), usage, failure.reason, _finish(failure)),
                    metered=told and used is not None,
                )
            lines.append(line)
            usage.add(Usage(**(line["usage"] or {})))
            told = told and line["usage"] is not None
        self._scores = True
        return scores_of(request, lines, usage, metered=told, replayed=replayed)

    def _unmended(self, failure: Failure, body: Json) -> Json | None:
        return None if _refuses(failure) else self._parameters.mended(failure, body)

    def _answer(self, request: GenRequest) -> Generation:
        asked = self._asked(request)
        if (line := self._journal.answer(asked.key)) is not None:
            return generation_of(request, line, replayed=True)
        try:
            line = self._post(asked.body, line_of, self._parameters.mended)
        except Failure as failure:
            return self._failed(asked, failure)
        return self._kept(asked, line)

    def _post(
        self,
        body: Json,
        read: Callable[[Json], Json],
        mended: Callable[[Failure, Json], Json | None],
    ) -> Json:
        check = self._limit.check if self._limit is not None else lambda: None
        sent = self._parameters.body(body)
        return self._client.post("/chat/completions", sent, read, check, mended)

    def _kept(self, asked: _Asked[GenRequest], line: Json, **batch: str) -> Generation:
        self._keep({"key": asked.key, **line, **asked.masked, **batch})
        return generation_of(asked.request, line)

    def _failed(self, asked: _Asked[GenRequest], failure: Failure, **batch: str) -> Generation:
        used = self._lost(asked, failure, **batch)
        return Generation(
            *(asked.request.id, "", _finish(failure), used or Usage(), failure.reason),
            metered=used is not None,
        )

    def _lost(self, asked: _Asked[AskT], failure: Failure, **batch: str) -> Usage | None:
        """Counts a request without an answer, and returns what it took; None: nobody knows."""
        with self._counting:
            self._failures[failure.kind] += 1
        used = failure.usage if isinstance(failure, Malformed) else Usage()
        if isinstance(failure, Malformed):  # its tokens are paid
            about = {"error": failure.reason, "usage": None if used is None else used.as_dict()}
            self._keep({"key": asked.key, **about, **asked.masked, **batch})
        return used

    def _in_batches(self, batches: Batches, requests: Iterable[GenRequest]) -> Iterator[Generation]:
        """Yields answers; those that an earlier attempt submitted are waited for, not asked again.

        What was refused for a parameter is submitted again without it.
        """
        asked = {each.key: each for each in map(self._asked, requests)}
        for key in list(asked):
            if (line := self._journal.answer(key)) is not None:
                yield generation_of(asked.pop(key).request, line, replayed=True)
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

    def _result(self, asked: _Asked[GenRequest], result: Result, sent: Json) -> Generation | None:
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


def _finish(failure: Failure) -> Literal["stop", "too_long"]:
    return "too_long" if failure.kind == "too_long" else "stop"


def _refuses(failure: Failure) -> bool:
    """Whether a server takes no request for likelihoods."""
    return failure.kind == "row" and any(name in failure.reason for name in NEEDED)
