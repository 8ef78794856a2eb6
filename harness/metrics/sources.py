"""Scores what an answer rests on, without a judge: the passages given, and those that it cites."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from harness.metrics.answers.claims import Claims, claims_of, stand_in
from harness.metrics.metric import TEXT, Answered, Metric
from harness.metrics.retrieval import same_source
from harness.types import Passage

__all__ = ["GROUNDED", "GROUNDS", "METRICS", "SOURCE", "cited", "source_correctness"]

SOURCE = "source_correctness"
GROUNDED = ("grounded", "source_grounded")
GROUNDS = (*GROUNDED, SOURCE)
"""What is shown of answers that were given with passages."""
_NUMBERS = re.compile(r"[\[【]\s*(\d{1,3}(?:\s*[,;、]\s*\d{1,3})*)\s*[\]】]")
_SOURCE = re.compile(
    r"[(\[【][^)\]】\n]*|(?:출처|근거|참고|sources?|references?|according to)\b[^\n]*", re.I
)
"""Where a file is named as a source: a form to be sent in is none."""
_FILE = re.compile(
    r"[^\s,;:()\[\]\"'<>]+\.(?:pdf|docx?|hwpx?|txt|csv|xlsx?|html?|md|pptx?)\b", re.I
)


def cited(text: str, evidence: Sequence[Passage]) -> list[list[Passage]]:
    """Returns the passages of each citation of an answer; none for one that leads to nothing.

    ``[2]`` cites the second passage of the evidence, ``[1, 3]`` two, the name of a file those of
    that file. Without a citation the first passage is the source.
    """
    text = unicodedata.normalize("NFC", text)
    numbers = {int(one) for each in _NUMBERS.findall(text) for one in re.findall(r"\d+", each)}
    citations = [list(evidence[at - 1 : at] if at else ()) for at in sorted(numbers)]
    for name in sorted({_name(passage) for passage in evidence} - {""}, key=len, reverse=True):
        if "." in name and name in text:
            citations.append([passage for passage in evidence if _name(passage) == name])
            text = text.replace(name, " ")
    told = " ".join(match[0] for match in _SOURCE.finditer(text))
    citations += [[] for _ in set(_FILE.findall(told))]
    return citations or [list(evidence[:1])]


def _name(passage: Passage) -> str:
    source = unicodedata.normalize("NFC", passage.source)
    return source.replace("\\", "/").rpartition("/")[2]


def source_correctness(text: str, evidence: Sequence[Passage], gold: Sequence[Passage]) -> float:
    """Returns the share of an answer's citations whose document has a gold passage.

    A citation that leads to none of the passages that there are is wrong.
    """
    citations = cited(text, evidence)
    right = [
        any(same_source(passage.source, each.source) for passage in passages for each in gold)
        for passages in citations
    ]
    return sum(right) / len(citations)


@lru_cache(maxsize=1)
def _claims(answered: Answered) -> Claims:
    """What an answer claims: its metrics share it."""
    return claims_of(answered.scored.predicted or "", answered.row.question)


def _grounded(answered: Answered) -> float | None:
    claims = _claims(answered)
    return float(_stands(claims, answered.output.evidence)) if claims else None


def _source_grounded(answered: Answered) -> float | None:
    claims = _claims(answered)
    citations = cited(answered.output.text or "", answered.output.evidence)
    passages = [passage for each in citations for passage in each]
    return float(_stands(claims, passages)) if claims else None


def _stands(claims: Claims, passages: Sequence[Passage]) -> bool:
    return stand_in(claims, [f"{each.text}\n{each.place}" for each in passages])


METRICS = (
    Metric(
        "grounded",
        "share of answers whose values and names all stand in the passages that were given",
        TEXT,
        answer=_grounded,
        needs=frozenset({"response", "contexts"}),
    ),
    Metric(
        "source_grounded",
        "the same of the passages that an answer cites, or of the first one",
        TEXT,
        answer=_source_grounded,
        needs=frozenset({"response", "contexts"}),
    ),
    Metric(
        SOURCE,
        "share of answers whose sources are documents that say it",
        TEXT,
        answer=lambda answered: source_correctness(
            answered.output.text or "", answered.output.evidence, answered.row.passages
        ),
        needs=frozenset({"response", "contexts", "gold"}),
    ),
)
