"""CONTRIBUTING.md, followed by the letter: in a fresh copy, and in a folder of one's own."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.documents import ROOT, flat

pytestmark = pytest.mark.slow

STRATEGY = '''
from typing import ClassVar

from harness.strategy import Strategy
from harness.types import Output


class Answerer:
    def predict(self, queries):
        for query in queries:
            yield Output(query.id, query.choices[0] if query.choices else "yes")


class First(Strategy):
    """Always the first choice."""

    name: ClassVar[str] = "first-choice"
    summary: ClassVar[str] = "always the first choice"

    @property
    def readout(self):
        return "classifier"

    def prepare(self, context):
        return None

    def predictor(self, context):
        return Answerer()
'''
DRAWING = """        with context.ledger.phase("draw"):
            (context.artifact / "drawn").write_text("x")
"""
TASK = {
    "name": "words",
    "kind": "classification",
    "licence": "invented",
    "source": {"files": [{"path": "rows.jsonl"}]},
    "columns": {"input": "text", "target": "label"},
    "labels": {"up": "up", "down": "down"},
    "metrics": ["accuracy"],
    "primary": "accuracy",
}
SHIPPED_METRIC = """
from harness.metrics.metric import CHOICE, Metric

METRICS = (
    Metric("wrong", "share of wrong answers", CHOICE, higher_is_better=False,
           answer=lambda answered: float(not answered.scored.correct)),
)
"""
METRIC = "def right(row):\n    return float(row.correct)\n"
PRICE = """  - id: our-machine
    kind: cpu
    provider: us
    region: Pangyo
    tier: on-demand
    usd_per_hour: 0.25
    date: 2026-11
    source: the invoice
"""
STORE = """
from langchain_core.vectorstores import InMemoryVectorStore


class OurStore(InMemoryVectorStore):
    def __init__(self, embedding):
        super().__init__(embedding)
        print("our store was opened")
"""


def harness(*arguments, root, folder, both=False):
    """Runs the command line of a checkout, in a folder that is also on Python's path."""
    paths = f"{root}{os.pathsep}{folder}"
    done = subprocess.run(
        [sys.executable, "-m", "harness", *arguments],
        cwd=folder,
        env=os.environ | {"HARNESS_OFFLINE": "1", "PYTHONPATH": paths, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr * both  # what code of one's own prints is on stderr


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of what the program consists of, to add files to."""
    root = tmp_path_factory.mktemp("checkout")
    for name in ("harness", "strategies", "tasks"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.fixture
def own(tmp_path):
    """A folder with a task of one's own: its YAML file and its rows."""
    rows = [{"text": f"{word} {n}", "label": word} for n in range(40) for word in ("up", "down")]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (tmp_path / "words.yaml").write_text(json.dumps(TASK), encoding="utf-8")
    return tmp_path


def test_a_strategy_is_one_file(checkout, own):
    (own / "first.py").write_text(STRATEGY, encoding="utf-8")
    harness("validate", "first.py:First", root=ROOT, folder=own)
    (checkout / "strategies" / "first.py").write_text(STRATEGY, encoding="utf-8")
    command = ("run", "--strategy", "first-choice", "--task", "words.yaml", "--json")
    record = json.loads(harness(*command, root=checkout, folder=own))
    assert record["n"] > 0 and record["metrics"]["accuracy"]["value"] is not None


@pytest.mark.slow
def test_a_task_is_one_file_and_a_metric_one_function(own):
    harness("validate", "words.yaml", root=ROOT, folder=own)
    (own / "mine.py").write_text(METRIC, encoding="utf-8")
    record = json.loads(
        harness(
            *("run", "--strategy", "majority", "--task", "words.yaml"),
            *("--metric", "mine.py:right", "--json"),
            root=ROOT,
            folder=own,
        )
    )
    own_metric, shipped = record["metrics"]["right"], record["metrics"]["accuracy"]
    assert all(own_metric[key] == shipped[key] is not None for key in ("value", "low", "high", "n"))


def test_a_shipped_metric_is_one_file(checkout, own):
    (checkout / "harness" / "metrics" / "wrong.py").write_text(SHIPPED_METRIC, encoding="utf-8")
    task = TASK | {"metrics": ["accuracy", "wrong"]}
    (own / "words.yaml").write_text(json.dumps(task), encoding="utf-8")
    command = ("run", "--strategy", "majority", "--task", "words.yaml", "--json")
    found = json.loads(harness(*command, root=checkout, folder=own))["metrics"]
    assert found["wrong"]["value"] == pytest.approx(1 - found["accuracy"]["value"])
    assert found["wrong"]["higher_is_better"] is False and found["wrong"]["low"] is not None


def test_a_phase_is_one_line(checkout, own):
    table = checkout / "harness" / "records" / "phases.py"
    before = table.read_text(encoding="utf-8")
    assert before.count("_TABLE = (\n") == 1
    line = '_TABLE = (\n    Phase("draw", colour="#123456"),\n'
    table.write_text(before.replace("_TABLE = (\n", line), encoding="utf-8")
    drawing = STRATEGY.replace("        return None\n", DRAWING, 1).replace("first-choice", "drawn")
    (own / "drawn.py").write_text(drawing, encoding="utf-8")
    command = ("run", "--strategy", "drawn.py:First", "--task", "words.yaml", "--json")
    record = json.loads(harness(*command, root=checkout, folder=own))
    assert "draw" in record["ledger"]


@pytest.mark.slow
def test_a_price_is_one_row(checkout, own):
    (own / "ours.yaml").write_text(f"machines:\n{PRICE}", encoding="utf-8")
    harness("prices", "check", "ours.yaml", root=ROOT, folder=own)
    shown = harness("prices", "show", "our-machine", "--prices", "ours.yaml", root=ROOT, folder=own)
    assert "0.25" in shown
    book = checkout / "harness" / "costs" / "prices.yaml"
    text = book.read_text(encoding="utf-8")
    assert text.count("\nmachines:\n") == 1
    book.write_text(text.replace("\nmachines:\n", f"\nmachines:\n{PRICE}"), encoding="utf-8")
    harness("prices", "check", root=checkout, folder=own)
    assert "0.25" in harness("prices", "show", "our-machine", root=checkout, folder=own)


@pytest.mark.slow
def test_a_store_is_an_import_path(own):
    pytest.importorskip("langchain_core")
    (own / "our_store.py").write_text(STORE, encoding="utf-8")
    shown = harness(
        *("run", "--strategy", "rag", "--set", "store=our_store:OurStore"),
        *("--set", "embedder=hashed", "--set", "retriever=dense", "--set", "generate=false"),
        *("--task", "insurer-ko", "--limit", "5", "--no-latency"),
        root=ROOT,
        folder=own,
        both=True,
    )
    assert "our store was opened" in shown and "hit@1" in shown


@pytest.mark.parametrize("what", ["strategy", "task", "metric", "price", "vector store"])
def test_each_recipe_has_four_steps(what):
    text = flat("CONTRIBUTING.md")
    recipe = text.partition(f"## Add a {what} in 4 steps ")[2].partition(" ## ")[0]
    assert [f" {n}. " in f" {recipe}" for n in range(1, 6)] == [True] * 4 + [False]
