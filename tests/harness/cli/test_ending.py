"""However a command ends: one clear line, the right exit code, and no defect of the harness."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys

import pytest

from harness.cli import main
from harness.cli.ending import explained
from harness.errors import HarnessError, OutOfMemory, StorageError, WrongPlace, storage_error

pytestmark = pytest.mark.slow  # each starts a process of its own
HARNESS = f"{sys.executable} -m harness"
ASCII = "LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 PYTHONIOENCODING=ascii"
LIST = f"{HARNESS} list strategies"


def shell(line):
    command = ["bash", "-c", f"set -o pipefail; {line}"]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f"{LIST} | head -1", 0),
        (f"{LIST} --json | true", 0),
        (f"{LIST} >&- 2>&- <&-", 0),
        (f"{HARNESS} list no-such-thing 2>&- | true", 2),
    ],
)
def test_a_stream_that_is_closed_ends_nothing(line, code):
    ended = shell(line)
    assert (ended.returncode, ended.stderr) == (code, "")


@pytest.mark.parametrize("what", ["list tasks", "list tasks --json", "--version", "show no --json"])
@pytest.mark.parametrize("buffer", ["", "PYTHONUNBUFFERED=1"])
def test_a_full_standard_output_is_said(what, buffer):
    ended = shell(f"{buffer} {HARNESS} {what} > /dev/full")
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[0] == "error: the disk is full: standard output"
    assert len(ended.stderr.splitlines()) == 2


def test_what_a_terminal_lacks_is_escaped_and_json_stays_json():
    ended = shell(f"{ASCII} {HARNESS} list tasks --json")
    tasks = json.loads(ended.stdout)
    assert ended.returncode == 0 and ended.stdout.isascii() and tasks


@pytest.fixture
def table(tmp_path):
    rows = "".join(f"text {n},{'up' if n % 2 else 'down'}\n" for n in range(30))
    (tmp_path / "rows.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
    return tmp_path / "rows.csv"


@pytest.fixture
def run(table, monkeypatch, capsys):
    """Runs `majority`, or another strategy, on a table, and returns the exit code and the error."""

    def called(results, strategy="majority", *more):
        words = ["run", "--strategy", strategy, "--data", table, "--input", "text", "--target"]
        words += ["label", "--results", results, *more]
        monkeypatch.setattr(sys, "argv", ["harness", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        error = capsys.readouterr().err
        assert "Traceback" not in error and "internal error" not in error, error
        return code, error.partition("error: ")[2]

    return called


def test_a_folder_of_results_that_cant_be_one_is_named(tmp_path, run):
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nowhere")
    places = {
        "file": "a part of the path is a file|a file, or a link",
        "file/below": "a part of the path is a file",
        "loop": "a link of the path leads to itself|a link to nothing",
        "dangling": "a link to nothing, stands where a folder is needed",
        "n" * 300: "the path is too long",
        "n/" * 2500: "the path is too long",
    }
    for place, says in places.items():
        code, error = run(tmp_path / place)
        assert code == 2 and any(each in error for each in says.split("|")), (place, error)
        assert "Choose another folder with --results" in error or "Check the path" in error


DELETES = """
import pathlib, shutil
from typing import ClassVar
from harness.strategy import Strategy
from harness.types import Output

class Deletes(Strategy):
    name: ClassVar[str] = "deletes"
    place: str = ""
    then: str = ""

    def prepare(self, context):
        pass

    def predictor(self, context):
        return self

    def predict(self, queries):
        for number, query in enumerate(queries):
            if number == 2:
                shutil.rmtree(self.place)
                if self.then == "file":
                    pathlib.Path(self.place).write_text("x")
            yield Output(query.id, "up")
"""


@pytest.mark.parametrize("then", ["", "file"])
def test_a_folder_of_results_that_goes_while_it_is_used_is_said(tmp_path, run, then):
    (tmp_path / "own.py").write_text(DELETES)
    options = ["--set", f"place={tmp_path / 'r'}", "--set", f"then={then}"]
    code, error = run(tmp_path / "r", f"{tmp_path / 'own.py'}:Deletes", *options)
    assert code == 2 and "the folder is gone, or no folder any more" in error


FAILING = ["ENOSPC", "EDQUOT", "EFBIG", "EIO", "ESTALE", "ENOTCONN", "EMFILE", "ENFILE"]
MISPLACED = [
    "EACCES",
    "EPERM",
    "EROFS",
    "ENOTDIR",
    "EEXIST",
    "EISDIR",
    "ENOTEMPTY",
    "ELOOP",
    "ENAMETOOLONG",
    "ENOENT",
]


@pytest.mark.parametrize("name", FAILING + MISPLACED)
def test_what_the_system_says_is_put_into_words(tmp_path, name):
    number = getattr(errno, name)
    for error in (OSError(number, "no"), OSError(number, "no", str(tmp_path / "a"))):
        known = storage_error(error, tmp_path, "Elsewhere.")
        assert isinstance(known, WrongPlace if name in MISPLACED else StorageError)
        assert type(known).exit_code == (2 if name in MISPLACED else 1)
        assert known.message.endswith((str(tmp_path), str(tmp_path / "a")))
        assert "Elsewhere." in known.hint
    assert explained(OSError(number, "no", str(tmp_path)))


def test_an_error_about_another_file_isnt_blamed_on_the_folder(tmp_path):
    elsewhere = FileNotFoundError(errno.ENOENT, "no", "/somewhere/else")
    assert storage_error(elsewhere, tmp_path, "") is None
    assert storage_error(OSError(errno.ENOSPC, "no", "/somewhere/else"), tmp_path, "")
    assert storage_error(ValueError("no"), tmp_path, "") is None
    assert explained(ValueError("no")) is None
    assert explained(HarnessError("no"))


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB"),
        RuntimeError("Cannot allocate memory (os error 12)"),
    ],
)
def test_memory_that_runs_out_is_no_defect(error):
    known = explained(error)
    assert isinstance(known, OutOfMemory) and known.exit_code == 3 and known.hint
    assert ("GPU" in known.message) == ("CUDA" in str(error))


LIMITED = """
import resource, sys
from pathlib import Path
from harness.cli import main
import harness.task.table
room = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + (100 << 20)
resource.setrlimit(resource.RLIMIT_AS, (room, room))
main()
"""


def test_too_little_memory_for_a_table_is_one_line(table):
    with table.open("a") as file:
        file.writelines(f"text {n} {'x' * 900},up\n" for n in range(60_000))
    command = [sys.executable, "-c", LIMITED, "validate", table, "--input", "text", "--target"]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    ended = subprocess.run(
        [*map(str, command), "label"], capture_output=True, text=True, env=one_thread
    )
    assert ended.returncode == 3, ended.stderr[-2000:]
    assert "too little memory" in ended.stderr
    assert "Traceback" not in ended.stderr
