"""Tables whose header isn't as it should be, whose quotes enclose nothing, or that are packed."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from harness.errors import DataError
from harness.task.spec import File
from harness.task.tables import Layout, Table, read_table

BODY = "".join(f"a{k},,b{k},c{k}\n" for k in range(30))


def read(folder: Path, text: str | bytes, name: str = "rows.csv", **layout: int) -> Table:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_table(path, Layout(**layout))


def test_without_a_header_columns_have_their_number(tmp_path: Path) -> None:
    table = read(tmp_path, "up,rose\ndown,fell\n", header_row=0)
    assert table.lines[0] == {"column1": "up", "column2": "rose"}
    assert [line.origin for line in table.lines] == ["rows.csv, line 1", "rows.csv, line 2"]
    with pytest.raises(DataError, match="line 2: 3 cells"):
        read(tmp_path, "up,rose\ndown,fell,x\n", header_row=0)


def test_a_task_file_keeps_that_there_is_no_header() -> None:
    assert File(path="a.csv", header_row=0).model_dump()["header_row"] == 0
    assert "header_row" not in File(path="a.csv").model_dump()


def test_of_two_columns_of_a_name_the_one_that_holds_anything_is_read(tmp_path: Path) -> None:
    table = read(tmp_path, f"text,note,label,note\n{BODY}")
    assert table.lines[0] == {"text": "a0", "label": "b0", "note": "c0"}
    assert "columns 2 and 4 are both named 'note'; column 4 is read" in table.notes[0]


def test_two_filled_columns_of_a_name_stop_only_who_asks_for_them(tmp_path: Path) -> None:
    table = read(tmp_path, f"note,text,label,note\n{BODY}")
    assert table.lines[3].text("label") == "b3" and "neither can be asked for" in table.notes[0]
    with pytest.raises(DataError, match="'note' stands in columns 1 and 4"):
        table.lines[3].text("note")


def test_names_that_most_columns_share_are_no_header(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="columns 1 and 2 are both named 'case'"):
        read(tmp_path, f"case,case,said,said\n{BODY}")


def test_a_few_cells_beyond_the_last_name_are_left_out_and_said(tmp_path: Path) -> None:
    rows = BODY.replace("c7\n", "c7,beyond\n").replace("\n", ",\n").replace("beyond,", "beyond")
    table = read(tmp_path, f"text,none,label,kind,\n{rows}")
    assert len(table.lines) == 30 and list(table.lines[0]) == ["text", "none", "label", "kind"]
    assert "column 5 has no name and is left out; 1 of 30 rows" in table.notes[0]
    assert "line 9 first: 'beyond'" in table.notes[0]


@pytest.mark.parametrize(
    "cell", ['"Up" or down', '6" of rain', '"never closed', 'ends "so"', '"a" and "b"']
)
def test_quotes_between_tabs_may_enclose_nothing(tmp_path: Path, cell: str) -> None:
    text = "text\tlabel\n" + f'{cell}\tup\nplain\tdown\nplain\tend"\n' * 3
    table = read(tmp_path, text, "rows.tsv")
    assert len(table.lines) == 9 and table.lines[0]["text"] == cell
    said = ["quotes are read as they stand" in note for note in table.notes]
    assert any(said) is cell.startswith('"')


def test_quotes_between_tabs_that_enclose_cells_go_on_to(tmp_path: Path) -> None:
    table = read(tmp_path, 'text\tlabel\n"two\nlines"\tup\n"a ""b"" c"\tdown\n', "rows.tsv")
    assert [line["text"] for line in table.lines] == ["two\nlines", 'a "b" c']


def test_a_header_decides_between_two_separators(tmp_path: Path) -> None:
    rows = "".join(
        f"rose; said {k}, again,up\n" if k % 4 else f"it; fell {k},down\n" for k in range(12)
    )
    with pytest.raises(DataError, match="line 3: 3 cells, the header .line 1. has 2"):
        read(tmp_path, f"text,label\n{rows}")


@pytest.mark.parametrize(
    ("name", "text"), [("a.csv.gz", "x,y\n1,2\n"), ("a.jsonl.gz", '{"x": 1, "y": 2}')]
)
def test_packed_text_is_read(tmp_path: Path, name: str, text: str) -> None:
    assert read(tmp_path, gzip.compress(text.encode()), name).lines == [{"x": "1", "y": "2"}]
    two = gzip.compress(text.encode()) + gzip.compress(b"\n")
    assert len(read(tmp_path, two, name).lines) == 1


def test_packed_text_that_is_damaged_or_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = gzip.compress(b"x,y\n" + b"1,2\n" * 5000)
    with pytest.raises(DataError, match="is cut off"):
        read(tmp_path, data[:-9], "a.csv.gz")
    with pytest.raises(DataError, match="no gzip file"):
        read(tmp_path, b"x,y\n1,2\n", "a.csv.gz")
    with pytest.raises(DataError, match="is packed"):
        read(tmp_path, gzip.compress(b"PK"), "a.xlsx.gz")
    monkeypatch.setattr("harness.decoding.files.file_bytes.__defaults__", (10_000,))
    with pytest.raises(DataError, match="holds more than"):
        read(tmp_path, data, "a.csv.gz")
