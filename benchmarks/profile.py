"""Where the processor time of our side goes: torch's operations in groups, and what stands around."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.contract import Benchmark, Options
from benchmarks.worker import loaded
from harness.cli.output import console, table

__all__ = ["GROUPS", "Profile", "measure", "show"]

GROUPS = {
    "matrix products": (
        "aten::mm",
        "aten::addmm",
        "aten::addmm_",
        "aten::bmm",
        "aten::baddbmm",
        "mkldnn::_linear_pointwise",
    ),
    "softmax": ("aten::_softmax",),
    "copies, gathers and joins": (
        "aten::copy_",
        "aten::cat",
        "aten::index",
        "aten::index_select",
        "aten::_index_put_impl_",
        "aten::clone",
    ),
}
OTHER = "other operations of torch"
OUTSIDE = "Python between them"


@dataclass(frozen=True, slots=True)
class Profile:
    """Shares of the processor time of a run, by what it was spent on."""

    benchmark: str
    options: Options
    seconds: float  # processor time of a run that isn't watched
    operations: int  # of torch
    shares: dict[str, float]  # they add up to 1
    version: str  # of torch

    def as_dict(self) -> dict[str, Any]:
        """Returns the figures as one JSON object."""
        return asdict(self)


def measure(benchmark: Benchmark, options: Options) -> Profile:
    """Runs our side once as it is, and once watched; watching makes what is short look longer."""
    import torch
    from torch.profiler import ProfilerActivity, profile

    side = loaded(benchmark.sides["ours"], options)
    side.warm_up()
    since = time.process_time()
    side.run()
    seconds = time.process_time() - since
    since = time.process_time()
    with profile(activities=[ProfilerActivity.CPU]) as watched:
        side.run()
        whole = time.process_time() - since
    spent: Counter[str] = Counter()
    group_of = {name: group for group, names in GROUPS.items() for name in names}
    count = 0
    for each in watched.key_averages():
        spent[group_of.get(each.key, OTHER)] += each.self_cpu_time_total / 1e6
        count += each.count
    spent[OUTSIDE] = max(0.0, whole - sum(spent.values()))
    total = sum(spent.values())
    shares = {name: spent[name] / total for name in (*GROUPS, OTHER, OUTSIDE)}
    return Profile(benchmark.name, options, seconds, count, shares, torch.__version__)


def show(found: Profile) -> None:
    """Prints a profile for people."""
    rows = table("", "share")
    for name, share in found.shares.items():
        rows.add_row(name, f"{share:.0%}")
    console().print(rows)
    console().print(f"{found.seconds:.1f} s, {found.operations:,} operations", markup=False)
