"""The cache: manifest, lock and explained disk errors."""

from __future__ import annotations

import errno
import json
import threading
from pathlib import Path

import pytest

from harness.errors import StorageError
from harness.models.sources import cache

DEAD = 2**22 + 1  # above the largest process id


def _folder(tmp_path: Path) -> Path:
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (tmp_path / name).write_text(f"content of {name}", encoding="utf-8")
    cache.write_manifest(tmp_path, name="m")
    return tmp_path


def test_a_whole_folder_is_right(tmp_path: Path) -> None:
    assert cache.check(_folder(tmp_path)) == ""


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_changed_file_is_noticed(tmp_path: Path, name: str) -> None:
    file = _folder(tmp_path) / name
    file.write_text(file.read_text(encoding="utf-8").upper(), encoding="utf-8")
    assert cache.check(tmp_path) == f"{name} has another sha256"
    assert cache.check(tmp_path, sizes_only=True) == ""
    file.write_text("short", encoding="utf-8")
    assert cache.check(tmp_path, sizes_only=True) == f"{name} has another size"
    file.unlink()
    assert cache.check(tmp_path) == f"{name} is missing"


def test_a_broken_manifest_is_noticed(tmp_path: Path) -> None:
    (_folder(tmp_path) / cache.MANIFEST).write_text("{", encoding="utf-8")
    assert "manifest.json" in cache.check(tmp_path)


def test_the_digest_is_of_weights_and_tokenizer(tmp_path: Path) -> None:
    before = cache.digest_of(_folder(tmp_path))
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    assert cache.digest_of(tmp_path) == before
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    assert cache.digest_of(tmp_path) != before


def test_where_the_cache_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HARNESS_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.cache_folder() == tmp_path / "xdg" / "adaptbench"
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "own"))
    assert cache.cache_folder() == tmp_path / "own"
    assert cache.cache_folder(tmp_path) == tmp_path


def test_a_second_one_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "POLL_SECONDS", 0.01)
    lock, order, told = tmp_path / "m.lock", [], threading.Event()

    def second() -> None:
        with cache.locked(lock, lambda text: told.set()):
            order.append("second")

    waiter = threading.Thread(target=second)
    with cache.locked(lock):
        waiter.start()
        assert told.wait(10)
        order.append("first")
    waiter.join(10)
    assert order == ["first", "second"]
    assert not list(tmp_path.iterdir())


def test_a_dead_holder_is_replaced_at_once(tmp_path: Path) -> None:
    lock = tmp_path / "m.lock"
    holder = {"pid": DEAD, "host": cache._host(), "token": "x", "beat": 0}
    lock.write_text(json.dumps(holder), encoding="utf-8")
    with cache.locked(lock):
        assert json.loads(lock.read_text(encoding="utf-8"))["token"] != "x"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", json.dumps({"pid": 1, "host": "elsewhere", "token": "x"})])
def test_a_holder_without_heartbeat_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(cache, "STALE_SECONDS", 0.1)
    monkeypatch.setattr(cache, "POLL_SECONDS", 0.02)
    lock = tmp_path / "m.lock"
    lock.write_text(text, encoding="utf-8")
    with cache.locked(lock):
        pass
    assert not list(tmp_path.iterdir())


def test_a_heartbeat_keeps_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "BEAT_SECONDS", 0.02)
    monkeypatch.setattr(cache, "STALE_SECONDS", 0.5)
    monkeypatch.setattr(cache, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(cache, "_dead", lambda holder: False)
    lock, got = tmp_path / "m.lock", threading.Event()

    def second() -> None:
        with cache.locked(lock):
            got.set()

    waiter = threading.Thread(target=second)
    with cache.locked(lock):
        waiter.start()
        assert not got.wait(1.0)
    waiter.join(10)
    assert got.is_set()


def test_a_lock_that_changed_hands_is_put_back(tmp_path: Path) -> None:
    lock = tmp_path / "m.lock"
    lock.write_text(json.dumps({"token": "fresh"}), encoding="utf-8")
    cache._remove_stale(lock, {"token": "stale"})
    assert json.loads(lock.read_text(encoding="utf-8")) == {"token": "fresh"}
    assert [lock] == list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS])
def test_disk_errors_are_explained(tmp_path: Path, number: int) -> None:
    with pytest.raises(StorageError, match="HARNESS_CACHE"), cache.storage_errors(tmp_path):
        raise OSError(number, "made up")


def test_other_errors_pass(tmp_path: Path) -> None:
    with pytest.raises(BrokenPipeError), cache.storage_errors(tmp_path):
        raise BrokenPipeError(errno.EPIPE, "made up")


def test_space_is_checked(tmp_path: Path) -> None:
    cache.require_space(tmp_path, 1)
    with pytest.raises(StorageError, match="MiB are needed"):
        cache.require_space(tmp_path, 2**60)
