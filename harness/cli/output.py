"""How a run is shown on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeVar

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.cli.screen import Screen
from harness.records.files import Json
from harness.records.secrets import dumps
from harness.text import json_visible

if TYPE_CHECKING:
    from harness.runs.checks import CheckReport

__all__ = [
    "Json",
    "emit",
    "print_table",
    "estimate_text",
    "metric_title",
    "people_text",
    "print_checks",
    "print_json",
    "table",
    "usd",
]

WIDTH, LEAST = 120, 40  # columns of what is no terminal, and the fewest that a table takes
MANY = 1e6  # an amount from which on it is written in millions
Value = TypeVar("Value", bound=Mapping[str, object])


def print_json(value: Mapping[str, object]) -> None:
    """Prints one JSON object on stdout."""
    text = dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    sys.stdout.write(json_visible(text) + "\n")


def emit(value: Value, as_json: bool, show: Callable[[Value], None]) -> None:
    """Prints a value as one JSON object, or as `show` writes it for a reader."""
    (print_json if as_json else show)(value)


def console() -> Console:
    """Returns the console for data: stdout, wide enough not to cut figures in a pipe.

    There, too, it is as wide as ``COLUMNS`` says.
    """
    out = Screen()
    if out.is_terminal:
        return out
    given = os.environ.get("COLUMNS", "")
    return Screen(width=max(int(given), LEAST) if given.isdecimal() else WIDTH)


def table(
    *columns: str, title: str | None = None, text: bool = False, whole: str | None = None
) -> Table:
    """Returns a table whose first column is text and the rest figures, or text as well.

    The cells of the column `whole` aren't wrapped.
    """
    rows = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for number, name in enumerate(columns):
        side: Literal["left", "right"] = "left" if text or number == 0 else "right"
        rows.add_column(name, justify=side, overflow="fold", no_wrap=name == whole)
    return rows


def print_table(
    *columns: str,
    rows: Iterable[Sequence[str]],
    title: str | None = None,
    text: bool = False,
    whole: str | None = None,
    stack: bool = False,
) -> None:
    """Prints a table as `table` lays it out.

    With `stack` each row stands by itself, its cells with their names, where the console is narrower
    than the table.
    """
    out, lines = console(), list(rows)
    filled = table(*columns, title=title, text=text, whole=whole)
    for row in lines:
        filled.add_row(*row)
    wide = out.measure(filled, options=out.options.update(width=10_000)).maximum > out.width
    if wide and stack:
        if title:
            out.print(title, style="bold")
        _print_stacked(out, columns, lines, columns.index(whole) if whole else 0)
        return
    for column, name in zip(filled.columns[1:], columns[1:], strict=True):
        if wide and not text:  # rather than a figure its title is broken
            column.header = "\n".join(name.split("  ") if "  " in name else name.split())
    out.print(filled)


def _print_stacked(
    out: Console, columns: Sequence[str], rows: Iterable[Sequence[str]], first: int
) -> None:
    """Prints the cell that names a row, the one without a title after it, and the others below."""
    for row in rows:
        named = dict(zip(columns, row, strict=True))
        head = named.pop(columns[first])
        about = named.pop("", "")
        out.print(Text(f"{head}: {about}" if about else head))
        cells = [
            f"{name.partition('  ')[0]}: {cell}"  # without what the title says of the interval
            for name, cell in named.items()
            if cell not in ("", "-")
        ]
        out.print(Padding(Text(" · ".join(cells), style="dim"), (0, 0, 0, 4)))


def usd(value: float | None, *, least: bool = False) -> str:
    """Writes money as `Money.text` does."""
    from harness.costs.money import Money  # a price book is nothing that --help should load

    return Money().text(value, least=least)


def people_text(minutes: float, dollars: float | None, expert: Json | None) -> str:
    """Writes people's minutes with their price, and whose hour that is; or what is missing."""
    if not minutes:
        return "no minutes noted, unpriced"
    of = (
        "--expert names their hour's price"
        if expert is None
        else f"{expert['id']}, {expert['date']}"
    )
    return f"{minutes:g} minutes, {usd(dollars)} ({of})"


def estimate_text(figure: Json, *, undefined: str = "undefined", gap: str = "  ") -> str:
    """Writes a figure with its interval: a share with three digits, money in whole units or millions."""
    if figure["value"] is None:
        return undefined
    value, low, high = (figure[name] for name in ("value", "low", "high"))
    form, unit, scale = (",.0f" if figure.get("unit") else ".3f"), "", 1.0
    if figure.get("unit") and abs(value) >= MANY:
        form, unit, scale = ",.1f", " million", MANY
    written = f"{value / scale:{form}}{unit}"
    if low is None:
        return written
    return f"{written}{gap}[{low / scale:{form}}, {high / scale:{form}}]"


def metric_title(name: str, figure: Json | None) -> str:
    """Writes a metric's name, with unit and direction where it is no share."""
    unit = (figure or {}).get("unit")
    if not unit:
        return name
    better = "higher" if (figure or {}).get("higher_is_better") else "lower"
    return f"{name}, {unit}, {better} is better"


def print_checks(value: CheckReport) -> None:
    """Prints what was checked: ok, warning or failed, and the next step."""
    styles = {"ok": "green", "warning": "yellow", "failed": "red", "info": "default"}
    out = console()
    for row in value["checks"]:
        out.print(f"{row['status']:<8}", style=styles[row["status"]], end="")
        out.print(f"{row['name']}: {row['detail']}")
        if row.get("hint"):
            out.print(f"         {row['hint']}")
