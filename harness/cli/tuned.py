"""How hyper-parameters came about, on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from harness.records.files import Json
from harness.text import duration

__all__ = ["EFFORTS", "print_tuning"]

EFFORTS = {
    "default": "default parameters",
    "set": "parameters set",
    "paper": "a preset's parameters",
}
MOST = 20  # settings in the table; the record has all of them


def print_tuning(out: Console, tuning: Json | None) -> None:
    """Prints what a search tried, the best setting first, and how to take it without a search."""
    if not tuning:
        return
    tried, sign = tuning["tried"], -1 if tuning["higher_is_better"] else 1
    order = sorted(
        range(len(tried)),
        key=lambda number: (
            tried[number]["status"] != "finished",
            tried[number]["value"] is None,
            sign * (tried[number]["value"] or 0.0),
            number,
        ),
    )
    rows = Table(
        "tuning", f"dev {tuning['metric']}", "rows", "time", "how", box=None, pad_edge=False
    )
    for number in order[:MOST]:
        each = tried[number]
        value = "-" if each["value"] is None else f"{each['value']:.3f}"
        how = each["origin"] if each["status"] == "finished" else each["status"]
        how += f": {each['error']}" if each["error"] else ""
        rows.add_row(_named(each), value, str(each["rows"]), duration(each["seconds"]), how)
    out.print(rows)
    if len(order) > MOST:
        out.print(f"and {len(order) - MOST} more, in run.json under `tuning`")
    for line in _said(tuning):
        out.print(line, markup=False)
    out.print()


def _named(setting: Json) -> str:
    named = ", ".join(f"{key}={value}" for key, value in setting["parameters"].items())
    return named or "defaults"


def _said(tuning: Json) -> list[str]:
    found = " ".join(
        f"--set {key}={value}"
        for key, value in tuning["tried"][tuning["best"]]["parameters"].items()
    )
    expected = tuning["expected_best"]
    lines = [f"taken: {found or 'the defaults'}; {tuning['sampler']}, seed {tuning['seed']}"]
    if expected:
        shown = sorted({1, len(expected) // 2 or 1, len(expected)})
        values = ", ".join(f"of {k} {expected[k - 1]:.3f}" for k in shown)
        lines.append(f"expected best on dev, of settings drawn at random (Dodge et al.): {values}")
    return lines
