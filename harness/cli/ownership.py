"""``harness prices tco`` and ``vendors``: what runs cost over months, beside what vendors ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

import typer

from harness.cli.options import JSON, PRICES, RESULTS, Fields, Values, of
from harness.cli.output import console, print_json, table, usd
from harness.cli.prices import BOOK
from harness.cli.verbs import verb
from harness.costs.deployment import Demand
from harness.costs.options import PriceOptions
from harness.errors import UsageError

__all__ = ["tco", "vendors"]

VENDORS = """Example:

  harness prices vendors RUN --model gpt-5-mini --model gemini-2.5-flash --cost-per-error 0.5"""
TCO = """Examples:

  harness prices tco RUN_A RUN_B --requests-per-month 100000 --label-usd 0.5

  harness prices tco RUN_A RUN_B --requests-per-month 20000 --cost-per-error 2 --day-rate 800 --setup-days 5"""
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
    provider = chosen.pop("provider")
    value = summary(folder, book, PriceOptions(**chosen))
    serve = totals(spends(folder)[1]).get("serve")
    if serve is None or not serve.usage.input_tokens or value["model"] is None:
        raise UsageError(
            f"the run {value['run_id']} has no tokens to price", "Take one with a language model."
        )
    primary = value["metrics"].get(value["primary"] or "") or {}
    reference = Reference(
        primary.get("value"), value["cost"]["usd_per_1k_requests"], margin, cost_per_error
    )
    rows = vendor_rows(
        serve.usage,
        serve.quantities.get("requests", 0),
        [(name, provider) for name in model],
        book,
        reference=reference,
        language=value["language"],
        counted_by=value["model"],
    )
    if json_:
        print_json(
            {
                "run": value["run_id"],
                "quality": reference.quality,
                "usd_per_1k_requests": reference.usd_per_1k_requests,
                "vendors": [asdict(row) for row in rows],
            }
        )
        return
    _print_vendors(value["run_id"], reference, rows)


def _print_vendors(run: str, reference: Any, rows: Sequence[Any]) -> None:
    made = table("model", "$/1k requests", "in batches", "quality", "wins from")
    made.add_row(
        run,
        usd(reference.usd_per_1k_requests),
        "-",
        "-" if reference.quality is None else f"{reference.quality:.3f}",
        "-",
    )
    for row in rows:
        low, high = row.usd_per_1k_requests_low, row.usd_per_1k_requests_high
        made.add_row(
            f"{row.provider} {row.model}" if row.provider else row.model,
            usd(None) if low is None else f"{usd(low)} to {usd(high)}",
            usd(row.batch_usd_per_1k_requests_high),
            row.quality,
            "-" if row.wins_from is None else f"{row.wins_from:.3f}",
        )
    console().print(made)
    for row in rows:
        console().print(f"  {row.model}: {row.note}", style="dim", markup=False)


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
    asked_demand: Annotated[Values, Fields(Demand)],
    json_: bool = JSON,
) -> None:
    """Compute the total cost of ownership of runs, where they break even, and what moves it."""
    from harness.analysis.deployment import deployment_of_run, with_people
    from harness.costs.book import load_book
    from harness.costs.ownership import break_even
    from harness.costs.sensitivity import Scenario, sensitivity
    from harness.records.store import Store

    book, store = load_book(prices), Store(results)
    demand = Demand(**asked_demand)
    chosen = PriceOptions(**priced, requests_per_month=requests_per_month, demand=demand)
    found = [
        with_people(
            deployment_of_run(store.find(name), book, chosen, update_usd=update_usd),
            setup_days=setup_days,
            ops_days_per_month=ops_days_per_month,
            day_rate=day_rate,
        )
        for name in runs
    ]
    found = _named(found, [store.find(name).name for name in runs])
    asked = Scenario(months, requests_per_month, updates_per_month, demand)
    totals = [asked.total(one) for one in found]
    crossings = [
        break_even(a, b, months=months, updates_per_month=updates_per_month, demand=demand)
        for a, b in combinations(found, 2)
    ]
    swings = sensitivity(found, asked)
    if json_:
        print_json(
            {
                "deployments": [each.as_dict() for each in found],
                "totals": [each.as_dict() for each in totals],
                "break_even": [each.as_dict() for each in crossings],
                "sensitivity": [asdict(each) for each in swings],
            }
        )
        return
    _print_totals(totals, months, requests_per_month)
    for one in crossings:
        console().print(f"break-even of {one.a} and {one.b}: {one}", markup=False)
    _print_swings(swings)
    _print_notes(found)


def _print_notes(deployments: Sequence[Any]) -> None:
    for deployment in deployments:
        for name, note in deployment.notes.items():
            console().print(f"  {deployment.name}, {name}: {note}", style="dim", markup=False)


def _named(deployments: Sequence[Any], folders: Sequence[str]) -> list[Any]:
    """Two runs of one strategy are told apart by their folders."""
    names = [one.name for one in deployments]
    return [
        replace(one, name=folder) if names.count(one.name) > 1 else one
        for one, folder in zip(deployments, folders, strict=True)
    ]


def _print_totals(totals: Sequence[Any], months: float, volume: float) -> None:
    title = f"{months:g} months, {volume:,.0f} requests a month"
    made = table(title, *[total.deployment for total in totals])
    for part in totals[0].parts():
        values = [total.parts()[part] for total in totals]
        if any(values) or None in values:
            made.add_row(part.replace("_usd", ""), *map(usd, values))
    made.add_row("machines", *[str(total.machines or "-") for total in totals])
    made.add_row("in all", *[usd(total.usd) for total in totals], style="bold")
    made.add_row("a request", *[usd(total.usd_per_request) for total in totals])
    console().print(made)


def _print_swings(swings: Sequence[Any]) -> None:
    made = table("if it halves or doubles", "cheapest at half", "at double", "")
    for swing in swings:
        made.add_row(
            swing.assumption,
            swing.cheapest_low or "-",
            swing.cheapest_high or "-",
            "changes the answer" if swing.flips else "",
        )
    console().print(made)
