"""llama.cpp, for a GGUF file: `llama-server`, or the same server out of the package `xllamacpp`.

As a program it takes those options of `llama-server` that are used here:

    python -m harness.models.serving.llama_cpp -m FILE.gguf -c 4096 --host 127.0.0.1 --port 8080
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from harness.errors import MissingDependency
from harness.models.serving.program import Settings
from harness.models.serving.wire import ask

__all__ = ["FILE", "SHOWN", "arguments", "environment", "found", "main", "name_of", "version"]

SHOWN = "llama-server"
FILE = True


def found() -> list[str]:
    """Returns the beginning of the command: `llama-server` of this machine goes first."""
    if program := shutil.which(SHOWN):
        return [program]
    if importlib.util.find_spec("xllamacpp") is None:
        raise MissingDependency(
            "llama.cpp isn't here: neither the program llama-server nor the package xllamacpp",
            "Install it with: pip install 'adaptbench[llama-cpp]'",
        )
    return [sys.executable, "-m", __name__]


def name_of(weights: Path) -> str:
    """Returns the file's name without its ending."""
    return weights.stem


def arguments(weights: Path, settings: Settings) -> list[str]:
    """Returns the options; ``-c`` is the context of all requests together."""
    return [
        *("-m", str(weights), "--alias", name_of(weights)),
        *("-c", str(settings.context_length * settings.parallel), "-np", str(settings.parallel)),
        *("-t", str(settings.threads)),
    ]  # fmt: skip


def environment(settings: Settings) -> Mapping[str, str]:
    """Returns nothing: it is told all by options."""
    return {}


def version(url: str) -> str:
    """Returns the build, such as ``b6500-abc``."""
    return str(ask(f"{url}/props").get("build_info", ""))


def main(words: list[str] | None = None) -> None:
    """Serves until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name if __spec__ else __name__}")
    parser.add_argument("-m", required=True)
    parser.add_argument("--alias", default="")
    parser.add_argument("-c", type=int, default=4096)
    parser.add_argument("-np", type=int, default=1)
    parser.add_argument("-t", type=int, default=-1)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    given = parser.parse_args(words)
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path, parameters.model_alias = given.m, {given.alias or Path(given.m).stem}
    parameters.n_ctx, parameters.n_parallel = given.c, given.np
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = given.t
    parameters.hostnames, parameters.port = [given.host], given.port
    # In the C++ code no Python handler of a signal would run: the system's own ends it at once.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    server = xllamacpp.Server(parameters)
    sys.stderr.write(f"serves {given.m} at {server.listening_address}\n")
    signal.pause()


if __name__ == "__main__":
    main()
