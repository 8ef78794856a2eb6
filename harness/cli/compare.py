"""``harness compare``: two runs over the rows that both have, and thresholds for a nightly job."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from harness.cli.options import JSON, RESULTS
from harness.cli.output import (
    Json,
    console,
    estimate_text,
    metric_title,
    print_json,
    print_table,
    usd,
)
from harness.cli.verbs import refuse, verb
from harness.errors import ThresholdCrossed
from harness.text import plain, visible

if TYPE_CHECKING:
    from harness.analysis.compare import Compared, Side
    from harness.analysis.flipped import Answered, Flipped
    from harness.analysis.thresholds import Threshold, ThresholdResult

__all__ = ["compare"]

MOST, LONGEST = 20, 60  # flipped rows on the screen, and characters of a text
LEAST = 0.0001  # p-value that is written out

EPILOG = """Examples:

  harness compare RUN_A RUN_B --slice slice=seen

  harness compare RUN_A RUN_B --rows

  harness compare TODAY YESTERDAY --fail-on quality=-0.02,cost=+10% --junit gates.xml

Exit code 6 means that a threshold is crossed by the whole interval."""


@verb("compare", epilog=EPILOG)
def compare(
    a: str = typer.Argument(help="A run: the one that is judged."),
    b: str = typer.Argument(help="The run to compare it with."),
    metric: str | None = typer.Option(
        None,
        help="A metric; by default whether a row is right, by the task's own rule, and with "
        "--fail-on quality= the primary one.",
    ),
    slice_: str | None = typer.Option(None, "--slice", help="Only these rows, column=value."),
    seeds: bool = typer.Option(False, "--seeds", help="Over all seeds of the two configurations."),
    fail_on: str | None = typer.Option(
        None,
        help="Thresholds: quality=-0.02 (of the primary metric, or of --metric), cost=+10%, "
        "flops=, tokens=, seconds=.",
    ),
    strict: bool = typer.Option(False, "--strict", help="An inconclusive threshold fails too."),
    junit: Path | None = typer.Option(None, help="Write the thresholds as JUnit XML."),
    markdown: Path | None = typer.Option(None, help="Write everything as Markdown."),
    rows: bool = typer.Option(False, "--rows", help="The rows that only one of the two has right."),
    results: Path = RESULTS,
    json_: bool = JSON,
) -> None:
    """Compare two runs over the rows that both have: a paired difference with its interval."""
    from harness.analysis import thresholds
    from harness.analysis.compare import open_sides
    from harness.analysis.flipped import flipped_rows
    from harness.costs.book import load_book
    from harness.records.files import write_text
    from harness.records.store import Store

    if not fail_on:
        refuse(("junit", "strict"), "--fail-on")
    wanted = thresholds.parse_thresholds(fail_on) if fail_on else []
    sides = open_sides(*map(Store(results).find, (a, b)), slice_=slice_)
    value = _compared(sides, metric, slice_, seeds, wanted)
    checked = thresholds.check_thresholds(wanted, value, *sides)
    if junit:
        write_text(junit, thresholds.junit(value, checked, strict=strict))
    if markdown:
        write_text(markdown, thresholds.markdown(value, checked))
    flipped = flipped_rows(*sides, load_book(None)) if rows else None
    bad = {"failed", "inconclusive"} if strict else {"failed"}
    crossed = [result for result in checked if result.verdict in bad]
    if json_:
        _print_json(value, checked, flipped, ThresholdCrossed.exit_code if crossed else 0)
    _show(value, slice_, checked)
    if flipped is not None:
        _show_rows(flipped)
    _end(checked, crossed)


def _end(checked: list[ThresholdResult], crossed: list[ThresholdResult]) -> None:
    """Says what is neither passed nor failed, and fails where a threshold is crossed."""
    open_ = [each for each in checked if each.verdict == "inconclusive" and each not in crossed]
    if open_:
        names = ", ".join(each.threshold for each in open_)
        console().print(f"inconclusive, so not failed: {names} (--strict fails)", markup=False)
    if crossed:
        reasons = "; ".join(f"{each.threshold} {each.verdict}: {each.reason}" for each in crossed)
        raise ThresholdCrossed(reasons, "The whole interval counts; --json has all figures.")


def _compared(
    sides: tuple[Side, Side],
    metric: str | None,
    slice_: str | None,
    seeds: bool,
    wanted: list[Threshold],
) -> Compared:
    """Compares by the metric that was asked for; a threshold of quality asks for the primary one."""
    from harness.analysis.compare import compare_runs, compare_seeds
    from harness.records.reading import read_metrics

    folders = sides[0].folder, sides[1].folder
    if metric is None and any(each.kind == "quality" for each in wanted):
        derived = read_metrics(folders[0])
        metric = derived.primary if derived else None
    compared = compare_seeds if seeds else compare_runs
    return compared(*folders, metric=metric, slice_=slice_, sides=sides)


def _print_json(
    value: Compared, checked: list[ThresholdResult], flipped: list[Flipped] | None, code: int
) -> NoReturn:
    more: Json = {"gates": [each.as_dict() for each in checked], "exit_code": code}
    if flipped is not None:
        more["rows"] = [asdict(each) for each in flipped]
    print_json({**value, **more})
    raise typer.Exit(code)


def _show(value: Compared, slice_: str | None, checked: list[ThresholdResult]) -> None:
    from harness.analysis.thresholds.files import change

    out = console()
    out.print(f"a: {value['a']}\nb: {value['b']}\ndifferences are a minus b", markup=False)
    title = metric_title(value["metric"], value) + (f", {slice_}" if slice_ else "")
    rows = [_row(title, value), *(_row(name, each) for name, each in value["beside"].items())]
    print_table("paired", "difference  [95 % interval]", "n", "clusters", "p", rows=rows)
    methods = dict.fromkeys(each["method"] for each in (value, *value["beside"].values()))
    out.print(f"interval and p by: {'; '.join(methods)}")
    if same := value.get("agreement"):
        flipped = f"{value['flipped']:,} are right in one of the two alone"
        out.print(f"the same answer: {estimate_text(same)} of {same['n']:,} rows; {flipped}")
    if checked:
        out.print()
        lines = [(each.threshold, each.verdict, change(each), each.reason) for each in checked]
        print_table("threshold", "verdict", "change  [95 % interval]", "", rows=lines)
    for warning in value["warnings"]:
        out.print(f"warning: {warning}", style="yellow", markup=False)


def _show_rows(rows: list[Flipped]) -> None:
    """Prints the first rows that flipped; --json has all."""
    out = console()
    ahead = sum(each.right == "a" for each in rows)
    more = f", {MOST} shown (--json has all)" if len(rows) > MOST else ""
    out.print(f"\n{len(rows)} rows flipped: {ahead} right in a, {len(rows) - ahead} in b{more}")
    for each in rows[:MOST]:
        out.print(f"{each.name} · wanted: {_cut(each.target)}")
        if each.question:
            out.print(f"  {_cut(each.question)}")
        for side, answer in (("a", each.a), ("b", each.b)):
            mark = "right" if each.right == side else "wrong"
            out.print(f"  {side} {mark}: {_cut(answer.text)}  ({_price(answer)})")


def _cut(text: str | None) -> str:
    shown = "-" if text is None else visible(" ".join(text.split()))
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 3]}..."


def _price(answer: Answered) -> str:
    tokens = f"{answer.input_tokens:,} + {answer.output_tokens:,} tokens"
    price = usd(None if answer.usd is None else 1000 * answer.usd)
    return f"{tokens}, {price} for 1,000 such answers"


def _p(value: float) -> str:
    return plain(value) if value >= LEAST or not value else f"< {plain(LEAST)}"


def _row(title: str, value: Json) -> tuple[str, ...]:
    figure = estimate_text({"value": value["difference"], **value})
    counts = (str(value["n"]), str(value["clusters"]), _p(value["p_value"]))
    return title, figure, *counts
