"""XLSX: cells as a person sees them, and what a person doesn't see is said."""

from __future__ import annotations

import datetime

import pytest

from harness.errors import DataError, UsageError
from harness.task.tables import Layout, read_table

openpyxl = pytest.importorskip("openpyxl")
MOMENT = datetime.datetime.fromisoformat
PERCENT, WON = "0.0%", '#,##0"원"'
ACCOUNTS = '_-"₩"* #,##0_-;\\-"₩"* #,##0_-;_-"₩"* "-"_-;_-@_-'


def book(tmp_path, *rows, change=None):
    """Writes rows of values, or of values with their number format, and reads the sheet."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "Daten"
    for row in rows:
        sheet.append([cell[0] if isinstance(cell, tuple) else cell for cell in row])
        for at, cell in enumerate(row, 1):
            if isinstance(cell, tuple):
                sheet.cell(sheet.max_row, at).number_format = cell[1]
    if change:
        change(made)
    made.save(tmp_path / "rows.xlsx")
    return tmp_path / "rows.xlsx"


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.065, PERCENT, "6.5%"), (0.08499999999999999, PERCENT, "8.5%"), (0.15, "0%", "15%"),
        (1.0, "General", "1"), (1, "General", "1"), (0.1, "General", "0.1"), (1e21, "General", "1" + "0" * 21),
        (1234567, "#,##0", "1,234,567"), (1234.5, "#,##0.00", "1,234.50"), (0.5, "0.00", "0.50"),
        (3000000, WON, "3,000,000원"), (-1234, '#,##0;[Red]△#,##0', "△1,234"),
        (-1234, "#,##0_);(#,##0)", "(1,234)"), (-1234, "#,##0", "-1,234"), (1234, ACCOUNTS, "₩1,234"),
        (0, ACCOUNTS, "₩-"), (12.5, "[$$-409]#,##0.00", "$12.50"), (12, '"€" 0.0', "€ 12.0"),
        (7, "00000", "00007"), (2.5, "0", "3"), (-0.001, "0.0", "0.0"), (1234567, "#,##0,", "1,235"),
        (0.333, "# ?/?", "0.333"), (1234.5, 'General"원"', "1234.5원"), (-3, "General", "-3"),
        (-12, "0;-0;;@", "-12"), (1234567890, "000-00-00000", "123-45-67890"),
        (1012345678, "000-0000-0000", "010-1234-5678"), (0, "000-00", "000-00"), (12345, "0.00E+00", "12345"), (True, "General", "TRUE"),
        (MOMENT("2024-01-02"), "yyyy-mm-dd", "2024-01-02"),
        (MOMENT("2024-01-02"), "dd/mm/yyyy", "2024-01-02"),
        (MOMENT("2024-01-02 13:30"), "yyyy-mm-dd hh:mm", "2024-01-02 13:30"),
        (MOMENT("2024-01-02 13:30:05"), "yyyy-mm-dd hh:mm:ss", "2024-01-02 13:30:05"),
        (datetime.time(9, 5), "h:mm", "09:05"), ("007", "@", "007"), ("1.0", "General", "1.0"),
    ],
)  # fmt: skip
def test_a_cell_is_as_a_person_sees_it(tmp_path, value, code, text):
    path = book(tmp_path, ["question", "answer"], ["What?", (value, code)])
    assert read_table(path).lines[0].text("answer") == text


def test_a_row_is_named_by_sheet_and_row(tmp_path):
    path = book(tmp_path, ["text", "label"], ["a", "up"], [None, None], ["b", "down"])
    assert [line.origin for line in read_table(path).lines] == [
        "rows.xlsx, sheet 'Daten', row 2",
        "rows.xlsx, sheet 'Daten', row 4",
    ]


def test_a_table_may_begin_anywhere(tmp_path):
    def change(made):
        made.active.move_range("A1:B2", rows=3, cols=2)

    table = read_table(book(tmp_path, ["text", "label"], ["a", "up"], change=change))
    assert table.lines[0] == {"text": "a", "label": "up"}
    assert table.lines[0].origin.endswith("row 5")


def test_the_first_visible_sheet_is_read_and_the_others_are_named(tmp_path):
    def change(made):
        made.active.sheet_state = "hidden"
        for title, label in (("Shown", "up"), ("2", "down")):
            sheet = made.create_sheet(title)
            sheet.append(["text", "label"])
            sheet.append(["x", label])

    path = book(tmp_path, ["text", "label"], ["a", "old"], change=change)
    table = read_table(path)
    assert table.lines[0]["label"] == "up"
    assert "'Shown'" in table.notes[0] and "Daten (hidden)" in table.notes[0]
    assert read_table(path, Layout(sheet="2")).lines[0]["label"] == "down"  # a name goes first
    assert read_table(path, Layout(sheet="1")).lines[0]["label"] == "old"
    with pytest.raises(DataError, match="no sheet 'Shwon'.*\n.*Did you mean 'Shown'"):
        read_table(path, Layout(sheet="Shwon"))


def test_hidden_rows_and_columns_are_said(tmp_path):
    def change(made):
        made.active.row_dimensions[3].hidden = True
        made.active.column_dimensions["C"].hidden = True

    path = book(tmp_path, ["t", "l", "n"], ["a", "u", "x"], ["b", "d", "y"], change=change)
    table = read_table(path)
    assert len(table.lines) == 2
    assert "1 hidden row (3)" in table.notes[0] and "1 hidden column (C)" in table.notes[1]


def test_a_title_is_no_header(tmp_path):
    def change(made):
        made.active.merge_cells("A1:B1")

    path = book(tmp_path, ["News of 2024", None], ["text", "label"], ["a", "up"], change=change)
    table = read_table(path)
    assert table.lines[0] == {"text": "a", "label": "up"} and "title" in table.notes[0]
    assert read_table(path, Layout(header_row=2)).lines == table.lines


def test_what_holds_no_value_names_its_cell(tmp_path):
    def change(made):
        made.active["B4"].data_type = "e"
        made.active.merge_cells("B5:B6")

    path = book(
        tmp_path, ["text", "label"], ["a", "up"], ["b", '=IF(1,"up","")'], ["c", "#N/A"],
        ["d", "down"], ["e", None], change=change,
    )  # fmt: skip
    lines = read_table(path).lines
    assert [line.text("text") for line in lines] == ["a", "b", "c", "d", "e"]
    for line, why in (
        (lines[1], "row 3: 'label' .cell B3. is a formula whose result isn't stored"),
        (lines[2], "row 4: 'label' .cell B4. is the error #N/A"),
        (lines[4], "row 6: 'label' .cell B6. is part of the merged cells B5:B6"),
    ):
        with pytest.raises(DataError, match=why):
            line.text("label")


def test_a_workbook_is_damaged_or_of_another_kind(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(DataError, match="damaged"):
        read_table(tmp_path / "a.xlsx")
    (tmp_path / "a.xlsx").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    with pytest.raises(DataError, match="encrypted"):
        read_table(tmp_path / "a.xlsx")


def test_only_a_workbook_has_sheets(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no sheets"):
        read_table(tmp_path / "a.csv", Layout(sheet="1"))
