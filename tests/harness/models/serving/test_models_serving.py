"""A program that serves, from its start to its end; it is a stand-in for vLLM here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from harness.errors import HarnessError, MissingDependency, UsageError
from harness.models.serving import PROGRAMS, Settings, command_of, serving
from tests.documents import ROOT, text

SERVER = f"""#!{sys.executable}
import http.server, json, subprocess, sys
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
subprocess.Popen([sys.executable, "-c", stubborn], start_new_session=True)
class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({{"version": "1.2", "words": sys.argv[1:]}}).encode())
port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.HTTPServer(("127.0.0.1", port), Answers).serve_forever()
"""
ENDS = "#!/bin/sh\necho no room for the KV cache\nexit 3\n"
HELD = """
import pathlib, sys, time
from harness.models.serving import serving
with serving("vllm", pathlib.Path(sys.argv[1])) as served:
    print(served.pid, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "tuned"
    made.mkdir()
    (made / "config.json").write_text("{}")
    return made


@pytest.fixture
def standing_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def become(script: str) -> None:
        program = tmp_path / "vllm"
        program.write_text(script)
        program.chmod(0o755)
        monkeypatch.setenv("HARNESS_VLLM", str(program))

    return become


def gone(pid: int) -> bool:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_a_server_answers_inside_the_block_and_leaves_no_process_behind(folder, standing_in):
    standing_in(SERVER)
    with serving("vllm", folder, Settings(512, dtype="float32")) as served:
        assert (served.version, served.name) == ("1.2", "tuned")
        assert served.base_url.startswith("http://127.0.0.1:")
        assert "--max-model-len 512" in served.command and "--dtype float32" in served.command
        (child,) = psutil.Process(served.pid).children()
        assert served.peak_bytes() > child.memory_info().rss
    assert gone(served.pid) and gone(child.pid)


def test_a_server_ends_when_the_process_that_started_it_is_killed(folder, standing_in):
    standing_in(SERVER)
    command = [sys.executable, "-c", HELD, str(folder)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=os.environ)
    assert holder.stdout is not None
    pid = int(holder.stdout.readline())
    children = psutil.Process(pid).children()
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    try:
        assert gone(pid)
    finally:
        for child in children:  # those of vLLM end with it; this one does not
            child.kill()


def test_a_program_that_ends_is_quoted(folder, standing_in):
    standing_in(ENDS)
    with pytest.raises(HarnessError, match="exit code 3") as caught, serving("vllm", folder):
        pass
    assert "no room for the KV cache" in str(caught.value)
    assert "vllm serve" in caught.value.hint


def test_what_is_missing_is_said_with_its_install_command(folder, monkeypatch):
    monkeypatch.setenv("HARNESS_VLLM", "/nowhere/vllm")
    with pytest.raises(MissingDependency, match="nowhere") as caught, serving("vllm", folder):
        pass
    assert "docs/servers.md" in caught.value.hint
    assert (ROOT / "docs/servers.md").exists()


@pytest.mark.parametrize(
    ("program", "name", "says"),
    [("vlm", "tuned", "Did you mean 'vllm'"), ("vllm", "tuned/config.json", "a folder with"),
     ("llama.cpp", "tuned", "a GGUF file")],
)  # fmt: skip
def test_a_wrong_program_or_weights_are_refused(folder, program, name, says):
    with pytest.raises(UsageError) as caught, serving(program, folder.parent / name):
        pass
    assert says in str(caught.value)


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_the_page_has_the_command_that_is_run(program):
    weights = Path("FILE.gguf" if PROGRAMS[program].FILE else "FOLDER")
    command = command_of(program, weights, Settings(4096, 4, 2), port=8000)
    assert f"    {command}\n" in text("docs/servers.md")
