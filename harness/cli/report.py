"""``harness report``: everything about the runs of one or several folders, on one page."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from harness.analysis.recommend.question import Question
from harness.cli import pricing
from harness.cli.options import DATA_DIR, JSON, PRICES, Fields, Values, language_of, of
from harness.cli.output import print_json
from harness.cli.screen import Screen
from harness.cli.verbs import refuse, verb
from harness.costs.deployment import Demand
from harness.costs.options import PriceOptions
from harness.errors import UsageError
from harness.text import size

__all__ = ["report"]

ASKED = (
    *("requests_per_month", "months", "updates_per_month", "update_labels"),
    *("cost_per_error", "cost_per_handover", "count_shared"),
)
SHOWING = ("--json", "--open")  # what changes nothing of the page
PLACES = frozenset({"--results", "--out", "--prices", "--data-dir"})
EPILOG = """Examples:

  harness report --open

  harness report --results results --results elsewhere/results --out reports/both.html

  harness report --format html,csv,xlsx,latex,markdown,json --figures svg,pdf

  harness report --task insurer-ko --requests-per-month 50000 --label-usd 0.5 --currency KRW --language ko

Files: the page, and a folder <page>-examples beside it where not all questions fit into the page."""


@verb("report", epilog=EPILOG)
def report(
    results: list[Path] = typer.Option(
        [Path("results")], "--results", help="Folder of the records; may be given several times."
    ),
    out: Path = typer.Option(Path("reports/report.html"), help="The page to write."),
    format_: str = typer.Option(
        "html", "--format", help="With commas between: html, csv, xlsx, latex, markdown, json."
    ),
    figures: str = typer.Option("", "--figures", help="The drawings as files: svg, pdf."),
    language: str = typer.Option("en", "--language", help="Language it opens in: en, ko."),
    task: str | None = typer.Option(None, "--task", "-t", help="Task that is unfolded at first."),
    open_: bool = typer.Option(False, "--open", help="Open the page in the browser."),
    no_examples: bool = typer.Option(False, "--no-examples", help="Leave single answers out."),
    data_dir: Path | None = DATA_DIR,
    prices: Path | None = PRICES,
    margin: float | None = of(Question, "margin", default=None),
    *,
    asked: Annotated[Values, Fields(Question, *ASKED)],
    priced: Annotated[Values, Fields(PriceOptions, "label_usd", "machine", "basis")],
    peak_factor: float = of(Demand, "peak_factor"),
    currency: str = pricing.CURRENCY,
    rate: float | None = pricing.RATE,
    vat: float = pricing.VAT,
    json_: bool = JSON,
) -> None:
    """Write a self-contained page about all runs: what to take, what it costs, and why."""
    from harness.costs.book import load_book
    from harness.report import write_report
    from harness.report.build import build_report
    from harness.report.data import Scenario
    from harness.report.exports import write_exports

    (formats, drawn), opened = _formats(format_, figures, open_), language_of(language)
    built = build_report(
        results,
        load_book(prices),
        Scenario(margin=margin, peak_factor=peak_factor, **asked, **priced),
        lead=task,
        currency=currency,
        rate=rate,
        vat_percent=vat,
        command=_command(),
    )
    files, examples = [], not no_examples
    if "html" in formats:
        files = write_report(built, out, examples=examples, data_dir=data_dir, language=opened)
    files += write_exports(built.data, out, formats, figures=drawn, language=opened)
    _print_files(len(built.data.runs), [(each.path, each.bytes) for each in files], json_, results)
    if open_:
        _open(out)


def _formats(format_: str, figures: str, open_: bool) -> tuple[Sequence[str], Sequence[str]]:
    """Returns what is written of pages and tables, and of drawings."""
    from harness.report.exports import FIGURES, check_formats

    formats, drawn = check_formats(format_), check_formats(figures, FIGURES, "--figures")
    if open_ and "html" not in formats:
        raise UsageError("--open opens the page", "Leave --format out, or name html, too.")
    if "html" not in formats:
        refuse(("no_examples", "data_dir"), "the page: --format html")
    if not formats and not drawn:
        raise UsageError("there is nothing to write", "Example: --format html,csv")
    return formats, drawn


def _command() -> str:
    """The command as it was given, without places of this machine."""
    words, kept, skip = sys.argv[1:], ["harness"], False
    for word in words:
        if skip:
            skip = False
        elif word in PLACES:
            skip = True
        elif word.partition("=")[0] not in PLACES and word not in SHOWING:
            kept.append(word)
    return shlex.join(kept)


def _print_files(
    runs: int, files: list[tuple[Path, int]], as_json: bool, results: list[Path]
) -> None:
    from harness.records.reading import left_out

    if as_json:
        listed = [{"path": str(path), "bytes": count} for path, count in files]
        value = {"runs": runs, "files": listed, **listed[0], "left_out": left_out(*results)}
        print_json(value)
        return
    path, bytes_ = files[0]
    more = f", and {len(files) - 1} more files beside it" if len(files) > 1 else ""
    print(f"{runs} runs, {size(bytes_)}: {path}{more}")


def _open(page: Path) -> None:
    """Opens the page; says where it is if there is no browser. On stderr: stdout is for data."""
    import webbrowser

    try:
        opened = webbrowser.open(page.resolve().as_uri())
    except webbrowser.Error:
        opened = False
    if not opened:
        Screen(stderr=True).print(f"there is no browser here; the page is {page.resolve()}")
