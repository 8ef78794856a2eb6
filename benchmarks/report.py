"""What a comparison came to: the figures, as JSON and on a screen."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console

from benchmarks.contract import Agreement, Benchmark, Options
from benchmarks.floor import floor_share
from benchmarks.ratios import Ratio, paired_ratio
from harness.cli.output import console, table

__all__ = ["Report", "SideReport", "show", "summarise"]

Runs = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class SideReport:
    """One side's figures."""

    name: str  # ``ours``, or the peer's name
    seconds: float  # median over the rounds
    rounds: tuple[float, ...]  # the seconds of each round
    items_per_second: float  # by the median
    peak_bytes: int  # highest resident memory of its process while it worked, of all rounds
    resident_bytes: int  # what was resident before the work: model, libraries
    flops: float | None  # operations that it took, by token counts
    settings: Mapping[str, Any]  # what it found out while warming up
    figures: Mapping[str, Any]  # what else it reports, of the last round


@dataclass(frozen=True, slots=True)
class Report:
    """A comparison."""

    benchmark: str
    options: Options
    ratio: Ratio  # the peer's seconds over ours
    agreement: Agreement  # of the answers, in float32
    ours: SideReport  # our figures
    peer: SideReport  # the peer's
    matmul_rate: float  # FLOP/s of a large product in the same run
    # share of our seconds that the necessary operations take at that rate
    floor_share: float | None
    # the ratio that token counts allow: the peer's operations over the necessary ones
    ceiling: float | None

    def as_dict(self) -> dict[str, Any]:
        """Returns all figures as one JSON object."""
        found = asdict(self)
        ratio = found.pop("ratio")
        found |= {"ratio": ratio["value"], "ratio_low": ratio["low"], "ratio_high": ratio["high"]}
        return found | {"rounds": ratio["rounds"]}


def summarise(
    benchmark: Benchmark,
    options: Options,  # as run, with the number of items
    runs: Mapping[str, Runs],  # for ``ours`` and ``peer`` what each round gave
    rates: Sequence[float],  # FLOP/s of a large product, one a round
    settings: Mapping[str, Mapping[str, Any]],  # what the sides found out while warming up
    agreement: Agreement,
) -> Report:
    """Makes the figures of a comparison."""
    ours = _side("ours", runs["ours"], options, settings["ours"])
    peer = _side(options.peer, runs["peer"], options, settings["peer"])
    rate = statistics.median(rates)
    least = runs["ours"][-1]["least_flops"]
    return Report(
        benchmark.name,
        options,
        paired_ratio(ours.rounds, peer.rounds),
        agreement,
        ours,
        peer,
        rate,
        None if least is None else floor_share(least, rate, ours.seconds),
        None if least is None or peer.flops is None else peer.flops / least,
    )


def _side(name: str, runs: Runs, options: Options, settings: Mapping[str, Any]) -> SideReport:
    seconds = tuple(run["seconds"] for run in runs)
    median = statistics.median(seconds)
    return SideReport(
        name,
        median,
        seconds,
        (options.items or 0) / median,
        max(run["peak_bytes"] for run in runs),
        max(run["resident_bytes"] for run in runs),
        runs[-1]["flops"],
        settings,
        runs[-1]["figures"],
    )


def show(report: Report, unit: str, out: Console | None = None) -> None:
    """Prints a comparison for people."""
    out = out or console()
    options = report.options
    out.print(
        f"{report.benchmark} · {options.workload} · {options.model} · {options.dtype} · "
        f"{options.items} {unit}",
        style="bold",
        markup=False,
    )
    out.print()
    sides = table("", "seconds", f"{unit}/s", "peak memory", "before the work", "TFLOP")
    for side in (report.ours, report.peer):
        sides.add_row(
            side.name,
            f"{side.seconds:.2f}",
            f"{side.items_per_second:.2f}",
            f"{side.peak_bytes / 2**20:,.0f} MiB",
            f"{side.resident_bytes / 2**20:,.0f} MiB",
            "-" if side.flops is None else f"{side.flops / 1e12:.2f}",
        )
    out.print(sides)
    out.print()
    lines = table("", "")
    for name, value in _lines(report):
        lines.add_row(name, value)
    out.print(lines)


def _lines(report: Report) -> list[tuple[str, str]]:
    ratio, agreement = report.ratio, report.agreement
    inside = "one round" if ratio.low is None else f"[{ratio.low:.2f}, {ratio.high:.2f}]"
    found = [
        (f"{report.peer.name} / ours", f"{ratio.value:.2f}  {inside}"),
        (
            "agreement, float32",
            f"{agreement.share:.4f} of {agreement.items} "
            f"(largest difference {agreement.largest_difference:.1e})",
        ),
        (f"large product, {report.options.dtype}", f"{report.matmul_rate / 1e12:.2f} TFLOP/s"),
    ]
    if report.floor_share is not None:
        found.append(("share of the floor", f"{report.floor_share:.0%}"))
    if report.ceiling is not None:
        found.append(("ratio that token counts allow", f"{report.ceiling:.1f}"))
    for side in (report.ours, report.peer):
        found += [(f"{side.name}: {name}", str(value)) for name, value in side.settings.items()]
    return found
