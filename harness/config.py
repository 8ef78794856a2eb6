"""What a run is asked to do. Each field is documented here, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import UsageError

__all__ = ["DataSource", "RunConfig", "RunSettings", "run_config"]

Kind = Literal["classification", "multiple_choice", "qa"]


class DataSource(BaseModel):
    """A table of the user's own, instead of a task file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path = Field(description="JSONL, CSV, TSV, XLSX or Parquet.")
    input: str = Field(description="Column with the question or text.")
    target: str = Field(description="Column with the right answer or label.")
    kind: Kind = Field("classification", description="What kind of task it is.")
    accepted: str | None = Field(None, description="Column with other right answers, split by |.")
    group: str | None = Field(None, description="Column whose equal rows stay in one split.")
    time: str | None = Field(None, description="Column by which the latest rows become the test.")
    prompt: Path | None = Field(None, description="Text file with the instructions.")


class RunSettings(BaseModel):
    """What a run is asked to do: what a record keeps of its configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    strategy: str = Field("qlora", description="Name, combination (lora+few-shot), file.py:Class.")
    task: str = Field("insurer-ko", description="Name of a built-in task, or a task file.")
    data: DataSource | None = Field(None, description="A table of your own instead of a task.")
    model: str | None = Field(
        None, description="Catalogue name, hub id, folder, GGUF file, or endpoint:NAME."
    )
    judge: str | None = Field(
        None, description="endpoint:NAME of a model that judges the answers, by ragas' prompts."
    )
    ragas: Literal["auto", "on", "off"] = Field(
        "auto", description="ragas' metrics without a judge; auto: where passages are retrieved."
    )
    revision: str | None = Field(None, description="Revision of a hub model.")
    seed: int = Field(0, ge=0, description="The strategy's seed; splits don't move with it.")
    limit: int | None = Field(
        None, ge=0, description="First n test rows; 0 for all. By default the task's own limit."
    )
    train_limit: int | None = Field(None, ge=1, description="First n training rows.")
    set: dict[str, Any] = Field(default_factory=dict, description="Hyper-parameters.")
    task_set: dict[str, Any] = Field(default_factory=dict, description="The task's parameters.")
    readout: Literal["auto", "loglikelihood", "generate"] = Field(
        "auto", description="Read answers off likelihoods, or off generated text."
    )
    metrics: tuple[str, ...] = Field((), description="More metrics, as path.py:function.")
    latency: bool = Field(
        True, description="Afterwards time single requests, one at a time: p50 and p95."
    )
    device: str = Field("auto", description="auto, cpu, cuda, cuda:1, mps.")
    dtype: str = Field("auto", description="auto, bfloat16, float32, float16.")
    offline: bool = Field(False, description="Never use the network; fail at once instead.")
    store_text: Literal["full", "masked", "ids"] = Field(
        "full", description="How much of the answers' text is kept."
    )
    label_usd: float | None = Field(None, ge=0, description="Price of one labelled row, in $.")
    machine: str | None = Field(None, description="Row of the price book for this machine.")
    project_to: str | None = Field(None, description="GPU of the price book to project to.")
    force: bool = Field(False, description="Run again, beside a finished record.")


class RunConfig(RunSettings):
    """One run: its settings, and what a record leaves out: places, and limits of money."""

    docs: Path | None = Field(None, description="Folder of documents to retrieve from.")
    base_url: str | None = Field(
        None, description="OpenAI-compatible server of --model endpoint:NAME, up to /v1."
    )
    max_cost: float | None = Field(None, gt=0, description="Most to spend on an API's tokens, $.")
    judge_url: str | None = Field(
        None, description="OpenAI-compatible server of the judge, up to /v1."
    )
    judge_max_cost: float | None = Field(None, gt=0, description="Most to spend on the judge, $.")
    results: Path = Field(Path("results"), description="Folder for the records.")
    data_dir: Path | None = Field(None, description="Folder with local copies of data sets.")
    prices: Path | None = Field(None, description="Price book of your own, over the shipped one.")


def run_config(**values: Any) -> RunConfig:
    """Makes a configuration; problems are said in words.

    Raises:
        UsageError: A value that isn't allowed, with the field's name.
    """
    try:
        return RunConfig(**values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"]).replace("_", "-")
        raise UsageError(
            f"--{field} {first.get('input')!r}: {first['msg'].lower()}",
            "`harness run --help` shows what is allowed.",
        ) from error
