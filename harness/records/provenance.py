"""How a record came about: code, libraries, machine. Nothing that names a person or a host."""

from __future__ import annotations

import contextlib
import getpass
import platform
import re
import subprocess
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from harness import devices
from harness.version import __version__

__all__ = ["collect", "scrub"]

LIBRARIES = (
    "torch", "transformers", "peft", "bitsandbytes", "tokenizers", "accelerate",
    "scikit-learn", "numpy", "pandas", "kiwipiepy",
)  # fmt: skip

_SECRET = re.compile(
    r"(sk-[A-Za-z0-9_-]{8,}|hf_[A-Za-z0-9]{8,}|(?i:bearer)\s+\S+|"
    r"(?i:(?:api[_-]?key|token|password|secret)\s*[=:]\s*)[^\s&]+)"
)


def scrub(text: str) -> str:
    """Takes keys, home paths, user and host names out of a text.

    Paths below the working folder begin there: `/srv/study/results` becomes `results`.
    """
    text = _SECRET.sub("[removed]", text)
    here = str(Path.cwd())
    if len(here) > 1:
        text = re.sub(rf"{re.escape(here)}(?![^\s/\"'])/?", "", text)
    text = text.replace(str(Path.home()), "~")
    for name in _names():
        text = re.sub(rf"\b{re.escape(name)}\b", "[removed]", text)
    return text


@cache
def _names() -> tuple[str, ...]:
    """User and host names; ones so short or common that they are words stay."""
    names = [platform.node()]
    with contextlib.suppress(KeyError, OSError):  # no such user in this container
        names.append(getpass.getuser())
    return tuple(name for name in names if len(name) > 3 and name not in ("root", "localhost"))


def collect() -> dict[str, Any]:
    """Returns versions, commit and machine as JSON values."""
    return {
        "harness": __version__,
        **_commit(),
        "python": platform.python_version(),
        "libraries": _libraries(),
        "machine": devices.machine_info(),
        "command": scrub(" ".join(["harness", *sys.argv[1:]])),
    }


def _libraries() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _commit() -> dict[str, Any]:
    """The commit of this code, where it runs from a checkout."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return {"commit": None, "dirty": None}

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=10).stdout.strip()

    try:
        status = git("status", "--porcelain", "--", "harness", "strategies", "tasks")
        return {"commit": git("rev-parse", "HEAD") or None, "dirty": bool(status)}
    except (OSError, subprocess.TimeoutExpired):
        return {"commit": None, "dirty": None}
