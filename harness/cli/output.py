"""How a run is shown on a terminal."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from harness.text import duration

if TYPE_CHECKING:
    from harness.runs.checks import Check

__all__ = [
    "estimate_text",
    "judge_lines",
    "metric_title",
    "milliseconds",
    "print_checks",
    "print_documents",
    "print_json",
    "print_run",
    "speed_lines",
    "table",
    "usd",
]

MOST_FILES = 40
"""Files that were read, in a table; skipped ones are all shown."""


def print_json(value: Any) -> None:
    """Prints one JSON object on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def console() -> Console:
    """Returns the console for data: stdout, wide enough not to cut figures in a pipe."""
    found = Console(highlight=False, soft_wrap=True)
    return found if found.is_terminal else Console(highlight=False, width=120)


def table(*columns: str, title: str | None = None, text: bool = False) -> Table:
    """Returns a table whose first column is text and the rest figures, or text as well."""
    made = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for number, name in enumerate(columns):
        made.add_column(name, justify="left" if text or number == 0 else "right", overflow="fold")
    return made


def usd(value: float | None) -> str:
    """Writes money with as many digits as it needs; an unknown amount is never 0."""
    from harness.costs.money import Money  # a price book is nothing that --help should load

    return Money().text(value)


def estimate_text(figure: dict[str, Any], *, undefined: str = "undefined", gap: str = "  ") -> str:
    """Writes a figure with its interval: a share with three digits, money in whole units.

    Args:
        figure: An estimate as metrics.json has it; one in money has a ``unit``.
        undefined: What stands where there is no value.
        gap: What stands before the interval.
    """
    if figure["value"] is None:
        return undefined
    form = ",.0f" if figure.get("unit") else ".3f"
    value, low, high = (figure[name] for name in ("value", "low", "high"))
    return f"{value:{form}}" if low is None else f"{value:{form}}{gap}[{low:{form}}, {high:{form}}]"


def metric_title(name: str, figure: dict[str, Any] | None) -> str:
    """Writes a metric's name, with unit and direction where it is no share."""
    unit = (figure or {}).get("unit")
    if not unit:
        return name
    better = "higher" if (figure or {}).get("higher_is_better") else "lower"
    return f"{name}, {unit}, {better} is better"


def speed_lines(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Says how fast single requests are, and how many a second batches answer."""
    found = []
    if latency := report.get("latency"):
        middle, slow = (milliseconds(latency[f"{name}_seconds"]) for name in ("p50", "p95"))
        held = f", {latency['held_tokens']} tokens held before" if latency["held_tokens"] else ""
        text = f"{middle} / {slow} ({latency['requests']} single requests{held})"
        found.append(("latency, p50 / p95", text))
    if speed := report.get("throughput"):
        parts = [f"{speed['requests_per_second']:,.1f} requests/s"]
        if speed["tokens_per_second"]:
            parts.append(f"{speed['tokens_per_second']:,.0f} tokens/s")
        if speed["requests_per_batch"]:
            parts.append(f"{speed['requests_per_batch']:.0f} a batch")
        if speed["prefixes_shared"]:
            parts.append("prefixes shared")
        found.append(("throughput (priced)", ", ".join(parts)))
    return found


def judge_lines(judge: dict[str, Any] | None) -> list[str]:
    """Says who judged, how that judge compares with people, and where it gave no verdict."""
    if not judge:
        return []
    found = [f"judge: {judge['name']}, {judge['requests']:.0f} requests, {usd(judge['usd'])}"]
    if measured := judge["measured"]:
        both = (estimate_text(measured[name]) for name in ("agreement", "kappa"))
        found.append("  against people: agreement {}, kappa {}".format(*both))
    else:
        found.append(
            "  not measured against people: harness rescore --grades financebench --judge "
            f"endpoint:{judge['name']}"
        )
    for name, states in judge["states"].items():
        if states["failed"] or states["not_applicable"]:
            counts = ", ".join(f"{key.replace('_', ' ')} {count}" for key, count in states.items())
            found.append(f"  {name}: {counts}")
    return found


def milliseconds(seconds: float) -> str:
    """Writes a short time."""
    value = 1000 * seconds
    return f"{value:,.0f} ms" if value >= 10 else f"{value:.2g} ms"


def print_run(report: dict[str, Any]) -> None:
    """Prints the tables of one run: quality, slices, cost by phase."""
    out = console()
    names = [report["task"], report["label"], report["model"] or "no model"]
    kind = " (synthetic data)" if report.get("synthetic") else ""
    out.print(f"{' · '.join(names)} · seed {report['seed']}{kind}", style="bold", markup=False)
    if report.get("reused"):
        out.print("This run was finished before; nothing ran. --force runs it again.")
    if report["status"] != "finished":
        out.print(f"status: {report['status']}", style="red")
    out.print()
    print_documents(out, report.get("documents"))
    _print_quality(out, report)
    _print_cost(out, report)
    for name, reason in report["notes"].items():
        out.print(f"  {name}: {reason}", style="dim", markup=False)
    out.print(f"\nrecord: {report['path']}", markup=False)


def print_checks(checks: list[Check]) -> None:
    """Prints what was checked: ok, warning or failed, and the next step."""
    styles = {"ok": "green", "warning": "yellow", "failed": "red", "info": "default"}
    out = console()
    for row in checks:
        out.print(f"{row['status']:<8}", style=styles[row["status"]], end="")
        out.print(f"{row['name']}: {row['detail']}", markup=False)
        if row.get("hint"):
            out.print(f"         {row['hint']}", markup=False)


def print_documents(out: Console, documents: dict[str, Any] | None) -> None:
    """Prints what was indexed of each file, skipped ones with the reason.

    Args:
        out: Where to.
        documents: As the index's record has them; None or without files prints nothing.
    """
    files = documents["files"] if documents else []
    if not documents or not files:
        return
    read = [line for line in files if line["status"] == "read"]
    skipped = [line for line in files if line["status"] != "read"]
    shown = table("documents", "kind", "pages", "characters", "tables", "chunks", "note")
    shown.columns[-1].justify = "left"
    for line in [*read[:MOST_FILES], *skipped]:
        figures = ("-",) * 4
        if line["status"] == "read":
            pages = "-" if line["pages"] is None else str(line["pages"])
            figures = (pages, f"{line['characters']:,}", str(line["tables"]), f"{line['chunks']:,}")
        said = "" if line["status"] == "read" else "skipped: "
        shown.add_row(
            escape(line["file"]), line["format"] or "?", *figures, escape(said + line["note"])
        )
    if len(read) > MOST_FILES:
        shown.add_row(f"and {len(read) - MOST_FILES} more", *[""] * 6)
    characters = sum(line["characters"] for line in read)
    shown.add_row(
        f"{len(read)} read, {len(skipped)} skipped", "", "", f"{characters:,}", "",
        f"{documents['chunks']:,}", "",
    )  # fmt: skip
    out.print(shown)
    out.print()


def _print_quality(out: Console, report: dict[str, Any]) -> None:
    quality = table("quality", "value  [95 % interval]", "n", "interval by")
    for name, figure in report["metrics"].items():
        mark = " *" if name == report["primary"] else ""
        title = metric_title(name, figure) + mark
        quality.add_row(title, estimate_text(figure), str(figure["n"]), figure["method"])
    column = next(iter(report["slices"]), "").partition("=")[0]  # the first that the task names
    for name, metrics in report["slices"].items():
        figure = metrics.get(report["primary"])
        if figure and name.startswith(f"{column}="):
            text = estimate_text(figure)
            quality.add_row(f"  {name}", text, str(figure["n"]), figure["method"])
    out.print(quality)
    counts = ", ".join(f"{name} {count}" for name, count in report["outcomes"].items() if count)
    out.print(f"* primary · outcomes: {counts} · readout: {report['readout']}", markup=False)
    for line in judge_lines(report.get("judge")):
        out.print(line, markup=False)
    out.print()


def _print_cost(out: Console, report: dict[str, Any]) -> None:
    cost = report["cost"]
    spent = table("cost", "time", "input tokens", "output tokens", "peak memory", "$", "paid")
    by_phase = cost.get("by_phase", {})
    for phase, row in report["ledger"].items():
        memory, tokens = row["peak_memory_bytes"], row["tokens"]
        rows = row["quantities"].get("train_rows", 0) + row["quantities"].get("dev_rows", 0)
        spent.add_row(
            f"{phase} ({rows:.0f} rows)" if phase == "label" else phase,
            "-" if phase == "label" else duration(row["seconds"]),
            f"{tokens.get('input_tokens', 0):,}",
            f"{tokens.get('output_tokens', 0):,}",
            f"{memory / 2**20:,.0f} MiB" if memory else "-",
            usd(by_phase.get(phase)),
            row["paid"],
        )
    out.print(spent)
    lines = table("totals", "")
    lines.add_row("wall time", duration(report["wall_seconds"]))
    lines.add_row("device-hours", f"{cost['device_hours']:.4f} on {report['device']}")
    lines.add_row("GPU-hours", f"{cost['gpu_hours']:.4f}")
    if (projected := cost["projected_gpu_hours"]) is not None:
        gpu = cost["projection"]["gpu"]
        lines.add_row("GPU-hours, projection", f"{projected:.2g} on {gpu} (not measured)")
    if report.get("adapter"):
        places = {"merged": "merged into the weights", "beside": "beside the weights"}
        lines.add_row("adapter, as scored", places[report["adapter"]])
    for name, text in speed_lines(report):
        lines.add_row(name, text)
    lines.add_row("development", usd(cost["development_usd"]))
    lines.add_row(f"per 1,000 requests, {cost['basis']}", usd(cost["usd_per_1k_requests"]))
    if cost["basis"] == "always-on":
        lines.add_row("per 1,000 requests, as used", usd(cost["usd_per_1k_requests_as_used"]))
    lines.add_row("per 1,000 tokens", usd(cost["usd_per_1k_tokens"]))
    lines.add_row("per 1,000 output tokens", usd(cost["usd_per_1k_output_tokens"]))
    if cost["energy_kwh"] is not None:
        priced = f", {usd(cost['energy_usd'])}" if cost["energy_usd"] is not None else ""
        lines.add_row("energy, measured", f"{cost['energy_kwh']:.4f} kWh{priced}")
    if machine := cost.get("machine"):
        where = f"{machine['provider']} {machine['id']}, {machine['region']}, {machine['date']}"
        lines.add_row("priced as", f"{usd(machine['usd_per_hour'])}/h, {where}")
    out.print()
    out.print(lines)
