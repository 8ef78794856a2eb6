"""Records to a report: one self-contained HTML page, and pages of examples beside it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.records.files import encoded, whole
from harness.records.secrets import hidden

if TYPE_CHECKING:
    from harness.analysis.words import Language
    from harness.report.build import Built
    from harness.report.data import ReportData
    from harness.report.examples import Examples

__all__ = ["Written", "write_page", "write_report", "write_file"]

PER_FILE = 400  # questions in a page beside the report


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written."""

    path: Path
    bytes: int


def write_file(path: Path, content: bytes) -> Written:
    """Writes a file whole or not at all, a text without keys; its folder is made."""
    with contextlib.suppress(UnicodeDecodeError):  # a PDF, a workbook
        content = hidden(content.decode()).encode()
    with whole(path) as file:
        file.write(content)
    return Written(path, len(content))


def write_report(
    built: Built,
    out: Path,
    *,
    examples: bool = True,
    data_dir: Path | None = None,
    language: Language = "en",
) -> list[Written]:
    """Writes the page; of very many configurations it has the best.

    Returns:
        The files that were written, the page first.
    """
    from harness.report.shown import shown

    data = shown(built.data)
    answers = built.examples(data_dir, data) if examples else {}
    return write_page(data, out, answers, built.what_ifs(), language=language)


def write_page(
    data: ReportData,
    out: Path,
    examples: Mapping[str, Examples] | None = None,
    what_ifs: Mapping[str, Mapping[str, object]] | None = None,
    *,
    language: Language = "en",
) -> list[Written]:
    """Writes the page, and what doesn't fit into it into ``<its stem>-examples`` beside it.

    `examples` holds all questions by task, and `what_ifs` what its page can decide again. Returns the files that were written, the page first.
    """
    from harness.report.drawn import anchors_of
    from harness.report.examples import BUDGET, part_of, sampled
    from harness.report.page import render, render_examples

    examples = examples or {}
    shown: dict[str, Examples] = {}
    pages: list[tuple[str, Examples]] = []
    for task, everything in examples.items():
        sample, rest = sampled(everything, BUDGET // len(examples))
        parts = [rest[start : start + PER_FILE] for start in range(0, len(rest), PER_FILE)]
        place = f"{out.stem}-examples/{anchors_of(data)[task]}"
        names = tuple(f"{place}-{number}.html" for number in range(1, len(parts) + 1))
        shown[task] = replace(sample, files=names)
        pages += zip(names, (part_of(everything, items) for items in parts), strict=True)
    files = [write_file(out, encoded(render(data, shown, what_ifs or {}, language=language)))]
    for name, part in pages:
        text = render_examples(data, part, back=f"../{out.name}", language=language)
        files.append(write_file(out.parent / name, encoded(text)))
    return files
