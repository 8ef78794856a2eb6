"""The fields of a task file, checked when it is loaded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from harness.errors import UsageError, nearest
from harness.metrics.lists import is_nothing
from harness.metrics.losses import DecisionCosts
from harness.metrics.registry import check_metrics, kinds
from harness.metrics.spellings import written
from harness.records.personal import check_pattern
from harness.records.published import Published
from harness.task.dates import check_form
from harness.task.declared import Misdeclared, read_yaml
from harness.task.options import LETTERS
from harness.task.policy import shares_of
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
    "declare",
    "read_spec",
]

_NAME = "Letters, digits, _, . and - alone."
_COUNTRIES = {"kr": "ko", "jp": "ja", "cn": "zh", "us": "en", "gb": "en"}
_SPLITS = Literal["all", "train", "dev", "test"]


class _SpecModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _without(values: Mapping[str, object], *later: str) -> dict[str, object]:
    absent: tuple[object, ...] = (None, "", (), [])
    return {key: value for key, value in values.items() if key not in later or value not in absent}


def _can_be_there(path: str) -> str:
    longest = max(map(len, path.encode(errors="surrogatepass").split(b"/")))
    if longest > 255 or len(path) > 4000:  # of Linux, macOS and Windows alike
        raise Misdeclared(f"no file has so long a name: {path[:40]!r}...", "Shorten it.")
    return path


_Path = Annotated[str, AfterValidator(_can_be_there)]


class File(_SpecModel):
    """A file under the data folder."""

    path: _Path
    sha256: str | None = Field(
        None, pattern=r"^[0-9a-f]{64}$", description="64 hexadecimal digits, as sha256sum writes."
    )
    split: _SPLITS = "all"
    header_row: int | None = Field(None, ge=0)  # 0: there is none
    sheet: str | int | None = None

    @property
    def layout(self) -> Layout:
        """Where the rows stand in it."""
        return Layout(self.header_row, self.sheet)

    @model_serializer(mode="wrap")
    def _without_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Leaves out what isn't declared, so that the digests of earlier tasks stay."""
        return _without(handler(self), "header_row", "sheet")


class Hub(_SpecModel):
    """A data set of a hub, pinned."""

    id: str
    revision: str
    config: str | None = None
    splits: dict[str, _SPLITS] = Field(default={"train": "all"})


class Generator(_SpecModel):
    """A package beside the task file that makes the rows; ``outer/inner`` is one inside another."""

    name: str = Field(
        pattern=r"^\w+(/\w+)*$", description="The package's name: letters, digits, _ and /."
    )
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
    context: str | None = None  # stands before the input: a passage, a table
    flags: tuple[str, ...] = ()  # one a label, 1 or 0, in place of the target
    tags: str | None = None  # of the input's tokens, in place of the target

    @model_serializer(mode="wrap")
    def _without_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Leaves out what isn't declared, so that the digests of earlier tasks stay."""
        return _without(handler(self), "context", "flags", "tags")


class CorpusSpec(_SpecModel):
    """The documents that the questions are about.

    With neither folder nor files, the source's generator writes them.
    """

    folder: _Path | None = None
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

    name: str = Field(pattern=r"^[\w][\w.-]*$", description=_NAME)
    version: int = 1
    kind: str = Field(examples=list(kinds()))
    summary: str = ""
    language: str = Field("en", pattern=r"^[a-z]{2}$", description="Two letters: en, ko, ja, zh.")
    licence: str = "unknown"
    attribution: str = ""
    contamination: str = ""
    published: tuple[Published, ...] = ()
    synthetic: bool = False
    source: Source
    columns: Columns
    corpus: CorpusSpec | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    split: str | None = Field(None, description="Shares of train/dev/test in percent: 70/10/20.")
    date_format: str | None = Field(None, description="DMY, MDY, YMD, or a pattern: %d.%m.%y.")
    prompt: PromptSpec = PromptSpec()
    readout: Literal["auto", "loglikelihood", "generate"] = "auto"
    max_tokens: int = Field(32, ge=1)
    stop: tuple[str, ...] = ("\n",)
    abstain: str = ""
    metrics: tuple[str, ...]
    primary: str
    decision: DecisionCosts | None = None
    tolerance: float | None = Field(
        None, ge=0, lt=1, description="Share of a right number by which an answer may be off."
    )
    masks: dict[str, str] = Field(
        default_factory=dict,
        description="Kinds of personal data of this task's own, each with a regular expression.",
    )
    test_limit: int | None = Field(None, ge=1)
    max_input_chars: int = Field(20_000, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _by_kind(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Fills in what the kind says of a field that isn't declared."""
        kind = kinds().get(str(values.get("kind")))
        return {**kind.defaults, **values} if kind else values

    @field_validator("kind")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in kinds():
            raise Misdeclared(
                f"kind: {name!r} is none of {', '.join(kinds())}", nearest(name, kinds())
            )
        return name

    @model_validator(mode="after")
    def _has_what_it_is_scored_by(self) -> TaskSpec:
        columns, kind = self.columns, kinds()[self.kind]
        for names, why in kind.needs:
            there = [name for name in names if getattr(columns, name)]
            if not there:
                raise _absent(why, *names)
            if len(there) > 1:
                raise Misdeclared(
                    f"{' and '.join(there)} both name the right answers",
                    "Leave one of them out.",
                    *("columns", there[1]),
                )
        if kind.labelled and not (self.labels or columns.flags):
            raise Misdeclared(
                f"a {self.kind} needs its labels",
                'Add what stands in the column, and its label: labels: {"0": negative, "1": positive}',
                "labels",
            )
        return self

    @model_validator(mode="after")
    def _language_is_no_country(self) -> TaskSpec:
        if code := _COUNTRIES.get(self.language):
            raise Misdeclared(
                f"language: {self.language!r} is a country",
                f"Write the language: {code}",
                "language",
            )
        return self

    @model_validator(mode="after")
    def _options_are_apart(self) -> TaskSpec:
        columns = self.columns
        for name, (owner, what) in _owned().items():
            if self.kind != owner and (getattr(columns, name, None) or getattr(self, name, None)):
                raise Misdeclared(
                    f"{name} are {what}; the kind is {self.kind}",
                    f"Write kind: {owner}, or leave {name} out.",
                    *(("columns", name) if hasattr(columns, name) else (name,)),
                )
        for number, name in enumerate(columns.choices):
            if name in (columns.input, columns.target) or name in columns.choices[:number]:
                raise Misdeclared(
                    f"{name!r} can't be a column of options, too",
                    "Name each column once.",
                    *("columns", "choices", number),
                )
        if len(columns.choices) > len(LETTERS):
            raise Misdeclared(
                f"{len(columns.choices)} columns of options",
                f"Name {len(LETTERS)} at most.",
                *("columns", "choices"),
            )
        return self

    @model_validator(mode="after")
    def _labels_make_sets(self) -> TaskSpec:
        """Of labels of which a row has several, one text is made of them."""
        flags, labels = self.columns.flags, self.labels
        if kinds()[self.kind].several:
            for code, label in (labels or dict.fromkeys(flags)).items():
                label = code if label is None else label
                if re.search(r"[;|\n]", label) or is_nothing(label):
                    raise Misdeclared(
                        f"the label {label!r} can't be one of several",
                        "A label is without ; and |, and isn't none, which says that there is no label.",
                        *(("labels", code) if labels else ("columns", "flags")),
                    )
        if labels and (strange := [name for name in flags if name not in labels]):
            raise Misdeclared(
                f"flags names {strange[0]!r}, for which labels has no name",
                f"Add {strange[0]}: NAME under labels, or leave labels out.",
                "labels",
            )
        return self

    @model_validator(mode="after")
    def _labels_are_apart(self) -> TaskSpec:
        seen: dict[str, str] = {}
        for code, label in self.labels.items():
            other = seen.setdefault(written(label), label)
            if not written(label) or other != label:
                raise Misdeclared(
                    f"the labels {other!r} and {label!r} are the same text"
                    if label.strip()
                    else f"the label of {code!r} is empty",
                    "Write one label one way; several codes may have it.",
                    *("labels", code),
                )
        return self

    @model_validator(mode="after")
    def _metrics_fit(self) -> TaskSpec:
        if not self.metrics:
            raise Misdeclared("no metric is named", "Name one: metrics: [accuracy]", "metrics")
        for number, name in enumerate(self.metrics):
            try:
                check_metrics([name], kind=self.kind)
            except UsageError as error:
                raise Misdeclared(error.message, error.hint, "metrics", number) from error
        if self.primary not in self.metrics:
            raise Misdeclared(
                f"primary: {self.primary!r} is not among the metrics",
                nearest(self.primary, self.metrics),
                "primary",
            )
        return self

    @model_validator(mode="after")
    def _has_rows_and_documents(self) -> TaskSpec:
        source, corpus = self.source, self.corpus
        if not (source.files or source.hub or source.generator):
            raise Misdeclared(
                "source names no rows", "Add source: {files: [{path: rows.csv}]}.", "source"
            )
        if corpus and not (corpus.files or corpus.folder or source.generator):
            raise Misdeclared(
                "corpus names no folder and no files", "Name where they lie.", "corpus"
            )
        return self

    @model_validator(mode="after")
    def _divisible(self) -> TaskSpec:
        at = "date_format"
        try:
            check_form(self.date_format)
            at = "split"
            shares_of(self.split or "100/0/0")
        except UsageError as error:
            raise Misdeclared(error.message, error.hint, at) from error
        return self

    @model_validator(mode="after")
    def _consistent(self) -> TaskSpec:
        for name, pattern in self.masks.items():
            try:
                check_pattern(name, pattern)
            except ValueError as error:
                fix = "Correct the regular expression."
                raise Misdeclared(str(error), fix, "masks", name) from error
        if (self.decision is None) == (self.kind == "decision"):
            raise Misdeclared(
                "a task of kind 'decision', and no other, declares 'decision'",
                "tasks/insurer-claims-en.yaml is an example.",
                "decision" if self.decision else "kind",
            )
        if self.decision is None:
            return self
        if strange := set(self.labels.values()) ^ set(self.decision.labels):
            raise Misdeclared(
                f"labels and costs differ in {sorted(strange)[0]!r}",
                "Name the same decisions in both.",
                *("decision", "costs"),
            )
        return self


def _absent(why: str, *fields: str) -> Misdeclared:
    either = " or ".join(f"columns.{field}" for field in fields)
    return Misdeclared(f"{why}: columns has no {fields[0]!r}", f"Name {either}.", "columns")


def _owned() -> dict[str, tuple[str, str]]:
    """Returns the fields that one kind alone takes: the kind, and what they are."""
    return {
        field: (kind.name, what) for kind in kinds().values() for field, what in kind.takes.items()
    }


def declare(**values: Any) -> TaskSpec:
    """Makes a declaration of values of the user's. Raises `Misdeclared`: they don't go together."""
    try:
        return TaskSpec(**values)
    except ValidationError as error:
        cause = error.errors()[0].get("ctx", {}).get("error")
        raise (cause if isinstance(cause, Misdeclared) else error) from error


def read_spec(path: Path) -> TaskSpec:
    """Reads a task file; errors are those of `read_yaml`."""
    return read_yaml(path, TaskSpec, "task file", "tasks/fpb.yaml is an example.")
