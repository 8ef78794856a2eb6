"""`transformers serve`, for a folder."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path

from harness.errors import MissingDependency
from harness.models.serving.program import Settings

__all__ = ["FILE", "SHOWN", "arguments", "environment", "found", "name_of", "version"]

SHOWN = "transformers"
FILE = False


def found() -> list[str]:
    """Returns the beginning of the command."""
    lacking = [n for n in ("transformers", "fastapi", "uvicorn") if not importlib.util.find_spec(n)]
    if lacking:
        raise MissingDependency(
            f"transformers serve needs {' and '.join(lacking)}",
            "Install it with: pip install 'adaptbench[local]' fastapi uvicorn",
        )
    return [str(Path(sys.executable).parent / SHOWN)]


def name_of(weights: Path) -> str:
    """Returns the folder: it knows no other name."""
    return str(weights)


def arguments(weights: Path, settings: Settings) -> list[str]:
    """Returns the options; it answers one request after another, as long as the model allows."""
    device = [] if settings.gpu else ["--device", "cpu"]
    return ["serve", str(weights), "--dtype", settings.dtype, *device]


def environment(settings: Settings) -> Mapping[str, str]:
    """Returns the number of threads."""
    return {"OMP_NUM_THREADS": str(settings.threads)}


def version(url: str) -> str:
    """Returns the version of this environment's package, which is the one that was started."""
    return importlib.metadata.version("transformers")
