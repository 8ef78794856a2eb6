"""Synthetic records of any size, written as runs write them: what a report of a large study needs.

Nothing in them was measured. Answers are drawn from the seed; some settings are better than
others, some retrieve passages, some are trained.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harness.costs.book import PriceBook
from harness.records.ledger import Spend
from harness.records.reading import write_record
from harness.records.schema import RunRecord
from harness.report.build import build_report
from harness.report.data import ReportData
from harness.types import Usage

__all__ = ["STRATEGIES", "Kind", "report_data", "write_records"]

SIZES = {
    "parameters": 268_000_000, "trunk_parameters": 100_000_000, "layers": 18, "hidden": 640,
    "kv_heads": 1, "head_dim": 256, "vocabulary": 262_144,
}  # fmt: skip
MODEL = {
    "name": "synthetic-1b", "digest": "0" * 64, "weights_origin": "invented", "licence": "Apache-2.0",
    "chat": False, "dtype": "bfloat16", "quantization": None, "architecture": SIZES,
}  # fmt: skip
OUTCOMES = ("unparsed", "refused", "truncated")


@dataclass(frozen=True)
class Kind:
    """A strategy.

    Attributes:
        name: Of it.
        skill: Share of right answers.
        model: Whether a language model takes part.
        trains: Whether it is trained.
        retrieves: Whether it has an index.
    """

    name: str
    skill: float
    model: bool = True
    trains: bool = False
    retrieves: bool = False


STRATEGIES = (
    Kind("majority", 0.20, model=False), Kind("tfidf", 0.42, model=False),
    Kind("bm25-answer", 0.30, model=False, retrieves=True), Kind("zero-shot", 0.25),
    Kind("few-shot", 0.45), Kind("rag", 0.66, retrieves=True),
    Kind("few-shot+rag", 0.70, retrieves=True), Kind("lora", 0.72, trains=True),
    Kind("qlora", 0.71, trains=True), Kind("lora+rag", 0.82, trains=True, retrieves=True),
    Kind("qlora+rag", 0.81, trains=True, retrieves=True),
    Kind("full-finetune", 0.74, trains=True),
)  # fmt: skip


def write_records(
    results: Path,
    *,
    kinds: Sequence[Kind] = STRATEGIES,
    tasks: Sequence[str] = ("made",),
    seeds: int = 1,
    items: int = 60,
    answer: str = "The notice period is {row} days, as article {row} of the rules says.",
    source: str = "rules.pdf",
    store_text: str = "full",
    device: str = "cpu",
    cpu: str = "a processor",
    **extra: Any,
) -> list[Path]:
    """Writes a study.

    Args:
        results: Folder of the records.
        kinds: Strategies.
        tasks: Names of tasks.
        seeds: Runs of each setting.
        items: Test rows, four of which share a cluster.
        answer: Text of an answer; ``{row}`` is its number.
        source: File that passages are from.
        store_text: As in a configuration.
        device: Class of the device.
        cpu: Name of the processor.
        extra: Further keys of each run.json.

    Returns:
        Folders of the runs.
    """
    made = []
    for number, task in enumerate(tasks):
        for kind in kinds:
            for seed in range(seeds):
                lines = list(_lines(kind, number, seed, items, answer, source, store_text))
                about = (task, seed, items, store_text, device, cpu)
                made.append(_write(results, kind, about, lines, extra))
    return made


def report_data(results: Sequence[Path], book: PriceBook, **choices: Any) -> ReportData:
    """Returns what a report of some folders shows."""
    return build_report(results, book, **choices).data


def _lines(
    kind: Kind, task: int, seed: int, items: int, answer: str, source: str, store_text: str
) -> Iterator[dict[str, Any]]:
    hard = np.random.default_rng([task]).normal(0, 0.18, items)
    luck = np.random.default_rng([task, seed, sum(map(ord, kind.name))])
    for row in range(items):
        right = bool(luck.random() < np.clip(kind.skill + hard[row] - 0.03 * task, 0.02, 0.98))
        other = luck.integers(40)
        outcome = "ok" if right or other >= 3 else OUTCOMES[other]
        line: dict[str, Any] = {
            "id": f"q{row:05d}", "outcome": outcome, "correct": right, "abstained": False,
            "answerable": row % 10 != 0, "values": {"exact_match": float(right)},
            "cluster": f"c{row // 4}",
            "columns": {"slice": "seen" if row % 4 == 0 else "unseen"}, "finish": "stop",
            "usage": {"input_tokens": 180 + row % 90, "output_tokens": 12} if kind.model else {},
        }  # fmt: skip
        if kind.retrieves:
            line["values"] |= {f"hit@{k}": float(row % 9 < 6 + k // 3) for k in (1, 3, 5, 10)}
            line["evidence"] = [{"source": source, "span": [row * 50, row * 50 + 300], "place": ""}]
        if store_text != "ids":
            told = answer.format(row=row) if right else f"It may be {other}, but I am not sure."
            line |= {"target": answer.format(row=row), "predicted": told, "text": told}
        yield line


def _write(
    results: Path,
    kind: Kind,
    about: tuple[str, int, int, str, str, str],
    lines: list[dict[str, Any]],
    extra: dict[str, Any],
) -> Path:
    task, seed, items, store_text, device, cpu = about
    safe = "".join(letter if letter.isalnum() or letter in "+-" else "_" for letter in kind.name)
    place = "".join(letter if letter.isalnum() else "_" for letter in task)
    folder = results / f"{place}_{safe}_s{seed}_{'cpu' if device == 'cpu' else 'gpu'}-1"
    folder.mkdir(parents=True)
    key = f"{task}/{kind.name}/{seed}/{device}"
    record = {
        "run_id": folder.name, "key": key, "status": "finished",
        "keys": {"artifact": key, "result": key},
        "config": {"strategy": kind.name, "seed": seed, "set": {}, "train_limit": None,
                   "store_text": store_text},
        "strategy": {"name": kind.name, "parameters": {"name": kind.name}, "ceiling": False},
        "task": {"name": task, "digest": "d", "kind": "qa", "language": "en", "synthetic": True,
                 "licence": "Apache-2.0", "summary": "Invented questions.", "contamination": "None.",
                 "digests": {"test": "t"}, "rows": {"train": 500, "dev": 0, "test": items}},
        "model": MODEL if kind.model else None,
        "device": {"device_class": device, "dtype": "bfloat16"}, "readout": "generate",
        "metrics": ["exact_match"], "artifact": {"name": key, "reused": False, "details": {}},
        "provenance": {"harness": "0", "commit": "0" * 40, "dirty": False,
                       "machine": {"cpu": cpu, "threads": 2},
                       "command": f"harness run --strategy {kind.name} --results /somewhere"},
        "wall_seconds": 60.0, "started": "2026-01-01T00:00:00+00:00",
        "finished": "2026-01-01T00:01:00+00:00",
        "latency": {"requests": 32, "p50_seconds": 0.2, "p95_seconds": 0.5, "held_tokens": 0,
                    "stopped_by": "requests", "seconds": []},
    }  # fmt: skip
    write_record(folder, RunRecord.model_validate(record | extra))
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "predictions.jsonl").write_text(text, encoding="utf-8")
    _json(folder / "metrics.json", _metrics(lines))
    used = Usage(
        input_tokens=sum(line["usage"].get("input_tokens", 0) for line in lines),
        output_tokens=sum(line["usage"].get("output_tokens", 0) for line in lines),
    )
    serve = Spend("serve", 0.05 * items if kind.model else 0.001 * items, usage=used, device=device)
    serve.count(requests=items)
    prepared = []
    if kind.trains:
        label = Spend("label", 0.0, device="people", devices=0)
        label.count(train_rows=500)
        prepared += [label, Spend("train", 300.0 + 10 * seed, device=device)]
    if kind.retrieves:
        prepared.append(Spend("index", 12.0, device=device))
    _ledger(folder / "ledger.jsonl", [serve])
    _ledger(folder / "artifact-ledger.jsonl", prepared)
    return folder


def _metrics(lines: list[dict[str, Any]]) -> dict[str, Any]:
    def figure(some: list[dict[str, Any]]) -> dict[str, Any]:
        mean = sum(line["correct"] for line in some) / len(some)
        value = {"value": mean, "low": max(0.0, mean - 0.06), "high": min(1.0, mean + 0.06),
                 "n": len(some), "method": "made", "higher_is_better": True}  # fmt: skip
        return {"exact_match": value}

    names = {line["columns"]["slice"] for line in lines}
    return {
        "outcomes": {name: sum(line["outcome"] == name for line in lines)
                     for name in ("ok", *OUTCOMES, "error")},
        "n": len(lines), "primary": "exact_match", "metrics": figure(lines),
        "slices": {f"slice={name}": figure([x for x in lines if x["columns"]["slice"] == name])
                   for name in sorted(names)},
    }  # fmt: skip


def _json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def _ledger(path: Path, spends: list[Spend]) -> None:
    lines = [
        {"event": "end", "span": str(n), "time": 0.0, **each.as_dict(), "finished": True}
        for n, each in enumerate(spends)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
