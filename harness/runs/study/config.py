"""The study file, and the cells that it stands for."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from harness.config import NO_SEARCH, RunConfig, run_config
from harness.errors import HarnessError, UsageError, nearest
from harness.records.keys import digest
from harness.strategy.registry import create_strategy
from harness.strategy.tuning import wanted
from harness.task.declared import read_values, read_yaml

__all__ = ["Cell", "StudyConfig", "read_study", "shipped"]

LOCAL = {"results", "data_dir", "prices", "force", "offline"}
"""Options of a machine: they come from the command line, and a cell's id doesn't hang on them."""
SHOWN = ("train_limit", "seed", *NO_SEARCH)
"""Fields of a cell that its label shows, beside task, strategy, model and hyper-parameters."""
ID_LENGTH = 10

Values = Mapping[str, object]


class _StudyModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Override(_StudyModel):
    """Fields for the cells that match."""

    when: dict[str, Any] = Field(description="Fields that a cell has to have.")
    then: dict[str, Any] = Field(description="Fields that it then gets.")


class StudyConfig(_StudyModel):
    """A study file. Fields of a run are those of ``harness run``, with underscores."""

    name: str = Field(pattern=r"^[\w][\w.-]*$")
    summary: str = ""
    defaults: dict[str, Any] = Field(default_factory=dict, description="Fields of every run.")
    matrix: dict[str, list[Any]] = Field(
        default_factory=dict, description="Fields with their values; all combinations are run."
    )
    include: list[dict[str, Any]] = Field(
        default_factory=list, description="Runs beside the matrix."
    )
    exclude: list[dict[str, Any]] = Field(
        default_factory=list, description="Cells that have all of these fields are left out."
    )
    settings: list[Override] = Field(
        default_factory=list, description="Fields for some of the cells."
    )

    max_core_hours: float | None = Field(
        None, gt=0, description="Most core-hours that it may take by the forecast."
    )

    def cells(self) -> tuple[Cell, ...]:
        """Returns the runs that the study stands for, each once, in the order of the file.

        Raises:
            UsageError: A field or a strategy that doesn't exist, or no cell at all.
        """
        cells: dict[str, Cell] = {}
        for values in self._combinations():
            cell = _cell(values)
            cells.setdefault(cell.id, cell)
        if not cells:
            raise UsageError(
                f"the study {self.name} has no cell", "Add a matrix, or runs under include."
            )
        return tuple(cells.values())

    def _combinations(self) -> Iterator[Values]:
        rows = itertools.product(*self.matrix.values()) if self.matrix else ()
        crossed = (dict(zip(self.matrix, row, strict=True)) for row in rows)
        for fields in itertools.chain(crossed, self.include):
            values: Values = {**self.defaults, **fields}
            for override in self.settings:
                if _matches(values, override.when):
                    values = _merged(values, override.then)
            if not any(_matches(values, excluded) for excluded in self.exclude):
                yield values


@dataclass(frozen=True, slots=True)
class Cell:
    """One run of a study."""

    id: str  # A digest of what it runs; the same on every machine
    values: Mapping[str, Any]  # Fields of the run

    @property
    def task(self) -> str:
        """The task's name, or the table that is one."""
        if table := self.values.get("data"):
            return Path(table["path"]).name
        return _name_of(str(self.values.get("task", RunConfig.model_fields["task"].default)))

    @property
    def label(self) -> str:
        """Task or table, strategy and model, with hyper-parameters, limit of training rows and seed."""
        words = [self.task, self.values["strategy"]]
        if model := self.values.get("model"):
            words.append(Path(str(model)).name)
        if parameters := self.values.get("set"):
            words.append(", ".join(f"{key}={value}" for key, value in parameters.items()))
        words += [f"{key} {self.values[key]}" for key in SHOWN if key in self.values]
        return " · ".join(map(str, words))

    def run_config(self, **local: object) -> RunConfig:
        """Returns the run, with the options of this machine."""
        return run_config(**{**self.values, **local})


def _name_of(task: str) -> str:
    """Returns a task's name: of a file what it declares, or its own where that can't be read."""
    path = Path(task)
    if path.suffix not in (".yaml", ".yml"):
        return task
    with contextlib.suppress(HarnessError, OSError):  # what is wrong with it the cell's run says
        return _declared(path.resolve(), path.stat().st_mtime_ns) or path.name
    return path.name


@cache
def _declared(path: Path, changed: int) -> str:
    """Returns the name in a task file; `changed` is when the file was, so that it is read once."""
    return str(read_values(path, "task file", "").get("name") or "")


def _cell(values: Values) -> Cell:
    known = set(RunConfig.model_fields) - LOCAL
    for name in values:
        if name not in known:
            raise UsageError(f"a run has no field {name!r}", nearest(name, known))
    if "strategy" not in values:
        raise UsageError("a cell has no strategy", "Name one in matrix, include or defaults.")
    config = run_config(**values)
    strategy = create_strategy(config.strategy, config.set)
    if config.tunes:
        wanted(config)  # refuses what can't be tuned
    plain = {key: values[key] for key in sorted(values) if values[key] is not None}
    # So that what takes no model runs once, not once for each.
    if "model" not in strategy.required or strategy.makes_model:
        plain = {key: value for key, value in plain.items() if key not in ("model", "revision")}
    return Cell(digest(plain)[:ID_LENGTH], plain)


def _matches(values: Values, condition: Values) -> bool:
    """Whether each field has the value of the condition, or one in its list."""
    return all(
        values.get(key) in (each if isinstance(each, list) else [each])
        for key, each in condition.items()
    )


def _merged(values: Values, fields: Values) -> Values:
    """Sets fields; those that are tables themselves (``set``) are joined."""
    merged = {**values, **fields}
    for key, table in fields.items():
        before = values.get(key)
        if isinstance(table, dict) and isinstance(before, dict):
            merged[key] = {**before, **table}
    return merged


def shipped() -> dict[str, Path]:
    """Returns the study files that belong to this installation, by name."""
    return {path.stem: path for path in sorted(Path(__file__).parent.glob("*.yaml"))}


def read_study(name: str) -> StudyConfig:
    """Reads a study file, or a shipped study by name; a wrong field is a `DataError`.

    Raises:
        UsageError: There is no study of that name.
        DataError: A field of the file is wrong: which one, and why.
    """
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        if name not in shipped():
            raise UsageError(f"there is no study {name!r}", nearest(name, shipped()))
        path = shipped()[name]
    return read_yaml(path, StudyConfig, "study file", "`harness study --help` shows an example.")
