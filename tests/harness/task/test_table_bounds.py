"""Tables that claim, nest or repeat without end are refused, or read for what they hold."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from decimal import Decimal

import pytest

from harness.decoding import Bounds
from harness.errors import DataError
from harness.task.tables import read_table
from harness.task.tables import table as tables

openpyxl = pytest.importorskip("openpyxl")
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def book(tmp_path):
    """Writes a workbook of two rows, whose parts are changed by a function of their text."""

    def written(change=None, part=SHEET, merged=""):
        path = tmp_path / "rows.xlsx"
        made = openpyxl.Workbook()
        for row in (["text", "label"], ["a", "up"], ["b", "down"]):
            made.active.append(row)
        made.save(path)
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name).decode() for name in archive.namelist()}
        if merged:
            tag = f'</sheetData><mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>'
            parts[SHEET] = parts[SHEET].replace("</sheetData>", tag)
        if change:
            parts[part] = change(parts[part])
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in parts.items():
                archive.writestr(name, text)
        return path

    return written


def beside(cell):
    return lambda text: text.replace("</sheetData>", f"{cell}</sheetData>")


def number(row, column, reference):
    return f'<row r="{row}"><c r="{reference}"><v>7</v></c></row>'


READ = """
import resource, sys
from pathlib import Path
from harness.decoding import Bounds
from harness.errors import DataError
from harness.task.tables import read_table
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
for path in sys.argv[1:]:
    try:
        print(len(read_table(Path(path)).lines), "rows")
    except DataError as error:
        print(error.message)
"""


def test_a_workbook_is_read_for_the_cells_that_it_has(book, tmp_path):
    claims = [
        ({"change": beside(number(1048576, 1, "A1048576"))}, "3 rows"),
        ({"change": beside(number(4, 16384, "XFD4"))}, "column 16384 has no name"),
        ({"change": beside(number(1048576, 16384, "XFD1048576"))}, "column 16384 has no name"),
        ({"change": beside(number(99999999, 1, "A99999999"))}, "a sheet ends at 1,048,576"),
        ({"change": beside(number(4, 0, "ZZZZZZ4"))}, "damaged"),
        ({"change": lambda text: re.sub('ref="A1:B3"', 'ref="A1:XFD1048576"', text)}, "2 rows"),
        ({"change": lambda text: re.sub('ref="A1:B3"', 'ref="A1:ZZZ99999999"', text)}, "2 rows"),
        ({"merged": "C1:XFD1048576"}, "2 rows"),
        ({"merged": "A4:XFD1048576"}, "2 rows"),
    ]
    paths = [book(**make).rename(tmp_path / f"{n}.xlsx") for n, (make, _) in enumerate(claims)]
    command = [sys.executable, "-c", READ, *map(str, paths)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    for said, (make, wanted) in zip(ended.stdout.splitlines(), claims, strict=True):
        assert wanted in said, (make, said)


def test_a_merged_area_is_marked_where_there_are_rows(book):
    lines = read_table(book(merged="B2:B1048576")).lines
    assert lines[0].text("label") == "up"
    with pytest.raises(DataError, match="cell B3. is part of the merged cells B2:B1048576"):
        lines[1].text("label")


def test_merged_areas_over_one_another_are_bounded(book, monkeypatch):
    monkeypatch.setattr(tables, "MOST_CELLS", 100)
    areas = '<mergeCell ref="A1:B3"/>' * 30
    with pytest.raises(DataError, match="more than 100 cells"):
        read_table(
            book(lambda text: text.replace('<mergeCell ref="A1:B3"/>', areas), merged="A1:B3")
        )


def test_rows_of_one_far_cell_are_bounded(book, monkeypatch):
    monkeypatch.setattr(tables, "MOST_CELLS", 100_000)
    far = "".join(number(row, 16384, f"XFD{row}") for row in range(4, 12))
    with pytest.raises(DataError, match="more than 100,000 cells"):
        read_table(book(beside(far)))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aa">]>' + text,
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: text.replace("<v>", "<v>9"),
        lambda text: text.replace('r="2"', 'r="x"'),
    ],
)
@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"])
def test_a_part_that_is_wrong_is_one_line(book, change, part):
    path = book(change, part)
    try:
        read_table(path)
    except DataError as error:
        assert error.message.startswith("rows.xlsx") and "\n" not in error.message and error.hint


def test_a_missing_part_and_every_cut_are_one_line(book, tmp_path):
    path = book()
    data = path.read_bytes()
    for size in range(1, len(data), 97):
        path.write_bytes(data[:size])
        with pytest.raises(DataError, match=r"rows\.xlsx is"):
            read_table(path)
    path.write_bytes(data)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for lost in parts:
        with zipfile.ZipFile(path, "w") as archive:
            for name in parts.keys() - {lost}:
                archive.writestr(name, parts[name])
        try:
            read_table(path)
        except DataError as error:
            assert error.message.startswith("rows.xlsx") and "\n" not in error.message


def test_parquet_is_whole_or_refused(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "rows.parquet"
    parquet.write_table(pyarrow.table({"text": ["a"] * 50, "label": ["b"] * 50}), path)
    data = path.read_bytes()
    spoilt = [data[:size] for size in range(1, len(data), 161)]
    spoilt += [data[:at] + b"\xff\x7f" + data[at + 2 :] for at in range(4, len(data) - 4, 131)]
    for each in [*spoilt, b"PAR1" * 9, data[:-4] + b"XXXX"]:
        path.write_bytes(each)
        try:
            read_table(path)
        except DataError as error:
            assert error.message.startswith("rows.parquet") and "\n" not in error.message


@pytest.mark.parametrize("ending", ["json", "jsonl"])
@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 5000, "thousands of digits"),
        ("-" + "9" * 5000, "thousands of digits"),
        ("1e99999999999999999999", "too large"),
        ('{"x": 1, "x": 2}', "twice"),
        ("0x1", "delimiter"),
    ],
)
def test_a_json_value_that_cant_be_read_is_one_line(tmp_path, ending, value, says):
    line = '{"text": "a", "label": VALUE}'.replace("VALUE", value)
    path = tmp_path / f"rows.{ending}"
    path.write_text(f"[{line}]" if ending == "json" else f"{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=says) as raised:
        read_table(path)
    assert raised.value.message.startswith(path.name)
    assert len(raised.value.message) < 200 and raised.value.hint


@pytest.mark.parametrize("depth", [40, 60, 300, 900])
def test_a_deep_cell_stops_only_whoever_needs_it(tmp_path, depth):
    path = tmp_path / "rows.jsonl"
    deep = "[" * depth + "]" * depth
    path.write_text(f'{{"text": "a", "other": {deep}, "x": {{"y": {deep}}}}}\n', encoding="utf-8")
    line = read_table(path).lines[0]
    assert line.text("text") == "a"
    with pytest.raises(DataError, match="is a list" if depth < 50 else "nested too deeply"):
        line.text("other")
    json.dumps(line, default=str)


def test_numbers_of_json_that_hold_no_value(tmp_path):
    path = tmp_path / "rows.json"
    path.write_text('[{"a": NaN, "b": -Infinity, "c": 1e400, "d": 1E-400}]', encoding="utf-8")
    line = read_table(path).lines[0]
    assert line.text("c") == str(Decimal("1e400")) and line.text("d") == str(Decimal("1e-400"))
    for column in "ab":
        with pytest.raises(DataError, match="no value"):
            line.text(column)


def test_too_many_columns_are_refused(tmp_path):
    csv = tmp_path / "rows.csv"
    csv.write_text(",".join(map(str, range(17_000))) + "\n" + "," * 16_999 + "\n")
    with pytest.raises(DataError, match="17,000 columns, 16,384 are read"):
        read_table(csv)
    lines = tmp_path / "rows.jsonl"
    lines.write_text("".join(json.dumps({f"c{n}": n}) + "\n" for n in range(17_000)))
    with pytest.raises(DataError, match="17,000 columns"):
        read_table(lines)


def test_rows_whose_columns_differ_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MOST_CELLS", 10_000)
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({f"c{n}": n}) + "\n" for n in range(101)))
    with pytest.raises(DataError, match="more than 10,000 cells"):
        read_table(path)


def test_a_cell_over_the_limit_is_named_by_its_line(tmp_path, monkeypatch):
    monkeypatch.setattr("harness.task.tables.delimited.LONGEST_CELL", 1000)
    path = tmp_path / "rows.csv"
    path.write_text('text,label\na,up\n"' + "x" * 2000 + '",down\n')
    with pytest.raises(DataError, match="line 3: a cell has more than 1,000 characters"):
        read_table(path)


@pytest.mark.parametrize("ending", ["csv", "json", "jsonl", "xlsx", "parquet"])
def test_a_file_over_the_size_isnt_opened(tmp_path, ending):
    path = tmp_path / f"rows.{ending}"
    with path.open("wb") as file:
        file.truncate(1 << 42)
    with pytest.raises(DataError, match=r"rows\.\w+ .*MiB"):
        read_table(path)


def test_a_dictionary_of_parquet_stands_for_more_than_is_read(tmp_path, monkeypatch):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "rows.parquet"
    parquet.write_table(pyarrow.table({"text": ["x" * 10_000] * 8_000}), path)
    assert path.stat().st_size < 100_000
    monkeypatch.setattr("harness.task.tables.read.BOUNDS", Bounds(unpacked_bytes=64 << 20))
    with pytest.raises(DataError, match=r"rows\.parquet has more than 64 MiB of values"):
        read_table(path)
    parquet.write_table(pyarrow.table({"a": pyarrow.nulls(60_000_000)}), path)
    with pytest.raises(DataError, match="more than 50,000,000 cells"):
        read_table(path)
