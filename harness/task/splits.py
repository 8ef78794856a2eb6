"""Splits and limits by hashing, so that neither row order nor new rows move an old one."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import accumulate
from typing import Protocol, TypeVar

from harness.errors import DataError

__all__ = ["SHARES", "assign", "by_time", "first", "normalised"]

SHARES: Mapping[str, float] = {"train": 0.7, "dev": 0.1, "test": 0.2}
MISSED = 0.1  # of a part's expected rows: a part that misses more is cut by count
KEPT = ("test", "train", "dev")  # which parts there are where groups don't suffice for all


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


R = TypeVar("R", bound=_HasId)


def normalised(text: str) -> str:
    """Returns an input as it is compared: NFC, without case and with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _unit(salt: str, text: str) -> float:
    """Returns a number in [0, 1) made of a hash."""
    digest = hashlib.sha256(f"{salt}{text}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def assign(
    groups: Sequence[str], shares: Mapping[str, float] = SHARES, salt: str = "adaptbench-split"
) -> list[str]:
    """Returns the split of each row, given its group; rows of a group always get the same.

    Each split with a share gets a row, as far as there are groups: test before train before dev.
    """
    # Groups are ranked by their hash. A cut stands at its share of the hash range, so that new rows
    # move no old one, unless the part above it would miss its rows by more than a tenth, as in a
    # small table; then it stands where the count is nearest. A group that is larger than the last
    # part comes first, into train: it would be the whole test.
    sizes = Counter(groups)
    if not sizes:
        return []
    kept = [name for name in KEPT if shares.get(name, 0) > 0][: len(sizes)]
    parts = [name for name in shares if name in kept]
    edges = list(accumulate(shares[name] for name in parts))
    expected = [shares[name] / edges[-1] * len(groups) for name in parts]
    hashed = {group: _unit(salt, group) * edges[-1] for group in sizes}
    place = {group: -1.0 if sizes[group] > expected[-1] else hashed[group] for group in sizes}
    ranked = sorted(sizes, key=lambda group: (place[group], hashed[group], group))
    rows_before = [0, *accumulate(sizes[group] for group in ranked)]
    chosen, end = dict[str, str](), len(ranked)
    for index in reversed(range(len(parts))):
        by_hash = sum(place[group] < edges[index - 1] for group in ranked) if index else 0
        start = _cut(rows_before, by_hash, expected[index], least=index, end=end) if index else 0
        chosen |= dict.fromkeys(ranked[start:end], parts[index])
        end = start
    return [chosen[group] for group in groups]


def _cut(
    rows_before: Sequence[int],  # of each rank, and all at the end
    by_hash: int,
    expected: float,  # rows of the part between the cut and `end`
    *,
    least: int,  # groups that the parts below need
    end: int,
) -> int:
    """Returns the rank at which a part starts."""

    def miss(start: int) -> float:
        return abs(rows_before[end] - rows_before[start] - expected)

    if least <= by_hash < end and miss(by_hash) <= MISSED * expected:
        return by_hash
    return min(range(least, end), key=lambda start: (miss(start), -start))


def by_time(
    times: Sequence[datetime], groups: Sequence[str], shares: Mapping[str, float] = SHARES
) -> list[str]:
    """Returns splits whose test is the latest rows; rows of one date stay together.

    Where all rows are of one date, rows of one time do.

    Raises:
        DataError: All rows have one time, so that none is later.
    """
    moments: Sequence[date] = [time.date() for time in times]
    if len(set(moments)) == 1:
        moments = times
    learned = {name: share for name, share in shares.items() if name != "test"}
    share = shares.get("test", 0) / sum(shares.values())
    if share in (0, 1):
        return assign(groups, shares)
    counts = sorted(Counter(moments).items())
    if len(counts) < 2:
        raise DataError(
            "all rows have one date, so that none is later than another", "Leave --time out."
        )
    earlier = list(accumulate(count for _, count in counts))[:-1]
    target = len(times) * (1 - share)
    edge = counts[1 + min(range(len(earlier)), key=lambda at: abs(earlier[at] - target))][0]
    early = [group for group, moment in zip(groups, moments, strict=True) if moment < edge]
    rest = iter(assign(early, learned))
    return ["test" if moment >= edge else next(rest) for moment in moments]


def first(rows: Iterable[R], n: int, salt: str) -> list[R]:
    """Returns the first n rows by sha256 of salt and id: nested, with the natural mix of labels."""

    def key(row: R) -> str:
        return hashlib.sha256(f"{salt}{row.id}".encode()).hexdigest()

    return sorted(rows, key=key)[:n]
