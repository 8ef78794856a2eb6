"""JSON, JSON Lines and Parquet: one value is one text, and what is none is said."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from harness.errors import DataError
from harness.task.tables import read_table


def read(tmp_path, text, name="rows.jsonl"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return read_table(tmp_path / name)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("1", "1"), ("1.0", "1"), ("1.00e0", "1"), ("0.10", "0.1"), ("0.1", "0.1"), ("-0.0", "0"),
        ("-3.50", "-3.5"), ("1e3", "1000"), ("12345678901234567890123", "12345678901234567890123"),
        ("0.1234567890123456789", "0.1234567890123456789"), ("1e-7", "0.0000001"), ("1e400", "1E+400"),
        ("true", "true"), ("false", "false"), ("null", ""), ('"0.10"', "0.10"),
    ],
)  # fmt: skip
def test_a_number_is_one_text_however_it_is_written(tmp_path, written, text):
    assert read(tmp_path, f'{{"x": {written}}}\n').lines[0].text("x") == text


@pytest.mark.parametrize("written", ["NaN", "Infinity", "-Infinity"])
def test_no_number_is_refused_where_it_is_needed(tmp_path, written):
    table = read(tmp_path, f'{{"x": "a", "y": 1}}\n{{"x": {written}, "y": 2}}\n')
    assert table.lines[1].text("y") == "2"
    with pytest.raises(DataError, match="rows.jsonl, line 2: 'x' is"):
        table.lines[1].text("x")


@pytest.mark.parametrize("written", ['["a", "b"]', '{"a": "b"}'])
def test_a_list_is_no_text(tmp_path, written):
    with pytest.raises(DataError, match="line 1: 'x' is (a list|an object), not a text"):
        read(tmp_path, f'{{"x": {written}}}\n').lines[0].text("x")


def test_the_place_is_a_line_or_an_item(tmp_path):
    lines = read(tmp_path, '\n{"x": 1}\n\n{"x": 2}\n').lines
    assert [line.origin for line in lines] == ["rows.jsonl, line 2", "rows.jsonl, line 4"]
    assert read(tmp_path, '[{"x": 1}, {"y": 2}]', "a.json").lines[1].origin == "a.json, item 2"


def test_lines_and_lists_are_known_under_each_others_name(tmp_path):
    lines, whole = '{"x": "a"}\n{"x": "b"}\n', '[\n{"x": "a"},\n{"x": "b"}\n]\n'
    for text, name in ((lines, "a.json"), (whole, "a.jsonl")):
        table = read(tmp_path, text, name)
        assert [line["x"] for line in table.lines] == ["a", "b"] and "read as such" in table.notes[
            0
        ]


def test_a_list_within_an_object_is_read_and_said(tmp_path):
    table = read(tmp_path, '{"version": 1, "data": [{"x": "a"}]}', "a.json")
    assert table.lines[0]["x"] == "a" and "'data'" in table.notes[0]


def test_parquet_holds_the_same_texts(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    day = datetime.datetime.fromisoformat("2024-01-02")
    columns = {
        "text": ["a", "b"], "number": [1.0, float("nan")], "amount": [Decimal("1.50"), None],
        "day": [day.date(), None], "time": [day, day.replace(hour=13)], "true": [True, False],
        "list": [["a"], []], "kind": pyarrow.array(["up", "down"]).dictionary_encode(),
    }  # fmt: skip
    parquet.write_table(pyarrow.table(columns), tmp_path / "a.parquet")
    first, second = read_table(tmp_path / "a.parquet").lines
    assert (first.text("number"), first.text("amount")) == ("1", "1.5")
    assert (first.text("day"), first.text("time")) == ("2024-01-02", "2024-01-02")
    assert second.text("time") == "2024-01-02 13:00:00" and second.text("day") == ""
    assert (first.text("true"), first.text("kind"), first["list"]) == ("true", "up", ["a"])
    with pytest.raises(DataError, match="a.parquet, row 2: 'number' is NaN"):
        second.text("number")
