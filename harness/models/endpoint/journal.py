"""What a server answered, kept before it is used: what was paid isn't asked again.

A line is the key of a request with the answer and its tokens, or with the error and its tokens.
``usage`` is null where the server didn't say. Another kind of line is a parameter that the server
refuses, with what is sent in its place. Where a record keeps no texts, `reduce_journal` leaves
the keys and tokens when the run is finished.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from harness.records.files import Json, append_lines, each_line, write_lines
from harness.types import Usage

__all__ = ["Journal", "reduce_journal"]

KEPT = ("key", "usage", "masked", "batch")
REFUSED = {"parameter", "instead"}
COUNTS = frozenset(Usage.__slots__)


class Journal:
    """The journal of one run; without a path it is kept in memory alone."""

    def __init__(
        self, path: Path | None, notify: Callable[[str], None] = lambda text: None
    ) -> None:
        self._path, self._lock = path, threading.Lock()
        self._answers: dict[str, Json] = {}
        self.total, self.unknown = Usage(), 0  # tokens of all lines; lines that don't tell them
        self.lines = 0
        self.refused: dict[str, str] = {}  # parameter: what is sent instead; empty: nothing
        self.ways = Counter(singly=0, in_batches=0)  # how answers came
        self._masked: dict[str, Mapping[str, int]] = {}  # by key: how much of each kind
        damaged = list[int]()
        for line in _lines(path, damaged) if path else ():
            self._count(line)
        if path and damaged:
            where = ", ".join(map(str, damaged[:5])) + (", ..." if len(damaged) > 5 else "")
            notify(f"{path}, line {where}: not as it was written; what stood there is asked again")

    def answer(self, key: str) -> Json | None:
        """Returns the line with an answer."""
        return self._answers.get(key)

    @property
    def texts(self) -> list[str]:
        """The texts of all answers."""
        return [line["text"] for line in list(self._answers.values())]

    def keep(self, line: Json) -> None:
        """Appends a line, and waits until it is on disk."""
        with self._lock:
            if self._path is not None:
                append_lines(self._path, [line])
            self._count(line)

    def note_masked(self, key: str, found: Mapping[str, int]) -> None:
        """Notes what was masked in a request, answered or not."""
        if found:
            self._masked[key] = found

    def masked(self) -> dict[str, int]:
        """Returns how much was masked in all requests, by kind."""
        found = Counter[str]()
        for each in list(self._masked.values()):
            found.update(each)
        return dict(sorted(found.items()))

    def _count(self, line: Json) -> None:
        if "parameter" in line:
            self.refused[line["parameter"]] = line["instead"]
            return
        self.lines += 1
        self.note_masked(line["key"], line.get("masked", {}))
        self.ways["in_batches" if line.get("batch") else "singly"] += 1
        if line["usage"] is None:
            self.unknown += 1
        else:
            self.total.add(Usage(**line["usage"]))
        if "text" in line and "error" not in line:
            self._answers[line["key"]] = line


def reduce_journal(path: Path) -> None:
    """Leaves keys and tokens: no text of an answer, and no error that may quote one."""
    if path.exists():
        kept = (*KEPT, *sorted(REFUSED))
        write_lines(path, [{n: line[n] for n in kept if n in line} for line in _lines(path, [])])


def _lines(path: Path, damaged: list[int]) -> Iterator[Json]:
    """Yields the lines that are as they were written; the numbers of others are added to a list."""
    skipped = list[int]()
    for number, line in enumerate(each_line(path, skipped), 1):
        if _is_line(line):
            yield line
        else:
            damaged.append(number + len(skipped))
    damaged[:] = sorted({*damaged, *skipped})


def _is_line(line: object) -> bool:
    if isinstance(line, dict) and line.keys() == REFUSED:
        return all(isinstance(each, str) for each in line.values())
    if not isinstance(line, dict) or not isinstance(line.get("key"), str) or "usage" not in line:
        return False
    usage = line["usage"]
    if usage is not None and not (isinstance(usage, dict) and _counted(usage)):
        return False
    if not (isinstance(masked := line.get("masked", {}), dict) and _whole(masked)):
        return False
    if "error" in line or not line.keys() - set(KEPT):
        return True
    texts = (line.get("text"), line.get("finish") or "", line.get("batch", ""))
    calls, scored = line.get("calls", []), line.get("scored", [])
    return all(isinstance(each, str) for each in texts) and (
        all(isinstance(each, list) for each in (calls, scored))
        and all(map(_is_call, calls))
        and all(map(_is_scored, scored))
        and ("read" not in line or _kinds(line["read"]) == [int, str])
    )


def _is_call(value: object) -> bool:
    return _kinds(value) == [str, str]


def _is_scored(value: object) -> bool:
    return _kinds(value) == [int, float, int]


def _kinds(value: object) -> list[type]:
    return [type(each) for each in value] if isinstance(value, list) else []


def _counted(usage: Json) -> bool:
    return usage.keys() <= COUNTS and _whole(usage)


def _whole(counts: Json) -> bool:
    return all(type(count) is int and count >= 0 for count in counts.values())
