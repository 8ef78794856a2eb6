"""Mistakes in tables, through the command line: one line that names the file and the place, and the fix."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main

GOOD = "".join(f"profit rose {n},up\nsales fell {n},down\n" for n in range(5))  # lines 2 to 11
LINES = "".join(f'{{"text": "news {n}", "label": "up"}}\n' for n in range(5))
Made = str | bytes | Callable[[Path], None]


def sheet(*rows: list[object], change: Callable[[object], None] | None = None) -> Made:
    """Returns what writes a workbook with rows below a good row."""

    def write(path: Path) -> None:
        openpyxl = pytest.importorskip("openpyxl")
        book = openpyxl.Workbook()
        book.active.title = "Daten"
        for row in (["text", "label"], ["rose", "up"], *rows):
            book.active.append(row)
        if change:
            change(book)
        book.save(path)

    return write


def parquet(**columns: list[object]) -> Made:
    def write(path: Path) -> None:
        pyarrow = pytest.importorskip("pyarrow")
        pytest.importorskip("pyarrow.parquet").write_table(pyarrow.table(columns), path)

    return write


def cover(book) -> None:
    book.create_sheet("Cover", 0).append(["Report", "2024"])
    book["Cover"].append(["see", "Daten"])


def error_cell(book) -> None:
    book.active["B3"].data_type = "e"


MISTAKES: dict[str, tuple[str, Made, str, str, tuple[str, ...]]] = {
    # what is wrong: file, content, what the line says, what the hint says, further options
    "a cell too many": ("a.csv", f"text,label\n{GOOD}rose, then fell,up\n", "a.csv, line 12: 3 cells", "quotes", ()),
    "a cell too few": ("a.csv", f"text,label\n{GOOD}rose\n", "a.csv, line 12: 1 cells", "quotes", ()),
    "a quote that is never closed": ("a.csv", f'text,label\n{GOOD}"rose,up\nfell,down\n', "a.csv, line 12: a quote is opened", "Close it", ()),
    "a quote inside a cell": ("a.csv", f'text,label\n{GOOD}"the "big" rise",up\n', "a.csv, line 12", "twice", ()),
    "a line end inside a cell": ("a.csv", f"text,label\n{GOOD}ro\rse,up\n", "a.csv, line 12: there is a carriage return", "quotes", ()),
    "an empty label": ("a.csv", f"text,label\n\n\n{GOOD}rose,\n", "a.csv, line 14: 'label' is empty", "leave the row out", ()),
    "an empty text": ("a.csv", f"text,label\n{GOOD} ,up\n", "a.csv, line 12: 'text' is empty", "Fill it in", ()),
    "two columns of a name": ("a.csv", f"text,text\n{GOOD}", "a.csv, line 1: columns 1 and 2", "name of its own", ()),
    "a column without a name": ("a.csv", "text,label,\nrose,up,x\n", "a.csv, line 1: column 3 has no name, and holds 'x' in line 2", "name", ()),
    "no header": ("a.csv", GOOD, "a.csv has no column 'text'; it has profit rose 0, up", "Known", ()),
    "a misspelled column": ("a.csv", f"text,labels\n{GOOD}", "a.csv has no column 'label'", "Did you mean 'labels'", ()),
    "a title with a comma": ("a.csv", f"News, of 2024\ntext,label\n{GOOD}", "a.csv has no column 'text'", "--header-row 2", ()),
    "a header where none is": ("a.csv", f"text,label\n{GOOD}", "a.csv, line 40 is empty", "--header-row", ("--header-row", "40")),
    "a sheet of a CSV": ("a.csv", f"text,label\n{GOOD}", "a.csv has no sheets", "XLSX", ("--sheet", "2")),
    "a header of JSON": ("a.jsonl", LINES, "a.jsonl has no header", "CSV and XLSX", ("--header-row", "2")),
    "nothing below the header": ("a.csv", "text,label\n", "a.csv has no rows", "one row at least", ()),
    "an empty file": ("a.csv", "", "a.csv has no rows", "a header", ()),
    "a broken character": ("a.csv", f"text,label\n{'금리 인상,up' * 3}\n".encode() + b"\xea\xb8x,up\n", "a.csv is UTF-8 but for 1 broken character (line 3)", "as UTF-8", ()),
    "bytes of no encoding": ("a.csv", b"text,label\nrose,up\n\x81\x81\x81,up\n", "a.csv is in no known encoding (line 3)", "as UTF-8", ()),
    "a NUL": ("a.csv", f"text,label\n{GOOD}ro\0se,up\n", "a.csv, line 12: there is a NUL", "UTF-8", ()),
    "a workbook named CSV": ("a.csv", b"PK\x03\x04\x14\0", "a.csv is a workbook", "name it .xlsx", ()),
    "another sheet": ("a.xlsx", sheet(change=cover), "a.xlsx, sheet 'Cover' has no column 'text'", "--sheet names another", ()),
    "an empty sheet": ("a.xlsx", sheet(change=lambda book: book.create_sheet("Leer", 0)), "a.xlsx has no rows", "sheet 'Leer' was read, not Daten", ()),
    "an old workbook": ("a.xls", b"\xd0\xcf\x11\xe0", "a.xls: unknown format", ".xlsx", ()),
    "a file of another format": ("a.docx", b"PK", "a.docx: unknown format", "Known: .jsonl", ()),
    "a folder's name": ("a.csv/", "", "there is no file", "Check the path", ()),
    "a line that is no JSON": ("a.jsonl", f'{LINES}{{"text": "x" "label": "up"}}\n', "a.jsonl, line 6, column 14: expecting ','", "JSON object", ()),
    "a line that is cut off": ("a.jsonl", f'{LINES}{{"text": "x", "lab', "a.jsonl, line 6, column 15", "JSON object", ()),
    "a line that is a list": ("a.jsonl", f'{LINES}["x", "up"]\n', "a.jsonl, line 6 is a list, not an object", "list of objects", ()),
    "a key twice": ("a.jsonl", f'{LINES}{{"text": "x", "label": "up", "text": "y"}}\n', "a.jsonl, line 6: the key 'text' stands twice", "JSON object", ()),
    "NaN for a label": ("a.jsonl", f'{LINES}{{"text": "x", "label": NaN}}\n', "a.jsonl, line 6: 'label' is NaN", "Fill it in", ()),
    "infinity for a label": ("a.jsonl", f'{LINES}{{"text": "x", "label": -Infinity}}\n', "a.jsonl, line 6: 'label' is infinite", "Fill it in", ()),
    "null for a label": ("a.jsonl", f'{LINES}{{"text": "x", "label": null}}\n', "a.jsonl, line 6: 'label' is empty", "Fill it in", ()),
    "a row without the label": ("a.jsonl", f'{LINES}{{"text": "x"}}\n', "a.jsonl, line 6: 'label' is empty", "Fill it in", ()),
    "half a character": ("a.jsonl", f'{LINES}{{"text": "x\\ud83d", "label": "up"}}\n', "a.jsonl, line 6: 'text' holds half a character", "whole", ()),
    "brackets without end": ("a.json", "[" * 100_000, "a.json: it is nested too deeply", "list of objects", ()),
    "a list for a label": ("a.jsonl", f'{LINES}{{"text": "x", "label": ["up"]}}\n', "a.jsonl, line 6: 'label' is a list", "column of its own", ()),
    "an object for a text": ("a.jsonl", f'{LINES}{{"text": {{"a": "x"}}, "label": "up"}}\n', "a.jsonl, line 6: 'text' is an object", "column of its own", ()),
    "JSON by columns": ("a.json", '{"text": {"0": "x"}, "label": {"0": "up"}}', "a.json is one object (of 'text', 'label')", "orient='records'", ()),
    "JSON that is broken": ("a.json", '[\n {"text": "x", "label": "up"},\n {"text": "y" "label": "up"}\n]', "a.json, line 3, column 15", "list of objects", ()),
    "an item that is a text": ("a.json", '[{"text": "x", "label": "up"}, "y"]', "a.json, item 2 is a text", "list of objects", ()),
    "an item with NaN": ("a.json", '[{"text": "x", "label": "up"}, {"text": "y", "label": NaN}]', "a.json, item 2: 'label' is NaN", "Fill it in", ()),
    "an error in a cell": ("a.xlsx", sheet(["fell", "#N/A"], change=error_cell), "a.xlsx, sheet 'Daten', row 3: 'label' (cell B3) is the error #N/A", "Mend it", ()),
    "a formula without result": ("a.xlsx", sheet(["fell", "=A1"]), "a.xlsx, sheet 'Daten', row 3: 'label' (cell B3) is a formula", "Excel", ()),
    "merged labels": ("a.xlsx", sheet(["fell", None], change=lambda book: book.active.merge_cells("B2:B3")), "row 3: 'label' (cell B3) is part of the merged cells B2:B3", "Split them", ()),
    "an empty cell": ("a.xlsx", sheet([None, None], ["fell", None]), "a.xlsx, sheet 'Daten', row 4: 'label' is empty", "Fill it in", ()),
    "a note beside the table": ("a.xlsx", sheet(["fell", "down", "check!"]), "a.xlsx, sheet 'Daten', row 1: column 3 has no name, and holds 'check!' in row 3", "name", ()),
    "no such sheet": ("a.xlsx", sheet(), "a.xlsx has no sheet 'Data'", "Daten", ("--sheet", "Data")),
    "a damaged workbook": ("a.xlsx", b"PK\x03\x04", "a.xlsx is no XLSX file, or is damaged", "save it again", ()),
    "an encrypted workbook": ("a.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 512, "a.xlsx is encrypted", "without a password", ()),
    "a damaged Parquet file": ("a.parquet", b"PAR1", "a.parquet is no Parquet file", "Write it again", ()),
    "NaN in Parquet": ("a.parquet", parquet(text=["a", "b"], label=[1.0, float("nan")]), "a.parquet, row 2: 'label' is NaN", "Fill it in", ()),
    "a list in Parquet": ("a.parquet", parquet(text=["a", "b"], label=[["up"], ["down"]]), "a.parquet, row 1: 'label' is a list", "column of its own", ()),
    "a conversation without answer": ("a.jsonl", json.dumps({"text": [{"role": "user", "content": "x"}]}), "a.jsonl, line 1: 'text': the last turn is the user's", "Leave the row out", ("--target", "text")),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_clear_line(mistake, tmp_path, monkeypatch, capsys):
    name, content, says, hint, options = MISTAKES[mistake]
    path = tmp_path / name
    if callable(content):
        content(path)
    elif name.endswith("/"):
        path.mkdir()
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    arguments = ["run", "--strategy", "majority", "--no-latency", "--offline", "--data", str(path)]
    arguments += ["--results", str(tmp_path / "results"), "--input", "text", "--target", "label"]
    monkeypatch.setattr(sys, "argv", ["harness", *arguments, *options])
    with pytest.raises(SystemExit) as ended:
        main()
    shown = capsys.readouterr()
    assert ended.value.code == 2 and shown.out == ""
    lines = shown.err.replace(str(tmp_path), "").strip().split("\n")
    assert len(lines) == 2, shown.err
    assert says in lines[0] and hint in lines[1]
    assert not re.search("Traceback|NoneType|object at 0x", shown.err)
    assert not (tmp_path / "results").exists()


def test_there_are_many():
    assert len(MISTAKES) >= 25


def test_the_columns_have_to_be_named(tmp_path, monkeypatch, capsys):
    (tmp_path / "a.csv").write_text(f"text,label\n{GOOD}", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["harness", "run", "--data", str(tmp_path / "a.csv")])
    with pytest.raises(SystemExit):
        main()
    shown = capsys.readouterr().err
    assert "It has text, label" in shown and "--input COLUMN --target COLUMN" in shown
