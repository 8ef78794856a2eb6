"""One process at a time, seen by real processes: killed, suspended, in namespaces, many at once."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness.errors import StorageError, UsageError
from harness.records import locks, processes
from harness.records.files import append_lines, read_lines, write_json
from harness.records.locks import locked
from harness.records.processes import self_described

DEAD = 2**22 + 1  # above the largest process id
QUICK = """
import sys, time
from pathlib import Path
from harness.errors import HarnessError
from harness.records import locks, processes
from harness.records.files import append_lines
from harness.records.locks import locked
locks.POLL_SECONDS, locks.BEAT_SECONDS = 0.02, 0.05
folder = Path(sys.argv[1])
def say(*words): print(*words, flush=True)
"""
HOLD = f"""{QUICK}
with locked(folder):
    say("held")
    sys.stdin.readline()
    append_lines(folder / "lines.jsonl", [{{"by": "holder"}}])
    say("wrote")
"""
ELSEWHERE = "processes.place = lambda: 'elsewhere'"
TRY = f"""{QUICK}
try:
    with locked(folder): say("owner")
except HarnessError as error: say(error.message)
"""


@contextlib.contextmanager
def process(script: str, *arguments: object, before: Sequence[str] = ()) -> Iterator[Any]:
    """A Python process with pipes, killed at the end."""
    command = [*before, sys.executable, "-c", script, *map(str, arguments)]
    pipe = subprocess.PIPE
    child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    try:
        yield child
    finally:
        if child.poll() is None:
            for part in (*psutil.Process(child.pid).children(recursive=True), child):
                with contextlib.suppress(psutil.NoSuchProcess):
                    part.send_signal(signal.SIGKILL)
            child.communicate()


@contextlib.contextmanager
def holder(folder: Path, script: str = HOLD, before: Sequence[str] = ()) -> Iterator[Any]:
    """A process that keeps a folder until it gets a line."""
    with process(script, folder, before=before) as child:
        assert child.stdout.readline() == "held\n", child.stderr.read()
        yield child


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(locks, "BEAT_SECONDS", 0.05)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "STALE_SECONDS", 0.25)


def leave(lock: Path, **owner: object) -> Path:
    """Writes the lock of an owner that shows no sign of life."""
    lock.mkdir()
    entry = lock / ("0" * 32)
    entry.write_text("0" * locks.COUNT + json.dumps({**self_described(), **owner}))
    return entry


def owner(folder: Path) -> dict[str, Any]:
    (entry,) = (folder / ".lock").iterdir()
    return json.loads(entry.read_text(encoding="utf-8")[locks.COUNT :])


def test_a_folder_belongs_to_one_process(tmp_path: Path) -> None:
    with holder(tmp_path) as child:
        with pytest.raises(UsageError, match="another process works in"), locked(tmp_path):
            pass
        child.communicate("\n")
    with locked(tmp_path):
        assert owner(tmp_path)["pid"] == os.getpid()
    assert [path.name for path in tmp_path.iterdir()] == ["lines.jsonl"]


@pytest.mark.parametrize("reaped", [True, False])
def test_the_lock_of_a_killed_process_is_taken_over_at_once(tmp_path: Path, reaped: bool) -> None:
    with holder(tmp_path) as child:
        child.kill()
        if reaped:
            child.wait()
        while psutil.pid_exists(child.pid) and psutil.Process(child.pid).status() != "zombie":
            time.sleep(0.01)
        assert owner(tmp_path)["pid"] == child.pid
        with locked(tmp_path):
            assert owner(tmp_path)["pid"] == os.getpid()


def test_the_refusal_names_the_lock_and_its_owner(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(UsageError) as caught, locked(tmp_path):
        pass
    hint = caught.value.hint
    assert f"process {os.getpid()} (host {self_described()['host']}, since 2" in hint
    assert hint.endswith(f"or stop it first. Its lock is {tmp_path / '.lock'}.")


def test_a_living_owner_of_another_host_is_refused(tmp_path: Path) -> None:
    with holder(tmp_path, HOLD.replace("with locked", f"{ELSEWHERE}\nwith locked")):
        assert owner(tmp_path)["place"] == "elsewhere"
        with pytest.raises(UsageError, match="another process"), locked(tmp_path):
            pass
        assert owner(tmp_path)["place"] == "elsewhere"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("wait", [None, print])
def test_an_owner_of_another_host_without_a_sign_of_life_is_replaced(
    tmp_path: Path, wait: Callable[[str], None] | None
) -> None:
    # its process id lives here, and the time of its file is of an hour to come
    entry = leave(tmp_path / ".lock", place="elsewhere")
    later = time.time() + 3600
    os.utime(entry, (later, later))
    since = time.monotonic()
    with locked(tmp_path, wait):
        assert time.monotonic() - since >= locks.STALE_SECONDS
        assert owner(tmp_path)["place"] == processes.place()
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("text", ["", '{"pid": 1, "host": "a name", "token": "x"}'])
def test_the_lock_file_of_an_earlier_version_ages_out(tmp_path: Path, text: str) -> None:
    (tmp_path / ".lock").write_text(text, encoding="utf-8")
    with locked(tmp_path):
        assert owner(tmp_path)["pid"] == os.getpid()


@pytest.mark.usefixtures("impatient")
def test_an_owner_on_this_machine_may_be_suspended(tmp_path: Path) -> None:
    with holder(tmp_path) as child:
        child.send_signal(signal.SIGSTOP)
        with pytest.raises(UsageError), locked(tmp_path):
            pass
        with process(TRY.replace("locked(folder)", "locked(folder, say)"), tmp_path) as waiter:
            assert waiter.stdout.readline().startswith(f"Waiting for process {child.pid} ")
            time.sleep(2 * locks.STALE_SECONDS)
            child.send_signal(signal.SIGCONT)
            assert child.communicate("\n")[0] == "wrote\n"
            assert waiter.stdout.readline() == "owner\n"


@pytest.mark.usefixtures("impatient")
def test_an_owner_that_was_taken_over_meanwhile_writes_nothing_more(tmp_path: Path) -> None:
    with holder(tmp_path, HOLD.replace("with locked", f"{ELSEWHERE}\nwith locked")) as child:
        child.send_signal(signal.SIGSTOP)
        with locked(tmp_path):
            append_lines(tmp_path / "lines.jsonl", [{"by": "second"}])
            child.send_signal(signal.SIGCONT)
            _, error = child.communicate("\n")
            assert "StorageError: another process took" in error
            assert "while this one was suspended" in error
            assert owner(tmp_path)["pid"] == os.getpid()
    assert read_lines(tmp_path / "lines.jsonl") == [{"by": "second"}]


def test_every_way_of_writing_asks_whether_the_folder_is_still_this_process(tmp_path: Path) -> None:
    ways = [lambda path: append_lines(path, [{}]), lambda path: write_json(path, {})]
    with locked(tmp_path) as lock:
        (tmp_path / "part").mkdir()
        for write in ways:
            write(tmp_path / "part" / "before.json")
        lock.entry.unlink()
        for write in ways:
            with pytest.raises(StorageError, match="took"):
                write(tmp_path / "part" / "after.json")
    assert [path.name for path in (tmp_path / "part").iterdir()] == ["before.json"]
    for write in ways:
        write(tmp_path / "part" / "after.json")


def test_a_step_of_the_clock_makes_no_lock_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = psutil.Process.create_time
    with holder(tmp_path):
        monkeypatch.setattr(psutil.Process, "create_time", lambda self: started(self) + 5)
        now = time.time
        monkeypatch.setattr(time, "time", lambda: now() + 5)
        with pytest.raises(UsageError, match="another process"), locked(tmp_path):
            pass


SPACES = {
    "own /proc": ["unshare", "-Urpf", "--mount-proc"],
    "/proc of the host": ["unshare", "-p", "-f"],
}


@pytest.fixture(params=SPACES)
def space(request: pytest.FixtureRequest) -> list[str]:
    command = SPACES[request.param]
    try:
        refused = subprocess.run([*command, "true"], capture_output=True, text=True)
    except OSError as error:
        pytest.skip(f"no namespace of process ids: {error}")
    if refused.returncode:
        pytest.skip(f"no namespace of process ids: {refused.stderr.strip()}")
    return command


def test_an_owner_in_another_namespace_of_process_ids_is_refused(
    tmp_path: Path, space: list[str]
) -> None:
    with holder(tmp_path, before=space):
        assert owner(tmp_path)["pid"] < 10
        with pytest.raises(UsageError, match="another process"), locked(tmp_path):
            pass
    with (
        locked(tmp_path / "outside.lock"),
        process(TRY, tmp_path / "outside.lock", before=space) as child,
    ):
        assert child.stdout.readline().startswith("another process works in")


@pytest.mark.slow
def test_two_in_one_namespace_see_each_other(tmp_path: Path, space: list[str]) -> None:
    script = f"""
import subprocess, sys
def start(script): return subprocess.Popen(
    [sys.executable, "-c", script, sys.argv[1]], stdin=-1, stdout=-1, text=True)
first = start({HOLD!r})
assert first.stdout.readline() == "held\\n"
print(start({TRY!r}).stdout.readline(), end="", flush=True)
first.communicate("\\n")
"""
    with process(script, tmp_path, before=space) as child:
        assert child.stdout.readline().startswith("another process works in")


STARTER = f"""{QUICK}
for number in range(int(sys.argv[2])):
    say("ready")
    sys.stdin.readline()
    place = folder / str(number)
    mine, others = place / f"in-{{processes.self_described()['pid']}}", 0
    try:
        with locked(place):
            mine.touch()
            for _ in range(5):
                time.sleep(0.01)
                others += len(list(place.glob("in-*"))) - 1
            mine.unlink()
            say("owner", others)
    except HarnessError: say("refused")
"""


def starters(folder: Path, rounds: int) -> None:
    """Lets six processes start at a stale lock at once, many times."""
    with contextlib.ExitStack() as stack:
        six = [stack.enter_context(process(STARTER, folder, rounds)) for _ in range(6)]
        for number in range(rounds):
            (folder / str(number)).mkdir()
            leave(folder / str(number) / ".lock", pid=DEAD)
            for each in six:
                assert each.stdout.readline() == "ready\n", each.stderr.read()
            for each in six:
                each.stdin.write("\n")
                each.stdin.flush()
            said = [each.stdout.readline().strip() for each in six]
            assert set(said) <= {"owner 0", "refused"} and "owner 0" in said, said
        for each in six:
            each.wait(10)
    assert not list(folder.glob("*/*")), "nothing is left"


def test_of_six_starters_at_a_stale_lock_one_gets_it(tmp_path: Path) -> None:
    starters(tmp_path, 3)


@pytest.mark.slow
def test_of_six_starters_at_a_stale_lock_one_gets_it_sixty_times(tmp_path: Path) -> None:
    starters(tmp_path, 60)


TURNS = f"""{QUICK}
for _ in range(int(sys.argv[2])):
    with locked(folder, lambda text: None) as lock:
        for _ in range(4):
            append_lines(folder / "lines.jsonl", [{{"by": lock.entry.name}}])
"""


@pytest.mark.slow
def test_six_take_turns(tmp_path: Path, turns: int = 40) -> None:
    with contextlib.ExitStack() as stack:
        six = [stack.enter_context(process(TURNS, tmp_path, turns)) for _ in range(6)]
        assert [each.wait(60) for each in six] == [0] * 6
    lines = [line["by"] for line in read_lines(tmp_path / "lines.jsonl")]
    fours = [lines[start : start + 4] for start in range(0, len(lines), 4)]
    assert len(fours) == 6 * turns and all(len(set(four)) == 1 for four in fours)
    assert [path.name for path in tmp_path.iterdir()] == ["lines.jsonl"]


def test_a_fresh_lock_is_never_taken_away_by_who_saw_a_stale_one(tmp_path: Path) -> None:
    lock = tmp_path / ".lock"
    leave(lock, pid=DEAD)
    seen = locks._look(lock)
    assert seen is not None
    with locked(tmp_path):  # it took the stale one over, while another had only seen it
        fresh = owner(tmp_path)
        seen.entry.unlink(missing_ok=True)
        assert not locks._take(locks.Lock(lock, lock / ("f" * 32)))
        assert owner(tmp_path) == fresh
    assert not list(tmp_path.iterdir())


def test_a_second_one_waits_and_says_so_once(tmp_path: Path) -> None:
    lock, order, told = tmp_path / "m.lock", [], []
    waits = threading.Event()

    def second() -> None:
        with locked(lock, lambda text: (told.append(text), waits.set())):
            order.append("second")

    waiter = threading.Thread(target=second)
    with locked(lock, print):
        waiter.start()
        assert waits.wait(10)
        time.sleep(0.2)
        order.append("first")
    waiter.join(10)
    assert order == ["first", "second"]
    assert [text.partition(" (")[0] for text in told] == [f"Waiting for process {os.getpid()}"]
    assert told[0].endswith(f", which keeps {lock}")
    assert not list(tmp_path.iterdir())


def test_a_heartbeat_keeps_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, impatient: None
) -> None:
    monkeypatch.setattr(locks, "lives", lambda owner: None)
    lock, got = tmp_path / "m.lock", threading.Event()

    def second() -> None:
        with locked(lock, print):
            got.set()

    waiter = threading.Thread(target=second)
    with locked(lock, print):
        waiter.start()
        assert not got.wait(2 * locks.STALE_SECONDS)
    waiter.join(10)
    assert got.is_set()


def test_what_a_killed_one_was_preparing_is_swept(tmp_path: Path) -> None:
    leave(tmp_path / f".lock.{'0' * 32}", pid=DEAD)
    with locked(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_full_disk_leaves_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="full"), locked(tmp_path):
        pass
    assert not list(tmp_path.iterdir())
