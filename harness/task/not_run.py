"""Sets of rows that are known here, and why no run is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from harness.errors import UsageError, nearest
from harness.task.declared import read_yaml

__all__ = ["NotRun", "not_run", "unknown_task"]


class NotRun(BaseModel):
    """A set that is declared, and not run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    summary: str = Field(min_length=1)
    rows: int = Field(ge=1)
    language: str = Field(pattern=r"^[a-z]{2}$", description="Two letters: en, ko, ja, zh.")
    licence: str
    source: str
    files: tuple[str, ...]  # under the data folder, where they are there
    reason: str = Field(min_length=1)  # why nothing is run on it
    instead: str = Field(min_length=1)  # what there is to do with it


@cache
def not_run() -> Mapping[str, NotRun]:
    """Returns the sets that are declared and not run, by name.

    Raises:
        DataError: A declaration is wrong.
    """
    folder = Path(__file__).resolve().parents[2] / "tasks" / "not_run"
    example = "The files beside it are examples."
    files = sorted(folder.glob("*.yaml"))
    return {path.stem: read_yaml(path, NotRun, "set that isn't run", example) for path in files}


def unknown_task(name: str, tasks: Mapping[str, object]) -> UsageError:
    """Returns the error of a task that can't be opened by its name: it isn't run, or unknown."""
    if name in not_run():
        found = not_run()[name]
        return UsageError(f"{name} is declared, not run: {found.reason}", found.instead)
    return UsageError(f"there is no task {name!r}", nearest(name, tasks))
