"""YAML and JSON of the user's end in one clear line, whatever they hold, and soon."""

from __future__ import annotations

import time

import pytest

from harness.costs.book import load_book
from harness.decoding import file_bytes, literal, notation, parse_json
from harness.errors import DataError
from harness.runs.study.config import read_study
from harness.task.task import load_task

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)
MERGED = "a0: &a0 {x0: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}\n" for n in range(1, 10)
)
FILES = {
    LAUGHS: "more than 2,000 values",
    MERGED: "more than 2,000 values",
    "- a\n" * 2_001: "more than 2,000 values",
    f"a: {'x' * 2_000_000}": "2,000,000 are read",
    f"name: {'[' * 100_000}": "line 1: nested deeper",
    f"name: {'{a: ' * 5000}": "line 1: nested deeper",
    "- " * 5000: "line 1: nested deeper",
    "name: x\nparts: &a [*a]": r"line 2: \*a stands inside itself",
    "? &a [*a]\n: x": r"\*a stands inside itself",
    f"version: {'9' * 5000}": r"line 1: '9{60}\.\.\.' can't be read",
    "a: 2024-13-41": "line 1: '2024-13-41' can't be read",
    "2024-01-01: x": "line 1: the name 2024-01-01 is read as a date",
    "a: !!int ''": "line 1: '' can't be read",
    "a: !!bool xyz": "line 1: 'xyz' can't be read",
    "a: !!timestamp xyz": "line 1: 'xyz' can't be read",
    "a: !!omap [a]": "line 1: no YAML",
    "a: !!python/object/apply:os.system ['true']": "line 1: no YAML",
    "a: 1\na: 2": "line 2: 'a' is there twice, first in line 1",
    "- a": "line 1: a .* begins with fields",
    "a": "line 1: a .* begins with fields",
    "": "line 1: the file is empty",
    "a: b\0c": "line 1: a control character",
    "a:\n\tb: c": "line 2: a tab",
    "a: x\n---\nb: x": "line 2: no YAML",
    "a: *nope": "line 1: no YAML",
}


@pytest.mark.parametrize("read", [load_task, read_study, load_book])
@pytest.mark.parametrize(("text", "says"), FILES.items(), ids=range(len(FILES)))
def test_a_yaml_file_is_refused_with_its_line(tmp_path, monkeypatch, read, text, says):
    monkeypatch.setattr(notation, "MOST_NODES", 2_000)
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    began = time.monotonic()
    with pytest.raises(DataError, match=rf"^own\.yaml.*{says}") as raised:
        read(path if read is load_book else str(path))
    assert time.monotonic() - began < 20 and raised.value.hint
    assert len(raised.value.message) < 300


@pytest.mark.parametrize("read", [load_task, read_study, load_book])
def test_a_yaml_file_that_is_no_text_or_no_file_is_refused(tmp_path, read):
    def reads(path, says):
        with pytest.raises(DataError, match=says) as raised:
            read(path if read is load_book else str(path))
        assert raised.value.hint

    path = tmp_path / "own.yaml"
    path.write_bytes(b"a: x\nb: \xff\n")
    reads(path, "line 2: not UTF-8")
    reads(tmp_path / "none.yaml", "no such file|no file")
    (tmp_path / "folder.yaml").mkdir()
    reads(tmp_path / "folder.yaml", "no file")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    reads(tmp_path / "loop.yaml", "leads to itself|no file")
    reads(path / "below.yaml", "a part of the path is a file|no file")
    reads(tmp_path / f"{'n' * 300}.yaml", "too long|no file")


def test_aliases_that_stand_for_little_are_read(tmp_path):
    path = tmp_path / "own.yaml"
    row = "{provider: p, usd_per_hour: 1, date: 2026-12, source: s, kind: cpu"
    path.write_text(f"machines:\n- &a {row}, id: x}}\n- {{<<: *a, id: y}}\n", encoding="utf-8")
    assert {machine.id for machine in load_book(path).machines} >= {"x", "y"}


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 100_000, "9" * 5000, "{", "", "\0", "[1e99999999999999999999]"],
)
def test_json_that_cant_be_read_is_a_value_error(text):
    from decimal import Decimal

    with pytest.raises(ValueError, match="."):
        parse_json(text, parse_float=Decimal)


def test_a_file_is_read_up_to_a_size(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 10)
    assert file_bytes(path, 10) == b"x" * 10
    with pytest.raises(DataError, match=r"a\.txt has 0 MiB"):
        file_bytes(path, 9)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('["a", null]', ["a", None]),
        ("['a', None]", ["a", None]),
        (" ('a', 1) ", ("a", 1)),
        ("['a'] and more", None),
        ("[" * 100_000, None),
        ("[" * 300 + "1" + "]" * 300 + "x", None),
        ("{[]: 1}", None),
        ("9" * 5_000, None),
        ("__import__('os')", None),
    ],
)
def test_one_value_is_read_as_json_or_as_python_or_not_at_all(text, value):
    assert literal(text) == value
