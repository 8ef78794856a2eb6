"""Files of a record: whole or not at all, line by line, compressed or not."""

import contextlib
import errno
import gzip
import os
import re
import resource
from pathlib import Path

import pytest

import harness
from harness.config import run_config
from harness.errors import DataError, StorageError
from harness.records.files import (
    append_lines,
    each_line,
    read_json,
    read_lines,
    storage_errors,
    sweep,
    whole,
    write_json,
    write_lines,
    write_text,
)
from harness.records.store import PREDICTIONS, RUN
from harness.runs.runner import run

LINES = [{"a": 1}, {"a": "\u2028 \u2029 \x85 \x0b \x1c 값"}]


def test_a_line_that_a_kill_cut_off_is_left_out(tmp_path):
    path = tmp_path / "lines.jsonl"
    append_lines(path, [{"a": 1}, {"a": "값"}])
    with path.open("a", encoding="utf-8") as file:
        file.write('{"a": 2')
    assert read_lines(path) == [{"a": 1}, {"a": "값"}]


def test_json_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "value.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"a": float("nan")})
    assert read_json(path) == {"a": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["value.json"]


def test_a_damaged_record_is_an_error_of_the_data(tmp_path):
    (tmp_path / RUN).write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="can't be read"):
        read_json(tmp_path / RUN)


@pytest.mark.parametrize(
    "number", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS]
)
def test_a_disk_that_refuses_is_explained(tmp_path, number):
    with pytest.raises(StorageError) as caught, storage_errors(tmp_path):
        raise OSError(number, "no")
    assert caught.value.hint


def test_another_place_is_named_by_who_writes(tmp_path):
    with pytest.raises(StorageError) as caught, storage_errors(tmp_path, "Set HARNESS_CACHE."):
        raise OSError(errno.EROFS, "no")
    assert caught.value.hint == "Set HARNESS_CACHE."


def test_other_errors_pass(tmp_path):
    with pytest.raises(BrokenPipeError), storage_errors(tmp_path):
        raise BrokenPipeError(errno.EPIPE, "made up")


def test_what_breaks_off_leaves_what_was_there(tmp_path):
    path = tmp_path / "value.json"
    write_json(path, {"a": 1})
    with pytest.raises(KeyboardInterrupt), whole(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert read_json(path) == {"a": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["value.json"]


def test_a_line_ends_at_a_newline_alone(tmp_path):
    path = tmp_path / "lines.jsonl"
    append_lines(path, LINES)
    append_lines(path, LINES)
    assert read_lines(path) == LINES * 2


def test_half_of_a_surrogate_pair_comes_back(tmp_path):
    path = tmp_path / "lines.jsonl"
    append_lines(path, [{"a": "\ud83d"}])
    assert read_lines(path) == [{"a": "\ud83d"}]


@pytest.mark.parametrize(
    "torn", ['{"a": 2', '{"a": "값'.encode()[:-1].decode("latin-1"), "x" * 200_000]
)
def test_a_torn_line_is_cut_off_before_anything_is_appended(tmp_path, torn):
    path = tmp_path / "lines.jsonl"
    append_lines(path, LINES)
    with path.open("ab") as file:
        file.write(torn.encode("latin-1"))
    append_lines(path, [{"a": 3}])
    assert read_lines(path) == [*LINES, {"a": 3}]
    assert path.read_bytes().count(b"\n") == 3


def test_a_whole_last_line_without_its_end_is_kept(tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_text('{"a": 1}', encoding="utf-8")
    append_lines(path, [{"a": 2}])
    assert read_lines(path) == [{"a": 1}, {"a": 2}]


def pack(path):
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()


def test_compressed_lines_are_read_written_and_appended_to(tmp_path):
    path = tmp_path / "lines.jsonl"
    append_lines(path, LINES)
    pack(path)
    assert read_lines(path) == LINES
    write_lines(path, LINES * 2)
    assert [file.name for file in tmp_path.iterdir()] == ["lines.jsonl.gz"]
    assert read_lines(path) == LINES * 2
    append_lines(path, [{"a": 3}])
    assert read_lines(path) == [*LINES * 2, {"a": 3}]
    assert [file.name for file in tmp_path.iterdir()] == ["lines.jsonl"]


def test_the_plain_file_goes_before_the_compressed_one(tmp_path):
    path = tmp_path / "lines.jsonl"
    append_lines(path, LINES)
    pack(path)
    path.write_text('{"a": 0}\n', encoding="utf-8")
    assert read_lines(path) == [{"a": 0}]


def test_a_damaged_compressed_file_is_named(tmp_path):
    path = tmp_path / "lines.jsonl"
    append_lines(path, LINES)
    pack(path)
    packed = tmp_path / "lines.jsonl.gz"
    packed.write_bytes(packed.read_bytes()[:-9])
    with pytest.raises(DataError, match="lines.jsonl.gz can't be read"):
        read_lines(path)


@contextlib.contextmanager
def files_of_at_most(size):
    """As on a full disk: the kernel writes what fits, and refuses the rest."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [30, 41, 59, 60, 61])
def test_a_line_that_a_full_disk_tore_is_cut_off_before_the_next(tmp_path, size):
    path = tmp_path / "lines.jsonl"
    lines = [{"number": number, "text": "값\u2028"} for number in range(10)]
    with files_of_at_most(size), pytest.raises(StorageError, match="may not grow"):
        append_lines(path, lines)
    whole_ones = read_lines(path)
    assert whole_ones == lines[: len(whole_ones)] and path.stat().st_size == size
    append_lines(path, lines[len(whole_ones) :])
    assert read_lines(path) == lines and path.read_bytes().count(b"\n") == 10


def test_a_run_that_met_a_full_disk_ends_with_all_rows_once(tmp_path):
    config = run_config(strategy="majority", limit=60, latency=False, results=tmp_path / "results")
    with files_of_at_most(9_001), pytest.raises(StorageError):
        run(config)
    (path,) = config.results.glob(f"*/{PREDICTIONS}")
    assert path.stat().st_size == 9_001 and not path.read_bytes().endswith(b"\n")
    folder = run(config).folder
    names = [line["id"] for line in read_lines(folder / PREDICTIONS)]
    assert len(names) == len(set(names)) == 60 and path.read_bytes().count(b"\n") == 60


def test_nothing_else_appends_to_a_file():
    root = Path(harness.__file__).parent
    appends = re.compile(r"""open\([^)]*["']a[b+t]*["']""")
    found = [
        path.name for path in root.rglob("*.py") if appends.search(path.read_text(encoding="utf-8"))
    ]
    assert found == ["files.py"]


def test_a_damaged_line_in_the_middle_is_named_unless_it_may_be_skipped(tmp_path):
    path, skipped = tmp_path / "lines.jsonl", []
    path.write_bytes(b'{"a": 1}\n\n{"a": \n[1]\n{"a": "\xff"}\n' + b"[" * 9999 + b'\n{"a": 2}\n')
    with pytest.raises(DataError, match="lines.jsonl, line 3, is damaged"):
        read_lines(path)
    assert read_lines(path, skipped) == [{"a": 1}, {"a": 2}]
    assert skipped == [3, 4, 5, 6]


def test_lines_are_written_while_their_own_file_is_read(tmp_path):
    path = tmp_path / "lines.jsonl"
    append_lines(path, LINES)
    write_lines(path, (line | {"b": 1} for line in each_line(path)))
    pack(path)
    write_lines(path, (line | {"c": 1} for line in each_line(path)))
    assert read_lines(path) == [line | {"b": 1, "c": 1} for line in LINES]


def test_a_text_with_half_of_a_surrogate_pair_is_written(tmp_path):
    write_text(tmp_path / "page.md", "a \ud800 b")
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == "a \\ud800 b"


def test_a_line_without_a_field_that_it_needs_is_damaged(tmp_path):
    path, skipped = tmp_path / "lines.jsonl", []
    write_lines(path, [{"id": "a", "values": {}}, {"id": 1, "values": {}}, {"id": "b"}])
    needed = {"id": str, "values": dict}
    with pytest.raises(DataError, match="line 2, is damaged"):
        read_lines(path, fields=needed)
    assert read_lines(path, skipped, needed) == [{"id": "a", "values": {}}] and skipped == [2, 3]


def test_what_a_killed_process_left_half_written_goes_and_what_is_being_written_stays(tmp_path):
    left, lives, other = (
        tmp_path / name for name in (f".a.json.{'0' * 32}", f".b.{'1' * 32}", ".x")
    )
    for path in (left, lives, other):
        path.write_bytes(b"half")
    os.utime(left, (1, 1))
    os.utime(other, (1, 1))
    write_json(tmp_path / "value.json", {"a": 1})
    assert sorted(tmp_path.iterdir()) == sorted([lives, other, tmp_path / "value.json"])


def test_documents_that_a_killed_process_was_writing_go_too(tmp_path):
    left, young = tmp_path / ".writing-old", tmp_path / ".writing-young"
    for folder in (left, young):
        (folder / "documents").mkdir(parents=True)
        (folder / "documents" / "a.txt").write_text("half", encoding="utf-8")
    os.utime(left, (0, 0))
    sweep(tmp_path)
    assert not left.exists() and young.exists()
