"""Runs commands of the program on a terminal, one process each, and keeps every byte they wrote.

As a script it takes a JSON list of argument lists on stdin and prints what each wrote: the program
is imported once, and each command runs in a fork of it on a pseudo-terminal of its own.
"""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

__all__ = ["on_a_terminal"]


def on_a_terminal(commands: list[list[str]], cwd: Path, **environment: str) -> list[bytes]:
    """Returns what each command wrote to its terminal, stdout and stderr together."""
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps(commands).encode(),
        cwd=cwd,
        env=os.environ
        | {"HARNESS_OFFLINE": "1", "TERM": "xterm-256color", "COLUMNS": "200"}
        | {"PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONUTF8": "1"}
        | environment,
        capture_output=True,
        check=True,
    )
    return [bytes.fromhex(line) for line in done.stdout.decode().split("\n")[:-1]]


def _written(arguments: list[str]) -> bytes:
    pid, terminal = pty.fork()
    if not pid:
        _child(arguments)
    parts = []
    try:
        while part := os.read(terminal, 65536):
            parts.append(part)
    except OSError:  # the child's end is closed
        pass
    os.waitpid(pid, 0)
    os.close(terminal)
    return b"".join(parts)


def _child(arguments: list[str]) -> None:
    from harness.cli import main

    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.argv = ["harness", *arguments]
    try:
        main()
    except SystemExit:
        pass
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(0)


if __name__ == "__main__":
    import harness.cli  # noqa: F401 - once, for all

    for command in json.loads(sys.stdin.read()):
        print(_written(command).hex())
