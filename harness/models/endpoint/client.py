"""Requests to one server: tried again where that helps, within a deadline, not too many at once.

All that asks a server goes through here: models that answer, judges, embedders.
"""

from __future__ import annotations

import json
import math
import os
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from harness.errors import MissingDependency
from harness.models.endpoint.address import deployment, is_azure
from harness.models.endpoint.failures import Failure, Health, failure_of, quoted
from harness.models.endpoint.names import OPENAI, server_of
from harness.models.endpoint.pace import Limits, Pace
from harness.models.endpoint.parameters import LONGEST
from harness.models.endpoint.reply import json_of, usage_of
from harness.models.endpoint.throttle import MOST_AT_ONCE, Throttle
from harness.models.endpoint.wire import Broken, NotReached, Request, Response, Wire
from harness.models.sources.cache import cache_folder
from harness.records.files import Json
from harness.records.secrets import hide, hide_url
from harness.version import __version__

__all__ = ["KEY_VARIABLES", "Client", "encoded"]

KEY_VARIABLES = ("HARNESS_API_KEY", "OPENAI_API_KEY")
DEADLINE_SECONDS = 120.0
"""For a row: from its first byte to its answer, with all pauses and tries."""
RETRIES = 5
PAUSES = (0.5, 8.0)
"""Seconds before the second try, and the longest; doubled after each, and varied by a quarter."""
FOR_EVER = 1e6
Value = TypeVar("Value")


class Client:
    """Asks one server.

    Raises:
        MissingDependency: There is no key for OpenAI's own server.
        UsageError: The address is none.
    """

    def __init__(
        self,
        name: str,  # of the model, for messages
        base_url: str | None,  # up to and including ``/v1``; None: OpenAI's own
        keys: Sequence[str] = KEY_VARIABLES,  # variables that may hold the key, the first one first
        *,
        answered: bool = False,  # whether an earlier attempt had an answer
        deadline: float | None = None,  # seconds of a row; None: `DEADLINE_SECONDS`
        most: int = MOST_AT_ONCE,  # requests at once
        limits: Limits | None = None,  # requests and tokens a minute; None: none
    ) -> None:
        url = deployment(server_of(base_url), name)
        key = next((os.environ[each] for each in keys if os.environ.get(each)), None)
        if key is None and url == OPENAI:
            raise MissingDependency(
                "there is no key for the API",
                f"Set {keys[0]} in the environment, or name a server of your own.",
            )
        hide(key)
        self._wire = Wire(url, _headers(key or "none", azure=is_azure(url)))
        self.health = Health(name, hide_url(url), answered=answered)
        self.throttle = Throttle(most)
        self.deadline = deadline or DEADLINE_SECONDS
        self._stop = threading.Event()
        self._pace = (
            Pace(limits, (url, key or "", name), cache_folder() / "pace") if limits else None
        )

    def post(
        self,
        path: str,
        body: Json,
        read: Callable[[Json], Value],  # checks an answer; what it raises is the failure
        check: Callable[[], None] = lambda: None,  # raises where no request may begin
        mended: Callable[[Failure, Json], Json | None] = lambda failure, body: None,
    ) -> Value:
        """Sends a request, and returns what `read` makes of the answer.

        `mended` gives what is asked in the place of a body that was refused; None: nothing is.

        Raises:
            Failure: There is no answer to this one.
            HarnessError: There will be none to any other either.
        """
        while True:
            request = Request(path, encoded(body))
            most = len(request.body) + max((body.get(name) or 0 for name in LONGEST), default=0)
            try:
                data, began, turn = self._tried(request, most, check)
                answer = json_of(data)
                self._settle(turn, answer)
                value = read(answer)
                break
            except Failure as failure:
                other = mended(failure, body)
                if other is None:
                    self.health.failed(failure)
                    raise
                body = other
        self.health.well()
        self.throttle.well(began)
        return value

    def call(self, request: Request) -> bytes:
        """Sends a request that isn't a question, and returns the response's body.

        Raises:
            Failure: There is no response of success.
            HarnessError: There will be none to any other either.
        """
        try:
            data, _, _ = self._tried(request, 0, lambda: None)
        except Failure as failure:
            self.health.failed(failure)
            raise
        self.health.well()
        return data

    def close(self) -> None:
        """Ends all requests that are under way, and lets none begin."""
        self._stop.set()
        self._wire.close()

    def _tried(
        self, request: Request, most: int, check: Callable[[], None]
    ) -> tuple[bytes, float, str]:
        """Returns the body of a response of success, and when the request began, of which turn.

        `most` is the number of tokens that it may take.
        """
        until: float | None = None
        tries = 0
        while True:
            began = time.monotonic()
            try:
                with self.throttle.slot(until) as entered:
                    turn = self._turn(most)
                    began = time.monotonic()
                    self.health.check()
                    check()
                    until = began + self.deadline if until is None else until + began - entered
                    try:
                        return self._once(request, until), began, turn
                    except Failure as failure:
                        if not request.again:
                            raise
                        tries += 1
                        pause = self._pause(failure, tries, until, began)
                        if not self.health.ever:  # then no other row is tried before this one
                            self._stop.wait(pause)
                            continue
                self._stop.wait(pause)
            except TimeoutError:
                self.throttle.overloaded(began)
                raise Failure("silent", f"no answer in {self.deadline:g} s") from None

    def _turn(self, most: int) -> str:
        """Waits until the limits of a minute let a request begin; returns its name there."""
        while self._pace is not None and not self._stop.is_set():
            self.health.check()
            name, seconds = self._pace.take(most)
            if name:
                return name
            self._stop.wait(min(seconds, 1.0))
        return ""

    def _settle(self, turn: str, answer: Json) -> None:
        if self._pace is not None and (used := usage_of(answer)) is not None:
            self._pace.settle(turn, used.input_tokens + used.output_tokens)

    def _once(self, request: Request, until: float) -> bytes:
        try:
            response = self._wire.send(request, until)
        except NotReached as error:
            raise Failure("missing", quoted(str(error)), again=True) from error
        except Broken as error:
            if error.begun:  # it may be paid, and would be paid again
                raise Failure("form", quoted(str(error))) from error
            raise Failure("down", quoted(str(error)), again=True) from error
        if 200 <= response.status < 300:
            return response.body
        raise failure_of(response, _asked_for(response))

    def _pause(self, failure: Failure, tries: int, until: float, began: float) -> float:
        """Returns the seconds before the next try; raises the failure where there is none."""
        lost = failure.kind == "missing" and not self.health.ever and tries > 1
        patient = failure.wait is not None or (failure.kind == "missing" and self.health.ever)
        if not failure.again or lost or (tries > RETRIES and not patient) or self._stop.is_set():
            raise failure
        pause: float = min(PAUSES[1], PAUSES[0] * 2 ** (tries - 1)) * random.uniform(0.75, 1.25)
        if failure.kind == "down":
            too_much = failure.crowded or failure.wait is not None
            (self.throttle.overloaded if too_much else self.throttle.failed)(began)
        if failure.wait is not None:
            pause = max(pause, failure.wait)
            self.throttle.hold(min(pause, self.deadline))
        if time.monotonic() + pause >= until:
            raise Failure(failure.kind, self._late(failure)) from failure
        return pause

    def _late(self, failure: Failure) -> str:
        if failure.wait is None:
            return f"{failure.reason} (tried for {self.deadline:g} s)"
        asked = "for ever" if failure.wait >= FOR_EVER else f"{failure.wait:.0f} s"
        return f"{failure.reason} (it asks to wait {asked}, and a row has {self.deadline:g} s)"


def encoded(body: Json) -> bytes:
    """Returns the bytes of a request: its text as it is, where UTF-8 has it."""
    try:
        return json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half of a character
        return json.dumps(body).encode()


def _headers(key: str, *, azure: bool) -> Mapping[str, str]:
    """Returns the headers of each request; a packed response isn't wanted."""
    headers = {
        **({"api-key": key} if azure else {"Authorization": f"Bearer {key}"}),
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": f"adaptbench/{__version__}",
    }
    for name in ("Organization", "Project"):
        variable = {"Organization": "OPENAI_ORG_ID", "Project": "OPENAI_PROJECT_ID"}[name]
        if value := os.environ.get(variable):
            headers[f"OpenAI-{name}"] = value
    return headers


def _asked_for(response: Response) -> float | None:
    """Returns the seconds to wait that a server names, in figures or by a date; None: none."""
    text = response.headers.get("retry-after")
    with suppress(ValueError):
        if thousandths := response.headers.get("retry-after-ms"):
            return _bounded(float(thousandths) / 1000)
    if text is None:
        return None
    with suppress(ValueError):
        return _bounded(float(text))
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    now = datetime.now(UTC) if when.tzinfo else datetime.now(UTC).replace(tzinfo=None)
    return _bounded((when - now).total_seconds())


def _bounded(seconds: float) -> float | None:
    """Returns seconds from 0 to far more than a row has; None for what is no number."""
    return None if math.isnan(seconds) else min(FOR_EVER, max(0.0, seconds))
