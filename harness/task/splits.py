"""Splits and limits by hashing, so that neither row order nor new rows move an old one."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

__all__ = ["SHARES", "assign", "by_time", "first", "leaked", "normalised"]

SHARES: Mapping[str, float] = {"train": 0.7, "dev": 0.1, "test": 0.2}


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
    """Returns the split of each row, given its group; rows of a group always get the same."""
    total = sum(shares.values())

    def split(group: str) -> str:
        at, edge = _unit(salt, group) * total, 0.0
        for name, share in shares.items():
            edge += share
            if at < edge:
                return name
        return name

    chosen = {group: split(group) for group in set(groups)}
    return [chosen[group] for group in groups]


def by_time(times: Sequence[str], groups: Sequence[str], test_share: float) -> list[str]:
    """Returns splits whose test is the latest rows; rows of one time (ISO 8601) stay together."""
    ordered = sorted(times)
    edge = ordered[min(len(ordered) - 1, round(len(ordered) * (1 - test_share)))]
    learned = {name: share for name, share in SHARES.items() if name != "test"}
    rest = assign(groups, learned)
    return ["test" if time >= edge else split for time, split in zip(times, rest, strict=True)]


def first(rows: Iterable[R], n: int, salt: str) -> list[R]:
    """Returns the first n rows by sha256 of salt and id: nested, with the natural mix of labels."""

    def key(row: R) -> str:
        return hashlib.sha256(f"{salt}{row.id}".encode()).hexdigest()

    return sorted(rows, key=key)[:n]


def leaked(train: Iterable[str], test: Mapping[Hashable, str]) -> list[str]:
    """Returns the ids of test rows (id: input) whose normalised input also stands in train."""
    known = set(map(normalised, train))
    return [str(id_) for id_, text in test.items() if normalised(text) in known]
