"""``harness prices tco`` and ``vendors``: what runs cost over months, beside what vendors ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.notes import TITLES
from harness.cli.options import JSON, PRICES, RESULTS, Fields, Values, of
from harness.cli.output import Json, console, print_json, print_table, table, usd
from harness.cli.prices import BOOK
from harness.cli.verbs import verb
from harness.costs.deployment import Demand
from harness.costs.options import PriceOptions
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.costs.deployment import Deployment
    from harness.costs.sensitivity import Scenario, Swing
    from harness.costs.vendors import VendorRow

__all__ = ["tco", "vendors"]

VENDORS = """Example:

  harness prices vendors RUN --model gpt-5-mini --model gemini-2.5-flash --cost-per-error 0.5"""
TCO = """Examples:

  harness prices tco RUN_A RUN_B --requests-per-month 100000 --label-usd 0.5

  harness prices tco RUN_A RUN_B --requests-per-month 20000 --cost-per-error 2 --day-rate 800 --setup-days 5"""
USUAL = 100_000.0
"""Requests a month at which a run is compared with vendors where none were named."""
COST_PER_ERROR = of(Demand, "cost_per_error")


@verb("vendors", epilog=VENDORS, within=BOOK)
def vendors(
    run: str = typer.Argument(help="Id of a run, a part of it, or its folder."),
    model: list[str] = typer.Option(
        ..., "--model", "-m", help="A vendor's model; may be repeated."
    ),
    cost_per_error: float = COST_PER_ERROR,
    margin: float = typer.Option(0.02, help="Loss of quality accepted for a lower price."),
    results: Path = RESULTS,
    prices: Path | None = PRICES,
    *,
    chosen: Annotated[
        Values, Fields(PriceOptions, "provider", "basis", "machine", "requests_per_month")
    ],
    json_: bool = JSON,
) -> None:
    """Price a run's own prompts at vendors' models; nothing is asked, no key is needed."""
    from harness.analysis.summary import spends, summary
    from harness.costs.book import load_book
    from harness.costs.vendors import Reference, vendor_rows
    from harness.records.ledger import totals
    from harness.records.store import Store

    book, folder = load_book(prices), Store(results).find(run)
    provider, volume = chosen.pop("provider"), chosen["requests_per_month"] or USUAL
    value = summary(folder, book, PriceOptions(**chosen | {"requests_per_month": volume}))
    serve = totals(spends(folder)[1]).get("serve")
    if serve is None or not serve.usage.input_tokens or value["model"] is None:
        raise UsageError(
            f"the run {value['run_id']} has no tokens to price", "Take one with a language model."
        )
    quality = (value["metrics"].get(value["primary"] or "") or {}).get("value")
    month = value["cost"]["months"][0]["usd"]
    usd_per_1k = None if month is None else 1000 * month / volume
    rows = vendor_rows(
        serve.usage,
        serve.quantities.get("requests", 0),
        [(name, provider) for name in model],
        book,
        reference=Reference(quality, usd_per_1k, margin, cost_per_error),
        language=value["language"],
        counted_by=value["model"],
    )
    head = {"run": value["run_id"], "quality": quality, "usd_per_1k_requests": usd_per_1k}
    head |= {"requests_per_month": volume}
    if json_:
        print_json(head | {"vendors": [asdict(row) for row in rows]})
    else:
        _print_vendors(head, rows)


def _print_vendors(run: Json, rows: Sequence[VendorRow]) -> None:
    quality = "-" if run["quality"] is None else f"{run['quality']:.3f}"
    first = (run["run"], usd(run["usd_per_1k_requests"]), "-", quality, "-")
    price = f"$ for 1,000 of {run['requests_per_month']:,.0f} a month"
    names = ("model", price, "in batches", "quality", "wins from")
    print_table(*names, rows=[first, *map(_vendor_row, rows)])
    for row in rows:
        console().print(f"  {row.model}: {row.note}", style="dim", markup=False)


def _vendor_row(row: VendorRow) -> tuple[str, ...]:
    low, high = row.usd_per_1k_requests_low, row.usd_per_1k_requests_high
    return (
        f"{row.provider} {row.model}" if row.provider else row.model,
        usd(None) if low is None else f"{usd(low)} to {usd(high)}",
        usd(row.batch_usd_per_1k_requests_high),
        row.quality,
        "-" if row.wins_from is None else f"{row.wins_from:.3f}",
    )


@verb("tco", epilog=TCO, within=BOOK)
def tco(
    runs: list[str] = typer.Argument(help="Runs to compare."),
    requests_per_month: float = typer.Option(..., "--requests-per-month", help="Requests a month."),
    months: float = typer.Option(12.0, help="Months that it is used for."),
    updates_per_month: float = typer.Option(
        0.0, "--updates-per-month", help="How often the facts change; needs --update-usd."
    ),
    update_usd: float | None = typer.Option(
        None, "--update-usd", help="Dollars for one update, of every run alike."
    ),
    setup_days: float = typer.Option(0.0, "--setup-days", help="People's days until it runs."),
    ops_days_per_month: float = typer.Option(
        0.0, "--ops-days-per-month", help="People's days a month to keep it running."
    ),
    day_rate: float | None = typer.Option(None, "--day-rate", help="Dollars for a day."),
    results: Path = RESULTS,
    prices: Path | None = PRICES,
    *,
    priced: Annotated[
        Values, Fields(PriceOptions, "machine", "basis", "latency_target", "label_usd")
    ],
    chosen_demand: Annotated[Values, Fields(Demand)],
    json_: bool = JSON,
) -> None:
    """Compute the total cost of ownership of runs, where they break even, and what moves it."""
    from harness.analysis.deployment import deployment_of_run, with_people
    from harness.costs.book import load_book
    from harness.costs.sensitivity import Scenario
    from harness.records.store import Store

    book, store = load_book(prices), Store(results)
    demand = Demand(**chosen_demand)
    chosen = PriceOptions(**priced, requests_per_month=requests_per_month, demand=demand)
    people = {"setup_days": setup_days, "ops_days_per_month": ops_days_per_month}
    folders = [store.find(name) for name in runs]
    plain = [deployment_of_run(each, book, chosen, update_usd=update_usd) for each in folders]
    deployments = [with_people(each, **people, day_rate=day_rate) for each in plain]
    deployments = _named(deployments, [folder.name for folder in folders])
    scenario = Scenario(months, requests_per_month, updates_per_month, demand)
    _print_ownership(deployments, scenario, json_)


def _named(deployments: Sequence[Deployment], folders: Sequence[str]) -> list[Deployment]:
    """Two runs of one strategy are told apart by their folders."""
    names = [each.name for each in deployments]
    return [
        replace(each, name=folder) if names.count(each.name) > 1 else each
        for each, folder in zip(deployments, folders, strict=True)
    ]


def _print_ownership(deployments: Sequence[Deployment], scenario: Scenario, as_json: bool) -> None:
    from harness.costs.ownership import break_even
    from harness.costs.sensitivity import sensitivity

    months, updates = scenario.months, scenario.updates_per_month
    crossings = [
        break_even(a, b, months=months, updates_per_month=updates, demand=scenario.demand)
        for a, b in combinations(deployments, 2)
    ]
    swings = sensitivity(deployments, scenario)
    if as_json:
        value: Json = {"deployments": [each.as_dict() for each in deployments]}
        value["totals"] = [scenario.total(each).as_dict() for each in deployments]
        value["break_even"] = [each.as_dict() for each in crossings]
        value["sensitivity"] = [asdict(each) for each in swings]
        print_json(value)
        return
    _print_totals(deployments, scenario)
    for crossing in crossings:
        text = f"break-even of {crossing.a} and {crossing.b}: {crossing}"
        console().print(text, markup=False)
    _print_swings(swings)
    for each in deployments:
        for name, note in each.notes.items():
            title = TITLES.get(name, name.replace("_", " "))
            console().print(f"  {each.name}, {title}: {note}", style="dim", markup=False)


def _print_totals(deployments: Sequence[Deployment], scenario: Scenario) -> None:
    totals = [scenario.total(each) for each in deployments]
    title = f"{scenario.months:g} months, {scenario.requests_per_month:,.0f} requests a month"
    rows = table(title, *[total.deployment for total in totals])
    for part in totals[0].parts():
        values = [total.parts()[part] for total in totals]
        if any(values) or None in values:
            rows.add_row(part.replace("_usd", ""), *map(usd, values))
    rows.add_row("number of machines", *[str(total.machines or "-") for total in totals])
    rows.add_row("in all", *[usd(total.usd) for total in totals], style="bold")
    rows.add_row("a request", *[usd(total.usd_per_request) for total in totals])
    console().print(rows)


def _print_swings(swings: Sequence[Swing]) -> None:
    rows = [
        (
            swing.assumption,
            swing.cheapest_low or "-",
            swing.cheapest_high or "-",
            "changes the answer" if swing.flips else "",
        )
        for swing in swings
    ]
    if not any(swing.cheapest_low or swing.cheapest_high for swing in swings):
        return  # nothing has a price
    print_table("if it halves or doubles", "cheapest at half", "at double", "", rows=rows)
