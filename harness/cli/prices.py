"""``harness prices``: what is in the price book, and how far it can be relied on."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from harness.cli.options import JSON, PRICES, RESULTS
from harness.cli.output import Json, console, emit, print_json, print_table, table
from harness.cli.verbs import group, verb
from harness.errors import UsageError, nearest
from harness.text import duration

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["list_", "show", "check", "calibrate"]

PARTS = ["machines", "gpus", "tokens", "training", "batch", "labels", "experts", "stores"]
PARTS += ["electricity", "currencies", "tokenizers"]
LIST = """Examples:

  harness prices list

  harness prices list --gpu l4 --region ap-northeast-2

  harness prices list gpus"""
SHOW = """Examples:

  harness prices show aws-l4-seoul

  harness prices show gpt-4o-mini --provider openai"""
CHECK = """Examples:

  harness prices check

  harness prices check our-prices.yaml"""
CALIBRATE = "Example: harness prices calibrate --results results"

BOOK = group("prices", "What is in the price book.")


@verb("list", epilog=LIST, within=BOOK)
def list_(
    part: str = typer.Argument("machines", help=f"One of: {', '.join(PARTS)}."),
    gpu: str | None = typer.Option(None, help="Only machines with this GPU."),
    region: str | None = typer.Option(None, help="Only machines of this region."),
    tier: str | None = typer.Option(None, help="on-demand, spot, reserved or owned."),
    prices: Path | None = PRICES,
    json_: bool = JSON,
) -> None:
    """List the rows of one part of the price book."""
    from harness.costs.book import load_book

    if part not in PARTS:
        raise UsageError(f"the price book has no part {part!r}", nearest(part, PARTS))
    chosen = {"gpu": gpu, "region": region, "tier": tier}
    filters = {name: value for name, value in chosen.items() if value is not None}
    if filters and part != "machines":
        raise UsageError(f"--{next(iter(filters))} is about machines", "Leave it out.")
    rows = [
        row.model_dump(exclude_none=True) | _flags(row)
        for row in getattr(load_book(prices), part)
        if all(getattr(row, name) == value for name, value in filters.items())
    ]
    if json_:
        print_json({part: rows})
    elif part == "machines":
        _machines(rows)
    else:
        _rows(rows)


def _flags(row: BaseModel) -> Json:
    today = dt.datetime.now(tz=dt.UTC).date()
    return {"warnings": row.warnings(today) if hasattr(row, "warnings") else []}


def _machines(rows: list[Json]) -> None:
    shown = table("machine", "from", "tier", "device", "$/h", "each", "date", "")
    for column in (1, 2, 3, 7):
        shown.columns[column].justify = "left"
    shown.columns[0].no_wrap = shown.columns[6].no_wrap = True
    for row in rows:
        devices = row["gpus"] if row["kind"] == "gpu" else 1
        shown.add_row(
            row["id"],
            f"{row['provider']} {row['region']}",
            row["tier"] + (f" {row['term_years']:g} y" if "term_years" in row else ""),
            f"{devices} x {row['gpu']}" if "gpu" in row else f"{row.get('vcpus', '?')} vCPU",
            f"{row['usd_per_hour']:.4g}",
            f"{row['usd_per_hour'] / devices:.4g}",
            row["date"],
            ", ".join(row["warnings"]),
        )
    console().print(shown)


def _rows(rows: list[Json]) -> None:
    out = console()
    if not rows:
        out.print("none; a row of your own goes into a file for --prices", markup=False)
    for row in rows:
        _print_row(row)
        out.print()


def _print_rows(value: Json) -> None:
    for number, row in enumerate(value.get("rows", [value])):
        if number:
            console().print()
        _print_row(row)


def _print_row(row: Json) -> None:
    out = console()
    for key, value in row.items():
        if value not in ("", [], False, ()):
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            out.print(f"{key.replace('_', ' '):<24} {text}", markup=False)


@verb("show", epilog=SHOW, within=BOOK)
def show(
    name: str = typer.Argument(help="Id of a row, or name of a model behind an API."),
    provider: str | None = typer.Option(None, help="Vendor of the model."),
    prices: Path | None = PRICES,
    json_: bool = JSON,
) -> None:
    """Show the rows of a name with their sources; for a model, the price of its tokens."""
    from harness.costs.book import load_book, name_of
    from harness.costs.tokens import api_price

    book = load_book(prices)
    every = [(part, row) for part in PARTS for row in getattr(book, part)]
    rows = [
        (part, row)
        for part, row in every
        if name_of(row) == name and provider in (None, getattr(row, "provider", None))
    ]
    if not rows and (price := api_price(name, provider, book)):
        rows = [("tokens", price)]
    if not rows:
        vendors = {getattr(row, "provider", "") for _, row in every if name_of(row) == name}
        raise UsageError(
            f"nothing in the price book is called '{name}'"
            f"{f' at {provider}' if provider else ''}, and no such model has a price",
            f"Its vendors are {', '.join(sorted(vendors))}."
            if vendors
            else nearest(name, {name_of(row) for _, row in every})
            + " A model may need --provider.",
        )
    values = [
        {"part": part} | row.model_dump(exclude_none=True) | _flags(row) for part, row in rows
    ]
    # Several rows of a name differ in vendor, or in what else their columns say.
    emit(values[0] if len(values) == 1 else {"rows": values}, json_, _print_rows)


@verb("check", epilog=CHECK, within=BOOK)
def check(
    file: Path | None = typer.Argument(None, help="A price book of your own."), json_: bool = JSON
) -> None:
    """Check a price book: rows that are wrong, old, undated, second-hand or odd."""
    from harness.costs.book import PARTS as PRICED
    from harness.costs.book import checkup, load_book

    book = load_book(file)
    findings = checkup(book, dt.datetime.now(tz=dt.UTC).date())
    rows = sum(len(getattr(book, part)) for part in PRICED)
    if json_:
        print_json({"rows": rows, "findings": [asdict(finding) for finding in findings]})
        return
    lines = [(finding.part, finding.row, finding.problem) for finding in findings]
    print_table("part", "row", "", rows=lines, text=True)
    odd = len({(finding.part, finding.row) for finding in findings})
    print(f"{rows} rows are well-formed; {odd} of them have something to know before relying on it")


@verb("calibrate", epilog=CALIBRATE, within=BOOK)
def calibrate(results: Path = RESULTS, prices: Path | None = PRICES, json_: bool = JSON) -> None:
    """Predict each record's time by the other records, and show the error that is left."""
    from harness.analysis.calibration import leave_one_out, records
    from harness.costs.book import load_book

    predictions = leave_one_out(records(results, load_book(prices)))
    if json_:
        print_json({"predictions": [one.as_dict() for one in predictions]})
        return
    if not predictions:
        raise UsageError(
            f"no finished run with a language model is in {results}",
            "Make some: harness run --strategy lora",
        )
    rows = table("run", "phase", "TFLOP", "TFLOP/s", "measured", "predicted", "error", "by others")
    for column in rows.columns:
        column.no_wrap = True
    for one in predictions:
        seen = one.observation
        mfu = f" ({seen.mfu:.0%})" if seen.mfu is not None else ""
        rows.add_row(
            seen.run,
            seen.phase,
            f"{seen.flops / 1e12:.3g}",
            f"{seen.rate / 1e12:.3g}{mfu}",
            duration(seen.seconds),
            duration(one.seconds) if one.seconds is not None else "-",
            f"{one.error:+.0%}" if one.seconds is not None and one.error is not None else "-",
            str(one.others),
        )
    console().print(rows)
    print("predicted by the rates of other records with the same kind of work on the same machine")
