"""So many requests and tokens a minute: a window that slides, kept on disk.

The file says when each request of the last minute began and what it took. So a run that was killed
goes on within the limit, and runs of this machine that ask the same model of the same server share
it, one after another and at once. What a request takes isn't known when it begins: until it is
answered it counts with the most that it can, a token for each byte and the longest answer.
"""

from __future__ import annotations

import os
import platform
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from harness.models.sources.cache import ELSEWHERE
from harness.records.files import storage_errors
from harness.records.keys import digest

__all__ = ["Limits", "Pace"]

WINDOW_SECONDS = 60.0
SLACK_SECONDS = 1.0
"""A request takes its time to arrive, and a server counts those that arrive."""
TAIL_BYTES = 1 << 22  # of a file that is begun to be read: far more than a minute's lines
WITHDRAWN = -1


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server may be asked in a minute; None: as much as it likes."""

    requests: int | None = None
    tokens: int | None = None

    def __bool__(self) -> bool:
        return self.requests is not None or self.tokens is not None


class Pace:
    """Says when a request may begin. Seconds are the machine's, as of `time.monotonic`.

    Processes need no lock: each appends that it begins, and withdraws where another's line that
    leaves it no room came before its own.
    """

    def __init__(self, limits: Limits, asked: tuple[str, ...], folder: Path) -> None:
        # `asked`: server, key and model, which share a limit
        self.limits = limits
        path = folder / f"{digest([platform.node(), *asked])[:24]}.txt"
        with storage_errors(path, ELSEWHERE):
            folder.mkdir(parents=True, exist_ok=True)
            self._file = FileIO(str(path), "a+")
        self._read = max(0, os.fstat(self._file.fileno()).st_size - TAIL_BYTES)
        self._begun: dict[str, tuple[float, int]] = {}  # by name, in the order of the file
        self._lock = threading.Lock()

    def take(self, most: int) -> tuple[str, float]:
        """Lets a request of at most so many tokens begin, or says in how many seconds it may.

        Returns:
            Its name and 0.0, or an empty name and the seconds.
        """
        with self._lock:
            now = time.monotonic()
            self._catch_up(now)
            if wait := self._wait(list(self._begun.values()), now, most):
                return "", wait
            name = uuid.uuid4().hex[:12]
            self._note(name, now, most)
            self._catch_up(now)
            names = list(self._begun)
            before = [self._begun[each] for each in names[: names.index(name)]]
            if wait := self._wait(before, now, most):
                self._note(name, now, WITHDRAWN)
            return ("", wait) if wait else (name, 0.0)

    def settle(self, name: str, tokens: int) -> None:
        """Notes how many tokens a request took."""
        with self._lock:
            if name in self._begun:
                self._note(name, self._begun[name][0], tokens)

    def _note(self, name: str, began: float, tokens: int) -> None:
        """Appends a line: the system has it when this returns, so that a kill doesn't lose it."""
        self._file.write(f"\n{began:.6f} {name} {tokens}\n".encode())  # after a torn line, too

    def _catch_up(self, now: float) -> None:
        """Reads what this process and others wrote since, and forgets what is past."""
        self._file.seek(self._read)
        lines = self._file.read()
        whole = lines.rfind(b"\n") + 1
        self._read += whole
        for line in lines[:whole].splitlines():
            with suppress(ValueError):  # the first line may be a part of one
                began, name, tokens = line.decode().split()
                self._begun[name] = (float(began), int(tokens))
        since = now - WINDOW_SECONDS - SLACK_SECONDS
        self._begun = {
            name: (began, tokens)
            for name, (began, tokens) in self._begun.items()
            # What began long after now did so before the machine was started again.
            if since < began <= now + WINDOW_SECONDS and tokens != WITHDRAWN
        }

    def _wait(self, begun: list[tuple[float, int]], now: float, most: int) -> float:
        """Returns the seconds until there is room for a request beside others; 0.0: there is.

        One that alone is more than the limit has room when nothing else is left.
        """
        begun = sorted(begun)
        tokens = sum(each for _, each in begun)
        many, much = self.limits.requests, self.limits.tokens
        ends = now
        for gone, (began, each) in enumerate(begun):
            if (many is None or len(begun) - gone < many) and (
                much is None or tokens + most <= much
            ):
                break
            tokens -= each
            ends = began + WINDOW_SECONDS + SLACK_SECONDS
        return max(0.0, ends - now)
