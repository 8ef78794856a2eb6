"""Published results that claim to be of a task's test rows are held to them."""

from __future__ import annotations

from collections.abc import Sequence

from harness.records.published import TEST, Published
from harness.task.declared import Misdeclared

__all__ = ["check_published"]


def check_published(results: Sequence[Published], test_rows: int) -> None:
    """Raises where a result says that it is of all test rows, and not how many these are.

    Raises:
        Misdeclared: The first such result, with its place in the task file.
    """
    for number, each in enumerate(results):
        if each.rows == TEST and each.n != test_rows:
            said = "without n" if each.n is None else f"with n: {each.n}"
            raise Misdeclared(
                f"{each.system} is published on the test rows {said}; the test has {test_rows:,}",
                f"Write n: {test_rows}, or under rows in words which rows they were.",
                *("published", number, "n"),
            )
