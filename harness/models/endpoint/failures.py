"""Why a request has no answer, and when that ends a run."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from typing import Literal

from harness.errors import BudgetExceeded, HarnessError, MissingDependency, UsageError
from harness.models.endpoint.wire import Response
from harness.records.secrets import hidden

__all__ = ["TOO_LONG", "Failure", "Health", "Kind", "failure_of", "quoted"]

Kind = Literal[
    "key", "missing", "quota", "forbidden", "unknown", "silent", "down", "form", "row", "too_long"
]
ALWAYS = frozenset({"key", "missing", "quota"})
"""What no other row would escape."""
AT_FIRST = frozenset({"forbidden", "unknown"})
"""May be of one row (a filter, a routed request), or of all of them: nothing was right before."""
AWAY = frozenset({"silent", "down"})
"""May pass."""
A_FEW, MANY, VERY_MANY = 3, 8, 25
SLOW_ROWS = 15
"""Rows without an answer in time, beside one in a hundred: more of them take hours."""
LONGEST = 300
TOO_LONG = re.compile(
    r"context[ _](length|size|window)|prompt is too long|input token count|maximum input length",
    re.IGNORECASE,
)
"""How servers say that a request is longer than the model's context (OpenAI, vLLM, llama.cpp, ...).
"""
NO_MONEY = re.compile(
    r"insufficient_quota|billing_hard_limit|insufficient (balance|credit|funds)", re.IGNORECASE
)


class Failure(Exception):
    """One request has no answer, with the reason."""

    def __init__(
        self,
        kind: Kind,
        reason: str,
        *,
        again: bool = False,
        wait: float | None = None,
        crowded: bool = False,
    ) -> None:
        super().__init__(reason)
        self.kind, self.reason = kind, reason
        self.again = again  # whether it may go well another time
        self.wait = wait  # seconds that the server asks for
        self.crowded = crowded  # whether the server says that it has too much


def failure_of(response: Response, wait: float | None) -> Failure:
    """Reads why a server refuses."""
    status, said = response.status, _said(response.body)
    reason = f"{status} {said}".strip()
    if 300 <= status < 400:
        to = quoted(response.headers.get("location", "another address"))
        return Failure("unknown", f"{status}: it redirects to {to}, which isn't followed")
    if status == 402 or (status in (403, 429) and NO_MONEY.search(said)):
        return Failure("quota", reason)
    if status in (400, 413, 422) and TOO_LONG.search(said):
        return Failure("too_long", reason)
    if status in (408, 409, 429) or status >= 500:
        return Failure("down", reason, again=True, wait=wait, crowded=status == 429)
    kinds: dict[int, Kind] = {401: "key", 407: "key", 403: "forbidden", 404: "unknown"}
    return Failure(kinds.get(status, "row"), reason)


def _said(body: bytes) -> str:
    """Returns what a body says of an error: its message and code, or how it begins."""
    text = body[: 1 << 16].decode(errors="replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return quoted(text)
    error = value.get("error", value) if isinstance(value, dict) else value
    if not isinstance(error, dict):
        return quoted(error if isinstance(error, str) else text)
    words = [error.get(name) for name in ("message", "detail", "code", "type")]
    return quoted(" ".join(word for word in words if isinstance(word, str)) or text)


def quoted(text: str) -> str:
    """Returns a server's words as one line of at most 300 characters, without a key."""
    shown = "".join(each if each.isprintable() else " " for each in hidden(text))
    return " ".join(shown.split())[:LONGEST]


class Health:
    """Ends a run whose server can't or won't answer, with the first reason."""

    def __init__(self, name: str, place: str, *, answered: bool) -> None:
        self._name, self._place = name, place
        self._ever = answered  # whether anything was right, in an earlier attempt too
        self.right = 0
        self._row: list[Failure] = []  # since the last right one
        self._kinds: Counter[str] = Counter()
        self._ended: BaseException | None = None
        self._lock = threading.Lock()

    @property
    def ever(self) -> bool:
        """Whether the server ever answered."""
        return self._ever

    def check(self) -> None:
        """Raises what ended the run."""
        if self._ended is not None:
            raise self._ended

    def end(self, error: BaseException) -> None:
        """Lets no request begin after an error: a spent budget, a full disk."""
        self._ended = self._ended or error

    def well(self) -> None:
        """Notes a right answer."""
        with self._lock:
            self.right, self._ever = self.right + 1, True
            self._row.clear()

    def failed(self, failure: Failure) -> None:
        """Notes a failure; raises where it is one too many. Raises `HarnessError`: see `_error`."""
        if failure.kind == "too_long":
            return
        with self._lock:
            self._row.append(failure)
            self._kinds[failure.kind] += 1
            if self._ended is None and self._enough(failure.kind):
                self._ended = self._error()
        self.check()

    def settle(self) -> None:
        """Raises where nothing was right, and nothing more would be; called after some requests."""
        with self._lock:
            kinds = {failure.kind for failure in self._row}
            hopeless = kinds <= (ALWAYS if self._ever else ALWAYS | AT_FIRST)
            if self._ended is None and not self.right and kinds and hopeless:
                self._ended = self._error()
        self.check()

    def _enough(self, kind: Kind) -> bool:
        first = not self._ever
        hopeless = ALWAYS | AT_FIRST if first else ALWAYS
        if kind in hopeless:
            return self._count(hopeless) >= A_FEW
        if kind in AWAY:
            slow = self._kinds["silent"] > SLOW_ROWS + self.right / 100
            return slow or self._count(AWAY) >= MANY
        # A call that asks only what failed before comes to its end, whatever the rows are like.
        return len(self._row) >= VERY_MANY and (first or (self.right > 0 and kind != "row"))

    def _count(self, kinds: frozenset[str]) -> int:
        return sum(failure.kind in kinds for failure in self._row)

    def _error(self) -> HarnessError:
        first = self._row[0]
        text, hint = {
            "key": ("the server refuses the key", "Set HARNESS_API_KEY in the environment."),
            "forbidden": ("the server refuses the key", "Is HARNESS_API_KEY of this server?"),
            "unknown": (
                f"the server doesn't know {self._name}",
                "Check --model endpoint:NAME and --base-url (it ends in /v1).",
            ),
            "quota": ("the account's quota is used up", "Add to it, then run the same command."),
            "missing": (f"there is no server at {self._place}", "Start it, or check --base-url."),
            "silent": ("the server doesn't answer in time", "Look at it, then"),
            "down": ("the server fails", "Look at it, then"),
        }.get(first.kind, ("the server's answers can't be used", "Check --base-url, then"))
        if hint.endswith("then"):
            hint += " run the same command: what was answered is kept."
        kinds = {"quota": BudgetExceeded, "missing": MissingDependency}
        kinds |= {"silent": MissingDependency, "down": MissingDependency}
        return kinds.get(first.kind, UsageError)(f"{text}: {first.reason}", hint)
