"""Rows by column say what the rows say, and no row is kept as an object."""

import numpy as np

from harness.metrics.scored_rows import AT_ONCE, by_column
from harness.types import Scored

ROWS = [
    Scored("1", "ok", "a", "a", True, values={"m": 1.0}, cluster="x", columns={"sort": "new"}),
    Scored("2", "unparsed", "b", None, False, values={"n": 0.5}, judged={"j": "failed"}),
    Scored("3", "error", "a", None, False, answerable=False),
    Scored("4", "ok", "", "", False, abstained=True, cluster="x", columns={"sort": "old"}),
]

ROWS_READ = 5 * AT_ONCE


class Values(dict[str, float]):
    """The values of a row, counted as long as they stand in memory."""

    alive = 0

    def __init__(self) -> None:
        super().__init__(accuracy=1.0)
        Values.alive += 1

    def __del__(self) -> None:
        Values.alive -= 1


def test_rows_come_back_as_they_were() -> None:
    table = by_column(ROWS)
    assert list(table) == ROWS and by_column(table) is table
    assert list(table.answered) == [row for row in ROWS if row.outcome != "error"]
    assert table[-1] == ROWS[-1] and table[1:3] == ROWS[1:3]


def test_columns_name_what_rows_lack() -> None:
    table = by_column(ROWS)
    np.testing.assert_array_equal(table.values["n"], [np.nan, 0.5, np.nan, np.nan])
    assert table.columns["sort"].texts("-") == ["new", "-", "-", "old"]
    assert table.columns["sort"].equal("old").tolist() == [False, False, False, True]
    assert not table.columns["sort"].equal("none").any()
    assert table.units == ["x", chr(0) + "2", chr(0) + "3", "x"]
    assert table.unit_codes.tolist() == [2, 0, 1, 2]


def test_a_name_that_first_comes_late_is_lacking_before() -> None:
    rows = [Scored(str(n), "ok", "a", "a", True) for n in range(25_000)]
    late = Scored("late", "ok", "a", "a", True, values={"m": 1.0}, columns={"sort": "new"})
    table = by_column([*rows, late])
    assert np.isnan(table.values["m"][:-1]).all() and table.values["m"][-1] == 1.0
    assert table.columns["sort"][-1] == "new" and table.columns["sort"][-2] is None


def test_rows_are_read_once_and_few_stand_in_memory() -> None:
    read = most = 0

    def rows():
        nonlocal read, most
        for number in range(ROWS_READ):
            read += 1
            most = max(most, Values.alive)
            yield Scored(str(number), "ok", "a", "a", True, values=Values())

    assert len(by_column(rows())) == read == ROWS_READ
    assert 0 < most < 3 * AT_ONCE and Values.alive == 0  # of these rows, whatever else there is
