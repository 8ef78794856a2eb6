"""Records as pandas frames, for one's own analysis: ``harness.load_results("results")``.

The columns are a promise, written down in ``docs/results.md``; a test compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.analysis.summary import spends
from harness.errors import HarnessError
from harness.records.ledger import Spend
from harness.records.predictions import stored_predictions
from harness.records.reading import read_metrics, read_record
from harness.records.schema import Metrics, RunRecord
from harness.records.store import RUN, Store, no_run
from harness.types import Usage

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["OPEN", "SCHEMA", "Results", "load_results"]

TEXT, REAL = "string", "Float64"
TOKENS = dict.fromkeys(Usage.__slots__, "Int64")
FrameRow = dict[str, object]


def _columns(text: str) -> dict[str, str]:
    """Reads ``NAME:TYPE``, columns with their pandas types; a name alone is text."""
    columns = (each.partition(":") for each in text.split())
    return {name: kind or TEXT for name, _, kind in columns}


SCHEMA = {  # columns and pandas types of each frame. What isn't known is ``<NA>``.
    "runs": _columns("""
        run_id status task task_digest synthetic:boolean strategy label parameters ceiling:boolean
        stand_in:boolean model model_digest quantization form readout seed:Int64 train_limit:Int64
        train_rows:Int64
        dev_rows:Int64 test_rows:Int64 primary value:Float64 low:Float64 high:Float64 n:Int64
        errors:Int64 device shared:boolean judge judge_kappa:Float64 wall_seconds:Float64
        artifact artifact_reused:boolean key result_key artifact_key harness commit started finished
    """),
    "predictions": _columns("""
        run_id id outcome correct:boolean abstained:boolean answerable:boolean cluster question
        place target predicted text finish error
    """)
    | TOKENS,
    "spends": _columns("""
        run_id part phase seconds:Float64 device devices:Int64 attempt:Int64 paid finished:boolean
        shared:boolean peak_memory_bytes:Int64 energy_joules:Float64 energy_note
    """)
    | TOKENS,
    "metrics": _columns("""
        run_id slice metric primary:boolean value:Float64 low:Float64 high:Float64 n:Int64 method
    """),
}

OPEN = {  # what further columns begin with; which there are depends on the task and the strategies
    "predictions": {"value.": REAL, "column.": TEXT, "judged.": TEXT},
    "spends": {"quantity.": REAL},
}


@dataclass(frozen=True)
class Results:
    """All records of a folder."""

    runs: pd.DataFrame  # one row a run, of any status
    predictions: pd.DataFrame  # one row an answer
    spends: pd.DataFrame  # one row a span of a phase; quantities, no money
    metrics: pd.DataFrame  # one row a metric of a run or of a slice of it, with its interval
    skipped: tuple[tuple[str, str], ...] = ()  # folder and reason of each record that can't be read


def load_results(path: str | Path = "results") -> Results:
    """Reads the records of a folder as pandas frames.

    Args:
        path: Folder of the records, or of a single run.

    Returns:
        Four frames that share the column ``run_id``; see ``docs/results.md``.

    Raises:
        UsageError: There is no record in it.
    """
    root = Path(path)
    folders = [root] if (root / RUN).is_file() else Store(root).run_folders()
    if not folders:
        raise no_run([root])
    rows: dict[str, list[FrameRow]] = {name: [] for name in SCHEMA}
    skipped = []
    for folder in folders:
        try:
            record = _read(folder)
        except HarnessError as error:
            skipped.append((folder.name, f"{type(error).__name__}: {error}"))
            continue
        for name, values in record.items():
            rows[name] += values
    return Results(**{name: _frame(name, rows[name]) for name in SCHEMA}, skipped=tuple(skipped))


def _read(folder: Path) -> dict[str, list[FrameRow]]:
    """Reads one record whole, so that a damaged one leaves no half behind."""
    record, derived = read_record(folder), read_metrics(folder)
    name = {"run_id": record.run_id}
    return {
        "runs": [_run(record, derived)],
        "predictions": [name | _prediction(line) for line in stored_predictions(folder, record)],
        "spends": [
            name | _spend(part, spend)
            for part, spans in zip(("artifact", "run"), spends(folder), strict=True)
            for spend in spans
        ],
        "metrics": [name | row for row in _metrics(derived)] if derived else [],
    }


def _run(record: RunRecord, derived: Metrics | None) -> FrameRow:
    task, source, counts = record.task, record.provenance, record.task.rows
    figure = derived.metrics.get(derived.primary) if derived else None
    judge, artifact, model = record.judge, record.artifact, record.model
    plain = ("run_id", "status", "readout", "wall_seconds", "key", "started", "finished", "shared")
    return {
        **record.model_dump(include=set(plain)),
        **(figure.model_dump(include={"value", "low", "high", "n"}) if figure else {}),
        "task": task.name,
        "task_digest": task.digest,
        "synthetic": task.synthetic,
        "strategy": record.strategy.name,
        "label": record.label,
        "parameters": json.dumps(record.strategy.parameters, ensure_ascii=False, sort_keys=True),
        "ceiling": record.strategy.ceiling,
        "stand_in": record.server is not None and record.server.stand_in,
        "model": record.model_name,
        "model_digest": model and model.digest,
        "quantization": model and model.quantization,
        "form": record.config.form,
        "seed": record.config.seed,
        "train_limit": record.config.train_limit,
        **{f"{split}_rows": count for split, count in counts.model_dump().items()},
        "primary": derived and derived.primary,
        "errors": derived and derived.outcomes.get("error"),
        "device": record.device.device_class,
        "judge": judge and judge.name,
        "judge_kappa": judge.measured.kappa.value if judge and judge.measured else None,
        "artifact": artifact and artifact.name,
        "artifact_reused": artifact and artifact.reused,
        "result_key": record.keys.result,
        "artifact_key": record.keys.artifact,
        "harness": source.harness,
        "commit": source.commit,
    }


def _prediction(line: Mapping[str, Any]) -> FrameRow:
    fixed = [name for name in SCHEMA["predictions"] if name not in TOKENS and name != "run_id"]
    return {
        **{name: line.get(name) for name in fixed},
        **dict.fromkeys(TOKENS, 0),
        **line["usage"],
        **{f"value.{name}": value for name, value in line["values"].items()},
        **{f"column.{name}": value for name, value in line["columns"].items()},
        **{f"judged.{name}": state for name, state in line.get("judged", {}).items()},
    }


def _spend(part: str, spend: Spend) -> FrameRow:
    value = {item.name: getattr(spend, item.name) for item in fields(Spend)}
    usage, quantities = value.pop("usage"), value.pop("quantities")
    return {
        "part": part,
        **value,
        **{name: getattr(usage, name) for name in TOKENS},
        **{f"quantity.{name}": amount for name, amount in quantities.items()},
    }


def _metrics(derived: Metrics) -> Iterable[FrameRow]:
    tables = {"": derived.metrics, **derived.slices}
    for slice_, table in tables.items():
        for metric, figure in table.items():
            yield {
                "slice": slice_,
                "metric": metric,
                "primary": metric == derived.primary,
            } | figure.as_json()


def _frame(name: str, rows: list[FrameRow]) -> pd.DataFrame:
    import pandas as pd

    types = dict(SCHEMA[name])
    for start, kind in OPEN.get(name, {}).items():
        columns = {key for row in rows for key in row if key.startswith(start)}
        types |= dict.fromkeys(sorted(columns), kind)
    return pd.DataFrame(rows, columns=list(types), dtype=object).astype(types)
