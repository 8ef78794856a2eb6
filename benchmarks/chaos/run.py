"""All jobs: undisturbed, then disturbed in several lanes at once."""

from __future__ import annotations

import math
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.chaos.check import differences
from benchmarks.chaos.hosts import Host, apart, hosts
from benchmarks.chaos.jobs import Job, jobs, write_inputs
from benchmarks.chaos.lanes import Kill, Lane, disturb, undisturbed
from benchmarks.chaos.phases import lengths
from benchmarks.chaos.vendor import Vendor, vendor
from benchmarks.rounds import Notify
from harness.cli.output import console, table
from harness.errors import HarnessError
from harness.records.presence import present

__all__ = ["Chaos", "LaneReport", "chaos", "show"]

KILLS_A_LANE = 3
MOST_LANES = 12  # of a group, phases that were tried again included
AT_ONCE = 4  # lanes: most of their time is waiting until a lost host's lock is stale


@dataclass(frozen=True)
class LaneReport:
    """One results folder: its kills, and what isn't as the undisturbed one's."""

    job: str
    kills: list[Kill]
    seconds: float
    asked_again: int  # Requests to the vendor beyond one a row: answers that were on their way
    differences: list[str]


@dataclass
class Chaos:
    """What came out."""

    seed: int
    hosts: int  # That can't see each other's processes
    lanes: list[LaneReport] = field(default_factory=list)

    @property
    def kills(self) -> list[Kill]:
        """All kills."""
        return [kill for lane in self.lanes for kill in lane.kills]

    @property
    def holds(self) -> bool:
        """Whether each lane ended as its undisturbed job did."""
        return bool(self.lanes) and not any(lane.differences for lane in self.lanes)

    def as_dict(self) -> dict[str, Any]:
        """Returns all of it as JSON values, without folders."""
        met = Counter(f"{kill.job}: {kill.met or 'between phases'}" for kill in self.kills)
        return {
            "benchmark": "chaos",
            "seed": self.seed,
            "hosts": self.hosts,
            "kills": len(self.kills),
            "moved": sum(kill.moved for kill in self.kills),
            "met": dict(sorted(met.items())),
            "asked_again": sum(lane.asked_again for lane in self.lanes),
            "holds": self.holds,
            "lanes": [asdict(lane) for lane in self.lanes],
        }


@present()
def chaos(
    folder: Path,  # empty; gets all results, caches and outputs
    kills: int,  # how many, divided over the jobs as `jobs` says for 50
    seed: int,  # of the moments and hosts
    notify: Notify,
) -> Chaos:
    """Kills and resumes until so many kills have met a process."""
    write_inputs(folder)
    found = Chaos(seed, 2 if apart() else 1)
    with vendor() as books, hosts() as machines, ThreadPoolExecutor(AT_ONCE) as pool:
        wholes: dict[str, Lane] = {}
        todo = jobs(folder, books.url)
        for job in todo:
            notify(f"{job.name}: undisturbed")
            wholes[job.name] = whole = Lane(folder / job.name / "whole")
            _begin(job, whole, wholes)
            undisturbed(job, whole, machines[0])
            if whole.code != 0:
                raise HarnessError(f"{job.name} fails undisturbed", f"See {whole.folder}.")
        books.take()
        groups = [group for job in todo for group in _groups(job, round(kills * job.share))]
        stage = _Stage(folder, wholes, machines, books, seed, notify)
        for lanes in pool.map(stage.run, groups):
            found.lanes += lanes
    return found


def _begin(job: Job, lane: Lane, wholes: Mapping[str, Lane]) -> None:
    """Gives a job the records that it reads."""
    lane.results.mkdir(parents=True)
    for name in job.reads:
        shutil.copytree(wholes[name].results, lane.results, dirs_exist_ok=True)


Group = list[tuple[Job, list[str]]]
"""Jobs with the phases in which they are killed, one after another."""


def _groups(job: Job, kills: int) -> list[Group]:
    """Divides a job's kills into lanes of a few; those of a vendor's books go one by one."""
    total = sum(job.kills.values())
    wanted = [phase for phase, share in job.kills.items() for _ in range(share)]
    wanted = [wanted[number * total // kills] for number in range(kills)]
    count = math.ceil(kills / KILLS_A_LANE)
    lanes = [(job, wanted[start::count]) for start in range(count)]
    return [lanes] if job.at_once else [[lane] for lane in lanes]


@dataclass(frozen=True)
class _Stage:
    """What all lanes share."""

    folder: Path
    wholes: Mapping[str, Lane]
    machines: Sequence[Host]
    books: Vendor
    seed: int
    notify: Notify

    def run(self, group: Group) -> list[LaneReport]:
        """Runs lanes one after another; phases that ended too soon are tried in further ones."""
        reports, waiting = list[LaneReport](), list(group)
        while waiting and len(reports) < MOST_LANES:
            job, phases = waiting.pop(0)
            report, missed = self._lane(job, phases)
            reports.append(report)
            if missed:
                waiting.append((job, missed))
        return reports

    def _lane(self, job: Job, phases: list[str]) -> tuple[LaneReport, list[str]]:
        folder = Path(tempfile.mkdtemp(prefix="lane-", dir=self.folder / job.name))
        lane, whole = Lane(folder), self.wholes[job.name]
        chance = random.Random(f"{self.seed}/{job.name}/{phases}")
        times = lengths(whole.results) | {"any": whole.seconds}
        _begin(job, lane, self.wholes)
        disturb(job, lane, phases, times, self.machines, chance)
        asked = self.books.take() if job.at_once else Counter()
        wrong = differences(job, lane, whole, asked)
        met = ", ".join(kill.met or "between" for kill in lane.kills)
        self.notify(f"{job.name}: killed in {met or 'nothing'}: {'; '.join(wrong) or 'the same'}")
        again = asked.total() - len(asked)
        report = LaneReport(job.name, lane.kills, round(lane.seconds, 1), again, wrong)
        return report, phases[len(lane.kills) :]


def show(found: Chaos, out: Console | None = None) -> None:
    """Prints what came out, for people."""
    out = out or console()
    told = found.as_dict()
    hosts_text = "two hosts" if found.hosts == 2 else "one host: namespaces aren't permitted here"
    out.print(f"chaos · {told['kills']} kills · {hosts_text}", style="bold", markup=False)
    out.print()
    lines = table("killed in", "kills")
    for name, count in told["met"].items():
        lines.add_row(name, str(count))
    out.print(lines)
    out.print()
    out.print(f"resumed on the other host: {told['moved']}", markup=False)
    out.print(
        f"answers that were on their way and are paid again: {told['asked_again']}", markup=False
    )
    for lane in found.lanes:
        for text in lane.differences:
            out.print(f"{lane.job}: {text}", style="red", markup=False)
    verdict = "equal the undisturbed ones" if found.holds else "differ from the undisturbed ones"
    out.print(f"the final records {verdict}", markup=False)
