"""Finds inputs that stand in documents, word for word or nearly."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import floor

from harness.task.near import GRAM, SIMILAR
from harness.task.splits import normalised

__all__ = ["copied"]

SHORTEST = 20  # characters of an input; shorter ones stand in any long text
WINDOW = 1000  # characters of a document in which an input is looked for, at least


def copied(inputs: Sequence[str], documents: Iterable[str]) -> list[int]:
    """Returns the numbers of the inputs of which nine tenths of the 5-grams stand in one place."""
    grams = {
        number: _grams(text)
        for number, text in enumerate(map(normalised, inputs))
        if len(text) >= SHORTEST
    }
    often = Counter(gram for each in grams.values() for gram in each)
    # An input that stands there has one at least of its rarest tenth there, and one more.
    index: defaultdict[str, list[int]] = defaultdict(list)
    for number, each in grams.items():
        rarest = sorted(each, key=lambda gram: (often[gram], gram))
        for gram in rarest[: floor((1 - SIMILAR) * len(each)) + 1]:
            index[gram].append(number)
    length = max([WINDOW, *(2 * len(each) for each in grams.values())])
    there = set[int]()
    for window in _windows(documents, length):
        known = _grams(window) & often.keys()
        for number in {number for gram in known & index.keys() for number in index[gram]} - there:
            if len(grams[number] & known) >= SIMILAR * len(grams[number]):
                there.add(number)
    return sorted(there)


def _grams(text: str) -> set[str]:
    return {text[start : start + GRAM] for start in range(len(text) - GRAM + 1)}


def _windows(documents: Iterable[str], length: int) -> Iterator[str]:
    """Cuts documents into pieces, each overlapping the one before by half."""
    for text in map(normalised, documents):
        for start in range(0, max(1, len(text) - length // 2), length // 2):
            yield text[start : start + length]
