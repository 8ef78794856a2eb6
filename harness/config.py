"""What a run is asked to do. Each field is documented here, once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo

from harness.errors import UsageError, nearest
from harness.types import Form

__all__ = [
    "ADAPTING",
    "NO_SEARCH",
    "PRICING",
    "DataSource",
    "Flag",
    "RunConfig",
    "RunSettings",
    "choice",
    "flag_of",
    "model_of",
    "option",
    "run_config",
    "spelling_of",
    "usage_error",
]

ADAPTING = "What is adapted how"
ROWS = "Task and rows"
SCORING = "Scores"
MACHINE = "Machine"
PRICING = "Pricing"
RECORD = "Record"


@dataclass(frozen=True, slots=True)
class Flag:
    """How a field stands on a command line, where its name and type don't say so."""

    panel: str | None = None  # heading under which ``--help`` shows it
    names: tuple[str, ...] = ()  # a long one replaces the field's name; ``-s`` alone joins it
    metavar: str | None = None  # what stands for its value in the help
    env: str | None = None  # environment variable that is read where the option isn't given

    def spellings(self, field: str) -> tuple[str, ...]:
        """Returns the option's names, the long one first."""
        if any(name.startswith("--") for name in self.names):
            return self.names
        return (f"--{field.replace('_', '-')}", *self.names)


def option(
    default: Any,  # ``...`` where it has to be given, a type where it is made anew
    description: str,
    panel: str | None = None,  # this and what follows: as of `Flag`
    *names: str,
    metavar: str | None = None,
    env: str | None = None,
    **limits: float,  # as of `pydantic.Field`
) -> Any:
    """Declares a field of a model that is an option of the verbs, too."""
    made = {"default_factory": default} if isinstance(default, type) else {"default": default}
    field = Field(description=description, **made, **limits)  # type: ignore[call-overload]
    field.metadata.append(Flag(panel, names, metavar, env))
    return field


def choice(default: Any, description: str, panel: str | None = None, *names: str) -> Any:
    """Declares the same in a dataclass."""
    field = option(default, description, panel, *names)
    return dataclass_field(default=default, metadata={"option": field})


class DataSource(BaseModel):
    """A table of the user's own, instead of a task file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path = option(
        ..., "CSV, TSV, JSONL, JSON, XLSX or Parquet.", ROWS, "--data", metavar="FILE"
    )
    input: str | None = option(
        None, "Column with the question or text; chat formats need none.", ROWS, metavar="COLUMN"
    )
    target: str | None = option(
        None, "Column with the right answer or label.", ROWS, metavar="COLUMN"
    )
    id: str | None = option(
        None, "Column with the rows' own ids; by default made of the input.", ROWS, metavar="COLUMN"
    )
    kind: str = option(
        "classification", "Kind of task; `list kinds` says what each is.", ROWS, metavar="KIND"
    )
    context: str | None = option(
        None,
        "Column whose text stands before the input: a passage, a table.",
        ROWS,
        metavar="COLUMN",
    )
    accepted: str | None = option(
        None, "Column with other right answers, split by |.", ROWS, metavar="COLUMN"
    )
    group: str | None = option(
        None, "Column whose equal rows stay in one split.", ROWS, metavar="COLUMN"
    )
    time: str | None = option(
        None, "Column by which the latest rows become the test.", ROWS, metavar="COLUMN"
    )
    date_format: str | None = option(
        None, "How --time is written where it isn't clear: DMY, MDY, or %d.%m.%y.", ROWS
    )
    test: Path | None = option(
        None, "Table of test rows; those of --data are then train and dev.", ROWS, metavar="FILE"
    )
    split: str | None = option(
        None, "Percent of train/dev/test: 70/10/20; 0/0/100: all test.", ROWS, metavar="SHARES"
    )
    choices: tuple[str, ...] | None = option(
        None, "Columns with a row's options, for multiple_choice.", ROWS, metavar="A,B,C"
    )
    labels: dict[str, str] | None = option(
        None, "What the codes in --target mean.", ROWS, metavar="0=NAME,1=NAME"
    )
    flags: tuple[str, ...] | None = option(
        None, "0/1 columns, one a label, in place of --target.", ROWS, metavar="A,B,C"
    )
    tags: str | None = option(
        None, "Column with the tags (BIO) of --input's tokens.", ROWS, metavar="COLUMN"
    )
    tolerance: float | None = option(
        None, "Share of a right number by which an answer may be off.", ROWS, metavar="SHARE", ge=0
    )
    max_tokens: int | None = option(
        None,
        "Longest answer in tokens; by default the kind's: 32 of most.",
        ROWS,
        metavar="N",
        ge=1,
    )
    prompt: Path | None = option(None, "Text file with the instructions.", ROWS)
    header_row: int | None = option(
        None,
        "Line or row of the header, where it isn't recognised; 0 where there is none.",
        ROWS,
        metavar="N",
        ge=0,
    )
    sheet: str | None = option(
        None, "Sheet of a workbook; by default the first visible one.", ROWS, metavar="NAME|N"
    )

    @field_validator("choices", "flags", mode="before")
    @classmethod
    def _divided(cls, value: object) -> object:
        return [name.strip() for name in value.split(",")] if isinstance(value, str) else value

    @field_validator("labels", mode="before")
    @classmethod
    def _paired(cls, value: object) -> object:
        """Reads ``code=name``; a comma before the next code belongs to a name."""
        if not isinstance(value, str):
            return value
        parts = re.split(r",(?=[^,=]*=)", value)
        pairs = [part.partition("=") for part in parts]
        labels = {code.strip(): name.strip() for code, _, name in pairs}
        if len(labels) < len(parts) or not all(code and name for code, name in labels.items()):
            raise ValueError("it has to be CODE=NAME, with commas between, each code once")
        return labels


class RunSettings(BaseModel):
    """What a run is asked to do: what a record keeps of its configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    strategy: str = option(
        "qlora", "Name, combination (lora+few-shot), file.py:Class.", ADAPTING, "-s"
    )
    task: str = option("insurer-ko", "Name of a built-in task, or a task file.", ROWS, "-t")
    data: DataSource | None = Field(None, description="A table of your own instead of a task.")
    model: str | None = option(
        None, "Catalogue name, hub id, folder, GGUF file, or endpoint:NAME.", ADAPTING, "-m"
    )
    judge: str | None = option(
        None, "Judges the answers: endpoint:NAME, or, as --model, one of this machine.", SCORING
    )
    ragas: Literal["auto", "on", "off"] = option(
        "auto", "ragas' metrics without a judge; auto: where passages are retrieved.", SCORING
    )
    revision: str | None = option(None, "Revision of a hub model.", ADAPTING)
    request: dict[str, Any] = option(
        dict,
        "More of what a server is asked, as JSON or text: reasoning_effort=low.",
        ADAPTING,
        metavar="KEY=VALUE",
    )
    seed: int = option(0, "The strategy's seed; splits don't move with it.", ADAPTING, ge=0)
    limit: int | None = option(
        None, "First n test rows; 0 for all. By default the task's own limit.", ROWS, ge=0
    )
    train_limit: int | None = option(None, "First n training rows.", ROWS, ge=1)
    drop_leaked: bool = option(
        False, "Leave out of train and dev what repeats a test row.", ROWS, "--drop-leaked"
    )
    set: dict[str, Any] = option(dict, "Hyper-parameters.", ADAPTING, metavar="[PART.]KEY=VALUE")
    tune: int | None = option(
        None, "Settings to try on the dev rows, the defaults first.", ADAPTING, metavar="N", ge=2
    )
    tune_usd: float | None = option(
        None, "Search them for so many dollars of this machine, or of an API.", ADAPTING, gt=0
    )
    tune_rows: int | None = option(
        None, "Dev rows that a setting answers, drawn once; all by default.", ADAPTING, ge=1
    )
    task_set: dict[str, Any] = option(dict, "The task's parameters.", ROWS, metavar="KEY=VALUE")
    long_rows: Literal["skip", "cut", "fail"] = option(
        "skip",
        "Rows longer than the model's context: leave them out of training and count them as wrong "
        "in the test, cut their input, or stop before anything runs.",
        ROWS,
    )
    readout: Literal["auto", "loglikelihood", "generate"] = option(
        "auto", "Read answers off likelihoods, or off generated text.", ADAPTING
    )
    form: Form = option(
        "trained", "Form in which the model answers; several with --from.", ADAPTING, "--as"
    )
    structured: bool = option(
        False, "Bind a server's answers to labels, options or lists.", ADAPTING, "--structured"
    )
    metrics: tuple[str, ...] = option(
        (), "More metrics, as path.py:function.", SCORING, "--metric", metavar="FILE.py:FUNCTION"
    )
    latency: bool = option(
        True, "Afterwards time single requests, one at a time: p50 and p95.", SCORING
    )
    probe: tuple[str, ...] = option(
        (),
        "What adapting broke, before against after: default, or lm-eval:NAME.",
        SCORING,
        metavar="NAME",
    )
    device: str = option("auto", "auto, cpu, cuda, cuda:1, mps.", MACHINE)
    dtype: str = option("auto", "auto, bfloat16, float32, float16.", MACHINE)
    offline: bool = option(
        False, "Never use the network; fail at once instead.", MACHINE, env="HARNESS_OFFLINE"
    )
    mask_pii: bool = option(
        False,
        "Mask what looks like personal data in what a server is sent: numbers of residents, "
        "phones, accounts, cards, e-mail.",
        ADAPTING,
        "--mask-pii",
    )
    store_text: Literal["full", "masked", "ids"] = option(
        "full", "How much text is kept of answers, and of one's own questions.", RECORD
    )
    force: bool = option(False, "Run again, beside a finished record.", RECORD, "--force")

    @property
    def tunes(self) -> bool:
        """Whether hyper-parameters are searched for."""
        return self.tune is not None or self.tune_usd is not None


NO_SEARCH: Mapping[str, None] = {"tune": None, "tune_usd": None, "tune_rows": None}
"""Fields of a run without a search for hyper-parameters."""


class RunConfig(RunSettings):
    """One run: its settings, and what a record leaves out: places, and all about money."""

    docs: Path | None = option(None, "Folder of documents to retrieve from.", ROWS)
    base_url: str | None = option(
        None, "Server of --model endpoint:NAME, up to /v1.", ADAPTING, env="HARNESS_BASE_URL"
    )
    in_country: str | None = option(
        None,
        "Where in your country the server of --model endpoint:NAME answers, and who says so: "
        "'Seoul, contract of 2026-11'.",
        ADAPTING,
        metavar="WHERE",
    )
    max_cost: float | None = option(None, "Most to spend on an API's tokens, $.", PRICING, gt=0)
    allow_unpriced: bool = option(
        False, "Ask a server whose price nobody knows.", PRICING, "--allow-unpriced"
    )
    deadline: float = option(
        120.0, "Most seconds that a server has for one answer, pauses included.", ADAPTING, gt=0
    )
    wait: bool = option(
        False,
        "The server may take a day: requests go in batches, at the price of those that may wait.",
        ADAPTING,
        "--wait",
    )
    rpm: int | None = option(
        None, "Most requests a minute to the server, and to the judge's.", ADAPTING, ge=1
    )
    tpm: int | None = option(
        None, "Most tokens a minute, read and written; each counts as its most.", ADAPTING, ge=1
    )
    run_deadline: float | None = option(
        None, "Most seconds that a run asks a server; the same command goes on.", ADAPTING, gt=0
    )
    judge_url: str | None = option(
        None, "OpenAI-compatible server of the judge, up to /v1.", SCORING, env="HARNESS_JUDGE_URL"
    )
    judge_max_cost: float | None = option(None, "Most to spend on the judge, $.", SCORING, gt=0)
    results: Path = option(
        Path("results"), "Folder for the records.", RECORD, env="HARNESS_RESULTS"
    )
    data_dir: Path | None = option(
        None, "Folder with local copies of data sets.", ROWS, env="HARNESS_DATA"
    )
    prices: Path | None = option(None, "Price book of your own, over the shipped one.", PRICING)
    label_usd: float | None = option(None, "Price of one labelled row, in $.", PRICING, ge=0)
    machine: str | None = option(None, "Row of the price book for this machine.", PRICING)
    project_to: str | None = option(None, "GPU of the price book to project to.", PRICING)

    @model_validator(mode="after")
    def _of_one_task(self) -> RunConfig:
        if self.data is not None and self.task != type(self).model_fields["task"].default:
            both = f"the task {self.task} and the table {self.data.path.name} are two tasks"
            raise UsageError(both, "Leave one of them out.")
        return self


def flag_of(field: FieldInfo) -> Flag:
    """Returns how a field stands on a command line."""
    return next((item for item in field.metadata if isinstance(item, Flag)), Flag())


def spelling_of(name: str, field: FieldInfo) -> str:
    """Returns the long name of a field's option."""
    return flag_of(field).spellings(name)[0]


def model_of(field: FieldInfo) -> type[BaseModel] | None:
    """Returns the model that a field holds, if it holds one."""
    kinds = (field.annotation, *get_args(field.annotation))
    return next(
        (kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None
    )


def usage_error(model: type[BaseModel], error: ValidationError, verb: str) -> UsageError:
    """Says in words what is wrong with a value, and by which option it is set."""
    first = error.errors()[0]
    fields = dict(model.model_fields)
    for inner in filter(None, map(model_of, model.model_fields.values())):
        fields |= inner.model_fields
    place = [str(step) for step in first["loc"]]
    if hint := _of_fields(fields, place, first["type"]):
        return UsageError(*hint)
    name = next((step for step in reversed(place) if step in fields), "".join(place[:1]))
    spelling = spelling_of(name, fields.get(name, FieldInfo()))
    message = first["msg"].removeprefix("Value error, ")
    return UsageError(
        f"{spelling} {first.get('input')!r}: {message[:1].lower()}{message[1:]}",
        f"`harness {verb} --help` shows what is allowed.",
    )


def _of_fields(
    fields: Mapping[str, FieldInfo], place: Sequence[str], problem: str
) -> tuple[str, str] | None:
    """Says what is wrong with the fields of a model within, as a study's ``data``; None: nothing."""
    outer = place[0] if place else ""
    inner = model_of(fields[outer]) if outer in fields else None
    if inner is None:
        return None
    example = f"Example: {outer}: {{path: rows.csv, input: question, target: answer, kind: qa}}"
    if problem == "extra_forbidden":
        return f"{outer} has no field {place[-1]!r}", nearest(place[-1], inner.model_fields)
    if problem == "missing":
        return f"{outer} lacks the field {place[-1]!r}", example
    if len(place) == 1:
        return f"{outer} is made of fields", example
    return None


def run_config(**values: Any) -> RunConfig:
    """Makes a configuration; problems are said in words.

    Raises:
        UsageError: A value that isn't allowed, with the option's name.
    """
    try:
        return RunConfig(**values)
    except ValidationError as error:
        raise usage_error(RunConfig, error, "run") from error
