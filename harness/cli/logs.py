"""How a log of another package is shown beside the record that was made of it."""

from __future__ import annotations

from collections.abc import Iterator

from harness.cli.output import Json, console, estimate_text, print_table, usd

__all__ = ["log_lines", "print_logs"]


def log_lines(log: Json | None) -> Iterator[str]:
    """Says what a log scored itself, on which rows we differ, and what it took by its own word."""
    if not log:
        return
    matched = ", ".join(f"{count} by {name}" for name, count in log["matched"].items())
    yield f"log: {log['format']}, {log['file']}: {log['answers']} answers, matched {matched}"
    if agreed := log["agreement"]:
        yield (
            f"  {log['metric']}, by the log: {agreed['theirs']:.3f}; right, by ours: "
            f"{agreed['ours']:.3f} (n {agreed['n']}); {_differing(agreed)}"
        )
    if log["usd"] is not None:
        some = log["usd_answers"] < log["answers"]
        of = f" for {log['usd_answers']} of {log['answers']} answers" if some else ""
        yield f"  cost, declared by the log{of}: {usd(log['usd'])}"
    if waits := log["seconds"]:
        yield (
            f"  seconds an answer, by the log: p50 {waits['p50']:.3g}, p95 {waits['p95']:.3g} "
            f"(n {waits['n']}; how many ran at once isn't known)"
        )
    for note in log["notes"]:
        yield f"  {note}"
    yield ""


def _differing(agreed: Json) -> str:
    more = agreed["differ"] - len(agreed["rows"])
    rows = "; ".join(each["place"] or each["id"] for each in agreed["rows"])
    count = "1 row differs" if agreed["differ"] == 1 else f"{agreed['differ']} rows differ"
    said = count + (f": {rows}" if rows else "") + (f" and {more} more" if more > 0 else "")
    graded = (
        f"; {agreed['graded']} have a score that is neither 0 nor 1" if agreed["graded"] else ""
    )
    return said + graded


def print_logs(value: Json) -> None:
    """Prints the records that one log gave: a line each, then what is said of each."""
    rows = []
    for report in value["runs"]:
        figure = report["metrics"].get(report["primary"])
        agreed = report["log"]["agreement"]
        theirs = f"{agreed['theirs']:.3f}" if agreed else "-"
        differ = f"{agreed['differ']} of {agreed['n']}" if agreed else "-"
        ours = estimate_text(figure) if figure else "-"
        rows.append((report["label"], report["primary"], ours, str(report["n"]), theirs, differ))
    columns = (
        "answers",
        "primary",
        "value  [95 % interval]",
        "n",
        "by the log",
        "rows that differ",
    )
    print_table(*columns, rows=rows)
    for report in value["runs"]:
        console().print(f"\n{report['label']}: {report['path']}", style="bold")
        for line in log_lines(report["log"]):
            if line:
                console().print(line)
