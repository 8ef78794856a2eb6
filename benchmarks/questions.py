"""Questions that a model proposes to the invented insurer's documents, against the world's gold.

    harness build insurer --seed 7 --language en --out insurer-7
    harness build questions --docs insurer-7/documents --n 60 --out proposed.xlsx
    python -m benchmarks questions insurer-7 proposed.xlsx --out results/questions/en.json

Of a proposal that the filters look at, gold says one of three things. *right*: one of the three facts
whose questions and sentences are nearest (BM25, over all that the world asks) is stated in the
passage, and has that answer. *wrong*: none is, though the answer stands in a sentence that states a fact. *outside*:
the answer stands in no such sentence (a distractor, a rule of yes or no): gold can't say. Unanswerable ones are
counted, and not judged: the world lists no question that it doesn't answer and a model may invent.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from pathlib import Path

from harness.records.files import Json, read_lines
from harness.retrieval.bm25 import BM25
from harness.retrieval.terms import guess_language, resolve_terms
from harness.runs.questions.filters import alike, stands_in

__all__ = ["judge"]

NEAREST = 3  # facts
UNJUDGED = ("no answer", "form", "leaning")  # no question, or none that stands alone


class _Gold:
    """What the world asks, and which sentence of which document answers it."""

    def __init__(self, world: Path) -> None:
        rows = [row for row in read_lines(world / "rows.jsonl") if row["answerable"]]
        self._rows = {row["id"]: row for row in rows}
        language = guess_language(row["question"] for row in rows)
        self._near = BM25(resolve_terms("auto", language))
        whether = {row["fact"] for row in rows if row["kind"] == "yes_no"}
        said: defaultdict[str, str] = defaultdict(str)
        self._sentences: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for line in read_lines(world / "gold.jsonl"):
            said[line["id"]] += f" {line['text']}"
            if line["id"] not in whether:  # another question to that sentence is no mistake
                self._sentences[_nfc(line["document"])].append((line["id"], line["text"]))
        self._near.add(list(self._rows), [row["question"] + said[row["fact"]] for row in rows])

    def verdict(self, proposal: Json) -> str:
        """Returns the verdict on a proposal."""
        question, answer = proposal["question"], proposal["answer"]
        passage = _squash(proposal["passage"])
        sentences = self._sentences[_nfc(proposal["source"])]
        stated = {fact: text for fact, text in sentences if _squash(text) in passage}
        for row in self._nearest(question):
            if row["fact"] in stated and any(
                alike(answer, each, question) or alike(each, answer, question)
                for each in row["accepted"]
            ):
                return "right"
        covered = any(stands_in(answer, text) for text in stated.values())
        return "wrong" if covered else "outside"

    def _nearest(self, question: str) -> list[Json]:
        """Returns a row of each of the `NEAREST` nearest facts."""
        found: dict[str, Json] = {}
        for name, _ in self._near.search(question, len(self._rows)):
            row = self._rows[name]
            found.setdefault(row["fact"], row)
            if len(found) == NEAREST:
                break
        return list(found.values())


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _squash(text: str) -> str:
    return "".join(_nfc(text).split())


def judge(world: Path, work: Path, about: Json) -> Json:
    """Returns all proposals of a work folder, those to be answered with gold's verdict."""
    gold = _Gold(world)
    proposals = []
    for line in read_lines(work / "proposals.jsonl"):
        kept = {name: line[name] for name in ("kind", "question", "answer", "place", "dropped")}
        if line["kind"] == "answerable" and line["dropped"] not in UNJUDGED:
            kept["verdict"] = gold.verdict(line)
        proposals.append(kept)
    return {**about, "proposals": proposals}
