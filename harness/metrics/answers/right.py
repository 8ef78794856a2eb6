"""What a right answer is: yes or no, values, a list, a name, a statement, or that nobody knows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from harness.metrics.abstention import is_abstention
from harness.metrics.answers.polarity import denies
from harness.metrics.answers.yesno import read_yes_no
from harness.metrics.korean import bare_ending, normalise, squash
from harness.metrics.values.numerals import prepared
from harness.metrics.values.reading import whole
from harness.metrics.values.value import Value

__all__ = ["ORDERED", "Right", "right_answers", "same_items", "split_list"]

_SEPARATOR = re.compile(
    r"\s*[,;·/\n]\s*(?:및|and\s|그리고|or\s)?\s*|\s+(?:및|그리고|and|&)\s+|(?<=[가-힣])(?:와|과|하고|이랑|랑)\s+"
)
_LIST = re.compile(r"\s*(?:,(?!\d{3}(?!\d))|[;·\n]|\s및\s|\sand\s)\s*")
_PREDICATE = re.compile(
    r"[가-힣]\s?(?:한다|된다|않는다|아니한다|않음|합니다|됩니다|않습니다|아니다|없다|있다|는다|았다|었다)[.]?$"
    r"|^(?:not\s)?(?:un)?(?:covered|insured|excluded|allowed|permitted|included|payable|eligible|required|approved|denied)\.?$"
    r"|^(?:(?:it|they|this)\s)?(?:is|are|does|do|can|must|may|will)(?:\s|n't)|\b(?:is|are|does|do|did|has|can|will|must|may)(?:n't|\s?not)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Right:
    """A right answer."""

    text: str
    values: frozenset[Value] = frozenset()  # where it is nothing but values
    items: tuple[str, ...] = ()  # where it is a list, of two or more
    yes: bool | None = None
    unknown: bool = False  # it says that nobody knows
    states: bool = False  # it is a statement, that can be denied
    denied: bool = False


@lru_cache(maxsize=4096)
def right_answers(accepted: tuple[str, ...]) -> tuple[Right, ...]:
    """Reads the accepted answers, the canonical one first."""
    return tuple(_read(prepared(text)) for text in dict.fromkeys(accepted) if text.strip())


def _read(text: str) -> Right:
    yes = read_yes_no(text)
    values = whole(text) if yes is None else frozenset()
    items = split_list(text) if not values and yes is None else ()
    states = bool(_PREDICATE.search(text)) and not values and yes is None
    return Right(text, values, items, yes, is_abstention(text), states, denies(text))


def split_list(text: str) -> tuple[str, ...]:
    """Returns the items of a list, without a connective; nothing where a text is no list."""
    if not _LIST.search(text):
        return ()
    items = [item.strip(" .\"'“”‘’") for item in _SEPARATOR.split(text)]
    items = [item for item in items if item]
    return tuple(items) if len(items) > 1 and all(len(item) < 60 for item in items) else ()


ORDERED = re.compile(
    r"순서|순으로|차례|순위|부터\s[^.?]*까지|\b(?:order(?:ed)?|rank(?:ed|ing)?|steps?|sequence)\b|"
    r"\bfrom\s\w+\sto\s",
    re.I,
)


def same_items(items: Sequence[str], right: Sequence[str], question: str = "") -> bool:
    """Says whether two lists have the same items, in the same order where that is asked for."""
    left, other = ([_plain(item) for item in each] for each in (items, right))
    return left == other if ORDERED.search(question) else sorted(left) == sorted(other)


def _plain(item: str) -> str:
    return bare_ending(squash(normalise(item)))
