"""From a sheet that came back to a task: its rows, its file, and what the person's work took."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from harness.errors import DataError, UsageError
from harness.metrics.statistics.resampling import wilson
from harness.records.files import Json, write_lines, write_text
from harness.records.ledger import Ledger, PhaseTotal, Spend, read_ledger, totals
from harness.runs.ask import task_about
from harness.runs.prepare import LEDGER
from harness.runs.questions.build import passages_of, work_of
from harness.runs.questions.sheet import Ticked, read_sheet
from harness.strategy.context import Monitor
from harness.task.proposing.drafting import UNSAID
from harness.task.spec import TaskSpec, declare

if TYPE_CHECKING:
    from langchain_core.documents import Document

__all__ = ["task_of_sheet"]

UNCHECKED = "-unchecked"
"""Ends the name of a task whose questions nobody looked at: it stands wherever the task does."""
COLUMNS = {
    "id": "id", "input": "question", "target": "answer", "cluster": "cluster",
    "answerable": "answerable", "passages": "passages", "slices": ["sort", "document"],
}  # fmt: skip
METRICS = ("exact_match", "token_f1", "abstention_recall", "false_abstention")


def task_of_sheet(
    sheet: Path, docs: Path, by: str | None = None, monitor: Monitor | None = None
) -> Json:
    """Writes a task of the rows that a person kept or edited, beside the sheet; returns JSON values.

    Where no row is ticked, all become the task, whose name and summary say that nobody looked.

    Raises:
        DataError: A cell can't be used, a passage isn't in the documents, or no row is left.
        UsageError: It isn't said who ticked, or a file is there already.
    """
    monitor = monitor or Monitor()
    rows, about = read_sheet(sheet)
    looked = sum(bool(row.tick) for row in rows)
    if looked and not by:
        raise UsageError(f"{looked} rows of {sheet.name} are ticked", "Say by whom: --by 'A. Kim'.")
    used = [row for row in rows if row.tick in ("keep", "edit")] if looked else rows
    if not used:
        raise DataError(f"{sheet.name} keeps no question", "Tick keep or edit where one is right.")
    if looked and looked < len(rows):
        monitor.message(f"{len(rows) - looked} rows without a tick are left out")
    if silent := sum(row.edited and row.tick == "keep" for row in rows):
        monitor.message(f"{silent} rows ticked keep were changed: they count as edited")
    value: Json = {"rows": len(used), "by": by if looked else None}
    value |= _looked(rows, looked, about)
    name = sheet.stem + ("" if looked else UNCHECKED)
    paths = {"task": sheet.with_name(f"{name}.yaml"), "data": sheet.with_name(f"{name}-rows.jsonl")}
    for path in paths.values():
        if path.exists():
            raise UsageError(f"there is {path} already", "Move it away, or rename the sheet.")
    asked = task_about(docs, [row.question for row in used]).spec
    spec = _spec(asked, name, paths["data"].name, _inside(docs, sheet.parent), value)
    write_lines(paths["data"], _rows(used, passages_of(docs, monitor), spec.abstain))
    write_text(paths["task"], _text(spec))
    _charge(work_of(sheet), looked, value["minutes"])
    return value | {key: str(path) for key, path in paths.items()} | {"inside": bool(spec.corpus)}


def _looked(rows: Sequence[Ticked], looked: int, about: Json) -> Json:
    """Returns what a person found and took, and what the model took before."""
    right = sum(row.tick == "keep" and not row.edited for row in rows)
    return {
        "looked_at": looked,
        "right_as_proposed": right,
        "interval": wilson(right, looked) if looked else None,
        "minutes": sum(row.minutes for row in rows),
        "model": about.get("model"),
        "model_seconds": about.get("seconds"),
        "model_usd": about.get("usd"),
    }


def _rows(rows: Sequence[Ticked], chunks: Sequence[Document], abstain: str) -> list[Json]:
    by_id = {(chunk.id or "")[:12]: chunk for chunk in chunks}
    return [_row(row, by_id.get(row.chunk), abstain) for row in rows]


def _row(row: Ticked, chunk: Document | None, abstain: str) -> Json:
    """Returns a row of the task; of an unanswerable one no passage is right."""
    if chunk is None and row.kind != "off topic":
        raise DataError(
            f"{row.origin}: its passage isn't in the documents any more",
            "Name the folder as it was with --docs, or tick the row wrong.",
        )
    source = str(chunk.metadata["source"]) if chunk else ""
    answerable = row.kind == "answerable"
    gold = [{"document": source, "text": chunk.page_content}] if chunk and answerable else []
    return {
        "id": row.id,
        "question": row.question,
        "answer": row.answer or abstain,
        "answerable": answerable,
        "sort": row.kind,
        "document": source or "none",
        "cluster": row.chunk if chunk else row.id,
        "passages": gold,
        "edited": row.edited,
    }


def _inside(docs: Path, folder: Path) -> str | None:
    """Returns the documents' path from the task file, which names none elsewhere."""
    inside = docs.resolve().is_relative_to(folder.resolve())
    return docs.resolve().relative_to(folder.resolve()).as_posix() if inside else None


def _spec(usual: TaskSpec, name: str, data: str, corpus: str | None, value: Json) -> TaskSpec:
    unsaid = UNSAID[usual.language == "ko"].format(usual.abstain)
    return declare(
        **usual.model_dump(exclude={"name", "source", "columns", "metrics", "corpus", "prompt"})
        | {
            "prompt": usual.prompt.model_dump()
            | {"instructions": f"{usual.prompt.instructions} {unsaid}"},
            "name": name,
            "summary": _summary(value),
            "synthetic": True,
            "contamination": f"The questions are by {value['model']}, which may find them easier.",
            "source": {"files": [{"path": data}]},
            "columns": COLUMNS,
            "corpus": {"folder": corpus} if corpus else None,
            "split": "0/0/100",
            "metrics": METRICS,
        }
    )


def _summary(value: Json) -> str:
    made = f"{value['rows']} synthetic questions to documents, proposed by {value['model']}"
    if not value["by"]:
        return f"{made}, not looked at by anybody."
    return (
        f"{made}, ticked by {value['by']} in {value['minutes']:g} minutes: "
        f"{value['right_as_proposed']} of {value['looked_at']} were right as proposed."
    )


def _text(spec: TaskSpec) -> str:
    values = spec.model_dump(mode="json", exclude_defaults=True)
    values = json.loads(json.dumps(values))
    head = (
        "# Written by `harness build questions --ticked`; harness validate says what is doubtful.\n"
    )
    return head + yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=100)


def _charge(work: Path, looked: int, minutes: float) -> None:
    """Brings the person's rows and minutes in the sheet's ledger to what the sheet says now."""
    work.mkdir(parents=True, exist_ok=True)
    path = work / LEDGER
    billed = totals(read_ledger(path)).get("label", PhaseTotal()).quantities
    owed = {"rows": float(looked), "people_minutes": minutes}
    owed = {key: amount - billed.get(key, 0.0) for key, amount in owed.items()}
    if any(owed.values()):
        spend = Spend("label", device="people", devices=0, finished=True)
        spend.energy_note = "people's work"
        spend.count(**owed)
        Ledger(path).record(spend)
