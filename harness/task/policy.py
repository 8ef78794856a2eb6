"""Which rows are train, dev and test: as the table, its files or the user say, or by hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import DataError, UsageError, nearest
from harness.task.dates import read_dates
from harness.task.splits import SHARES, assign, by_time
from harness.task.tables import Line
from harness.types import Row

__all__ = ["SPLITS", "Policy", "named_split", "shares_of", "split_column"]

SPLITS = ("train", "dev", "test")
OTHERS = {"training": "train", "validation": "dev", "valid": "dev", "val": "dev", "eval": "dev"}
OTHERS |= {"development": "dev", "학습": "train", "훈련": "train", "검증": "dev", "평가": "test"}
OTHERS |= {"시험": "test", "테스트": "test"}
KNOWN = {**{name: name for name in SPLITS}, **OTHERS}
LEARNED = {"train": 0.9, "dev": 0.1}  # where a table names its test rows, but no dev rows


def named_split(text: str) -> str | None:
    """Returns the split that a name means; None where it means none."""
    return KNOWN.get(text.strip().casefold())


def shares_of(text: str) -> dict[str, float]:
    """Reads shares in percent: ``70/10/20`` is train, dev, test.

    Raises:
        UsageError: They aren't three numbers that sum to 100.
    """
    try:
        shares = [float(part) for part in text.split("/")]
    except ValueError:
        shares = []
    if len(shares) != len(SPLITS) or min(shares) < 0 or round(sum(shares), 6) != 100:
        raise UsageError(
            f"the split {text!r} isn't train/dev/test in percent",
            "Three numbers that sum to 100, such as 70/10/20; 0/0/100 makes all rows the test.",
        )
    return dict(zip(SPLITS, shares, strict=True))


def split_column(lines: Sequence[Line], used: Sequence[str | None]) -> str | None:
    """Returns a table's column `split`, if it has one that names splits and nothing else uses."""
    for name in lines[0]:
        if name.casefold() == "split" and name not in used:
            return name if any(named_split(str(line[name])) for line in lines) else None
    return None


@dataclass(frozen=True)
class Policy:
    """How the rows of a task are divided."""

    split: str | None = None  # column with the names of splits
    recognised: bool = False  # whether that column is used because of its name and its cells
    time: str | None = None  # column by which the latest rows are the test
    grouped: bool = False  # whether a column names the groups
    shares: str | None = None  # as of `shares_of`
    date_format: str | None = None  # as of `read_dates`

    def divide(
        self,
        rows: Sequence[Row],
        lines: Sequence[tuple[Line, str]],  # cells, and the split of their file
    ) -> tuple[list[str], list[str]]:
        """Returns the split of each row, and notes on it.

        Raises:
            DataError: A cell names no split or no date, or splits are named for some rows alone.
        """
        groups = [row.example.cluster for row in rows]
        notes: list[str] = []
        if self.time and not self.split:
            return self._by_time(rows, lines, groups)
        names = [split if split in SPLITS else "" for _, split in lines]
        if self.split:
            column = self.split
            names = [
                name or _checked(row, column, line.text(column))
                for name, row, (line, _) in zip(names, rows, lines, strict=True)
            ]
            if self.recognised:
                notes.append(f"the column {column!r} says which rows are train, dev and test")
        shares = shares_of(self.shares) if self.shares else SHARES
        if not any(names):
            return assign(groups, shares), notes
        if not all(names):
            raise DataError(
                f"{_place(rows[names.index('')])}: its file names no split, and others do",
                "Give each file of the task a split: train, dev or test.",
            )
        return self._with_dev(names, groups), notes

    def _with_dev(self, names: list[str], groups: Sequence[str]) -> list[str]:
        """Takes dev rows out of the train rows, where none are named."""
        shares = shares_of(self.shares) if self.shares else LEARNED
        if shares.get("test"):
            raise UsageError(
                f"the rows name their splits, so that {self.shares} can't divide them",
                "Leave the shares out, or make those of the test 0: 90/10/0.",
            )
        if "dev" in names:
            return names
        learned = [group for group, name in zip(groups, names, strict=True) if name == "train"]
        cut = iter(assign(learned, shares))
        return [next(cut) if name == "train" else name for name in names]

    def _by_time(
        self, rows: Sequence[Row], lines: Sequence[tuple[Line, str]], groups: Sequence[str]
    ) -> tuple[list[str], list[str]]:
        column = self.time or ""
        cells = [
            (_place(row), line.text(column)) for row, (line, _) in zip(rows, lines, strict=True)
        ]
        times, notes = read_dates(cells, column, self.date_format)
        shares = shares_of(self.shares) if self.shares else SHARES
        splits = by_time(times, groups, shares)
        tested = [time for time, split in zip(times, splits, strict=True) if split == "test"]
        if tested and len(tested) < len(times):
            notes.append(
                f"the test is the latest rows by {column!r}, from {min(tested):%Y-%m-%d} on"
            )
        test, others = (
            {group for group, split in zip(groups, splits, strict=True) if (split == "test") is own}
            for own in (True, False)
        )
        if self.grouped and (both := len(test & others)):
            notes.append(f"{both:,} groups have rows before and after that time")
        return splits, notes


def _checked(row: Row, column: str, value: str) -> str:
    if (split := named_split(value)) is None:
        raise DataError(
            f"{_place(row)}: {column!r} has {value!r}, which names no split", nearest(value, KNOWN)
        )
    return split


def _place(row: Row) -> str:
    return row.origin or f"row {row.id}"
