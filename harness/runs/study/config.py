"""What a study file may say, and the cells that it stands for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.config import RunConfig, run_config
from harness.errors import DataError, UsageError, nearest
from harness.records.keys import digest
from harness.strategy.registry import create_strategy

__all__ = ["Cell", "StudyConfig", "read_study", "shipped"]

LOCAL = {"results", "data_dir", "prices", "force", "offline"}
"""Settings of a machine: they are given on the command line and make no other cell."""
ID_LENGTH = 10


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Setting(_Strict):
    """Fields for the cells that match."""

    when: dict[str, Any] = Field(description="Fields that a cell has to have.")
    then: dict[str, Any] = Field(description="Fields that it then gets.")


class StudyConfig(_Strict):
    """A study file. Fields of a run are those of ``harness run``, with underscores."""

    name: str = Field(pattern=r"^[\w][\w.-]*$")
    summary: str = ""
    defaults: dict[str, Any] = Field(default_factory=dict, description="Fields of every run.")
    matrix: dict[str, list[Any]] = Field(
        default_factory=dict, description="Fields with the values that are crossed."
    )
    include: list[dict[str, Any]] = Field(
        default_factory=list, description="Runs beside the matrix."
    )
    exclude: list[dict[str, Any]] = Field(
        default_factory=list, description="Cells that have all of these fields are left out."
    )
    settings: list[Setting] = Field(
        default_factory=list, description="Fields for some of the cells."
    )

    def cells(self) -> tuple[Cell, ...]:
        """Returns the runs that the study stands for, each once, in the order of the file.

        Raises:
            UsageError: A field or a strategy that doesn't exist, or no cell at all.
        """
        found: dict[str, Cell] = {}
        for values in self._combinations():
            cell = _cell(values)
            found.setdefault(cell.id, cell)
        if not found:
            raise UsageError(f"the study {self.name} has no cell", "Give it a matrix or include.")
        return tuple(found.values())

    def _combinations(self) -> Iterator[dict[str, Any]]:
        names = list(self.matrix)
        crossed = (
            dict(zip(names, chosen, strict=True))
            for chosen in itertools.product(*self.matrix.values())
        )
        for values in itertools.chain(crossed if names else (), self.include):
            made = {**self.defaults, **values}
            for setting in self.settings:
                if _matches(made, setting.when):
                    made = _merged(made, setting.then)
            if not any(_matches(made, left_out) for left_out in self.exclude):
                yield made


@dataclass(frozen=True, slots=True)
class Cell:
    """One run of a study.

    Attributes:
        id: Made of what it runs; the same on every machine.
        values: Fields of the run.
    """

    id: str
    values: Mapping[str, Any]

    @property
    def label(self) -> str:
        """Task, strategy, model and seed, with what was set."""
        names = [self.values.get("task", "insurer-ko"), self.values["strategy"]]
        if model := self.values.get("model"):
            names.append(Path(str(model)).name)
        set_ = ", ".join(f"{key}={value}" for key, value in self.values.get("set", {}).items())
        more = [
            f"{key} {self.values[key]}" for key in ("train_limit", "seed") if key in self.values
        ]
        return " · ".join(map(str, [*names, *([set_] if set_ else []), *more]))

    def run_config(self, **local: Any) -> RunConfig:
        """Returns the run, with the settings of this machine."""
        return run_config(**{**self.values, **local})


def _cell(values: dict[str, Any]) -> Cell:
    known = set(RunConfig.model_fields) - LOCAL
    for name in values:
        if name not in known:
            raise UsageError(f"a run has no field {name!r}", nearest(name, known))
    if "strategy" not in values:
        raise UsageError("a cell has no strategy", "Name one in matrix, include or defaults.")
    config = run_config(**values)
    needs = create_strategy(config.strategy, config.set).required
    plain = {key: values[key] for key in sorted(values) if values[key] is not None}
    if "model" not in needs:  # so that a baseline runs once, not once a model
        plain = {key: value for key, value in plain.items() if key not in ("model", "revision")}
    return Cell(digest(plain)[:ID_LENGTH], plain)


def _matches(values: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(
        values.get(key) in (each if isinstance(each, list) else [each])
        for key, each in wanted.items()
    )


def _merged(values: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Sets fields; those that are tables themselves (``set``) are joined."""
    joined = {
        key: {**values[key], **value}
        for key, value in more.items()
        if isinstance(value, dict) and isinstance(values.get(key), dict)
    }
    return {**values, **more, **joined}


def shipped() -> dict[str, Path]:
    """Returns the study files that belong to this installation, by name."""
    return {path.stem: path for path in sorted(Path(__file__).parent.glob("*.yaml"))}


def read_study(name: str) -> StudyConfig:
    """Reads a study file, or a shipped study by name.

    Raises:
        UsageError: There is none of that name.
        DataError: The file is wrong: which field, and why.
    """
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        if name not in shipped():
            raise UsageError(f"there is no study {name!r}", nearest(name, shipped()))
        path = shipped()[name]
    try:
        return StudyConfig(**yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise DataError(f"there is no file {path}", "Check the path.") from error
    except (yaml.YAMLError, UnicodeDecodeError, TypeError) as error:
        raise DataError(f"{path.name} is no study file: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise DataError(
            f"{path.name}: {where}: {first['msg'].lower()}",
            "`harness study --help` shows an example.",
        ) from error
