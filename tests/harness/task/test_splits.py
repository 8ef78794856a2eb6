"""Splits by count: no table without test rows, and large tables as they always were."""

import hashlib
import os
from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.config import RunConfig, run_config
from harness.errors import DataError
from harness.records.reading import records_of
from harness.runs.plan import load_rows, open_task
from harness.task.splits import SHARES, assign, by_time

DATA = os.environ.get("HARNESS_DATA")
RECORDS = Path("results/korean-insurance")

sized_groups = st.dictionaries(st.text(max_size=6), st.integers(1, 60), min_size=2, max_size=40)


def moment(year, month=1, day=1, hour=0, minute=0):
    return datetime.combine(date(year, month, day), time(hour, minute))


def rows_of(sizes):
    return [group for group, size in sizes.items() for _ in range(size)]


@given(sized_groups)
def test_every_table_has_test_and_train_rows_and_dev_rows_from_three_groups_on(sizes):
    groups = rows_of(sizes)
    splits = dict(zip(groups, assign(groups), strict=True))
    assert {"train", "test"} <= set(splits.values())
    assert ("dev" in splits.values()) == (len(sizes) >= 3)


@given(sized_groups, st.randoms())
def test_splits_do_not_depend_on_the_order_and_groups_stay_together(sizes, random):
    groups = rows_of(sizes)
    split = dict(zip(groups, assign(groups), strict=True))
    random.shuffle(groups)
    assert [split[group] for group in groups] == assign(groups)


@pytest.mark.parametrize("n", range(2, 60))
def test_a_small_table_gets_its_share_of_test_rows(n):
    for salt in range(20):
        counts = Counter(assign([f"{salt}-{number}" for number in range(n)]))
        expected = max(1, SHARES["test"] * n)
        assert abs(counts["test"] - expected) <= max(0.5, 0.1 * expected), (n, counts)


def test_one_huge_group_does_not_swallow_the_test():
    for salt in range(20):
        groups = [f"huge{salt}"] * 90 + [f"{salt}-{number}" for number in range(10)]
        counts = Counter(assign(groups))
        assert 5 <= counts["test"] <= 10, counts


def unit(group):
    """The place of a group in the range of hashes, 0-1."""
    digest = hashlib.sha256(f"adaptbench-split{group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def by_hash(group):
    """Where the hash alone puts a group."""
    at = unit(group)
    return "train" if at < 0.7 else "dev" if at < 0.7 + 0.1 else "test"


def test_new_rows_move_no_row_of_a_large_table():
    groups = [f"row {number}" for number in range(8000)]
    before = assign(groups[:6000])
    assert before == [by_hash(group) for group in groups[:6000]]
    assert assign(groups)[:6000] == before


def test_shares_are_kept_and_a_share_of_zero_gets_no_row():
    groups = [str(number) for number in range(50)]
    assert set(assign(groups, {"train": 0, "dev": 0, "test": 100})) == {"test"}
    assert Counter(assign(groups, {"train": 50, "dev": 0, "test": 50})) == {"train": 25, "test": 25}
    assert assign([]) == []
    assert assign(["only"]) == ["test"]
    assert assign(["only"], {"train": 0.9, "dev": 0.1}) == ["train"]


@settings(max_examples=50)
@given(st.lists(st.integers(0, 400), min_size=2, max_size=60))
def test_the_latest_dates_are_the_test_and_a_date_stays_together(days):
    times = [moment(2024, 1, 1) + timedelta(days=day, hours=day % 5) for day in days]
    groups = [str(number) for number in range(len(times))]
    if len(set(days)) == 1:
        with pytest.raises(DataError, match="one date"):
            by_time(times, groups)
        return
    splits = by_time(times, groups)
    test = {each for each, split in zip(times, splits, strict=True) if split == "test"}
    rest = {each for each, split in zip(times, splits, strict=True) if split != "test"}
    assert test and rest and max(rest) < min(test)


def test_where_all_rows_are_of_one_date_the_latest_hours_are_the_test():
    times = [moment(2024, 1, 1, hour) for hour in range(10)]
    splits = by_time(times, [str(hour) for hour in range(10)])
    assert [split == "test" for split in splits] == [False] * 8 + [True] * 2


@pytest.mark.data
@pytest.mark.skipif(not DATA, reason="HARNESS_DATA names no folder of real data")
@pytest.mark.parametrize("task", ["fpb-ko", "ko-insurance-exam"])
def test_the_committed_records_keep_their_rows(task):
    """Train, dev and test: by the digests of the rows that were learned and answered."""
    checked = set()
    for _, record in records_of(RECORDS):
        if record.task.name != task:
            continue
        values = dict(record.config) | {"data_dir": Path(DATA)}
        config = RunConfig(**values)
        key = (config.limit, config.train_limit)
        if key not in checked:
            checked.add(key)
            assert (
                record.task.digests.items() <= load_rows(config, open_task(config)).digests.items()
            )
    assert checked


@pytest.mark.data
@pytest.mark.skipif(not DATA, reason="HARNESS_DATA names no folder of real data")
def test_the_dev_rows_of_a_large_train_table_are_those_of_the_hash():
    config = run_config(strategy="majority", task="banking77", data_dir=Path(DATA), offline=True)
    rows = load_rows(config, open_task(config))
    assert (len(rows.train), len(rows.dev)) == (8988, 1015)
    for dev, part in ((True, rows.dev), (False, rows.train)):
        assert all((unit(row.example.cluster) >= 0.9) is dev for row in part)
