"""What a run's time goes into: one table of phases. A new one is one line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.errors import UsageError, nearest

__all__ = ["GREY", "PHASES", "TRAINING", "Phase", "known_phase", "phase_of"]

GREY = "#7d8590"


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of a ledger."""

    name: str
    # Whether it is a cost of making what answers. Measuring is a cost of neither development nor
    # deployment; ``serve`` gives the cost of a request.
    development: bool = True
    repeats_on_update: bool = True  # Whether an update of the facts pays it again
    # Whose forward passes it is: the ``run``'s model's, ``another``'s (an embedder, a teacher), or none.
    uses_model: Literal["run", "another"] | None = None
    colour: str = GREY
    apart: bool = False  # Whether a run's sums of hours and energy leave it out


_TABLE = (
    Phase("label", repeats_on_update=False, colour="#e0a100"),
    Phase("teach", uses_model="another", colour="#8c6d31"),
    Phase("index", uses_model="another", colour="#009e73"),
    Phase("tune", repeats_on_update=False, uses_model="run", colour="#a2559c"),
    Phase("pretrain", uses_model="run", colour="#8c4b1f"),
    Phase("train", uses_model="run", colour="#d55e00"),
    Phase("validate", uses_model="run", colour="#56b4e9"),
    Phase("load", colour="#9aa3ad"),
    Phase("save", colour="#c9ced4"),
    Phase("serve", development=False, uses_model="run"),
    Phase("latency", development=False, uses_model="run"),
    Phase("probe", development=False, uses_model="run", apart=True),
    Phase("judge", development=False, uses_model="another"),
    Phase("grade", development=False, apart=True),
)
PHASES = {phase.name: phase for phase in _TABLE}
"""All phases by name, in the order of a chart's stack."""
TRAINING = ("pretrain", "train")
"""Phases in which weights are trained: on plain text, and on the task's rows."""


def known_phase(name: str) -> Phase:
    """Returns a phase that is to be written; an unknown one is a `UsageError`."""
    if name not in PHASES:
        raise UsageError(f"there is no phase {name!r}", nearest(name, PHASES))
    return PHASES[name]


def phase_of(name: str) -> Phase:
    """Returns a phase that was read; one that this version doesn't know counts as development."""
    return PHASES.get(name) or Phase(name)
