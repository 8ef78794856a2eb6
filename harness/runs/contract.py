"""The public contract suite: does a strategy, or a task file, keep its promises?

It runs from any folder, on a tiny task of invented sentences; a strategy with a language model
gets a tiny random one. It says nothing about quality, and everything about the contract.
"""

from __future__ import annotations

import inspect
import json
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from harness.config import RunConfig, run_config
from harness.errors import HarnessError
from harness.metrics.registry import check_metrics
from harness.records.ledger import read_ledger
from harness.runs.plan import Plan, load_rows, make_plan, open_task
from harness.runs.prepare import context_of, ledger_of
from harness.strategy.base import Strategy
from harness.strategy.context import Context, CountedRows
from harness.strategy.registry import create_strategy, find_part
from harness.types import Output, Query

__all__ = ["check_strategy", "check_task"]

CONTEXT = 4096  # tokens that the tiny model reads: prompts of strategies may be long
UNSAFE = {".pkl", ".pickle", ".pt", ".pth", ".bin", ".joblib"}
TASK = {
    "name": "sentences",
    "kind": "classification",
    "synthetic": True,
    "source": {"files": [{"path": "sentences.jsonl"}]},
    "columns": {"input": "text", "target": "label", "passages": "passages"},
    "corpus": {"files": [{"path": "units.jsonl"}]},
    "labels": {"up": "up", "down": "down"},
    "prompt": {"instructions": "Did it go up or down?"},
    "metrics": ["accuracy"],
    "primary": "accuracy",
}
FREE_TEXT = {"kind": "qa", "labels": {}, "metrics": ["exact_match"], "primary": "exact_match"}
WORDS = {"up": "profit rose sharply this year", "down": "losses grew and sales fell"}


@dataclass
class _Bench:
    """What the checks share: a plan on the tiny task, and a folder to work in."""

    reference: str
    plan: Plan
    root: Path
    labels_read: int = 0

    def context(self, folder: str) -> Context:
        """A fresh context with an artifact folder of its own name."""
        artifact = self.root / folder
        artifact.mkdir(exist_ok=True)
        ledger = ledger_of(self.plan, self.root / f"{folder}.jsonl")
        return context_of(self.plan, artifact, ledger)

    def strategy(self) -> Strategy:
        """A fresh instance with the same parameters."""
        return create_strategy(self.plan.config.strategy, self.plan.config.set)

    @property
    def queries(self) -> list[Query]:
        """The test inputs."""
        return [self.plan.example(row).query for row in self.plan.rows.test]

    def answers(self, folder: str, queries: list[Query]) -> list[Output]:
        """Predicts from an artifact with a fresh instance."""
        return list(self.strategy().predictor(self.context(folder)).predict(queries))


def check_strategy(reference: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
    """Puts a strategy through the contract.

    Args:
        reference: A name, a combination, or ``path.py:Class``.
        parameters: Hyper-parameters; something small, so that the check is fast.

    Returns:
        ``passed`` and ``checks``: name, status, detail and hint of each.

    Raises:
        UsageError: The strategy can't be loaded at all.
    """
    parameters = _trial(reference) | (parameters or {})
    strategy = create_strategy(reference, parameters)
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="adaptbench-check-") as folder:
        root = Path(folder)
        config = _config(root, reference, strategy, parameters)
        bench = _Bench(reference, make_plan(config), root)
        for check in CHECKS:
            name = (inspect.getdoc(check) or "").rstrip(".")
            try:
                detail, status = check(bench), "ok"
            except AssertionError as error:
                detail, status = str(error), "failed"
            except Exception as error:  # somebody else's code may raise anything
                detail, status = f"{type(error).__name__}: {error}", "failed"
            found.append({"name": name, "status": status, "detail": detail, "hint": ""})
            if status == "failed" and check in (_prepares, _answers):
                break  # the rest would only repeat it
    return {
        "strategy": reference,
        "passed": all(row["status"] == "ok" for row in found),
        "checks": found,
    }


def _trial(reference: str) -> dict[str, Any]:
    """Returns values for parameters that have no default, unless the reference gives them."""
    parts = [find_part(name) for name in reference.split("+") if ":" not in name]
    return {f"{part.name}.{key}": value for part in parts for key, value in part.trial.items()}


def _kinds(strategy: Strategy) -> frozenset[str]:
    """Returns the kinds of task that a strategy is for; empty for all."""
    return frozenset[str]().union(*(part.kinds for part in strategy.parts))


def _config(
    root: Path, reference: str, strategy: Strategy, parameters: dict[str, Any]
) -> RunConfig:
    """A run of the strategy on invented sentences, each with a passage that tells its label."""
    lines = [
        {
            "text": f"{WORDS[label]} in unit {number}",
            "label": label,
            "passages": [{"document": "units.txt", "text": f"Unit {number} went {label}."}],
        }
        for number in range(60)
        for label in WORDS
    ]
    path = root / "sentences.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    entries = [
        {"id": f"unit-{number}-{label}", "text": f"Unit {number} went {label}."}
        for number in range(60)
        for label in WORDS
    ]
    (root / "units.jsonl").write_text("\n".join(map(json.dumps, entries)), encoding="utf-8")
    task = root / "sentences.yaml"
    free = _kinds(strategy) and "classification" not in _kinds(strategy)
    declared = TASK | FREE_TEXT if free else TASK
    task.write_text(json.dumps(declared), encoding="utf-8")
    model = None
    if "model" in strategy.required:
        from harness.models.local.tiny import tiny_llama

        model = str(tiny_llama(root / "model", context=CONTEXT))
        part = reference.split("+")[0]
        known = find_part(part).model_fields
        short = {"max_steps": 2, "batch_size": 4}
        defaults = {key: value for key, value in short.items() if key in known}
        parameters = {
            **{f"{find_part(part).name}.{k}": v for k, v in defaults.items()},
            **parameters,
        }
    return run_config(
        strategy=reference,
        task=str(task),
        model=model,
        set=parameters,
        results=root / "results",
        device="cpu",
        dtype="float32",
        offline=True,
    )


def _parameters(bench: _Bench) -> str:
    """Parameters are fields, and describe themselves as JSON."""
    # Not the instances: a file that is loaded twice gives two classes.
    first, second = (bench.strategy().describe() for _ in range(2))
    text = json.dumps(first, sort_keys=True)
    assert first == second, "two instances with the same parameters differ"
    return f"{len(text)} characters"


def _metadata(bench: _Bench) -> str:
    """Each part has a name, a summary and a version."""
    for name in bench.reference.split("+"):
        part = find_part(name)
        assert part.name and part.summary, f"{part.__name__} lacks a name or a summary"
        assert isinstance(part.version, int), f"{part.__name__}.version is no integer"
    return "all there"


def _prepares(bench: _Bench) -> str:
    """Prepares, writing into its artifact folder only."""
    before = _files(bench.root)
    context = bench.context("a")
    bench.strategy().prepare(context)
    bench.labels_read = context.train.rows_read
    strangers = [
        path for path in _files(bench.root) - before if path.parts[0] not in ("a", "a.jsonl")
    ]
    assert not strangers, f"wrote outside its artifact: {strangers[0]}"
    unsafe = [path for path in (bench.root / "a").rglob("*") if path.suffix in UNSAFE]
    assert not unsafe, f"{unsafe[0].name}: use JSON or safetensors, which are safe to load"
    return f"{len(_files(bench.root / 'a'))} files"


def _files(root: Path) -> set[Path]:
    return {path.relative_to(root) for path in root.rglob("*") if path.is_file()}


def _ledger(bench: _Bench) -> str:
    """What it spends is in the ledger, and the labels that it reads are counted."""
    spends = read_ledger(bench.root / "a.jsonl")
    assert all(spend.finished for spend in spends), "a phase never ended"
    if "train" in bench.plan.strategy.required:
        assert bench.labels_read, "it needs train rows, but reads no label"
    phases = ", ".join(spend.phase for spend in spends) or "no phase"
    return f"{phases}; {bench.labels_read} labels read"


def _answers(bench: _Bench) -> str:
    """Answers each query once, from the artifact alone."""
    ids = [output.id for output in bench.answers("a", bench.queries)]
    wanted = [query.id for query in bench.queries]
    assert len(ids) == len(set(ids)), "an id was answered twice"
    assert set(ids) == set(wanted), f"{len(set(wanted) - set(ids))} queries without an answer"
    return f"{len(ids)} answers"


def _order(bench: _Bench) -> str:
    """The order of the queries doesn't matter."""
    queries = bench.queries
    first = {output.id: output.text for output in bench.answers("a", queries)}
    random.Random(0).shuffle(queries)
    second = {output.id: output.text for output in bench.answers("a", queries)}
    differing = [id_ for id_, text in first.items() if second.get(id_) != text]
    assert not differing, f"{len(differing)} answers differ, {differing[0]} first"
    return "the same answers"


def _again(bench: _Bench) -> str:
    """Preparing again with the same seed gives the same answers."""
    bench.strategy().prepare(bench.context("b"))
    first = {output.id: output.text for output in bench.answers("a", bench.queries)}
    second = {output.id: output.text for output in bench.answers("b", bench.queries)}
    assert first == second, "answers differ: take randomness from context.rng(name)"
    return "the same answers"


def _idempotent(bench: _Bench) -> str:
    """Preparing a prepared artifact changes nothing."""
    before = {output.id: output.text for output in bench.answers("b", bench.queries)}
    bench.strategy().prepare(bench.context("b"))
    after = {output.id: output.text for output in bench.answers("b", bench.queries)}
    assert before == after, "answers changed"
    return "the same answers"


def _blind(bench: _Bench) -> str:
    """It has no way to a test answer."""
    names = {field.name for field in fields(Query)}
    assert not names & {"target", "answer", "accepted"}, "a query carries its answer"
    context = bench.context("a")
    tested = {row.id for row in bench.plan.rows.test}
    for rows in (context.train, context.dev):
        assert isinstance(rows, CountedRows)
        assert not tested & {row.query.id for row in rows}, "a test row is in train or dev"
    return "queries have no answer"


CHECKS: tuple[Callable[[_Bench], str], ...] = (
    _metadata,
    _parameters,
    _prepares,
    _ledger,
    _answers,
    _order,
    _again,
    _idempotent,
    _blind,
)


def check_task(file: Path, *, data_dir: Path | None = None) -> dict[str, Any]:
    """Checks a task file and the rows that it names.

    Args:
        file: YAML of a task, or the name of a built-in one.
        data_dir: Where local copies of data sets are.

    Returns:
        ``passed`` and ``checks``.
    """
    found: list[dict[str, Any]] = []
    try:
        for name, status, detail in _task_checks(file, data_dir):
            found.append({"name": name, "status": status, "detail": detail, "hint": ""})
    except HarnessError as error:
        found.append(
            {"name": "task", "status": "failed", "detail": error.message, "hint": error.hint}
        )
    return {
        "task": str(file),
        "passed": all(row["status"] != "failed" for row in found),
        "checks": found,
    }


def _task_checks(file: Path, data_dir: Path | None) -> Iterator[tuple[str, str, str]]:
    config = run_config(strategy="majority", task=str(file), data_dir=data_dir)
    task = open_task(config)
    check_metrics(task.metrics, kind=task.kind)
    yield "declaration", "ok", f"{task.name}: {task.kind}, {task.language}, {task.primary}"
    rows = load_rows(config, task)
    counts = {"train": len(rows.train), "dev": len(rows.dev), "test": len(rows.test)}
    yield "rows", "ok", ", ".join(f"{name} {count}" for name, count in counts.items())
    ids = [row.id for part in (rows.train, rows.dev, rows.test) for row in part]
    unique = len(ids) == len(set(ids))
    yield "ids", "ok" if unique else "failed", "unique" if unique else "an id stands twice"
    clusters = len({row.example.cluster or row.id for row in rows.test})
    yield "clusters", "info", f"{clusters} among {len(rows.test)} test rows"
    if counts["test"] < 100:
        yield "size", "warning", "under 100 test rows an interval is 10 points wide on each side"
