"""A record's figures and answers in the format of lm-evaluation-harness' results.

That is one ``results_TIME.json`` and, for the rows, one ``samples_TASK_TIME.jsonl``, with the
fields of `lm_eval.result_schema`.
"""

from __future__ import annotations

import hashlib
import json
import re
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.errors import UsageError
from harness.records.files import Json, read_json, write_json, write_lines
from harness.records.predictions import stored_predictions
from harness.records.reading import read_metrics, read_record
from harness.records.schema import Metrics, RunRecord
from harness.records.store import FINISHED

__all__ = ["LM_EVAL", "export_results"]

LM_EVAL = "lm-eval.json"
"""lm-eval's own results of a run of one of its tasks, in the run's folder."""


def export_results(run: Path, out: Path) -> None:
    """Writes a finished record's results and samples; a row's standard error is of its sample.

    Raises:
        UsageError: The run isn't finished.
    """
    record, metrics = read_record(run), read_metrics(run)
    if record.status != FINISHED or metrics is None:
        raise UsageError(f"{run.name} is {record.status}, not finished", "Run it to its end.")
    lines = list(stored_predictions(run, record))
    name = record.task.name.removeprefix("lm-eval:")
    time = re.sub(r"[^0-9T.-]", "-", (record.finished or record.started)[:19])
    own = (
        read_json(run / LM_EVAL) if (run / LM_EVAL).is_file() else _results(record, metrics, lines)
    )
    about = {
        "config": {
            "model": "hf",
            "model_args": {"pretrained": record.model_name},
            "model_dtype": record.device.dtype,
            "limit": record.config.limit,
            "random_seed": record.config.seed,
        },
        "model_source": "adaptbench",
        "model_name": record.model_name or record.strategy.name,
        "model_name_sanitized": re.sub(r"[\"<>:/|\\?*\[\]]+", "__", record.model_name or "none"),
        "adaptbench": {
            "run": record.run_id,
            "strategy": record.strategy.name,
            "parameters": record.strategy.parameters,
            "version": record.provenance.harness,
        },
        "lm_eval_version": record.provenance.libraries.get("lm_eval"),
        "total_evaluation_time_seconds": str(record.wall_seconds),
    }
    write_json(out / f"results_{time}.json", {**own, **about})
    task = re.sub(r"[^\w.+-]+", "-", name)
    samples = [_sample(number, line) for number, line in enumerate(lines)]
    write_lines(out / f"samples_{task}_{time}.jsonl", samples)


def _results(record: RunRecord, metrics: Metrics, lines: Sequence[Json]) -> Json:
    name = record.task.name
    values: dict[str, float | str | None] = {}
    for metric, figure in metrics.metrics.items():
        values[f"{metric},none"] = figure.value
        values[f"{metric}_stderr,none"] = _stderr([line["values"].get(metric) for line in lines])
    better = {
        metric: figure.higher_is_better is not False for metric, figure in metrics.metrics.items()
    }
    return {
        "results": {name: {"name": name, "alias": name, "sample_len": metrics.n, **values}},
        "group_subtasks": {},
        "configs": {name: {"task": name, "output_type": record.readout, "metadata": {}}},
        "versions": {name: record.task.version},
        "n-shot": {name: None},
        "higher_is_better": {name: better},
        "n-samples": {name: {"original": len(lines), "effective": metrics.n}},
    }


def _stderr(values: Sequence[float | None]) -> float | str:
    """Returns the standard error of a mean, as lm-eval writes it; ``N/A`` where it isn't one."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return "N/A"
    return float(statistics.stdev(known) / len(known) ** 0.5)


def _sample(number: int, line: Mapping[str, object]) -> Json:
    """Returns a row as lm-eval logs it; what the record doesn't keep is empty."""
    values, text = line["values"], line.get("text")
    assert isinstance(values, dict)
    doc = {"id": line["id"]}
    scores = line.get("scores")
    resps = [[value] for value in scores.values()] if isinstance(scores, dict) else [[text]]
    return {
        "doc_id": number,
        "doc": doc,
        "target": line.get("target", ""),
        "arguments": {},
        "resps": resps,
        "filtered_resps": [line.get("predicted")],
        "filter": "none",
        "metrics": list(values),
        "doc_hash": _hash(json.dumps(doc, ensure_ascii=False, indent=2)),
        "prompt_hash": _hash(str(line["id"])),
        "target_hash": _hash(str(line.get("target", ""))),
        "outcome": line["outcome"],
        **values,
    }


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
