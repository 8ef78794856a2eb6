"""Hosts on one machine: namespaces in which another host's processes can't be seen."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import BinaryIO

import psutil

__all__ = ["Host", "apart", "hosts", "kill"]

NAMES = ("first-host", "second-host")
OWN = ("--pid", "--fork", "--uts", "--mount-proc", "--kill-child")
INIT = 'hostname "$0"; exec 3<&0; cat <&3 >/dev/null & wait'  # buries orphans; ends with its input


@cache
def apart() -> bool:
    """Says whether this user may make namespaces; where not, all hosts are this one."""
    if not (shutil.which("unshare") and shutil.which("nsenter")):
        return False
    return subprocess.run(["unshare", *OWN, "true"], capture_output=True).returncode == 0


class Host:
    """A host: process ids and a name of its own, the same files."""

    def __init__(self, name: str, init: int | None) -> None:
        self.name = name
        self._init = init  # The process that the namespaces are of; None: this machine's own

    def start(
        self, arguments: Sequence[str], environment: Mapping[str, str], output: BinaryIO, cwd: Path
    ) -> subprocess.Popen[bytes]:
        """Starts ``harness`` with these arguments on this host."""
        command = [sys.executable, "-m", "harness", *arguments]
        if self._init is not None:
            spaces = ["--pid", "--uts", "--mount", f"--wdns={cwd}"]
            command = ["nsenter", "--target", str(self._init), *spaces, *command]
        return subprocess.Popen(
            command, env=dict(environment), stdout=output, stderr=output, cwd=cwd
        )


@contextlib.contextmanager
def hosts() -> Iterator[tuple[Host, Host]]:
    """Makes two hosts that last as long as the block."""
    if not apart():
        yield Host(NAMES[0], None), Host(NAMES[1], None)
        return
    with contextlib.ExitStack() as stack:
        made = []
        for name in NAMES:
            outer = subprocess.Popen(
                ["unshare", *OWN, "sh", "-c", INIT, name],
                stdin=subprocess.PIPE,  # closed by whatever ends this process
                stdout=subprocess.DEVNULL,
            )
            stack.callback(outer.communicate)
            made.append(Host(name, _child(outer.pid)))
        yield made[0], made[1]


def _child(pid: int) -> int:
    """Returns the init of the namespaces that ``unshare`` made."""
    for _ in range(500):
        if children := psutil.Process(pid).children():
            inner = children[0].pid
            if Path(f"/proc/{inner}/ns/uts").readlink() != Path("/proc/self/ns/uts").readlink():
                return inner
        time.sleep(0.01)
    raise TimeoutError("the namespaces weren't made")


def kill(process: subprocess.Popen[bytes]) -> bool:
    """Kills a process and all that it started, with SIGKILL; False where it had ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process.pid)
        family = [parent, *parent.children(recursive=True)]
        for each in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(family[1:], timeout=30)
    return process.wait() not in (0, 1, 2, 3, 4, 5, 6)
