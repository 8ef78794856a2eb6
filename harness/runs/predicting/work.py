"""The folder in which unfinished answers lie: by it the same command goes on, and finds its end.

answers.csv              written whole when all rows are there
answers.csv.json         what it was made of and what it took; its `work` says which command's
answers.csv.unfinished/  until then: work.json, given.jsonl, responses.jsonl, ledger.jsonl
"""

from __future__ import annotations

import json
import shutil
from array import array
from collections.abc import Iterator
from pathlib import Path

from harness.errors import DataError, UsageError
from harness.records.files import (
    RESTORE,
    Json,
    each_line,
    lines_at,
    read_json,
    storage_errors,
    write_json,
    write_lines,
)
from harness.runs.predicting.files import ELSEWHERE
from harness.task.corpus import sha256_of

__all__ = ["Answers", "Work"]

ANSWERS, WORK = "given.jsonl", "work.json"
OTHER = "Name another file with --out."
FIELDS = {"n": int, "outcome": str}  # of an answer, beside what is added to its row
WORDS = {  # what of two works may differ
    "run": "another run",
    "artifact": "the run as it was prepared before",
    "data": "another table, or one that was edited since",
    "columns": "other columns",
    "limit": "another --limit",
    "layout": "another sheet or header",
}


class Answers:
    """The answers in a file, by row: where each stands is held, and it is read when it is wanted."""

    def __init__(self, path: Path, rows: int) -> None:
        self._path = path
        self._at = array("q", [-1]) * rows  # by row: where its line begins; -1: it has none
        for at, line in lines_at(path, [], FIELDS):
            if 0 <= line["n"] < rows:
                self._at[line["n"]] = at

    def __contains__(self, number: int) -> bool:
        return self._at[number] >= 0

    def __len__(self) -> int:
        return sum(at >= 0 for at in self._at)

    def __iter__(self) -> Iterator[Json | None]:
        """Yields the answer to each row, in order; None where it has none.

        Raises:
            DataError: The file can't be read.
        """
        try:
            with self._path.open("rb") as file:
                for at in self._at:
                    file.seek(max(at, 0))
                    yield json.loads(file.readline()) if at >= 0 else None
        except FileNotFoundError:  # nothing could be asked
            yield from (None for _ in self._at)
        except (OSError, ValueError) as error:
            raise DataError(f"{self._path} can't be read: {error}", RESTORE) from error


class Work:
    """The answers to one table, on their way into one file."""

    def __init__(self, out: Path, described: Json) -> None:
        self.out, self.described = out, described
        self.about = out.with_name(f"{out.name}.json")
        self.folder = out.with_name(f"{out.name}.unfinished")

    @property
    def written(self) -> Path:
        """The file with all answers, until it takes its place."""
        return self.folder / self.out.name

    @property
    def answers(self) -> Path:
        """The file with a line an answered row."""
        return self.folder / ANSWERS

    def finished(self) -> Json | None:
        """Returns what is known of the file that this work wrote; None where it isn't written.

        Raises:
            UsageError: A file stands there that is something else.
        """
        known = read_json(self.about) if self.about.is_file() else {}
        known = known if isinstance(known, dict) else {}
        here = next((each for each in (self.out, self.about) if each.exists()), None)
        if here is None or (here == self.about and known.get("work")):
            return None
        if other := self._other(known.get("work") or {}):
            raise UsageError(f"{here} is there, and {other}", OTHER)
        if known["sha256"] == sha256_of(self.out):
            return known
        if not self.written.is_file() or known["sha256"] != sha256_of(self.written):
            raise UsageError(f"{self.out} was edited since it was written", OTHER)
        self._put()  # the process ended in between
        return known

    def begin(self) -> None:
        """Makes the folder, or finds it.

        Raises:
            UsageError: It holds other work.
        """
        path = self.folder / WORK
        if path.is_file():
            if other := self._other(read_json(path)):
                raise UsageError(
                    f"{self.folder} holds unfinished work, and {other}",
                    f"{OTHER} Or delete that folder to begin anew.",
                )
            return
        with storage_errors(self.folder, ELSEWHERE):
            self.folder.mkdir(parents=True, exist_ok=True)
        write_json(path, self.described)

    def _other(self, found: Json) -> str:
        """Says what other work is found; nothing where it is this one."""
        if not found:
            return "nothing says that this command wrote it"
        differing = [name for name in WORDS if found.get(name) != self.described[name]]
        return f"it belongs to {WORDS[differing[0]]}" if differing else ""

    def answered(self, rows: int, *, again: bool) -> Answers:
        """Finds what is answered; where it goes ``again``, errors are taken out before."""
        if again and any(line["outcome"] == "error" for line in self._lines()):
            write_lines(self.answers, (x for x in self._lines() if x["outcome"] != "error"))
        return Answers(self.answers, rows)

    def _lines(self) -> Iterator[Json]:
        return each_line(self.answers, [], FIELDS)

    def end(self, about: Json, *, keep: bool) -> Json:
        """Puts the file into its place, and takes the folder away unless it is to be kept.

        What it was made of is noted before: so whatever happens, the file is known as this work's.
        """
        about = {**about, "work": self.described, "sha256": sha256_of(self.written)}
        write_json(self.about, about)
        self._put()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)
        return about

    def _put(self) -> None:
        with storage_errors(self.out, ELSEWHERE):
            self.written.replace(self.out)
