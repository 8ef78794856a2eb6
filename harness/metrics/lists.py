"""Answers that are several: how they are written as one text, and read from what a model wrote.

A set of labels is one line (``up; past``); spans and entities are one a line. Nothing is ``none``.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Sequence

from harness.decoding import literal
from harness.metrics.parse import parse_answer

__all__ = [
    "NOTHING",
    "UNREAD",
    "is_nothing",
    "labels_in",
    "lines_in",
    "listed",
    "written_labels",
    "written_lines",
]

NOTHING = "none"
"""The answer that there is none: no label, no entity."""
UNREAD = " (none)"  # with a blank, since a label has none around it
"""Stands for the prediction of a row that has none."""
_NOTHING = re.compile(
    r"\W*(?:none|nothing|n/?a|null|empty|no (?:label|entit|span)\w*|none of (?:them|these|the labels)|"
    r"없음|없다|없습니다|해당\s?없음|해당\s?사항\s?없음|\[\s*\]|\{\s*\})\W*|\[\s*\]|\{\s*\}",
    re.I,
)
_FENCE = re.compile(r"```(?:\w+\n)?(.*?)(?:```|\Z)", re.S)
_BULLET = re.compile(r"\s*(?:[-–•·*]\s+|\(?\d{1,2}[.)]\s+)")


def written_labels(labels: Sequence[str]) -> str:
    """Writes a set of labels as one text."""
    return "; ".join(labels) or NOTHING


def labels_in(text: str) -> tuple[str, ...]:
    """Returns the labels that `written_labels` wrote; none of an answer that couldn't be read."""
    return () if text in (NOTHING, UNREAD) else tuple(text.split("; "))


def written_lines(items: Sequence[str]) -> str:
    """Writes spans or entities as one text, white space in each as one space."""
    return "\n".join(filter(None, (" ".join(item.split()) for item in items))) or NOTHING


def lines_in(text: str) -> tuple[str, ...]:
    """Returns what `written_lines` wrote; nothing of an answer that couldn't be read."""
    return () if text in (NOTHING, UNREAD) else tuple(text.split("\n"))


def is_nothing(text: str) -> bool:
    """Says whether an answer, as a whole, is that there is none."""
    return bool(_NOTHING.fullmatch(text.strip()))


def listed(text: str) -> tuple[object, list[str]]:
    """Reads an answer as data, else as lines: JSON (or Python's writing) that it holds, and its lines.

    The first is None where there is no list and no object; lines are without bullets and empty
    ones.
    """
    fenced = _FENCE.search(text)
    whole = parse_answer(fenced[1] if fenced else text, stop_at_newline=False)
    lines = [_BULLET.sub("", line, count=1).strip() for line in whole.split("\n")]
    return _data(whole), [line for line in lines if line]


def _data(text: str) -> object:
    starts = [at for at in (text.find("["), text.find("{")) if at >= 0]
    if not starts or text[: min(starts)].strip(" \n:"):
        return None
    text = text[min(starts) :]
    with contextlib.suppress(ValueError, RecursionError):
        return _container(json.JSONDecoder().raw_decode(text)[0])
    end = max(text.rfind("]"), text.rfind("}")) + 1
    return _container(literal(text[:end]))


def _container(value: object) -> object:
    return value if isinstance(value, (list, dict)) else None
