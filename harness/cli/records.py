"""Verbs about records: ``list``, ``show``, ``rescore``, ``score``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from harness.cli import pricing
from harness.cli.output import (
    console,
    estimate_text,
    print_json,
    print_run,
    table,
    usd,
)
from harness.config import run_config
from harness.errors import DataError, UsageError

__all__ = ["register"]

RESULTS = typer.Option(Path("results"), "--results", help="Folder of the records.")
JSON = typer.Option(False, "--json", help="Print one JSON object.")
PRICES = typer.Option(None, "--prices", help="Price book of your own, over the shipped one.")
SHOW = """Examples:

  harness show insurer-ko_qlora

  harness show insurer-ko_qlora --machine scp-s1v2m8 --requests-per-month 100000

  harness show insurer-ko_qlora --basis as-used --currency KRW --rate 1400 --vat 10"""
SHARED = " ~"
"""Marks a price that is made of seconds on a machine that another run was on."""
DATA_DIR = typer.Option(None, help="Folder with local copies of data sets.", envvar="HARNESS_DATA")


def register(app: typer.Typer) -> None:
    """Adds the verbs."""
    app.command("show", epilog=SHOW)(show)
    app.command("rescore", epilog="Example: harness rescore insurer-ko_qlora")(rescore)
    app.command(
        "score", epilog="Example: harness score --task fpb --predictions answers.csv --name mine"
    )(score)


def show(
    run: str = typer.Argument("", help="Id of a run, a part of it, or its folder."),
    schema: bool = typer.Option(False, "--schema", help="Print the JSON Schema of run.json."),
    results: Path = RESULTS,
    prices: Path | None = PRICES,
    machine: str | None = pricing.MACHINE,
    project_to: str | None = pricing.PROJECT_TO,
    basis: str = pricing.BASIS,
    requests_per_month: float | None = pricing.REQUESTS,
    peak_factor: float = pricing.PEAK,
    redundancy: int = pricing.REDUNDANCY,
    latency_target: float | None = pricing.TARGET,
    label_usd: float | None = pricing.LABEL,
    electricity: str | None = pricing.ELECTRICITY,
    pue: float = pricing.PUE,
    provider: str | None = pricing.PROVIDER,
    wait: bool = pricing.WAIT,
    currency: str = pricing.CURRENCY,
    rate: float | None = pricing.RATE,
    vat: float = pricing.VAT,
    json_: bool = JSON,
) -> None:
    """Show a run again, priced as you choose; nothing runs, and only money changes."""
    from harness.analysis.summary import summary
    from harness.costs.book import load_book
    from harness.costs.money import money
    from harness.records.store import Store

    if schema:
        from harness.records.schema import RunRecord

        print_json(RunRecord.model_json_schema(mode="serialization"))
        return
    if not run:
        raise UsageError("show RUN, or show --schema", "`harness list runs` names the runs.")
    book = load_book(prices)
    chosen = pricing.choices_of(
        machine=machine, project_to=project_to, basis=basis, label_usd=label_usd, wait=wait,
        requests_per_month=requests_per_month, latency_target=latency_target, provider=provider,
        electricity=electricity, pue=pue, peak_factor=peak_factor, redundancy=redundancy,
    )  # fmt: skip
    said = money(book, currency, rate=rate, vat_percent=vat)
    value = summary(Store(results).find(run), book, chosen)
    value["cost"]["in_currency"] = said.figures(value["cost"])
    if json_:
        print_json(value)
        return
    print_run(value)
    if not said.plain:
        made = table("in another currency" if said.currency != "USD" else "with tax", "")
        for name, amount in pricing.money_lines(value["cost"], said):
            made.add_row(name, amount)
        console().print(made)


def rescore(
    run: str = typer.Argument(help="Id of a run, a part of it, or its folder."),
    data: Path | None = typer.Option(None, help="Your table, if the run was of one."),
    task: str | None = typer.Option(None, help="Its task file, if that lies elsewhere."),
    results: Path = RESULTS,
    data_dir: Path | None = DATA_DIR,
    json_: bool = JSON,
) -> None:
    """Derive the metrics of a run again from its predictions; no model is needed."""
    from harness.analysis.summary import summary
    from harness.costs.book import load_book
    from harness.records.store import Store
    from harness.runs.rescore import rescore_run

    folder = Store(results).find(run)
    changed = rescore_run(folder, data_dir=data_dir, data=data, task=task)
    value = summary(folder, load_book(None)) | {"rows_changed": changed}
    if json_:
        print_json(value)
    else:
        print_run(value)
        print(f"rescored: {changed} rows changed")


def score(
    predictions: Path = typer.Option(help="Answers made elsewhere: id and answer columns."),
    task: str = typer.Option("insurer-ko", "--task", "-t", help="The task that was answered."),
    usage: Path | None = typer.Option(None, help="YAML or JSON with declared tokens and cost."),
    name: str = typer.Option("external", help="What to call it."),
    limit: int | None = typer.Option(None, help="First n test rows."),
    task_set: list[str] | None = typer.Option(None, help="The task's parameters, key=value."),
    results: Path = RESULTS,
    data_dir: Path | None = DATA_DIR,
    json_: bool = JSON,
) -> None:
    """Make a full record of answers that were made elsewhere."""
    from harness.analysis.summary import summary
    from harness.cli.run import pairs
    from harness.costs.book import load_book
    from harness.runs.external import score_file

    config = run_config(
        strategy=name,
        task=task,
        limit=limit,
        results=results,
        data_dir=data_dir,
        task_set=pairs(task_set, "--task-set"),
    )
    value: dict[str, Any] = summary(score_file(config, predictions, usage), load_book(None))
    if json_:
        print_json(value)
    else:
        print_run(value)


def list_runs(results: Path, as_json: bool) -> None:
    """Prints the runs of a folder."""
    from harness.analysis.summary import summary
    from harness.costs.book import load_book
    from harness.records.reading import records_of

    book = load_book(None)
    damaged: list[tuple[Path, DataError]] = []
    rows = [summary(folder, book) for folder, _ in records_of(results, damaged)]
    for _, error in damaged:
        typer.echo(f"left out: {error}", err=True)
    if as_json:
        print_json({"runs": rows})
        return
    if not rows:
        raise UsageError(f"there is no run in {results}", "Make one: harness run --strategy qlora")
    made = table("run", "primary", "value  [95 % interval]", "n", "$/1k requests", "status")
    for row in rows:
        figure = row["metrics"].get(row["primary"] or "")
        made.add_row(
            row["run_id"],
            row["primary"] or "-",
            estimate_text(figure) if figure else "-",
            str(row["n"] if row["n"] is not None else "-"),
            usd(row["cost"]["usd_per_1k_requests"]) + (SHARED if row["shared"] else ""),
            row["status"],
        )
    console().print(made)
    if any(row["shared"] for row in rows):
        console().print(f"{SHARED.strip()} another run was on the machine: its seconds, and what "
                        "is made of them, don't compare", style="dim")  # fmt: skip
