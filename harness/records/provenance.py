"""How a record came about: code, libraries, machine. Nothing that names a person or a host."""

from __future__ import annotations

import contextlib
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from harness import devices
from harness.records.schema import Machine, Provenance
from harness.records.scrub import scrub
from harness.version import __version__

__all__ = ["collect"]

LIBRARIES = ["torch", "transformers", "peft", "bitsandbytes", "tokenizers", "accelerate"]
LIBRARIES += ["scikit-learn", "numpy", "pandas", "kiwipiepy"]


def collect() -> Provenance:
    """Returns versions, commit and machine."""
    commit, dirty = _commit()
    return Provenance(
        harness=__version__,
        commit=commit,
        dirty=dirty,
        python=platform.python_version(),
        libraries=_libraries(),
        machine=Machine(**devices.machine_info()),
        command=scrub(" ".join(["harness", *sys.argv[1:]])),
    )


def _libraries() -> dict[str, str]:
    versions = {}
    for name in LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions


def _commit() -> tuple[str | None, bool | None]:
    """The commit of this code, where it runs from a checkout."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None, None

    def git(*arguments: str) -> str:
        command = ["git", "--no-optional-locks", "-C", str(root), *arguments]  # only reads
        return subprocess.run(command, capture_output=True, text=True, timeout=10).stdout.strip()

    try:
        status = git("status", "--porcelain", "--", "harness", "strategies", "tasks")
        return git("rev-parse", "HEAD") or None, bool(status)
    except (OSError, subprocess.TimeoutExpired):
        return None, None
