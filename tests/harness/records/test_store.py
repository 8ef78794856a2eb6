from types import SimpleNamespace

import pytest

from harness.errors import UsageError
from harness.records.files import read_json, write_json
from harness.records.store import ARTIFACT, FINISHED, RUN, Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "results")


def known(folder):
    path = folder / RUN
    return SimpleNamespace(**read_json(path)) if path.is_file() else None


def finish(folder, key):
    write_json(folder / RUN, {"key": key, "status": FINISHED, "run_id": folder.name})


def test_a_finished_run_is_found_and_force_makes_a_folder_beside_it(store):
    first, done = store.folder(RUN, "stem", "key", known, force=False)
    assert not done
    finish(first, "key")
    assert store.folder(RUN, "stem", "key", known, force=False) == (first, True)
    second, done = store.folder(RUN, "stem", "key", known, force=True)
    assert (second.name, done) == ("stem-2", False)
    assert first.exists()


def test_an_unfinished_run_is_resumed_even_when_forced(store):
    folder, _ = store.folder(RUN, "stem", "key", known, force=False)
    write_json(folder / RUN, {"key": "key", "status": "interrupted"})
    assert store.folder(RUN, "stem", "key", known, force=False) == (folder, False)
    assert store.folder(RUN, "stem", "key", known, force=True) == (folder, False)


def test_a_folder_of_another_key_is_never_taken(store):
    folder, _ = store.folder(RUN, "stem", "key", known, force=False)
    finish(folder, "key")
    other, done = store.folder(RUN, "stem", "another", known, force=False)
    assert (other.name, done) == ("stem-2", False)


def test_artifacts_lie_apart(store):
    folder, _ = store.folder(ARTIFACT, "abc", "key", known, force=False)
    assert folder.parent.name == "artifacts"
    assert store.run_folders() == []


def test_find_takes_ids_and_parts_of_them_and_suggests(store):
    for name in ("fpb_lora_s0_aa", "fpb_tfidf_s0_bb"):
        folder, _ = store.folder(RUN, name, name, known, force=False)
        finish(folder, name)
    assert store.find("lora").name == "fpb_lora_s0_aa-1"
    assert store.find(str(store.root / "fpb_lora_s0_aa-1")).name == "fpb_lora_s0_aa-1"
    with pytest.raises(UsageError, match="2 runs"):
        store.find("fpb")
    with pytest.raises(UsageError, match="Did you mean 'fpb_lora_s0_aa-1'"):
        store.find("fpb_lorra_s0_aa-1")
