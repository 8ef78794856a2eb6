"""What a report is written as beside the page, all from one `ReportData`.

    csv        NAME-csv/TABLE.csv     a file a table, UTF-8 with a mark, formulas defused
    xlsx       NAME.xlsx              the same tables, a sheet each
    json       NAME.json              everything, with the data of the drawings
    markdown   NAME.md                advice and main tables
    latex      NAME-latex/*.tex       booktabs tables, a document, references.bib
    figures    NAME-figures/*.svg     the drawings, by matplotlib

The same report gives the same bytes: no clock, no random ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import UsageError, nearest
from harness.records.files import encoded
from harness.report import Written, write_file

if TYPE_CHECKING:
    from harness.analysis.words import Language
    from harness.report.data import ReportData

__all__ = ["FIGURES", "FORMATS", "check_formats", "write_exports"]

FORMATS = ("html", "csv", "xlsx", "latex", "markdown", "json")
FIGURES = ("svg", "pdf")


def check_formats(text: str, known: Sequence[str] = FORMATS, flag: str = "--format") -> list[str]:
    """Reads a list of formats, ``csv,xlsx``. Raises `UsageError`: there is no such format."""
    names = list(dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip()))
    for name in names:
        if name not in known:
            hint = f"{nearest(name, known)} There is {', '.join(known)}.".strip()
            raise UsageError(f"{flag} {name!r} is no format", hint)
    return names


def write_exports(
    data: ReportData,
    out: Path,
    formats: Sequence[str],
    *,
    figures: Sequence[str] = (),
    language: Language = "en",  # of titles and sentences; names of columns stay
) -> list[Written]:
    """Writes a report in other formats than the page's, each called after the page.

    What an earlier report left in the folders stays.

    Raises:
        MissingDependency: openpyxl (``xlsx``) or matplotlib (figures) isn't installed.
    """
    files = [each for name in formats for each in _files(name, data, out.stem, language)]
    if figures:
        from harness.report.exports.drawings import drawing_files

        drawn = drawing_files(data, figures, language)
        files += [(f"{out.stem}-figures/{name}", content) for name, content in drawn]
    return [write_file(out.parent / name, content) for name, content in files]


def _files(
    name: str, data: ReportData, stem: str, language: Language
) -> Iterator[tuple[str, bytes]]:
    from harness.report.exports.sheets import sheets_of

    if name == "csv":
        from harness.report.exports.sheets import csv_bytes

        for sheet in sheets_of(data, language):
            yield f"{stem}-csv/{sheet.name}.csv", csv_bytes(sheet)
    elif name == "xlsx":
        from harness.report.exports.workbook import workbook_bytes

        sheets = sheets_of(data, language)
        yield f"{stem}.xlsx", workbook_bytes(sheets, title="adaptbench report", made=data.made)
    elif name == "json":
        from harness.report.exports.json_file import json_text

        yield f"{stem}.json", encoded(json_text(data))
    elif name == "markdown":
        from harness.report.exports.readme import markdown_text

        yield f"{stem}.md", encoded(markdown_text(data, language))
    elif name == "latex":
        from harness.report.exports.paper import paper_files

        for file, text in paper_files(data, language).items():
            yield f"{stem}-latex/{file}", encoded(text)
