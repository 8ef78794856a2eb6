import errno
import json
import multiprocessing
import os
from pathlib import Path

import pytest

from harness.errors import DataError, StorageError, UsageError
from harness.records.store import (
    ARTIFACT,
    FINISHED,
    RUN,
    Store,
    append_lines,
    locked,
    read_json,
    read_lines,
    storage_errors,
    write_json,
)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "results")


def finish(folder, key):
    write_json(folder / RUN, {"key": key, "status": FINISHED, "run_id": folder.name})


def test_a_finished_run_is_found_and_force_makes_a_folder_beside_it(store):
    first, done = store.folder(RUN, "stem", "key", force=False)
    assert not done
    finish(first, "key")
    assert store.folder(RUN, "stem", "key", force=False) == (first, True)
    second, done = store.folder(RUN, "stem", "key", force=True)
    assert (second.name, done) == ("stem-2", False)
    assert first.exists()


def test_an_unfinished_run_is_resumed_even_when_forced(store):
    folder, _ = store.folder(RUN, "stem", "key", force=False)
    write_json(folder / RUN, {"key": "key", "status": "interrupted"})
    assert store.folder(RUN, "stem", "key", force=False) == (folder, False)
    assert store.folder(RUN, "stem", "key", force=True) == (folder, False)


def test_a_folder_of_another_key_is_never_taken(store):
    folder, _ = store.folder(RUN, "stem", "key", force=False)
    finish(folder, "key")
    other, done = store.folder(RUN, "stem", "another", force=False)
    assert (other.name, done) == ("stem-2", False)


def test_artifacts_lie_apart(store):
    folder, _ = store.folder(ARTIFACT, "abc", "key", force=False)
    assert folder.parent.name == "artifacts"
    assert store.run_folders() == []


def test_find_takes_ids_and_parts_of_them_and_suggests(store):
    for name in ("fpb_lora_s0_aa", "fpb_tfidf_s0_bb"):
        folder, _ = store.folder(RUN, name, name, force=False)
        finish(folder, name)
    assert store.find("lora").name == "fpb_lora_s0_aa-1"
    assert store.find(str(store.root / "fpb_lora_s0_aa-1")).name == "fpb_lora_s0_aa-1"
    with pytest.raises(UsageError, match="2 runs"):
        store.find("fpb")
    with pytest.raises(UsageError, match="Did you mean 'fpb_lora_s0_aa-1'"):
        store.find("fpb_lorra_s0_aa-1")


def hold(folder, ready, release):
    with locked(Path(folder)):
        ready.set()
        release.wait(30)


def test_a_folder_belongs_to_one_process(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready, release = context.Event(), context.Event()
    process = context.Process(target=hold, args=(str(tmp_path), ready, release))
    process.start()
    assert ready.wait(30)
    with pytest.raises(UsageError, match="another process"), locked(tmp_path):
        pass
    release.set()
    process.join()
    with locked(tmp_path):
        assert (tmp_path / ".lock").exists()


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready, release = context.Event(), context.Event()
    process = context.Process(target=hold, args=(str(tmp_path), ready, release))
    process.start()
    assert ready.wait(30)
    process.kill()
    process.join()
    assert (tmp_path / ".lock").exists()
    with locked(tmp_path):
        owner = json.loads((tmp_path / ".lock").read_text(encoding="utf-8"))
        assert owner["pid"] == os.getpid()


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


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS])
def test_a_disk_that_refuses_is_explained(tmp_path, number):
    with pytest.raises(StorageError) as caught, storage_errors(tmp_path):
        raise OSError(number, "no")
    assert caught.value.hint
