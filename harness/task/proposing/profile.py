"""What the cells of a column are like: how many, how different, of which type and length."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from harness.metrics.answers.numbers import read_number
from harness.task.policy import named_split
from harness.task.proposing.hints import roles_of
from harness.task.tables import Line
from harness.task.tables.cells import NoValue
from harness.task.tables.turns import written_list

__all__ = ["Profile", "amount_like", "date_like", "is_true", "language_of", "profiles", "text_of"]

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?(e[-+]?\d+)?", re.IGNORECASE)
_DATE = re.compile(
    r"\d{4}\s?[-./년]\s?\d{1,2}(\s?[-./월]\s?\d{1,2}\.?(일)?)?([ T]\d{1,2}:\d{2}.*)?|"
    r"\d{1,2}[-./]\d{1,2}[-./]\d{2,4}( \d{1,2}:\d{2}.*)?|(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])"
)
_CODE = re.compile(r"(?=[^\s]*\d)[\w][\w.:#/-]*")
_BINARY = ({"0", "1"}, {"true", "false"}, {"y", "n"}, {"yes", "no"})
SIGNS = 60  # characters above which a text is no label
LONGEST_AMOUNT = 40  # characters


def text_of(cell: object) -> str:
    """Returns a cell as text; "" where it holds no value."""
    return "" if isinstance(cell, NoValue) else str(cell).strip()


def amount_like(text: str) -> bool:
    """Whether a text is a number, maybe with unit, currency or percent, as answers are read."""
    if len(text) > LONGEST_AMOUNT or not any(map(str.isdigit, text)):
        return False
    return bool(_NUMBER.fullmatch(text)) or read_number(text) is not None


def is_true(text: str) -> bool:
    """Whether a cell of a column of 0 and 1, or the like, says yes."""
    return text.casefold() in ("1", "true", "yes", "y")


def date_like(text: str) -> bool:
    """Whether a text is a date as tables write it."""
    return bool(_DATE.fullmatch(text))


def language_of(texts: Sequence[str]) -> str:
    """Returns two letters: ko, ja, zh or en, by the letters that are written."""
    sample = "".join(texts)
    hangul = sum("가" <= letter <= "힣" for letter in sample)
    kana = sum("\u3040" <= letter <= "\u30ff" for letter in sample)
    han = sum("\u4e00" <= letter <= "\u9fff" for letter in sample)
    if hangul > 0.2 * len(sample):
        return "ko"
    if kana > 0.1 * len(sample):
        return "ja"
    return "zh" if han > 0.2 * len(sample) else "en"


@dataclass(frozen=True)
class Profile:
    """A column; shares are of its filled cells."""

    name: str
    rows: int
    filled: int
    counts: Counter[str]  # each text that stands in it
    lists: float  # share of lists
    objects: float  # share of objects
    items: tuple[str, ...] = ()  # what stands in its lists, where that are texts or numbers
    most_items: int = 0  # of one list

    @cached_property
    def roles(self) -> frozenset[str]:
        """What its name hints at."""
        return roles_of(self.name)

    @property
    def distinct(self) -> int:
        """How many different texts there are."""
        return len(self.counts)

    @property
    def repeats(self) -> float:
        """How many rows share a value on average."""
        return self.filled / max(1, self.distinct)

    @cached_property
    def words(self) -> float:
        """Median of words."""
        return median(len(text.split()) for text in self.counts) if self.counts else 0.0

    @cached_property
    def length(self) -> float:
        """Median of characters."""
        return median(map(len, self.counts)) if self.counts else 0.0

    def share(self, pattern: re.Pattern[str]) -> float:
        """Returns the share of cells that match."""
        return self._share(lambda text: bool(pattern.fullmatch(text)))

    def _share(self, fits: Callable[[str], bool]) -> float:
        return sum(n for text, n in self.counts.items() if fits(text)) / max(1, self.filled)

    @cached_property
    def numeric(self) -> float:
        """Share of plain numbers."""
        return self.share(_NUMBER)

    @cached_property
    def amounts(self) -> float:
        """Share of numbers with a unit or without."""
        return self._share(amount_like)

    @cached_property
    def dates(self) -> float:
        """Share of dates."""
        return self.share(_DATE)

    @property
    def is_plain(self) -> bool:
        """Whether its cells are texts, not lists or objects."""
        return self.lists + self.objects < 0.5

    @property
    def is_binary(self) -> bool:
        """Whether it is 0 or 1, true or false, yes or no."""
        values = {text.casefold() for text in self.counts}
        return self.is_plain and self.distinct == 2 and any(values <= each for each in _BINARY)

    @property
    def is_unique(self) -> bool:
        """Whether each row has a value of its own."""
        return self.filled == self.rows == self.distinct > 1

    @property
    def is_constant(self) -> bool:
        """Whether nearly all rows have one value."""
        return bool(self.counts) and self.counts.most_common(1)[0][1] > 0.98 * self.filled

    @property
    def is_split(self) -> bool:
        """Whether each cell names a split."""
        names = {named_split(text) for text in self.counts}
        return self.filled == self.rows and None not in names and len(names) > 1

    @property
    def is_date(self) -> bool:
        """Whether it is a date, or a year by its name."""
        return self.dates > 0.9 or ("time" in self.roles and self.numeric > 0.9)

    @property
    def is_code(self) -> bool:
        """Whether its cells are numbers of cases, customers or documents, not words."""
        return self.is_plain and self.share(_CODE) > 0.9

    @property
    def is_text(self) -> bool:
        """Whether it is written language, which can be asked."""
        short = self.words < 3 and self.length < 20
        return self.is_plain and not (short or self.is_date) and self.amounts < 0.5

    @property
    def counts_on(self) -> bool:
        """Whether it is each whole number from 0 or 1 on, in several rows each, as codes are."""
        codes = sorted(int(text) for text in self.counts if text.isdigit())
        first = codes[:1] in ([0], [1]) and self.is_class_like
        return first and codes == list(range(codes[0], codes[0] + self.distinct))

    @property
    def lists_labels(self) -> bool:
        """Whether its cells are lists, and few short texts stand in many of them."""
        most = max(50, self.filled // 3)
        short = all(len(item) <= SIGNS for item in self.items)
        return self.lists > 0.9 and 2 <= len(self.items) <= most and short

    @property
    def is_class_like(self) -> bool:
        """Whether few short texts stand in many rows: what labels look like."""
        most = max(2, min(500, self.filled // 3))
        return (
            self.is_plain
            and 2 <= self.distinct <= most
            and self.length <= SIGNS
            and not (self.dates > 0.9 and self.numeric < 0.9)
        )


def profiles(lines: Sequence[Line]) -> dict[str, Profile]:
    """Returns the profile of each column."""
    return {name: _profile(name, [line.get(name, "") for line in lines]) for name in lines[0]}


def _profile(name: str, cells: Sequence[object]) -> Profile:
    counts: Counter[str] = Counter()
    lists = objects = most = 0
    items: Counter[str] = Counter()
    for cell in cells:
        several = written_list(cell)
        lists += several is not None
        objects += isinstance(cell, dict)
        if several is not None:
            most = max(most, len(several))
            items.update(str(each) for each in several if not isinstance(each, (list, dict)))
        if several is None and not isinstance(cell, dict) and (text := text_of(cell)):
            counts[text] += 1
    filled = sum(counts.values()) + lists + objects
    each = max(1, filled)
    return Profile(
        *(name, len(cells), filled, counts, lists / each, objects / each, tuple(items), most)
    )
