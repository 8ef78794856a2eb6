"""The folder in which unfinished answers lie: by it the same command goes on, and finds its end.

answers.csv              written whole when all rows are there
answers.csv.json         what it was made of and what it took; its `work` says which command's
answers.csv.unfinished/  until then: work.json, given.jsonl, responses.jsonl, ledger.jsonl
"""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.errors import UsageError
from harness.records.files import (
    Json,
    each_line,
    read_json,
    storage_errors,
    write_json,
    write_lines,
)
from harness.runs.predicting.files import ELSEWHERE
from harness.task.corpus import sha256_of

__all__ = ["Work"]

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

    def answered(self, *, again: bool) -> dict[int, Json]:
        """Returns what is answered, by row; where it goes ``again``, errors are taken out."""
        lines = {line["n"]: line for line in each_line(self.answers, [], FIELDS)}
        kept = {n: line for n, line in lines.items() if not again or line["outcome"] != "error"}
        if len(kept) < len(lines):
            write_lines(self.answers, kept.values())
        return kept

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
