"""What is asked of a server beside the messages; what it refuses is renamed or left out.

A model that reasons takes `max_completion_tokens` in the place of `max_tokens`, and no temperature;
a small server may know no `seed`. Nothing says so before the first request. So a request that is
refused for a parameter is asked again without it, and so are all that follow.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from harness.errors import UsageError
from harness.models.endpoint.failures import Failure
from harness.records.files import Json

__all__ = ["FORM", "LONGEST", "OURS", "Parameters", "request_of"]

LONGEST = ("max_tokens", "max_completion_tokens")
"""How long an answer may be, in the two names that servers know; never left out, it bounds the cost."""
FORM = "response_format"
"""The form that an answer is bound to; with a schema it is left out whatever a server says of it."""
OURS = frozenset({"model", "messages", "tools", "stream", "n"})
"""What makes the question, or how it is answered: nothing of it is set or left out."""
_REFUSED = re.compile(
    r"(un|not |n't )(support|recogni[sz]|know|expect|permitt|allow|accept)"
    r"|extra (input|field)|deprecated|only the default|no such|invalid (parameter|argument)",
    re.IGNORECASE,
)
_WITHOUT = {
    "temperature": "answers may differ from one time to the next",
    FORM: "answers are free text",
    "seed": "the same request may get another answer",
    "stop": "answers are cut here, and their rest is paid",
}


def request_of(given: Mapping[str, object]) -> Json:
    """Reads parameters that a user adds: JSON where a text is that, else the text.

    Raises:
        UsageError: One of them isn't for the user to set.
    """
    if wrong := sorted(OURS & set(given)):
        raise UsageError(
            f"--request can't set {wrong[0]}: the harness does", "Leave it out of --request."
        )
    return {name: _value(each) for name, each in given.items()}


def _value(given: object) -> object:
    with suppress(ValueError, RecursionError):
        return json.loads(given) if isinstance(given, str) else given
    return given


class Parameters:
    """What a server refused so far, for one run."""

    def __init__(
        self,
        refused: Mapping[str, str],  # by an earlier attempt
        keep: Callable[[str, str], None],  # takes what is refused, and what is sent instead of it
        notify: Callable[[str], None],
    ) -> None:
        self.refused = dict(refused)  # name: the other name, empty where it is left out
        self.sent: Json = {}  # of the last request
        self._keep, self._notify, self._lock = keep, notify, threading.Lock()

    def body(self, asked: Json) -> Json:
        """Returns what is sent of a request."""
        body = dict(asked)
        for name, other in list(self.refused.items()):
            if name in body and (value := body.pop(name)) is not None and other:
                body[other] = value
        self.sent = {name: value for name, value in body.items() if name not in OURS}
        return body

    def mended(self, failure: Failure, body: Json) -> Json | None:
        """Returns a refused request without what it was refused for; None: it wasn't for that."""
        name = _refused(failure, body)
        if name is None:
            return None
        with self._lock:
            if name not in self.refused:
                other = LONGEST[1] if name == LONGEST[0] else ""
                self._keep(name, other)
                self.refused[name] = other
                self._notify(_said(name, other, failure.reason))
        return self.body(body)


def _refused(failure: Failure, body: Json) -> str | None:
    """Returns the parameter of a request that a server says it doesn't take; None: it says none."""
    if failure.kind != "row":
        return None
    form = body.get(FORM)
    bound = isinstance(form, dict) and form.get("type") == "json_schema"
    places: dict[str, int] = {}
    for name in body.keys() - OURS - {LONGEST[1]}:
        called = f"({FORM}|json_schema)" if bound and name == FORM else re.escape(name)
        if match := re.search(rf"(?<!\w){called}(?!\w)", failure.reason):
            places[name] = match.start()
    first = min(places, key=lambda name: places[name], default=None)
    return first if (bound and first == FORM) or _REFUSED.search(failure.reason) else None


def _said(name: str, other: str, reason: str) -> str:
    if other:
        fate = f"{other} is sent in its place"
    else:
        fate = "it is left out"
        fate += f", so {_WITHOUT[name]}" if name in _WITHOUT else ""
    return f"the server refuses {name} ({reason}): {fate}"
