"""The fields of a task file, checked when it is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from harness.errors import DataError
from harness.metrics.losses import DecisionCosts
from harness.records.personal import check_pattern
from harness.task.tables import Layout

__all__ = [
    "Columns",
    "CorpusSpec",
    "File",
    "Generator",
    "Hub",
    "PromptSpec",
    "Source",
    "TaskSpec",
    "read_spec",
    "read_yaml",
]

FormT = TypeVar("FormT", bound=BaseModel)


class _SpecModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class File(_SpecModel):
    """A file under the data folder."""

    path: str
    sha256: str | None = None
    split: Literal["all", "train", "dev", "test"] = "all"
    header_row: int | None = Field(None, ge=1)
    sheet: str | int | None = None

    @property
    def layout(self) -> Layout:
        """Where the rows stand in it."""
        return Layout(self.header_row, self.sheet)

    @model_serializer(mode="wrap")
    def _without_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Leaves out what isn't declared, so that the digests of earlier tasks stay."""
        values: dict[str, object] = handler(self)
        later = ("header_row", "sheet")
        return {key: value for key, value in values.items() if key not in later or value}


class Hub(_SpecModel):
    """A data set of a hub, pinned."""

    id: str
    revision: str
    config: str | None = None
    splits: dict[str, str] = Field(default_factory=lambda: {"train": "all"})


class Generator(_SpecModel):
    """A package beside the task file that makes the rows; ``outer/inner`` is one inside another."""

    name: str = Field(pattern=r"^\w+(/\w+)*$")
    parameters: dict[str, Any] = Field(default_factory=dict)


class Source(_SpecModel):
    """Where the rows come from; the hub only where the files aren't here."""

    files: tuple[File, ...] = ()
    hub: Hub | None = None
    generator: Generator | None = None


class Columns(_SpecModel):
    """Names of the columns."""

    input: str
    target: str = ""
    id: str | None = None
    accepted: str | None = None
    cluster: str | None = None
    split: str | None = None
    time: str | None = None
    answerable: str | None = None
    passages: str | None = None
    key_facts: str | None = None
    choices: tuple[str, ...] = ()
    slices: tuple[str, ...] = ()


class CorpusSpec(_SpecModel):
    """The documents that the questions are about.

    With neither folder nor files, the source's generator writes them.
    """

    folder: str | None = None
    files: tuple[File, ...] = ()
    id: str = "id"
    text: str = "text"
    title: str | None = None


class PromptSpec(_SpecModel):
    """What stands around the input."""

    instructions: str = ""
    input_cue: str = "Question:"
    cue: str = "Answer:"


class TaskSpec(_SpecModel):
    """A task file."""

    name: str = Field(pattern=r"^[\w][\w.-]*$")
    version: int = 1
    kind: Literal["classification", "multiple_choice", "qa", "description", "decision", "ranking"]
    summary: str = ""
    language: str = "en"
    licence: str = "unknown"
    attribution: str = ""
    contamination: str = ""
    synthetic: bool = False
    source: Source
    columns: Columns
    corpus: CorpusSpec | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    prompt: PromptSpec = PromptSpec()
    readout: Literal["auto", "loglikelihood", "generate"] = "auto"
    max_tokens: int = Field(32, ge=1)
    stop: tuple[str, ...] = ("\n",)
    abstain: str = ""
    metrics: tuple[str, ...]
    primary: str
    decision: DecisionCosts | None = None
    masks: dict[str, str] = Field(
        default_factory=dict,
        description="Kinds of personal data of this task's own, each with a regular expression.",
    )
    test_limit: int | None = Field(None, ge=1)
    max_input_chars: int = Field(20_000, ge=1)

    @model_validator(mode="after")
    def _has_what_it_is_scored_by(self) -> TaskSpec:
        if self.kind == "ranking" and not self.columns.passages:
            raise ValueError("a ranking is scored by gold passages: name columns.passages")
        if self.kind != "ranking" and not self.columns.target:
            raise ValueError("the answers are missing: name columns.target")
        if self.kind == "description" and not self.columns.key_facts:
            raise ValueError("a description is scored by its key facts: name columns.key_facts")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> TaskSpec:
        for name, pattern in self.masks.items():
            check_pattern(name, pattern)
        if (self.decision is None) == (self.kind == "decision"):
            raise ValueError("a task of kind 'decision', and no other, declares 'decision'")
        if self.decision is None:
            return self
        if strange := set(self.labels.values()) ^ set(self.decision.labels):
            raise ValueError(f"labels and costs differ in {sorted(strange)[0]!r}")
        return self


def read_spec(path: Path) -> TaskSpec:
    """Reads a task file; errors are those of `read_yaml`."""
    return read_yaml(path, TaskSpec, "task file", "tasks/fpb.yaml is an example.")


def read_yaml(path: Path, form: type[FormT], what: str, hint: str) -> FormT:
    """Reads a YAML file with a pydantic model's fields; DataError names the one that is wrong."""
    try:
        return form(**yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except OSError as error:
        raise DataError(f"there is no file {path}", "Check the path.") from error
    except (yaml.YAMLError, UnicodeDecodeError, TypeError) as error:
        raise DataError(f"{path.name} is no {what}: {error}", hint) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise DataError(
            f"{path.name}: {where}: {first['msg'].lower()} (found {first.get('input')!r:.80})", hint
        ) from error
