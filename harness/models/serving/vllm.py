"""vLLM, for a folder. It lives in an environment of its own, since it wants other versions."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from harness.errors import MissingDependency
from harness.models.serving.program import Settings
from harness.models.serving.wire import ask

__all__ = ["FILE", "SHOWN", "arguments", "environment", "found", "name_of", "version"]

SHOWN = "vllm"
FILE = False
VARIABLE = "HARNESS_VLLM"


def found() -> list[str]:
    """Returns the beginning of the command: of HARNESS_VLLM, or of the path."""
    named = os.environ.get(VARIABLE)
    if program := shutil.which(named or SHOWN):
        return [program]
    what = f"{VARIABLE} names {named}, which is no program" if named else "vLLM isn't here"
    raise MissingDependency(
        what,
        "Install it in an environment of its own, as docs/servers.md shows, and set"
        f" {VARIABLE} to its program: {VARIABLE}=/path/to/bin/vllm",
    )


def name_of(weights: Path) -> str:
    """Returns the folder's name."""
    return weights.name


def arguments(weights: Path, settings: Settings) -> list[str]:
    """Returns the options. On a CPU compiling takes minutes, and is left out."""
    eager = [] if settings.gpu else ["--enforce-eager"]
    return [
        *("serve", str(weights), "--served-model-name", name_of(weights), "--dtype", settings.dtype),
        *("--max-model-len", str(settings.context_length)),
        *("--max-num-seqs", str(settings.parallel), *eager),
    ]  # fmt: skip


def environment(settings: Settings) -> Mapping[str, str]:
    """Returns what it reads: no statistics are sent home; on a CPU memory and threads."""
    quiet = {"VLLM_NO_USAGE_STATS": "1"}
    if settings.gpu:
        return quiet
    return quiet | {
        "VLLM_CPU_KVCACHE_SPACE": os.environ.get("VLLM_CPU_KVCACHE_SPACE", "1"),  # GiB
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",  # else it takes processors that may be busy
        "OMP_NUM_THREADS": str(settings.threads),
    }


def version(url: str) -> str:
    """Returns the version, such as ``0.32.0``."""
    return str(ask(f"{url}/version").get("version", ""))
