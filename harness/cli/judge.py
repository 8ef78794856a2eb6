"""``harness judge``: how well a judge agrees with people, before it judges anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from harness.cli.output import console, estimate_text, print_json, table, usd
from harness.cli.progress import terminal

__all__ = ["register"]

EPILOG = """Example: harness judge endpoint:gpt-4o-mini --limit 300 --judge-max-cost 1

Then: harness run --strategy rag --judge endpoint:gpt-4o-mini"""


def register(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("judge", epilog=EPILOG)(judge)


def judge(
    model: str = typer.Argument(help="endpoint:NAME of the model that judges."),
    judge_url: str | None = typer.Option(
        None, help="Its OpenAI-compatible server, up to /v1.", envvar="HARNESS_JUDGE_URL"
    ),
    limit: int | None = typer.Option(None, min=1, help="First n labelled answers; all of 2,400."),
    judge_max_cost: float | None = typer.Option(None, help="Most to spend on its tokens, $."),
    data_dir: Path | None = typer.Option(
        None, help="Folder with local copies of data sets.", envvar="HARNESS_DATA"
    ),
    results: Path = typer.Option(
        Path("results"), "--results", help="Folder of the records.", envvar="HARNESS_RESULTS"
    ),
    prices: Path | None = typer.Option(None, help="Price book of your own, over the shipped one."),
    json_: bool = typer.Option(False, "--json", help="Print one JSON object."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress."),
) -> None:
    """Measure a judge against labels that people gave (FinanceBench)."""
    with terminal(quiet=quiet or json_, log_format="text") as monitor:
        from harness.costs.book import load_book
        from harness.runs.judging.agreement import human_labels, measure_judge
        from harness.runs.judging.judge import endpoint_of

        endpoint = endpoint_of(model, judge_url)
        rows = human_labels(data_dir, limit)
        book = load_book(prices)
        found = measure_judge(
            endpoint, rows, results, book, most_usd=judge_max_cost, monitor=monitor
        )
    if json_:
        print_json(found)
    else:
        _show(found)


def _show(found: dict[str, Any]) -> None:
    out = console()
    out.print(f"{found['judge']} against people, {found['data']}", style="bold", markup=False)
    figures = table("", "value  [95 % interval]", "n")
    for name in ("agreement", "kappa"):
        figures.add_row(name, estimate_text(found[name]), str(found["n"]))
    for name, figure in found["right_or_not"].items():
        figures.add_row(f"{name}, right or not", estimate_text(figure), str(found["n"]))
    out.print(figures)
    labels = list(found["table"])
    counts = table("people \\ judge", *labels)
    for label in labels:
        counts.add_row(label, *(str(found["table"][label][other]) for other in labels))
    out.print()
    out.print(counts)
    out.print(
        f"\n{found['failed']} answers got no verdict · {found['requests']} requests · "
        f"{usd(found['usd'])}",
        markup=False,
    )
