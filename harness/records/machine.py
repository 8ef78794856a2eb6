"""The machine that a record was made on, and the versions that made it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from harness.records.files import Json

__all__ = ["Gpu", "Machine", "Provenance"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def as_json(self) -> Json:
        """Returns what is known as JSON values: fields that nobody set are left out."""
        return self.model_dump(mode="json", exclude_unset=True)


class Gpu(_Part):
    """One GPU."""

    name: str = Field(description="As its driver calls it.")
    memory_bytes: int = Field(description="In all.")
    capability: str = Field(description="CUDA compute capability, such as 9.0.")


class Machine(_Part):
    """The machine, without its name."""

    os: str | None = Field(None, description="Operating system.")
    python: str | None = Field(None, description="Version of Python.")
    cpu: str | None = Field(None, description="Model of the processor.")
    architecture: str | None = Field(None, description="x86_64, arm64, ...")
    physical_cores: int | None = Field(None, description="Cores without hyper-threading.")
    threads: int | None = Field(None, description="Threads that computed.")
    memory_bytes: int | None = Field(None, description="That this process may use.")
    bf16: bool | None = Field(None, description="Whether the processor multiplies bfloat16.")
    gpus: tuple[Gpu, ...] = Field((), description="The GPUs, where a model was loaded.")


class Provenance(_Part):
    """How a record came about; nothing in it names a person, a host or a folder."""

    harness: str | None = Field(None, description="Version of the harness.")
    commit: str | None = Field(None, description="Of the code, where it ran from a checkout.")
    dirty: bool | None = Field(None, description="Whether the checkout had changes.")
    python: str | None = Field(None, description="Version of Python.")
    libraries: dict[str, str] = Field(default_factory=dict, description="Versions by name.")
    machine: Machine = Field(default_factory=Machine, description="What it ran on.")
    command: str = Field("", description="The command line, without folders and secrets.")
