"""One process at a time."""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.records import locks
from harness.records.locks import locked

DEAD = 2**22 + 1  # above the largest process id


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


def test_the_refusal_names_the_lock_and_its_owner(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(UsageError) as caught, locked(tmp_path):
        pass
    assert str(tmp_path / ".lock") in str(caught.value.hint)
    assert str(os.getpid()) in str(caught.value.hint)


def test_the_beating_lock_of_another_host_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "POLL_SECONDS", 0.02)
    lock, stop = tmp_path / ".lock", threading.Event()
    lock.write_text(json.dumps({"pid": 1, "host": "elsewhere", "token": "x"}), encoding="utf-8")

    def beat() -> None:
        while not stop.wait(0.05):
            os.utime(lock)

    other = threading.Thread(target=beat)
    other.start()
    with pytest.raises(UsageError, match="another process"), locked(tmp_path):
        pass
    stop.set()
    other.join()
    assert json.loads(lock.read_text(encoding="utf-8"))["token"] == "x"


def test_a_second_one_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "POLL_SECONDS", 0.01)
    lock, order, told = tmp_path / "m.lock", [], threading.Event()

    def second() -> None:
        with locked(lock, lambda text: told.set()):
            order.append("second")

    waiter = threading.Thread(target=second)
    with locked(lock, print):
        waiter.start()
        assert told.wait(10)
        order.append("first")
    waiter.join(10)
    assert order == ["first", "second"]
    assert not list(tmp_path.iterdir())


def test_a_dead_holder_is_replaced_at_once(tmp_path: Path) -> None:
    lock = tmp_path / "m.lock"
    holder = {"pid": DEAD, "host": locks._self()["host"], "token": "x"}
    lock.write_text(json.dumps(holder), encoding="utf-8")
    with locked(lock, print):
        assert json.loads(lock.read_text(encoding="utf-8"))["token"] != "x"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", json.dumps({"pid": 1, "host": "elsewhere", "token": "x"})])
def test_a_holder_without_heartbeat_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(locks, "STALE_SECONDS", 0.1)
    monkeypatch.setattr(locks, "POLL_SECONDS", 0.02)
    lock = tmp_path / "m.lock"
    lock.write_text(text, encoding="utf-8")
    with locked(lock, print):
        pass
    assert not list(tmp_path.iterdir())


def test_a_heartbeat_keeps_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "BEAT_SECONDS", 0.02)
    monkeypatch.setattr(locks, "STALE_SECONDS", 0.5)
    monkeypatch.setattr(locks, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(locks, "_lives", lambda owner: None)
    lock, got = tmp_path / "m.lock", threading.Event()

    def second() -> None:
        with locked(lock, print):
            got.set()

    waiter = threading.Thread(target=second)
    with locked(lock, print):
        waiter.start()
        assert not got.wait(1.0)
    waiter.join(10)
    assert got.is_set()


def test_a_lock_that_changed_hands_is_put_back(tmp_path: Path) -> None:
    lock = tmp_path / "m.lock"
    lock.write_text(json.dumps({"token": "fresh"}), encoding="utf-8")
    locks._remove_stale(lock, {"token": "stale"})
    assert json.loads(lock.read_text(encoding="utf-8")) == {"token": "fresh"}
    assert [lock] == list(tmp_path.iterdir())
