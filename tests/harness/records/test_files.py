"""Files of a record: whole or not at all, line by line, compressed or not."""

import errno
import gzip

import pytest

from harness.errors import DataError, StorageError
from harness.records.files import (
    append_lines,
    read_json,
    read_lines,
    storage_errors,
    whole,
    write_json,
    write_lines,
)
from harness.records.store import RUN

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
