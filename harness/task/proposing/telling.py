"""How much of a column the words of a text tell: what is asked of the text, its words say."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import mean

from harness.task.proposing.profile import text_of
from harness.task.tables import Line

__all__ = ["TOLD", "told"]

TOLD = 0.2  # from which on a text tells a column; sentiment of news has 0.3
SURE = 1.5  # standard errors that are taken off
LEAST = 40  # different texts below which nothing is said
MOST = 800  # rows that are looked at
TRIED, COMPARED = 100, 40_000  # rows that are tried, at least; rows times values, at most
RARE = 5  # rows of a value below which it says nothing
SMOOTH = 0.3  # added to each count of a word
_WORDS = re.compile(r"[^\W\d_가-힣]+|(?=([가-힣]{2}))")


def told(lines: Sequence[Line], text: str, column: str) -> float:
    """Returns how well the words of a text tell a column's value: 1 always, 0 (or less) never.

    A naive Bayes classifier learns half of the rows. In the other half, how often is a row's own
    value likelier than another one? The mean over values, so that their frequency doesn't matter,
    is put on a scale on which chance is 0, less its uncertainty. Equal texts count once.
    """
    rows = {text_of(line[text]): text_of(line[column]) for line in lines}
    filled = [(asked, value) for asked, value in rows.items() if asked and value]
    if len(filled) < LEAST:
        return 0.0
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    tried = []
    for asked, value in filled[:: 1 + len(filled) // MOST]:
        if zlib.crc32(asked.encode()) % 2:
            seen[value].update(_words(asked))
        else:
            tried.append((_words(asked), value))
    known = set().union(*seen.values())
    spread = {v: math.log(count.total() + SMOOTH * len(known)) for v, count in seen.items()}
    wins = defaultdict[str, list[float]](list)
    for words, value in tried[: max(TRIED, COMPARED // max(1, len(seen)))]:
        score = {
            v: sum(math.log(count[word] + SMOOTH) - spread[v] for word in words & known)
            for v, count in seen.items()
        }
        own = score.pop(value, None)
        if own is not None and score:
            wins[value].append(mean((own > s) + 0.5 * (own == s) for s in score.values()))
    often = [each for each in wins.values() if len(each) >= RARE]
    if len(often) < 2:
        return 0.0
    error = math.sqrt(sum(1 / len(each) for each in often)) / len(often)
    return 2 * mean(map(mean, often)) - 1 - SURE * error


def _words(text: str) -> frozenset[str]:
    """Returns the words of a text, of Korean every two syllables: endings change, stems stay."""
    return frozenset(match[1] or match[0] for match in _WORDS.finditer(text.casefold()[:2000]))
