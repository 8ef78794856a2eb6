"""A program that serves a model on loopback, as a process: from its start to its end."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from harness.errors import HarnessError, UsageError, nearest
from harness.models.serving import llama_cpp, transformers_serve, vllm
from harness.models.serving.program import Program, Settings
from harness.models.serving.wire import ask
from harness.records.processes import follower

__all__ = ["PROGRAMS", "Served", "command_of", "serving"]

PROGRAMS: Mapping[str, Program] = {
    "llama.cpp": llama_cpp,
    "vllm": vllm,
    "transformers": transformers_serve,
}
HOST = "127.0.0.1"
START_SECONDS = 300.0  # vLLM takes half a minute on a quiet machine
STOP_SECONDS = 20.0  # after which it is killed
LOOK_SECONDS = 0.2
LAST_LINES = 8  # of its output, where it doesn't start


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs."""

    program: str  # a name of `PROGRAMS`
    version: str
    base_url: str  # up to and including ``/v1``
    name: str  # of the model, as the server knows it
    pid: int  # of its first process, which leads the group of all
    command: str  # as a user would type it

    def peak_bytes(self) -> int:
        """Returns the highest resident memory of each of its processes so far, added up; 0: unknown."""
        return sum(_peak_bytes(process) for process in self._processes())

    def processor_seconds(self) -> float | None:
        """Returns the processor time of all its processes so far; None where one is gone."""
        try:
            times = [process.cpu_times() for process in self._processes()]
        except psutil.Error:
            return None
        return sum(each.user + each.system for each in times) if times else None

    def _processes(self) -> list[psutil.Process]:
        with suppress(psutil.Error):
            first = psutil.Process(self.pid)
            return [first, *first.children(recursive=True)]
        return []


def command_of(program: str, weights: Path, settings: Settings | None = None, port: int = 0) -> str:
    """Returns the command by which a user starts a program, also where it isn't installed.

    Args:
        program: A name of `PROGRAMS`.
        weights: A GGUF file for llama.cpp, else a folder.
        settings: How it is served; by default `Settings`' own values.
        port: Where it listens; by default where the program does if it isn't told.

    Raises:
        UsageError: There is no such program.
    """
    of, settings = _program(program), settings or Settings()
    variables = [f"{k}={shlex.quote(v)}" for k, v in of.environment(settings).items()]
    where = ["--host", HOST, *(["--port", str(port)] if port else [])]
    words = [of.SHOWN, *of.arguments(weights, settings), *settings.more, *where]
    return " ".join([*variables, shlex.join(words)])


@contextmanager
def serving(
    program: str,
    weights: Path,
    settings: Settings | None = None,
    *,
    port: int = 0,
    log: Path | None = None,
) -> Iterator[Served]:
    """Serves a model while the block runs; the process is stopped at its end, and if we die.

    Args:
        program: ``llama.cpp``, ``vllm`` or ``transformers``.
        weights: A GGUF file for llama.cpp, else a folder.
        settings: How it is served; by default `Settings`' own values.
        port: Of 127.0.0.1; 0 for one that is free.
        log: File for what it prints; by default a temporary one.

    Raises:
        UsageError: There is no such program, or it doesn't serve such weights.
        MissingDependency: It isn't installed; the hint says how.
        HarnessError: It didn't start; the last lines of its output are in the message.
    """
    of, settings = _program(program), settings or Settings()
    weights = weights.absolute()
    if not (weights.is_file() if of.FILE else (weights / "config.json").is_file()):
        wanted = "a GGUF file" if of.FILE else "a folder with config.json"
        raise UsageError(f"{program} serves {wanted}, and {weights} is none", "Check the path.")
    port = port or _free_port()
    start = [*of.found(), *of.arguments(weights, settings), *settings.more]
    start += ["--host", HOST, "--port", str(port)]
    with tempfile.TemporaryDirectory() as scratch:
        log = log or Path(scratch) / "log"
        process = _start(start, of.environment(settings), log)
        served = Served(
            program, "", f"http://{HOST}:{port}/v1", of.name_of(weights), process.pid,
            command_of(program, weights, settings, port),
        )  # fmt: skip
        try:
            url = f"http://{HOST}:{port}"
            _wait(url, process, served, log)
            yield replace(served, version=of.version(url))
        finally:
            _stop(process, served)


def _start(
    command: list[str], environment: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    offline = {"HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1"}
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**offline, **os.environ, **environment},
            start_new_session=True,
            preexec_fn=follower(signal.SIGTERM),
        )


def _program(name: str) -> Program:
    if name not in PROGRAMS:
        raise UsageError(f"There is no program '{name}' that serves", nearest(name, PROGRAMS))
    return PROGRAMS[name]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], served: Served, log: Path) -> None:
    """Waits until the server says that it is well."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        with suppress(OSError):
            ask(f"{url}/health")
            if process.poll() is None:  # else another process answered
                return
        if (code := process.poll()) is not None:
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            raise _failed(f"{served.program} ended with {how} before it answered", log, served)
        time.sleep(LOOK_SECONDS)
    raise _failed(f"{served.program} didn't answer in {START_SECONDS:.0f} s", log, served)


def _failed(what: str, log: Path, served: Served) -> HarnessError:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    said = "\n".join(f"    {line[:300]}" for line in lines[-LAST_LINES:]) or "    (nothing)"
    return HarnessError(f"{what}. Its last lines:\n{said}", f"Try it by hand: {served.command}")


def _stop(process: subprocess.Popen[bytes], served: Served) -> None:
    """Ends all its processes: asked to first, then killed; children of another group, too."""
    children = served._processes()[1:]
    with suppress(ProcessLookupError):
        process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for child in children:
        with suppress(psutil.Error):
            child.kill()
    process.wait()


def _peak_bytes(process: psutil.Process) -> int:
    try:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8", errors="replace")
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if "VmHWM" in line)
    except (OSError, StopIteration):
        with suppress(psutil.Error):
            return int(process.memory_info().rss)
        return 0
