"""Finds texts that are nearly the same: their character 5-grams overlap by nine tenths.

An inverted index holds the rarest grams of each text. Two texts whose sets of grams have a Jaccard
index of 0.9 share three at least of their rarest tenth and two more (prefix filtering: Chaudhuri et
al., 2006; Wang et al., 2012), so that few pairs have to be compared. Texts with other numbers are
never near: "grew by 10 %" and "grew by 11 %" are two facts.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from math import ceil, floor

import numpy as np

from harness.task.splits import normalised

__all__ = ["copied", "near_texts", "numbers_masked"]

GRAM = 5  # characters
SIMILAR = 0.9  # least Jaccard index
ENDS = 500  # characters of a long text's start and end that are compared, at most
BUDGET = 2_000_000  # characters in all, about two seconds; of many long texts less is compared
SHARED = 3  # rare grams that two texts have in common before they are compared
MOST = 1000  # texts that are looked up for a gram; only the rarest gram of templates has more
COMPARED = 100  # texts that one is compared with at most, those with most in common first
_NUMBER = re.compile(r"\d+")
_PRIME = 0x9E3779B97F4A7C15


def numbers_masked(text: str) -> str:
    """Returns a text with one sign in place of each number."""
    return _NUMBER.sub("#", text)


def near_texts(texts: Sequence[str]) -> list[list[int]]:
    """Returns for each of different texts the numbers of those that are near to it."""
    near: list[list[int]] = [[] for _ in texts]
    if len(texts) < 2:
        return near
    grams, starts = _grams(texts)
    sets: dict[int, set[int]] = {}
    index: defaultdict[int, list[int]] = defaultdict(list)

    def grams_of(number: int) -> set[int]:
        if number not in sets:
            sets[number] = set(grams[starts[number] : starts[number + 1]].tolist())
        return sets[number]

    for number in range(len(texts)):
        start, end = int(starts[number]), int(starts[number + 1])
        size = end - start
        alike = ceil(SIMILAR * size)
        rarest = grams[start : min(end, end - alike + SHARED)].tolist()
        shared = Counter(chain.from_iterable(index[gram][-MOST:] for gram in rarest))
        if len(shared) > COMPARED:
            shared = Counter(dict(shared.most_common(COMPARED)))
        for other, count in shared.items():
            if count < min(SHARED, alike):
                continue
            others = int(starts[other + 1] - starts[other])
            one, two = len(texts[number]), len(texts[other])
            if min(one, two) < SIMILAR * max(one, two) - GRAM:
                continue
            common = len(grams_of(number) & grams_of(other))
            if common >= SIMILAR * (size + others - common):
                near[number].append(other)
                near[other].append(number)
        for gram in rarest:
            index[gram].append(number)
    return near


def _grams(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Returns the grams of all texts, each text's once and the rarest first, and where each starts.

    A gram is a number by how often it occurs; it is another one beside other numbers.
    """
    most = ENDS
    while most > ENDS // 5 and sum(min(len(text), 2 * most) for text in texts) > BUDGET:
        most -= ENDS // 5
    cut = [text if len(text) <= 2 * most else text[:most] + text[-most:] for text in texts]
    cut = [text.ljust(GRAM) for text in cut]
    codes = np.frombuffer("".join(cut).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    lengths = np.array([len(text) for text in cut])
    ends = np.cumsum(lengths)
    row = np.repeat(np.arange(len(texts), dtype=np.int32), lengths)
    whole = np.flatnonzero(np.arange(len(codes)) + GRAM <= ends[row])
    hashed = np.zeros(len(whole), dtype=np.uint64)
    for step in range(GRAM):
        hashed = (hashed + codes[whole + step]) * np.uint64(_PRIME)
        hashed ^= hashed >> np.uint64(29)
    beside = np.array([_numbers(text) for text in texts], dtype=np.uint64)
    row = row[whole]
    hashed ^= beside[row]
    order = np.argsort(hashed)
    new = np.diff(hashed[order], prepend=hashed[order[:1]]) > 0
    name = np.empty(len(order), dtype=np.int32)
    name[order] = np.cumsum(new)
    counts = np.bincount(name)
    rank = np.empty(len(counts), dtype=np.int64)
    rank[np.argsort(counts, kind="stable")] = np.arange(len(counts))
    keys = np.sort((row.astype(np.int64) << 32) | rank[name])
    keys = keys[np.diff(keys, prepend=-1) > 0]
    starts = np.searchsorted(keys >> 32, np.arange(len(texts) + 1))
    return keys & 0xFFFFFFFF, starts


def _numbers(text: str) -> int:
    numbers = " ".join(_NUMBER.findall(text)).encode()
    return int.from_bytes(hashlib.blake2b(numbers, digest_size=8).digest(), "big")


SHORTEST = 20  # characters of an input; shorter ones stand in any long text
WINDOW = 1000  # characters of a document in which an input is looked for, at least


def copied(inputs: Sequence[str], documents: Iterable[str]) -> list[int]:
    """Returns the numbers of the inputs of which nine tenths of the 5-grams stand in one place."""
    grams = {
        number: _grams_in(text)
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
        known = _grams_in(window) & often.keys()
        for number in {number for gram in known & index.keys() for number in index[gram]} - there:
            if len(grams[number] & known) >= SIMILAR * len(grams[number]):
                there.add(number)
    return sorted(there)


def _grams_in(text: str) -> set[str]:
    return {text[start : start + GRAM] for start in range(len(text) - GRAM + 1)}


def _windows(documents: Iterable[str], length: int) -> Iterator[str]:
    """Cuts documents into pieces, each overlapping the one before by half."""
    for text in map(normalised, documents):
        for start in range(0, max(1, len(text) - length // 2), length // 2):
            yield text[start : start + length]
