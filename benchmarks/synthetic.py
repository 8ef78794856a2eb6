"""Synthetic records, made of real ones: other names, seeds and answers, for measuring what grows."""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.records.files import read_json, read_lines, write_json, write_lines
from harness.records.keys import digest

__all__ = ["REAL", "make_long", "make_runs", "make_table"]

REAL = ("fpb_tfidf", "fpb_few-shot", "fpb_lora")  # whose records are varied, by how they begin
PREDICTIONS = "predictions.jsonl"
LABELS = ("negative", "neutral", "positive")
WORDS = ("revenue", "fell", "rose", "claim", "paid", "denied", "net", "profit", "보험", "policy")


def make_runs(
    real: Path,  # folder with the records that are varied, ``results/fpb``
    folder: Path,  # where they are written
    count: int,  # records
    *,
    seeds: int = 1,  # runs of each configuration
    rows: int = 500,  # answers of each record, of the real ones
    seed: int = 0,
) -> None:
    """Writes `count` records of one task, each configuration with so many seeds."""
    sources = [_read(next(real.glob(f"{name}_*"))) for name in REAL]
    for number in range(count):
        random_ = random.Random(f"{seed} {number}")
        _write(folder, *sources[number // seeds % len(sources)], number, seeds, rows, random_)


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, Any], dict[str, list[Any]]]:
    names = (PREDICTIONS, "ledger.jsonl", "artifact-ledger.jsonl")
    lines = {name: read_lines(folder / name) for name in names}
    return read_json(folder / "run.json"), read_json(folder / "metrics.json"), lines


def _write(
    folder: Path,
    content: dict[str, Any],
    metrics: dict[str, Any],
    lines: dict[str, list[Any]],
    number: int,
    seeds: int,
    rows: int,
    random_: random.Random,
) -> None:
    content, metrics = copy.deepcopy(content), copy.deepcopy(metrics)
    configuration, run_seed = divmod(number, seeds)
    key = digest(["synthetic", number])
    strategy = content["strategy"]["name"]
    name = f"fpb_{strategy}_synthetic_s{run_seed}_{key[:8]}-1"
    content |= {"run_id": name, "key": key, "keys": {"artifact": key, "result": key}}
    content["config"] |= {"seed": run_seed, "limit": rows}
    content["strategy"]["parameters"]["synthetic"] = configuration
    content["task"]["synthetic"] = True
    content["task"]["rows"]["test"] = rows
    if content["artifact"]:
        content["artifact"]["name"] = f"{key[:12]}-1"
    quality = 0.6 + 0.2 * random.Random(configuration).random()
    answers = [_answer(line, quality, random_) for line in lines[PREDICTIONS][:rows]]
    share = sum(line["correct"] for line in answers) / len(answers)
    metrics |= {"outcomes": metrics["outcomes"] | {"ok": len(answers)}, "n": len(answers)}
    for figure in metrics["metrics"].values():
        figure |= {"value": share, "low": share - 0.04, "high": share + 0.04, "n": len(answers)}
    path = folder / name
    path.mkdir(parents=True)
    write_json(path / "run.json", content)
    write_json(path / "metrics.json", metrics)
    for file in ("ledger.jsonl", "artifact-ledger.jsonl"):
        write_lines(path / file, lines[file])
    write_lines(path / PREDICTIONS, answers)


def _answer(line: dict[str, Any], quality: float, random_: random.Random) -> dict[str, Any]:
    right = random_.random() < quality
    wrong = [label for label in LABELS if label != line["target"]]
    label = line["target"] if right else random_.choice(wrong)
    values = {"accuracy": float(right)}
    return line | {"correct": right, "predicted": label, "text": label, "values": values}


def make_long(real: Path, folder: Path, rows: int) -> list[Path]:
    """Writes two records of so many predictions, each with answers of its own."""
    folders = []
    for number, name in enumerate(REAL[:2]):
        content, metrics, lines = _read(next(real.glob(f"{name}_*")))
        _write(
            folder,
            content,
            metrics,
            {**lines, PREDICTIONS: lines[PREDICTIONS][:1]},
            number,
            1,
            1,
            random.Random(number),
        )
        made = max(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        random_, kept = random.Random(number), lines[PREDICTIONS]
        write_lines(
            made / PREDICTIONS, (_row(kept[n % len(kept)], n, random_) for n in range(rows))
        )
        content = read_json(made / "run.json")
        content["task"]["rows"]["test"] = rows
        write_json(made / "run.json", content)
        folders.append(made)
    return folders


def _row(line: dict[str, Any], number: int, random_: random.Random) -> dict[str, Any]:
    return _answer(line, 0.7, random_) | {"id": f"row-{number}", "cluster": f"row-{number}"}


def make_table(path: Path, rows: int) -> None:
    """Writes a CSV file of made-up rows: id, text, label."""
    random_ = random.Random(rows)
    with path.open("w", encoding="utf-8") as file:
        file.write("id,text,label\n")
        for number in range(rows):
            file.write(f"{number},{question(number, random_)},{_label(random_)}\n")


def question(number: int, random_: random.Random, words: Sequence[str] = WORDS) -> str:
    """Returns a text of twelve words that no other number has."""
    return " ".join([*random_.choices(words, k=11), str(number)])


def _label(random_: random.Random) -> str:
    return random_.choices(LABELS, (1, 5, 2))[0]
