"""Real servers with a real model, one at a time; each is skipped where it isn't installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import MissingDependency
from harness.models.serving import PROGRAMS, Served, Settings, serving
from harness.models.sources.cache import cache_folder
from harness.models.sources.fetch import is_cached

MODEL = "smollm2-135m-instruct"


@pytest.fixture(scope="session")
def real_folder() -> Path:
    """The folder of a small model with a chat template."""
    if not is_cached(MODEL):
        pytest.skip(f"harness models fetch {MODEL}")
    return cache_folder() / "models" / MODEL


@pytest.fixture(scope="session")
def gguf_file(real_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model as a GGUF file of 8 bits a weight."""
    from harness.runs.exports.gguf import write_gguf

    file = tmp_path_factory.mktemp("gguf") / f"{MODEL}.q8_0.gguf"
    write_gguf(real_folder, file, "q8_0")
    return file


@pytest.fixture(scope="session", params=sorted(PROGRAMS))
def served(request: pytest.FixtureRequest, real_folder: Path) -> Iterator[Served]:
    """A server of each program; folders are served in float32."""
    program = PROGRAMS[request.param]
    try:
        program.found()
    except MissingDependency as error:
        pytest.skip(str(error))
    weights = request.getfixturevalue("gguf_file") if program.FILE else real_folder
    with serving(request.param, weights, Settings(2048, threads=1, dtype="float32")) as running:
        yield running
