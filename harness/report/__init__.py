"""Records to a report: one self-contained HTML page, and pages of examples beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.records.store import storage_errors

if TYPE_CHECKING:
    from harness.analysis.words import Language
    from harness.report.build import Built
    from harness.report.data import ReportData
    from harness.report.examples import Examples

__all__ = ["Written", "write_page", "write_report", "write_file"]

PER_FILE = 400
"""Questions in a page beside the report."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written.

    Attributes:
        path: Where.
        bytes: Its size.
    """

    path: Path
    bytes: int


def write_file(path: Path, content: bytes) -> Written:
    """Writes a file whole or not at all; its folder is made."""
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(content)
        part.replace(path)
    return Written(path, len(content))


def write_report(
    built: Built,
    out: Path,
    *,
    examples: bool = True,
    data_dir: Path | None = None,
    language: Language = "en",
) -> list[Written]:
    """Writes a report in its formats.

    Args:
        built: From `harness.report.build.build_report`.
        out: The page.
        examples: Whether single answers go into it, as far as the records may show them.
        data_dir: Folder with local copies of data sets, for the questions.
        language: In which the page opens.

    Returns:
        The files that were written, the page first.
    """
    shown = built.examples(data_dir) if examples else {}
    return write_page(built.data, out, shown, language=language)


def write_page(
    data: ReportData,
    out: Path,
    examples: Mapping[str, Examples] | None = None,
    *,
    language: Language = "en",
) -> list[Written]:
    """Writes the page, and what doesn't fit into it into a folder beside it.

    Args:
        data: What it shows.
        out: The page; the folder is called ``<its stem>-examples``.
        examples: By task: all questions, from `harness.report.examples.examples_of`.
        language: In which it opens.

    Returns:
        The files that were written, the page first.
    """
    from harness.report.drawn import anchors_of
    from harness.report.examples import BUDGET, sampled
    from harness.report.page import render, render_examples

    examples = examples or {}
    shown: dict[str, Examples] = {}
    beside: list[tuple[Path, Examples]] = []
    for task, everything in examples.items():
        some, rest = sampled(everything, BUDGET // len(examples))
        place = anchors_of(data)[task]
        parts = [rest[start : start + PER_FILE] for start in range(0, len(rest), PER_FILE)]
        folder = f"{out.stem}-examples"
        names = tuple(f"{folder}/{place}-{number}.html" for number in range(1, len(parts) + 1))
        shown[task] = replace(some, files=names)
        beside += [
            (out.parent / name, _page_of(everything, part))
            for name, part in zip(names, parts, strict=True)
        ]
    files = [write_file(out, render(data, shown, language=language).encode())]
    for path, part in beside:
        text = render_examples(data, part, back=f"../{out.name}", language=language)
        files.append(write_file(path, text.encode()))
    return files


def _page_of(everything: Examples, items: Sequence[object]) -> Examples:
    from harness.analysis.words import phrase
    from harness.report.examples import Item, strata

    chosen = tuple(item for item in items if isinstance(item, Item))
    told = strata(everything.items, chosen)
    stated = phrase("examples.part", shown=f"{len(chosen):,}", total=f"{len(everything.items):,}")
    return replace(everything, items=chosen, strata=told, stated=stated)
