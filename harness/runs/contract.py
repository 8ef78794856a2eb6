"""The public contract suite: does a strategy, or a task file, keep its promises?

It runs from any folder, on a tiny task of invented sentences; a strategy with a language model
gets a tiny random one. It checks the contract, and says nothing about quality.
"""

from __future__ import annotations

import inspect
import json
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from harness.config import RunConfig, run_config
from harness.errors import HarnessError, MissingDependency, UsageError, needs
from harness.models.endpoint.address import is_loopback
from harness.models.endpoint.names import PREFIX, server_of
from harness.records.data import DataReport
from harness.records.files import append_lines
from harness.records.ledger import read_ledger
from harness.retrieval.corpus_index import corpus_documents, left_out
from harness.runs.abstaining import learn_threshold, predictor_of
from harness.runs.checks import Check, CheckReport, check
from harness.runs.plan import Plan, load_rows, make_plan, open_task
from harness.runs.prepare import context_of, ledger_of
from harness.runs.servers import by_vendor
from harness.strategy.base import Strategy
from harness.strategy.context import Context, CountedRows
from harness.strategy.registry import create_strategy, find_part
from harness.task.corpus import Corpus
from harness.task.report import WARNING, report_lines, with_copies
from harness.task.task import Task
from harness.types import Output, Query, Row

__all__ = ["check_strategy", "check_task"]

CONTEXT = 4096  # tokens that the tiny model can read: a strategy's prompts may be long
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
SHORT = {"max_steps": 2, "batch_size": 4}
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
        """Returns a fresh context with an artifact folder of this name."""
        artifact = self.root / folder
        artifact.mkdir(exist_ok=True)
        ledger = ledger_of(self.plan, self.root / f"{folder}.jsonl")
        return context_of(self.plan, artifact, ledger)

    def strategy(self) -> Strategy:
        """Returns a fresh instance with the same parameters."""
        return create_strategy(self.plan.config.strategy, self.plan.config.set)

    @property
    def queries(self) -> list[Query]:
        return [self.plan.example(row).query for row in self.plan.rows.test]

    def outputs(self, folder: str, queries: list[Query]) -> list[Output]:
        """Answers from an artifact with a fresh instance."""
        plan = replace(self.plan, strategy=self.strategy())
        return list(predictor_of(plan, self.context(folder)).predict(queries))

    def prepare(self, context: Context) -> None:
        """Prepares a fresh instance."""
        strategy = self.strategy()
        strategy.prepare(context)
        learn_threshold(replace(self.plan, strategy=strategy), context)

    def texts(self, folder: str, queries: list[Query] | None = None) -> dict[str, str | None]:
        return {each.id: each.text for each in self.outputs(folder, queries or self.queries)}


def check_strategy(reference: str, parameters: Mapping[str, object] | None = None) -> CheckReport:
    """Puts a strategy, a combination or ``path.py:Class`` through the contract.

    Its hyper-parameters should be small, so that the check is fast.

    Raises:
        UsageError: The strategy can't be loaded at all.
    """
    parameters = _trial(reference) | dict(parameters or {})
    strategy = create_strategy(reference, parameters)
    with tempfile.TemporaryDirectory(prefix="adaptbench-check-") as folder:
        root = Path(folder)
        plan = make_plan(_config(root, reference, strategy, parameters))
        checks = list(_outcomes(_Bench(reference, plan, root)))
    passed = all(each["status"] == "ok" for each in checks)
    return {"strategy": reference, "passed": passed, "checks": checks}


def _outcomes(bench: _Bench) -> Iterator[Check]:
    for each in CHECKS:
        name = (inspect.getdoc(each) or "").rstrip(".")
        try:
            yield check(name, "ok", each(bench))
        except (Exception, SystemExit) as error:  # somebody else's code may raise anything
            asserted = isinstance(error, AssertionError)
            detail = str(error) if asserted else f"{type(error).__name__}: {error}"
            yield check(name, "failed", detail)
            if each in (_prepares, _answers):
                return  # the other checks would only fail for the same reason


def _trial(reference: str) -> dict[str, object]:
    """Returns values for parameters that have no default, unless the reference gives them."""
    parts = [find_part(name) for name in reference.split("+") if ":" not in name]
    return {f"{part.name}.{key}": value for part in parts for key, value in part.trial.items()}


def _config(
    root: Path, reference: str, strategy: Strategy, parameters: Mapping[str, object]
) -> RunConfig:
    """Returns a run of the strategy on the tiny task, with a tiny model where it needs one."""
    vendor = by_vendor(strategy)
    model = None
    short: dict[str, object] = {
        f"{part.name}.{name}": value
        for part in strategy.parts
        for name, value in SHORT.items()
        if {"model", "encoder"} & strategy.required and name in type(part).model_fields
    }
    if vendor and not is_loopback(server_of(None)):
        raise UsageError(
            f"{reference} is checked with a stand-in for a vendor, since a real one asks for money",
            "Start one, and set OPENAI_BASE_URL=http://127.0.0.1:PORT/v1",
        )
    if vendor:
        model = f"{PREFIX}stand-in"
    elif "model" in strategy.required and not strategy.makes_model:
        from harness.models.local.tiny import tiny_llama

        model = str(tiny_llama(root / "model", context=CONTEXT))
    elif "encoder" in strategy.required:
        from harness.models.local.tiny import tiny_bert

        short[f"{strategy.parts[0].name}.encoder"] = str(tiny_bert(root / "encoder"))
    parameters = short | dict(parameters)
    return run_config(
        strategy=reference,
        task=str(_write_task(root, strategy)),
        model=model,
        base_url=server_of(None) if vendor else None,
        set=parameters,
        results=root / "results",
        device="cpu",
        dtype="float32",
        offline=True,
    )


def _write_task(root: Path, strategy: Strategy) -> Path:
    """Writes the tiny task: invented sentences, each with a passage that gives its label."""
    rows, corpus = [], []
    for number in range(60):
        for label, words in WORDS.items():
            passage = f"Unit {number} went {label}."
            row = {"text": f"{words} in unit {number}", "label": label}
            rows.append(row | {"passages": [{"document": "units.txt", "text": passage}]})
            corpus.append({"id": f"unit-{number}-{label}", "text": passage})
    append_lines(root / "sentences.jsonl", rows)
    append_lines(root / "units.jsonl", corpus)
    kinds = frozenset[str]().union(*(part.kinds for part in strategy.parts))
    task = root / "sentences.yaml"
    declaration = TASK | FREE_TEXT if kinds and "classification" not in kinds else TASK
    task.write_text(json.dumps(declaration), encoding="utf-8")
    return task


def _parameters(bench: _Bench) -> str:
    """Parameters are fields, and describe themselves as JSON."""
    # Descriptions, not instances: a file that is loaded twice gives two classes.
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
    bench.prepare(context)
    bench.labels_read = context.train.rows_read
    new = _files(bench.root) - before
    outside = [path for path in new if path.parts[0] not in ("a", "a.jsonl")]
    assert not outside, f"wrote outside its artifact: {outside[0]}"
    unsafe = [path for path in (bench.root / "a").rglob("*") if path.suffix in UNSAFE]
    assert not unsafe, f"{unsafe[0].name}: use JSON or safetensors, which are safe to load"
    return f"{len(_files(bench.root / 'a'))} files"


def _files(root: Path) -> set[Path]:
    return {path.relative_to(root) for path in root.rglob("*") if path.is_file()}


def _ledger(bench: _Bench) -> str:
    """Each phase in the ledger has ended, and the labels that it reads are counted."""
    spends = read_ledger(bench.root / "a.jsonl")
    assert all(spend.finished for spend in spends), "a phase never ended"
    if "train" in bench.plan.strategy.required:
        assert bench.labels_read, "it needs train rows, but reads no label"
    phases = ", ".join(spend.phase for spend in spends) or "no phase"
    return f"{phases}; {bench.labels_read} labels read"


def _answers(bench: _Bench) -> str:
    """Answers each query once, from the artifact alone."""
    ids = [output.id for output in bench.outputs("a", bench.queries)]
    expected = {query.id for query in bench.queries}
    assert len(ids) == len(set(ids)), "an id was answered twice"
    assert set(ids) == expected, f"{len(expected - set(ids))} queries without an answer"
    return f"{len(ids)} answers"


def _order(bench: _Bench) -> str:
    """The order of the queries doesn't matter."""
    queries = bench.queries
    first = bench.texts("a", queries)
    random.Random(0).shuffle(queries)
    second = bench.texts("a", queries)
    differing = [id_ for id_, text in first.items() if second.get(id_) != text]
    assert not differing, f"{len(differing)} answers differ, {differing[0]} first"
    return "the same answers"


def _again(bench: _Bench) -> str:
    """Preparing again with the same seed gives the same answers."""
    bench.prepare(bench.context("b"))
    same = bench.texts("a") == bench.texts("b")
    assert same, "answers differ: take randomness from context.rng(name)"
    return "the same answers"


def _idempotent(bench: _Bench) -> str:
    """Preparing a prepared artifact changes nothing."""
    before = bench.texts("b")
    bench.prepare(bench.context("b"))
    assert before == bench.texts("b"), "answers changed"
    return "the same answers"


def _blind(bench: _Bench) -> str:
    """It can't reach a test answer."""
    names = {field.name for field in fields(Query)}
    assert not names & {"target", "answer", "accepted"}, "a query carries its answer"
    context = bench.context("a")
    test_ids = {row.id for row in bench.plan.rows.test}
    for rows in (context.train, context.dev):
        assert isinstance(rows, CountedRows)
        assert not test_ids & {row.query.id for row in rows}, "a test row is in train or dev"
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


def check_task(file: Path, **options: object) -> CheckReport:
    """Checks a task file, a built-in task by name, or a table (``data``), and its rows.

    The options are those of a run that decide its rows.
    """
    checks: list[Check] = []
    reports: list[DataReport] = []
    name = str(file)
    try:
        named = {} if options.get("data") else {"task": name}
        config = run_config(strategy="majority", **named, **options)
        name = config.data.path.name if config.data else name
        checks.extend(_task_checks(config, reports))
    except HarnessError as error:
        checks.append(check("task", "failed", error.message, error.hint))
    passed = all(each["status"] != "failed" for each in checks)
    value: CheckReport = {"task": name, "passed": passed, "checks": checks}
    if reports:
        value["data"] = reports[0].model_dump(mode="json")
    return value


def _task_checks(config: RunConfig, reports: list[DataReport]) -> Iterator[Check]:
    task = open_task(config)
    task.check_documents(config.data_dir)
    declaration = f"{task.name}: {task.kind}, {task.language}, {task.primary}"
    yield check("declaration", "ok", declaration)
    rows = load_rows(config, task)
    ids = [row.id for split in (rows.train, rows.dev, rows.test) for row in split]
    if len(ids) == len(set(ids)):
        yield check("ids", "ok", f"unique, {_named(task)}")
    else:
        yield check("ids", "failed", "two rows have the same id")
    clusters = len({row.example.cluster or row.id for row in rows.test})
    yield check("clusters", "info", f"{clusters} among {len(rows.test)} test rows")
    report = _with_documents(rows.report(), rows.test, task, config)
    reports.append(report)
    for about, text in report_lines(report, whole=True):
        yield check("data", "warning", text) if about == WARNING else check(about, "info", text)


def _named(task: Task) -> str:
    """Says what rows are called."""
    if column := task.spec.columns.id:
        return f"of the column {column!r}"
    column = "--id COLUMN" if task.table else "columns: {id: ...}"
    return f"made of each row's text; with {column} they are your own"


def _with_documents(
    report: DataReport, rows: Sequence[Row], task: Task, config: RunConfig
) -> DataReport:
    """Looks for the test rows in the task's documents, where it has some."""
    with tempfile.TemporaryDirectory(prefix="adaptbench-check-") as folder:
        try:
            corpus = task.corpus(data_dir=config.data_dir, keep=Path(folder))
            texts, notes = _texts(corpus) if corpus else (None, [])
        except MissingDependency as error:
            note = f"the documents were not looked at: {error.message}"
            return report.model_copy(update={"notes": (*report.notes, note)})
    report = report.model_copy(update={"notes": (*report.notes, *notes)})
    return report if texts is None else with_copies(report, rows, texts)


def _texts(corpus: Corpus) -> tuple[list[str], list[str]]:
    """Returns the texts of the documents, and a note on each file that was left out."""
    with needs("reading documents", "rag"):
        documents, files = corpus_documents(corpus)
    return [document.page_content for document in documents], left_out(files)
