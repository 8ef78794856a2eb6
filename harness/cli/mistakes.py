"""``harness show RUN --errors``: the rows that aren't right, with question and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.output import Json, console, print_json
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.analysis.mistakes import Mistake
    from harness.records.schema import RunRecord
    from harness.report.texts import Texts

__all__ = ["SHOWN", "show_errors"]

SHOWN = 10  # rows of a group on the screen, where nothing else is asked for
LONGEST = 200  # characters of a text on the screen
TITLES = {
    "wrong": "wrong answers",
    "abstained": "abstained although the row has an answer",
    "unparsed": "unparsed: no answer could be read",
    "truncated": "truncated: cut at the greatest length (max_tokens)",
    "refused": "refused by the model or its server",
    "error": "came to an error: no answer",
}


def show_errors(
    folder: Path, record: RunRecord, limit: int | None, data_dir: Path | None, as_json: bool
) -> None:
    """Prints the rows that aren't right; as JSON all of them, unless there is a limit.

    Raises:
        UsageError: The limit is less than 1.
        DataError: The file of answers is damaged.
    """
    from harness.analysis.mistakes import mistakes_of

    if limit is not None and limit < 1:
        raise UsageError(f"--limit {limit} shows nothing", "1 or more; without it there are some.")
    groups = mistakes_of(folder, record)
    texts = _texts(folder, record, data_dir)
    questions = {name: texts.clean(row.example.query.text) for name, row in texts.rows.items()}
    kept = {each.id: each.question for rows in groups.values() for each in rows if each.question}
    questions |= kept  # of one's own rows, wherever the table lies
    note = _note(record, questions)
    if as_json:
        _print_json(folder, record, groups, questions, note, limit)
        return
    out = console()
    out.print(
        f"{record.task.name} · {record.label} · {record.model_name or 'no model'}", style="bold"
    )
    wrong = sum(map(len, groups.values()))
    counts = ", ".join(f"{name} {len(rows):,}" for name, rows in groups.items())
    out.print(
        f"{wrong:,} of {record.task.rows.test:,} rows aren't right"
        + (f": {counts}" if counts else "")
    )
    if note:
        out.print(note, style="yellow")
    for name, rows in groups.items():
        _print_group(name, rows, questions, limit or SHOWN)


def _texts(folder: Path, record: RunRecord, data_dir: Path | None) -> Texts:
    """The questions, where the record may show them and the data set is here as it was."""
    from harness.analysis.trials import Trial
    from harness.records.predictions import scored_rows
    from harness.records.reading import read_metrics
    from harness.report.texts import Texts, texts_of

    derived = read_metrics(folder)
    if derived is None:
        return Texts()
    return texts_of([Trial(folder, record, scored_rows(folder, record), (), derived)], data_dir)


def _note(record: RunRecord, questions: Mapping[str, str]) -> str:
    """Says why texts are missing; nothing where none is."""
    if record.config.store_text == "ids":
        return "The record keeps ids alone (--store-text ids): there are no texts to show."
    if not questions:
        return "Questions aren't shown: the task's rows aren't here as they were (--data-dir)."
    return ""


def _print_json(
    folder: Path,
    record: RunRecord,
    groups: Mapping[str, Sequence[Mistake]],
    questions: Mapping[str, str],
    note: str,
    limit: int | None,
) -> None:
    rows: list[Json] = [
        asdict(each) | {"question": questions.get(each.id)}
        for found in groups.values()
        for each in found[:limit]
    ]
    counts = {name: len(found) for name, found in groups.items()}
    head: Json = {"run_id": folder.name, "n": record.task.rows.test, "counts": counts}
    print_json(head | {"store_text": record.config.store_text, "note": note, "rows": rows})


def _print_group(
    name: str, rows: Sequence[Mistake], questions: Mapping[str, str], most: int
) -> None:
    out = console()
    part = f", {most} shown (--limit {len(rows)} shows all)" if len(rows) > most else ""
    out.print(f"\n{TITLES[name]}: {len(rows):,}{part}", style="bold")
    for pair, alike in groupby(rows[:most], key=lambda each: (each.target, each.answer)):
        shown = list(alike)
        if pair != (None, None):
            many = f"  ({shown[0].alike} rows)" if shown[0].alike > 1 else ""
            out.print(f"  right: {_cut(pair[0])} · given: {_cut(pair[1])}{many}")
        for each in shown:
            question = f"  {_cut(questions[each.id])}" if each.id in questions else ""
            out.print(f"    {each.name}{question}", style="dim")
            if each.error:
                out.print(f"      {_cut(each.error)}", style="red")


def _cut(text: str | None) -> str:
    shown = " ".join((text or "").split()) or "nothing"
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 3]}..."
