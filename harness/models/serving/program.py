"""What a program that serves models says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from harness.devices import physical_cores

__all__ = ["Program", "Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model is served."""

    context_length: int = 4096  # tokens of one request, its answer included
    parallel: int = 4  # requests that are answered at a time; others wait
    threads: int = field(default_factory=physical_cores)  # of a CPU
    dtype: str = "bfloat16"  # of weights in a folder; a GGUF file has its own
    gpu: bool = False  # whether a GPU computes
    more: tuple[str, ...] = ()  # further options of the program


class Program(Protocol):
    """One program; each is a module of this package."""

    SHOWN: str  # how a user calls it
    FILE: bool  # whether it serves a GGUF file; else a folder

    def found(self) -> list[str]:
        """Returns the beginning of the command that starts it here.

        Raises:
            MissingDependency: It isn't installed.
        """

    def name_of(self, weights: Path) -> str:
        """Returns the model's name, as requests have to give it."""

    def arguments(self, weights: Path, settings: Settings) -> list[str]:
        """Returns what follows in the command, but for host and port."""

    def environment(self, settings: Settings) -> Mapping[str, str]:
        """Returns what it reads from the environment."""

    def version(self, url: str) -> str:
        """Asks the server that runs at a URL (without ``/v1``) which version it is."""
