"""What a run leaves in its folder, field by field: `run.json`, `artifact.json`, `metrics.json`.

Version 2 is the current one. It stays open: until it is released its fields may still change
without a new number. Older versions are read through `harness.records.migrations`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from harness.config import RunConfig, RunSettings
from harness.records.data import DataReport
from harness.records.figures import Figure, GradesRecord
from harness.records.figures import Part as _Part
from harness.records.files import Json
from harness.records.judges import Against, Agreement, JudgeRecord
from harness.records.machine import Machine, Provenance
from harness.records.model import ModelInfo
from harness.records.probes import ProbeRecord, ProbeScore
from harness.records.published import Published
from harness.records.scrub import without_places
from harness.records.server import ServerRecord
from harness.records.tuning import Effort, Tuning

__all__ = [
    "SCHEMA_VERSION",
    "Against",
    "Agreement",
    "ArtifactRecord",
    "Details",
    "DeviceRecord",
    "Figure",
    "FormerPrices",
    "GradesRecord",
    "JudgeRecord",
    "Keys",
    "Latency",
    "LongRows",
    "Machine",
    "MachineUse",
    "Metrics",
    "PluginRecord",
    "ProbeScore",
    "Provenance",
    "RowCounts",
    "RunRecord",
    "StrategyRecord",
    "TaskRecord",
    "UsedArtifact",
    "recorded",
]

SCHEMA_VERSION: Final = 2
TASK_FILES = (".yaml", ".yml")
NAMING = {"name", "version", "source"}  # of `parameters`, beside a part's hyper-parameters
Status = Literal["running", "finished", "interrupted", "failed"]


class Keys(_Part):
    """What decides the two halves of a run."""

    artifact: str | None = Field(
        description="Of all that preparing reads; null for answers made elsewhere."
    )
    result: str = Field(description="Of the artifact, the test rows, the prompt and the readout.")


class StrategyRecord(_Part):
    """What was adapted how."""

    name: str = Field(description="As it was asked for, its file without a folder.")
    parameters: dict[str, JsonValue] = Field(description="Every hyper-parameter, defaults too.")
    ceiling: bool = Field(
        False, description="Whether it is given what no deployment has: gold passages."
    )
    constant: bool | None = Field(
        None, description="Whether it gives one answer by design; null where nothing says."
    )
    families: tuple[str, ...] | None = Field(None, description="Of its parts; null in older ones.")


class RowCounts(_Part):
    """How many rows each split had."""

    train: int = Field(0, description="Rows to train on.")
    dev: int = Field(0, description="Rows to choose by.")
    test: int = Field(description="Rows that are answered.")


class TaskRecord(_Part):
    """What was asked."""

    name: str = Field(description="Name of the task.")
    version: int = Field(1, description="Raised when its rows or scores change.")
    digest: str = Field(description="sha256 of all that decides prompts and scores.")
    kind: str = Field(description="classification, qa, ...")
    language: str | None = Field(None, description="ISO 639-1 code.")
    licence: str = Field("", description="Licence of the rows.")
    summary: str = Field("", description="One sentence.")
    synthetic: bool = Field(False, description="Whether the rows were invented.")
    contamination: str = Field("", description="Whether models may have seen the rows.")
    published: tuple[Published, ...] = Field((), description="What others measured on the task.")
    parameters: dict[str, JsonValue] = Field(
        default_factory=dict, description="Of the generator, where one makes the rows."
    )
    labels: tuple[str, ...] = Field((), description="The possible answers, where they are listed.")
    digests: dict[str, str] = Field(default_factory=dict, description="Of the rows of each split.")
    rows: RowCounts = Field(description="How many rows were used.")
    largest_loss: float | None = Field(
        None,
        description="Most that a case of the test can cost, in the currency of its losses; null "
        "without any.",
    )


class DeviceRecord(_Part):
    """What answered."""

    device_class: str = Field(description="cpu, cuda:NAME of the GPU, or api.")
    dtype: str | None = Field(None, description="Type of numbers; null behind an API.")
    in_country: str | None = Field(
        None,
        description="Where in the user's country a server is declared to answer; null: nowhere.",
    )


class Latency(_Part):
    """Seconds of single requests, one at a time."""

    requests: int = Field(description="How many were measured, after a few that warm up.")
    p50_seconds: float = Field(description="The median.")
    p95_seconds: float = Field(description="What one in twenty exceeds.")
    held_tokens: int = Field(
        0,
        description="Tokens that all prompts begin with and that were computed before, as a "
        "server's prefix cache has them.",
    )
    stopped_by: Literal["requests", "time"] = Field(
        "requests", description="'time' where measuring all would have taken too long."
    )
    seconds: tuple[float, ...] = Field((), description="Of each request, in order.")


class LongRows(_Part):
    """Rows that are longer than the model's context."""

    rule: Literal["skip", "cut", "fail"] = Field(description="What became of them.")
    train: int = Field(0, description="Training and dev rows: left out, or cut.")
    test: int = Field(0, description="Test rows: not asked (outcome truncated), or cut.")
    cut: int = Field(0, description="Those of the test rows that were cut, and answered.")
    places: tuple[str, ...] = Field((), description="Where the first ones stand, how long.")


class MachineUse(_Part):
    """Who else used the machine."""

    seconds: float = Field(description="For which it was watched.")
    others_cpu_share: float = Field(description="Share of the processors that others took.")
    load_average: float = Field(description="Of the last minute.")
    threads: tuple[int, ...] = Field(
        (), description="Numbers of threads that the run computed with; empty where torch didn't."
    )


class Training(BaseModel):
    """What training came to. A strategy may add what it likes."""

    model_config = ConfigDict(extra="allow", frozen=True)

    best_dev_loss: float | None = Field(None, description="null where no dev rows were looked at.")


class Details(BaseModel):
    """What preparing found out. A strategy may add what it likes."""

    model_config = ConfigDict(extra="allow", frozen=True)

    training: Training | None = Field(None, description="Loss, steps and optimiser.")
    documents: dict[str, JsonValue] | None = Field(None, description="Files and their chunks.")
    dev: dict[str, float] | None = Field(None, description="Metrics of the dev rows.")
    models: dict[str, ModelInfo] = Field({}, description="Others than the run's, by phase.")
    long_rows: dict[str, JsonValue] | None = Field(
        None, description="Training and dev rows longer than the context: how many, where."
    )


class UsedArtifact(_Part):
    """The prepared artifact that a run answered from."""

    name: str = Field(description="Its folder under `artifacts`.")
    reused: bool = Field(description="Whether an earlier run prepared it, and paid for it.")
    details: Details = Field(default_factory=Details, description="What preparing found out.")


class ArtifactRecord(_Part):
    """artifact.json: how far an artifact is prepared."""

    key: str = Field(description="Of all that preparing reads.")
    status: Literal["running", "finished"] = Field(description="A running one is resumed.")
    strategy: dict[str, JsonValue] = Field(
        default_factory=dict, description="The parts with their hyper-parameters."
    )
    streams: tuple[str, ...] | None = Field(
        None, description="Random numbers that were drawn; null where nothing says."
    )
    details: Details = Field(default_factory=Details, description="What preparing found out.")


class OneAnswer(_Part):
    """The answer that nearly all rows got, though many have another."""

    answer: str = Field(description="The answer, a label where it begins with one.")
    count: int = Field(description="Rows that got it.")
    n: int = Field(description="Rows whose answer could be read.")
    others: int = Field(description="Of these, rows for which another answer is right.")


class Metrics(_Part):
    """metrics.json: what the predictions come to; it can be derived again from them."""

    outcomes: dict[str, int] = Field(description="Rows by outcome.")
    n: int = Field(description="Rows that have an outcome other than 'error'.")
    primary: str = Field(description="The metric that the task is ranked by.")
    metrics: dict[str, Figure] = Field(description="By name.")
    slices: dict[str, dict[str, Figure]] = Field(
        default_factory=dict, description="By column=value, then by name."
    )
    judged: dict[str, dict[str, int]] = Field(
        default_factory=dict, description="Rows by judged metric and state."
    )
    one_answer: OneAnswer | None = Field(None, description="null where answers differ.")


class PluginRecord(_Part):
    """What became of a metric of the user's own."""

    digest: str = Field(description="sha256 of the file that defines it.")
    rows: int = Field(description="Answers that it was to score.")
    failed: int = Field(0, description="Those that have no value, since it failed on them.")
    row: str = Field("", description="Id of the first of these.")
    error: str = Field("", description="How it failed there.")


class FormerPrices(_Part):
    """What earlier versions kept with a run of how to price it; now the reader chooses."""

    machine: str | None = Field(None, description="Row of the price book.")
    project_to: str | None = Field(None, description="Row of the price book.")
    label_usd: float | None = Field(None, description="Of one labelled row.")


class RunRecord(BaseModel):
    """run.json: one run, whatever became of it. It holds quantities, no money, and no place."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=(), validate_assignment=True)

    schema_version: Literal[2] = Field(SCHEMA_VERSION, description="Version of these fields.")
    run_id: str = Field(description="Name of the run's folder.")
    key: str = Field(description="Of the result, the class of the device and the attempt.")
    keys: Keys = Field(description="What decides the two halves of the run.")
    status: Status = Field(description="Only a finished run has all of its files.")
    error: str | None = Field(None, description="Why it failed, without folders and secrets.")
    source: str | None = Field(None, description="Where the answers are from, if not from a run.")
    config: RunSettings = Field(description="What was asked for, files without their folders.")
    prices: FormerPrices | None = Field(
        None, description="How an earlier version priced it; null in records of today."
    )
    strategy: StrategyRecord = Field(description="What was adapted how.")
    task: TaskRecord = Field(description="What was asked.")
    data: DataReport | None = Field(
        None, description="What was seen in the rows; null in earlier records."
    )
    model: ModelInfo | None = Field(None, description="null where no language model takes part.")
    device: DeviceRecord = Field(description="What answered.")
    server: ServerRecord | None = Field(None, description="What it was asked; null: no server.")
    readout: str = Field(description="loglikelihood, generate, retrieval, classifier, declared.")
    metrics: tuple[str, ...] = Field(description="Names of the metrics.")
    plugins: dict[str, PluginRecord] = Field(
        default_factory=dict, description="Metrics of the user's own, by name."
    )
    judge: JudgeRecord | None = Field(None, description="null where no model judges.")
    grades: GradesRecord | None = Field(None, description="null where no person graded.")
    artifact: UsedArtifact | None = Field(None, description="null before one is prepared.")
    tuning: Tuning | None = Field(
        None, description="How hyper-parameters were searched for; null where they were not."
    )
    long_rows: LongRows | None = Field(None, description="null where all rows fit.")
    latency: Latency | None = Field(None, description="null where it wasn't measured.")
    probes: tuple[ProbeRecord, ...] = Field((), description="What adapting broke, if looked for.")
    shared: bool | None = Field(
        None, description="Whether another run was on the machine; null where nobody knows."
    )
    shared_phases: tuple[str, ...] = Field((), description="In which phases.")
    machine_use: MachineUse | None = Field(None, description="null where nobody watched.")
    provenance: Provenance = Field(default_factory=Provenance, description="How it came about.")
    started: str = Field(description="ISO 8601, UTC.")
    finished: str | None = Field(None, description="ISO 8601, UTC; null while it runs.")
    wall_seconds: float = Field(0.0, description="Over all attempts to run it.")

    @property
    def model_name(self) -> str | None:
        """Name of the language model; None where none takes part."""
        return self.model.name if self.model else None

    @property
    def effort(self) -> Effort:
        """How the hyper-parameters came about."""
        if self.tuning or self.config.tune or self.config.tune_usd:
            return "tuned"
        presets = any(key.rpartition(".")[2] == "preset" for key in self.config.set)
        return "paper" if presets else "set" if self.config.set else "default"

    @property
    def has_choices(self) -> bool:
        """Whether the strategy has hyper-parameters at all; one without can't be tuned."""
        parts = self.strategy.parameters.get("parts")
        several = parts if isinstance(parts, list) else [self.strategy.parameters]
        return any(set(part) - NAMING for part in several if isinstance(part, dict))

    @property
    def fixed(self) -> dict[str, JsonValue]:
        """The parameters that the user set; what a search found isn't among them."""
        found = self.tuning.found if self.tuning else {}
        return {key: value for key, value in self.config.set.items() if key not in found}

    @property
    def chosen(self) -> list[str]:
        """What was set (``k=1``), the budget of tuning, and the form in which it is deployed."""
        tuned = [f"tuned: {self.tuning.budget}"] if self.tuning else []
        form = [f"as {self.config.form}"] if self.config.form != "trained" else []
        return [*(f"{key}={value}" for key, value in self.fixed.items()), *tuned, *form]

    @property
    def label(self) -> str:
        """The strategy with what was chosen, which tells its runs apart."""
        return self.strategy.name + f" ({', '.join(self.chosen)})" * bool(self.chosen)

    def to_json(self) -> Json:
        """Returns the content of run.json."""
        return self.model_dump(mode="json", exclude=None if self.prices else {"prices"})


def recorded(config: RunConfig) -> RunSettings:
    """Returns what a record keeps of a configuration: no place of this machine is in it."""
    values = config.model_dump(mode="json", include=set(RunSettings.model_fields))
    if config.data is not None:
        prompt, test = config.data.prompt, config.data.test
        names = {"prompt": prompt and prompt.name, "test": test and test.name}
        values["data"] |= {"path": config.data.path.name, **names}
    # A task file of lm-eval's keeps its name alone, as other files do.
    values["probe"] = [
        f"{name.partition(':')[0]}:{Path(name).name}" if name.endswith(TASK_FILES) else name
        for name in config.probe
    ]
    return RunSettings(**without_places(values))
