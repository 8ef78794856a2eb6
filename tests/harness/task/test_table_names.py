"""A table may be called anything."""

from __future__ import annotations

import os

import pytest

from harness.task.table import task_from_data

NAMES = {
    "(2024) claims.csv": "2024--claims",
    "a+b.csv": "a-b",
    "a:b.csv": "a-b",
    "[x].csv": "x-",
    "보험 청구.csv": "보험-청구",
    "-lead.csv": "lead",
    "--dash.csv": "dash",
    ".hidden.csv": "hidden",
    "...csv": "table",
    "_.csv": "table",
    "%s{0}.csv": "s-0-",
    "②².csv": "table",
    "🙂.csv": "table",
    "e\u0301.csv": "é",
    "a\nb.csv": "a-b",
    "n" * 200 + ".csv": "n" * 150,
    "보" * 80 + ".csv": "보" * 50,
    os.fsdecode(b"bad\xff.csv"): "bad-",
    "rows-1.2.csv": "rows-1.2",
}


@pytest.mark.parametrize(("file", "name"), NAMES.items(), ids=range(len(NAMES)))
def test_a_table_may_be_called_anything(tmp_path, file, name):
    path = tmp_path / file
    path.write_text("text,label\n" + "a,up\nb,down\n" * 10, encoding="utf-8")
    task = task_from_data(path, input="text", target="label")
    assert task.name == name
    assert len(task.load().test) > 0
