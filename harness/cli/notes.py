"""The footnotes of a run's screen: those that make its figures doubtful first."""

from __future__ import annotations

import shlex

from rich.console import Console

from harness.cli.output import Json, print_table

__all__ = ["TITLES", "footnotes", "print_notes"]

MOST = 4  # on a screen, unless all are asked for
TITLES = {
    # Figures of quality say less than they seem to.
    "metrics": "quality",
    "answers": "answers",
    "training": "training",
    "dev": "tuning",
    "server": "the server",
    "long_rows": "long rows",
    "data": "data",
    # Seconds, and dollars made of them, may be others.
    "shared": "seconds",
    "machine": "priced as",
    "development_machine": "development priced as",
    "reused": "reused",
    "cached": "cached",
    "seconds": "repeats",
    "development_usd": "development",
    "months": "a month",
    "requests_per_second": "what a machine carries",
    "machine_requests_per_month": "what a machine carries",
    "p95": "p95",
    "latency": "latency",
    # How a figure is made, and why one isn't there.
    "usd_per_1k_requests": "1,000 more requests",
    "usd_per_1k_tokens": "1,000 more tokens",
    "usd_per_1k_output_tokens": "1,000 more output tokens",
    "usd_per_machine_month": "a machine's month",
    "pretraining": "pretraining",
    "projected_gpu_hours": "GPU-hours, projection",
    "gpu_hours": "GPU-hours",
    "apart": "apart",
    "grade": "people's minutes",
    "energy_kwh": "energy",
    "energy_usd": "its price",
    "device_hours": "device time",
    "weights_origin": "model",
}
"""By name of a note in ``--json``: what the screen calls it. The first are the most important."""


def footnotes(report: Json) -> list[tuple[str, str]]:
    """Returns title and text of all notes, the most important first, each text once."""
    ranks = {name: rank for rank, name in enumerate(TITLES)}
    warnings = (report["data"] or {"warnings": ()})["warnings"]
    notes = [*report["notes"].items(), *(("data", warning) for warning in warnings)]
    titles: dict[str, list[str]] = {}
    for name, text in sorted(notes, key=lambda note: ranks.get(note[0], -1)):
        title = TITLES.get(name, name.replace("_", " "))
        if title not in titles.setdefault(text, []):
            titles[text].append(title)
    return [(", ".join(names), text) for text, names in titles.items()]


def print_notes(out: Console, report: Json, *, every: bool) -> None:
    """Prints the first notes, with how many more there are and the command that shows them."""
    found = footnotes(report)
    if not found:
        return
    out.print()
    print_table("notes", "", rows=found if every else found[:MOST], text=True)
    if not every and (more := len(found) - MOST) > 0:
        path = shlex.quote(str(report["path"]))
        said = f"{more} more {'note' if more == 1 else 'notes'}"
        out.print(f"{said}: harness show {path} --notes", soft_wrap=True)
