"""Records to one self-contained HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.costs.book import PriceBook
from harness.report.data import report_data
from harness.report.page import render
from harness.store import storage_errors

__all__ = ["write_report"]


def write_report(results: Path, out: Path, book: PriceBook) -> dict[str, Any]:
    """Writes the page about all runs of a folder.

    Args:
        results: Folder of the records.
        out: The file to write; its folder is made.
        book: Prices.

    Returns:
        How many runs and bytes were written.
    """
    data = report_data(results, book)
    page = render(data).encode("utf-8")
    with storage_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        part = out.with_name(f"{out.name}.part")
        part.write_bytes(page)
        part.replace(out)
    runs = sum(len(task.runs) for task in data.tasks)
    return {"runs": runs, "bytes": len(page), "path": str(out)}
