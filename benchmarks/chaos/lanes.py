"""One results folder that is killed a few times, resumed each time, and brought to its end."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.chaos.hosts import Host, kill
from benchmarks.chaos.jobs import Job
from benchmarks.chaos.phases import Watch

__all__ = ["Kill", "Lane", "disturb", "environment", "undisturbed"]

LONGEST_SECONDS = 900.0  # that an attempt may take, waiting for a lost host's lock included


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill."""

    job: str  # name of the job
    aimed: str  # phase that it was to meet
    met: str  # the innermost phase that was open; empty between phases
    host: str  # on which host the process ran
    moved: bool  # whether the attempt before ran on the other host
    waited: float  # seconds from the start of the attempt until it was killed


@dataclass
class Lane:
    """A results folder."""

    folder: Path  # holds ``results``, what was printed, and the caches
    kills: list[Kill] = field(default_factory=list)  # in their order
    seconds: float = 0.0  # wall seconds of all attempts
    code: int | None = None  # exit code of the last attempt, which nobody killed
    missed: list[str] = field(default_factory=list)  # phases that ended before they could be met

    @property
    def results(self) -> Path:
        """The records."""
        return self.folder / "results"


def environment(folder: Path) -> dict[str, str]:
    """Returns an environment with caches of the lane's own, and one thread."""
    own = {
        "HARNESS_CACHE": str(folder / "cache"),
        "HARNESS_API_KEY": "invented-key-of-nobody",
        "OMP_NUM_THREADS": "1",
        "COLUMNS": "200",
    }
    return dict(os.environ) | own


def undisturbed(job: Job, lane: Lane, host: Host) -> None:
    """Runs a job from start to end."""
    lane.results.mkdir(parents=True, exist_ok=True)
    since = time.monotonic()
    with (lane.folder / "output.txt").open("ab") as output:
        process = host.start(
            job.arguments(lane.results), environment(lane.folder), output, lane.folder
        )
        lane.code = process.wait(LONGEST_SECONDS)
    lane.seconds += time.monotonic() - since


def disturb(
    job: Job,
    lane: Lane,
    phases: Sequence[str],  # to be met, in their order
    lengths: dict[str, float],  # of the undisturbed job's phases, in seconds; ``any`` is the whole
    machines: Sequence[Host],
    chance: random.Random,
) -> None:
    """Kills a job in each phase, resumes it on this host or the other, and lets it end."""
    lane.results.mkdir(parents=True, exist_ok=True)
    at = chance.randrange(2)
    for number, phase in enumerate(phases):
        moved = bool(number) and chance.random() < 0.5
        at = 1 - at if moved else at
        if not _one(job, lane, phase, lengths.get(phase, 0.1), machines[at], moved, chance):
            lane.missed.append(phase)
            break
    moved = bool(phases) and chance.random() < 0.5
    undisturbed(job, lane, machines[1 - at if moved else at])


def _one(
    job: Job, lane: Lane, phase: str, length: float, host: Host, moved: bool, chance: random.Random
) -> bool:
    """Starts an attempt and kills it in a phase; False where it ended before."""
    watch, since = Watch(lane.results), time.monotonic()
    with (lane.folder / "output.txt").open("ab") as output:
        process = host.start(
            job.arguments(lane.results), environment(lane.folder), output, lane.folder
        )
        if phase != "any":
            watch.wait(phase, lambda: process.poll() is not None, LONGEST_SECONDS)
        time.sleep(chance.uniform(0, 0.8 * length))
        open_phases = watch.phases()[1]
        killed = kill(process)
    lane.seconds += time.monotonic() - since
    if killed:
        met = open_phases[-1] if open_phases else ""
        spent = time.monotonic() - since
        lane.kills.append(Kill(job.name, phase, met, host.name, moved, round(spent, 2)))
    return killed
