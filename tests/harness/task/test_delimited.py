"""CSV and TSV as people and programs write them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import DataError
from harness.task.spec import File
from harness.task.table import task_from_data
from harness.task.tables import Layout, read_table
from harness.task.tables.delimited import records
from harness.task.task import load_task

BREAKS = "\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e"


def read(tmp_path, text, name="rows.csv", **layout):
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_table(path, Layout(**layout))


def cells(table):
    return [tuple(line.values()) for line in table.lines]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_that_fits_the_lines(tmp_path, separator):
    text = f"te,xt;a|b{separator}label\n".replace(separator, "", 1)
    text = text.replace("label", f"{separator}label") if separator not in text else text
    rows = "".join(f'"one; two, three | {n}"{separator}up\n' for n in range(9))
    table = read(tmp_path, text + rows)
    assert cells(table)[3] == ("one; two, three | 3", "up")


def test_commas_in_the_text_do_not_make_a_comma_the_separator(tmp_path):
    table = read(tmp_path, "text;label\nrose, then fell, then rose;up\nfell, and stayed;down\n")
    assert cells(table) == [("rose, then fell, then rose", "up"), ("fell, and stayed", "down")]


def test_a_line_that_names_the_separator_is_no_row(tmp_path):
    table = read(tmp_path, "sep=;\r\ntext;label\r\na, b;up\r\n")
    assert cells(table) == [("a, b", "up")] and table.lines[0].origin == "rows.csv, line 3"


def test_a_row_is_where_it_begins_in_the_file(tmp_path):
    table = read(tmp_path, 'text,label\n\n  \n"a\nb\n\nc",up\n,\nd,down\n')
    assert [line.origin for line in table.lines] == ["rows.csv, line 4", "rows.csv, line 9"]
    assert cells(table)[0] == ("a\nb\n\nc", "up")


@pytest.mark.parametrize("sign", BREAKS)
@pytest.mark.parametrize("name", ["rows.csv", "rows.tsv", "rows.jsonl"])
def test_only_a_line_feed_ends_a_record(tmp_path, sign, name):
    if name == "rows.jsonl":
        text = f'{{"text": "a{sign}b", "label": "up"}}\n{{"text": "c", "label": "down"}}\n'
        if sign < " ":  # JSON wants these escaped
            text = text.replace(sign, f"\\u{ord(sign):04x}")
    else:
        text = f"text,label\na{sign}b,up\nc,down\n".replace(",", "\t" if "t" in name[-3] else ",")
    assert cells(read(tmp_path, text, name)) == [(f"a{sign}b", "up"), ("c", "down")]


def test_windows_and_macintosh_line_ends_make_the_same_table(tmp_path):
    text = 'text,label\n"a\nb",up\nc,down\n'
    for end in ("\r\n", "\r"):
        assert cells(read(tmp_path, text.replace("\n", end))) == cells(read(tmp_path, text))


def test_empty_columns_without_a_name_are_left_out(tmp_path):
    table = read(tmp_path, "text,label,,\na,up,,\nb,down,,\nc,up\n")
    assert list(table.lines[0]) == ["text", "label"] and len(table.lines) == 3
    assert "2 empty columns" in table.notes[0]


def test_an_index_that_pandas_wrote_is_left_out(tmp_path):
    table = read(tmp_path, ",text,label\n0,a,up\n1,b,down\n")
    assert list(table.lines[0]) == ["text", "label"] and "counts the rows" in table.notes[0]


def test_a_title_above_the_header_is_named(tmp_path):
    table = read(tmp_path, "News of 2024\n\ntext,label\na,up\nb,down\n")
    assert cells(table) == [("a", "up"), ("b", "down")]
    assert "line 1 ('News of 2024')" in table.notes[0] and "--header-row" in table.notes[0]


def test_the_row_of_the_header_may_be_said(tmp_path):
    text = "News, of 2024\ntext,label\na,up\n"
    assert cells(read(tmp_path, text, header_row=2)) == [("a", "up")]
    with pytest.raises(DataError, match="line 9 is empty"):
        read(tmp_path, text, header_row=9)


def test_words_in_place_of_a_value_are_said(tmp_path):
    rows = "".join(f"a{n},up\nb{n},{'#N/A' if n % 2 else 'nan'}\n" for n in range(5))
    path = tmp_path / "rows.csv"
    path.write_text(f"text,label\n{rows}", encoding="utf-8")
    notes = task_from_data(path, input="text", target="label").load().notes
    assert "'nan' is read as a text, 3 times in 'label' (first: rows.csv, line 3)" in notes[0]
    assert "'#N/A' is read as a text, 2 times" in notes[1]


@given(
    st.lists(
        st.tuples(st.text(st.characters(codec="utf-8", exclude_characters="\r\0")), st.text("ab,")),
        min_size=1,
        max_size=8,
    )
)
def test_what_the_csv_module_writes_comes_back(rows):
    import csv
    import io

    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([("x", "y"), *rows])
    text = out.getvalue().replace("\r\n", "\n")
    back = [tuple(cells) for _, cells in records(lambda: iter(text.split("\n")), "a.csv")][1:]
    assert back[: len(rows)] == rows


TITLED = "News, of 2024\ntext,label\n" + "".join(f"a{n},up\nb{n},down\n" for n in range(9))


def test_the_row_of_the_header_reaches_a_run_and_a_task_file(tmp_path):
    (tmp_path / "rows.csv").write_text(TITLED, encoding="utf-8")
    task = task_from_data(tmp_path / "rows.csv", input="text", target="label", header_row=2)
    assert task.labels == ("down", "up") and len(task.load().train) > 9
    own = {
        "name": "mine", "kind": "qa", "metrics": ["exact_match"], "primary": "exact_match",
        "columns": {"input": "text", "target": "label"},
        "source": {"files": [{"path": "rows.csv", "header_row": 2}]},
    }  # fmt: skip
    (tmp_path / "mine.yaml").write_text(json.dumps(own), encoding="utf-8")
    assert len(load_task(str(tmp_path / "mine.yaml")).load().train) > 9


def test_files_of_a_task_with_other_columns_name_the_row(tmp_path):
    (tmp_path / "a.csv").write_text("text,label\na,up\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("text,lable\nb,up\n", encoding="utf-8")
    own = {
        "name": "mine", "kind": "qa", "metrics": ["exact_match"], "primary": "exact_match",
        "columns": {"input": "text", "target": "label"},
        "source": {"files": [{"path": "a.csv"}, {"path": "b.csv"}]},
    }  # fmt: skip
    (tmp_path / "mine.yaml").write_text(json.dumps(own), encoding="utf-8")
    with pytest.raises(DataError, match="b.csv, line 2: there is no column 'label'"):
        load_task(str(tmp_path / "mine.yaml")).load()


def test_what_a_file_doesnt_declare_changes_no_digest():
    assert File(path="a.csv").model_dump() == {"path": "a.csv", "sha256": None, "split": "all"}
    assert File(path="a.csv", sheet=2).model_dump()["sheet"] == 2
