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
from harness.models.endpoint.failures import Failure, Health, failure_of, quoted
from harness.models.endpoint.reply import json_of
from harness.models.endpoint.throttle import MOST_AT_ONCE, Throttle
from harness.models.endpoint.wire import Broken, NotReached, Response, Wire
from harness.records.files import Json
from harness.records.secrets import hide, hide_url
from harness.version import __version__

__all__ = ["KEY_VARIABLES", "OPENAI", "Client"]

KEY_VARIABLES = ("HARNESS_API_KEY", "OPENAI_API_KEY")
OPENAI = "https://api.openai.com/v1"
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
    ) -> None:
        url = base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI
        key = next((os.environ[each] for each in keys if os.environ.get(each)), None)
        if key is None and url == OPENAI:
            raise MissingDependency(
                "there is no key for the API",
                f"Set {keys[0]} in the environment, or name a server of your own.",
            )
        hide(key)
        self._wire = Wire(url, _headers(key or "none"))
        self.health = Health(name, hide_url(url), answered=answered)
        self.throttle = Throttle(most)
        self.deadline = deadline or DEADLINE_SECONDS
        self._stop = threading.Event()

    def post(
        self,
        path: str,
        body: Json,
        read: Callable[[Json], Value],  # checks an answer; what it raises is the failure
        check: Callable[[], None] = lambda: None,  # raises where no request may begin
    ) -> Value:
        """Sends a request, and returns what `read` makes of the answer.

        Raises:
            Failure: There is no answer to this one.
            HarnessError: There will be none to any other either.
        """
        data = json.dumps(body).encode()
        try:
            answer, began = self._tried(path, data, check)
            value = read(json_of(answer))
        except Failure as failure:
            self.health.failed(failure)
            raise
        self.health.well()
        self.throttle.well(began)
        return value

    def close(self) -> None:
        """Ends all requests that are under way, and lets none begin."""
        self._stop.set()
        self._wire.close()

    def _tried(self, path: str, data: bytes, check: Callable[[], None]) -> tuple[bytes, float]:
        """Returns the body of a response of success, and when the request for it began."""
        until: float | None = None
        tries = 0
        while True:
            began = time.monotonic()
            try:
                with self.throttle.slot(until) as began:
                    self.health.check()
                    check()
                    until = until or began + self.deadline
                    try:
                        return self._once(path, data, until), began
                    except Failure as failure:
                        tries += 1
                        pause = self._pause(failure, tries, until, began)
                        if not self.health.ever:  # then no other row is tried before this one
                            self._stop.wait(pause)
                            continue
                self._stop.wait(pause)
            except TimeoutError:
                self.throttle.overloaded(began)
                raise Failure("silent", f"no answer in {self.deadline:g} s") from None

    def _once(self, path: str, data: bytes, until: float) -> bytes:
        try:
            response = self._wire.post(path, data, until)
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
            self.throttle.overloaded(began)
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


def _headers(key: str) -> Mapping[str, str]:
    """Returns the headers of each request; a packed response isn't wanted."""
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
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
